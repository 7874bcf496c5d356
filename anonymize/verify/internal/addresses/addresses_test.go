package addresses_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/verify/internal/addresses"
)

func TestEach(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"":                             nil,
		"max.ann":                      nil,
		"ann@":                         nil,
		"?mail=max.ann@example.com":    {"max.ann@example.com", "mail=max.ann@example.com", "?mail=max.ann@example.com"},
		"to ann@x.com.":                {"ann@x.com"},
		"to ann\uFF20x.com":            {"ann\uFF20x.com"},
		"/a/ann@x.com":                 {"ann@x.com", "a/ann@x.com", "/a/ann@x.com"},
		"a/ann@x.com":                  {"a/ann@x.com"},
		`by "a b"@x.com`:               {`"a b"@x.com`},
		"ann@[192.0.2.1], bob@x-.com":  {"ann@[192.0.2.1]", "bob@x"},
		"ann@x.com⑴b, ⑴bob@x":          {"ann@x.com", "ann@x.com⑴b", "bob@x", "⑴bob@x"},
		"é@x.-⑴, éa@x①":                {"é@x", "a@x", "éa@x", "a@x①", "éa@x①"},
		"o'ann@x\u200b.com\u200b.au, ": {"ann@x", "o'ann@x", "ann@x\u200b.com", "o'ann@x\u200b.com", "ann@x\u200b.com\u200b.au", "o'ann@x\u200b.com\u200b.au"},
	} {
		var got []string
		addresses.Each([]byte(text), func(address []byte) { got = append(got, string(address)) })
		assert.Equal(t, want, got, text)
	}
}
