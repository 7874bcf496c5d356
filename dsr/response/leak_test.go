package response_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr/response"
)

func TestErrorsHoldNothingOfTheInput(t *testing.T) {
	t.Parallel()
	const canary = "canary-4711@example.com"
	for name, text := range map[string]string{
		"NoHeader":     canary + "," + canary + "\n",
		"FieldCount":   "LabUId,ResourceUId,ResourceId,ResourceOwner\n" + canary + "\n",
		"BareQuote":    "LabUId,ResourceUId,ResourceId,ResourceOwner\nl,r,i,alice@example.com\nl,r," + canary + "\"," + canary + "\n",
		"HeaderQuotes": "LabUId,ResourceUId,ResourceId,ResourceOwner,\"" + canary + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{source([]byte(text))}}}
			report, err := response.Write(t.Context(), io.Discard, exports, subjectOf(t, "alice@example.com"), nil)
			require.Error(t, err)
			assert.Nil(t, report)
			csvschematest.AssertNoLeak(t, err, canary)
		})
	}
}
