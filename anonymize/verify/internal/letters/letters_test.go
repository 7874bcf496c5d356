package letters_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/verify/internal/letters"
)

func TestAdd(t *testing.T) {
	t.Parallel()
	for address, want := range map[string][]string{
		"": nil, "zoe@contoso.com": nil, "zoe.smith": nil,
		"zoe.smith@contoso.com":                                 {"zoesmith"},
		"zoe.smith+lab@contoso.com":                             {"zoesmith", "zoesmithlab"},
		"zoe.smith_fabrikam.com#ext#@contoso.onmicrosoft.com":   {"zoesmith", "zoesmithfabrikamcomext"},
		"zoe.smith_fabrikam.com#ext#":                           {"zoesmith", "zoesmithfabrikamcomext"},
		"live.com#zoe.smith@contoso.com":                        {"livecomzoesmith", "zoesmith"},
		"7c9e6679742540de944be07fc1f90ae7zoe.smith@contoso.com": {"7c9e6679742540de944be07fc1f90ae7zoesmith", "zoesmith"},
	} {
		set := letters.Set{}
		set.Add(address)
		assert.Equal(t, want, slices.Sorted(maps.Keys(set)), address)
	}
}

func TestDerive(t *testing.T) {
	t.Parallel()
	set := letters.Set{"zoesmith": true}
	for name, want := range map[string]bool{
		"": false, "zoesmith": true, "zoe-smith042": true, "zoesmith-042": true, "zoesmithy": false, "zoesmit": false, "box-zoesmith": false, "zoesmith\u0301": false,
	} {
		assert.Equal(t, want, set.Derive(name), name)
	}
}

func TestIndexWord(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"": -1, "box": 0, "lab-box-1": 4, "xbox-box": 5, "box1": -1, "\u00E9box": -1} {
		assert.Equal(t, want, letters.IndexWord([]byte(text), []byte("box")), text)
	}
}
