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

func TestWhatSaysThatThereIsNobody(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"null": true, "(none)": true, "<" + ids.Nil + ">": true, "": false, "nullable": false, "." + ids.Nil: false} {
		assert.Equal(t, want, ids.IsNobody([]byte(text)), text)
	}
}

func TestIDsInText(t *testing.T) {
	t.Parallel()
	const id, digits = "7c9e6679-7425-40de-944b-e07fc1f90ae7", "7c9e6679742540de944be07fc1f90ae7"
	for text, want := range map[string][]string{
		"": nil, id: {id}, digits: {digits}, "of " + id + "zoe, " + digits + ".": {id, digits}, id + id: {id, id},
		"1" + id: nil, digits + "1": nil, id + "1": {id}, digits[:16] + " " + digits[16:]: nil,
	} {
		var got []string
		ids.Each([]byte(text), func(id []byte) { got = append(got, string(id)) })
		assert.Equal(t, want, got, text)
	}
}
