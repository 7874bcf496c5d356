package identity_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestFindInTakesNoLongTimeForManyEscapes(t *testing.T) {
	t.Parallel()
	var index identity.NearIndex
	index.Add(mustIdentifier(t, "alice@contoso.com"), 1)
	for _, part := range []string{"%25", "&amp;", `\u005c`, "=3D", "_x005F_", "Ã", "#", ".", "@", "#@", "al#@x"} {
		text := strings.Repeat(part, 20_000)
		assert.Empty(t, index.FindIn(nil, []byte(text)), part)
		assert.Equal(t, []int{1}, index.FindIn(nil, []byte(text+" alice@contoso.com")), part)
	}
}
