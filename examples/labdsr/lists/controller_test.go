package lists_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/response"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

func TestControllerIsYAMLOrJSON(t *testing.T) {
	t.Parallel()
	want := response.Controller{Name: "Contoso", Elsewhere: []string{"roles"}, Portability: true}
	for _, text := range []string{
		"name: Contoso\nelsewhere: [roles]\nportability: true\n",
		`{"name": "Contoso", "elsewhere": ["roles"], "portability": true}`,
	} {
		have, err := lists.Controller(file(t, text))
		require.NoError(t, err)
		assert.Equal(t, want, have)
	}
	none, err := lists.Controller("")
	require.NoError(t, err)
	assert.Zero(t, none)
}
