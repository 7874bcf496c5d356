package identity_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestTheNameOfAPersonalFolderEndsWithTheFolder(t *testing.T) {
	t.Parallel()
	for after, isName := range map[string]bool{
		"": true, "/": true, `\x`: true, "?a": true, "#a": true, "'": true, ")": true, ",": true, ";": true, ": x": true, "&y": true, "|": true, ". X": true, ".": true, "\n": true,
		".vhd": false, "@x.com": false, "=": false, "%": false, "+": false, "*": false, "1": false, "-": false, "_": false,
	} {
		var f identity.Finder
		cell := "/personal/zoe_contoso_com" + after
		var want [][]byte
		if isName {
			want = [][]byte{[]byte("zoe_contoso_com")}
		}
		assert.Equal(t, want, f.UserSegments(nil, []byte(cell)), cell)
	}
}

func TestTheNameOfAPersonalFolderHasALabelAndATopLevelDomain(t *testing.T) {
	t.Parallel()
	for name, isName := range map[string]bool{
		"z_x_yz": true, "first_last_my-shop_co_uk": true, "zoë_contoso_com": true, "Z_X_YZ": true, "a__b_com": true,
		"": false, "zoe": false, "zoe_com": false, "_x_com": false, "__com": false, "z_x_y": false, "z_x_": false, "z_x_y1": false, "z x_y_com": false, "z.x_y_com": false,
	} {
		var f identity.Finder
		cell := "/personal/" + name
		var want []identity.Span
		if isName {
			want = []identity.Span{{Start: len(cell) - len(name), End: len(cell), Kind: identity.UserSpan}}
		}
		assert.Equal(t, want, f.Find(nil, []byte(cell)), cell)
	}
}
