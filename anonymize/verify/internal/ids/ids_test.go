package ids_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/verify/internal/ids"
)

func TestWhatIsAnID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][3]bool{ // a GUID, one of a resource, a text that is an ID
		"7c9e6679-7425-40de-944b-e07fc1f90ae7": {true, true, true}, ids.Nil: {true, false, false},
		"7C9E6679-7425-40DE-944B-E07FC1F90AE7": {false, false, true}, "7c9e6679742540de944be07fc1f90ae7": {false, false, true}, "7c9e6679-7425-40de-944b-e07fc1f90ae-": {false, false, true},
		"": {}, "null": {}, "(none)": {}, "####": {}, "1.23e+31": {}, "system.string": {}, "lab-1": {false, false, true}, "/none": {false, false, true},
	} {
		assert.Equal(t, want, [3]bool{ids.IsHex(text), ids.IsUID([]byte(text)), ids.IsText(text)}, text)
	}
}
