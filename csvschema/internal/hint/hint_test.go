package hint_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/internal/hint"
)

// names knows the names a, id1 and id2.
func names(cell []byte) (isName, isID bool) {
	isID = string(cell) == "id1" || string(cell) == "id2"
	return isID || string(cell) == "a", isID
}

func TestOfText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a,b\n1,2\n":             "",
		"b;c\n":                  "",
		"a;b\n":                  "semicolons",
		`"a";"b"` + "\n":         "semicolons",
		"a\tb\n":                 "tabs",
		"a\r1\r":                 "CR alone",
		"a,b\r\n":                "",
		"a\x00,\x00":             "UTF-16",
		"\uFEFFa,b":              "",
		"\uFEFF\uFEFF\uFEFFa,b":  "byte-order marks",
		"\u00EF\u00BB\u00BFa,b":  "byte-order marks",
		"\u200Ba,b":              "byte-order marks",
		"":                       "",
		"no name;of a column;\n": "",
	} {
		assertHint(t, want, hint.OfText([]byte(text), names), text)
	}
}

func TestOfRecord(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ cell, rest, want string }{
		{"a", "1,2\n", ""},
		{"sep=;", "a;b\n", "sep="},
		{"SEP=,", "", "sep="},
		{"#TYPE x", "", "#TYPE"},
		{"a,b", "", "one quoted field"},
		{"Title", "a,b\n", ""},
		{"Title", "id1,id2\n", "a title"},
		{"Title", "\n\nof it\n\"id1\";\"id2\"\r\n", "a title"},
		{"Title", "1\n2\n3\n4\n5\nid1,id2\n", ""},
		{"Title", "id1,b\n", ""},
		{"\uFEFFa", "", "byte-order marks"},
		{"", "", ""},
	} {
		assertHint(t, test.want, hint.OfRecord([]byte(test.cell), []byte(test.rest), names), test.cell)
	}
}

func TestHoldsValue(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"x) VALUES ('36F675CC-81e7-4ef5-a8e2-5d940ed90475'": true, "ID /Subscriptions/s": true,
		"": false, "Cost center": false, "subscriptions": false, "36f675cc-81e7-4ef5-a8e2-5d940ed9047": false,
	} {
		assert.Equal(t, want, hint.HoldsValue([]byte(name)), name)
	}
}

func assertHint(t *testing.T, want, got, text string) {
	t.Helper()
	if want == "" {
		assert.Empty(t, got, "%q", text)
		return
	}
	assert.Contains(t, got, want, "%q", text)
}
