package escape_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
)

func TestEscapesOfMIMEAndXMLAreDecodedAroundAnAtSign(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"alice=40contoso.com":                              "alice@contoso.com",
		"alice+tag=40contoso.com":                          "alice+tag@contoso.com",
		"alice=2Btag=40contoso=2Ecom":                      "alice+tag@contoso.com",
		"j=C3=B6rg=40contoso.com.":                         "jörg@contoso.com.",
		"to:alice=2ebob=40a-b.contoso.com;x=40":            "to:alice.bob@a-b.contoso.com;x=40",
		"@alice=40contoso.com@":                            "@alice@contoso.com@",
		"?user=alice=40contoso.com&u=1":                    "?user=alice@contoso.com&u=1",
		"=?utf-8?Q?alice=40contoso=2Ecom?=":                "=?utf-8?Q?alice@contoso.com?=",
		"/users/alice=40contoso.com/x":                     "/users/alice@contoso.com/x",
		"alice_x0040_contoso.com":                          "alice@contoso.com",
		"alice_x002B_tag_X0040_contoso_x002E_com":          "alice+tag@contoso.com",
		"m_x00fc_ller_x0040_contoso.com":                   "müller@contoso.com",
		"first_last_x0040_localhost":                       "first_last@localhost",
		"alice%3D40contoso.com":                            "alice@contoso.com",
		"alice_x0040_contoso.com,bob=40fabrikam.com a=40b": "alice@contoso.com,bob@fabrikam.com a=40b",
		"a=40b.com" + strings.Repeat("=40b.com", 3):        "a@b.com@b.com@b.com@b.com",
		"alice=40xn--bcher-kva.example, alice=40例え.テスト":    "alice@xn--bcher-kva.example, alice@例え.テスト",
	} {
		var d escape.Decoder
		view, from := d.Decode([]byte(text))
		assert.Equal(t, want, string(view), text)
		assert.Equal(t, len(text), from[len(view)], text)
		assert.True(t, escape.Has([]byte(text)), text)
	}
}

func TestWhatOnlyLooksLikeAnAtSignOfMIMEOrXMLStays(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"?u=40", "?u=40&v=1", "?u=40contoso.com", "?a=1&u=40contoso.com", "&u=40contoso.com", "width=40px", "size=405.5", "x=40.com", "=40contoso.com", "a=40", "a=40localhost", "a=40b.c", "a=40 contoso.com",
		"a_x@contoso.com", "a_x0040_b@contoso.com", "bounce-alice=40contoso.com@fabrikam.com", "a_x0040", "a_x0040_", "_x0040_contoso.com", "a_x0041_contoso.com", "a_x0040_-", "a_x040_contoso.com", "a=2Eb", "a_x002E_b", "a x=4 0contoso.com", "alice=4 0contoso.com",
	} {
		var d escape.Decoder
		view, _ := d.Decode([]byte(text))
		assert.Equal(t, text, string(view))
	}
}

func TestManyAtSignsOfMIMETakeLinearTime(t *testing.T) {
	t.Parallel()
	var d escape.Decoder
	for _, part := range []string{"=40", "a=40", "_x0040_", "\\u0061=40-", "=40a.b"} {
		start := time.Now()
		d.Decode([]byte(strings.Repeat(part, 1<<20/len(part))))
		assert.Less(t, time.Since(start), 5*time.Second, part)
	}
}
