package escape_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
)

// encoders write each byte, or character, of a text as an escape.
var encoders = []func(text string) string{
	func(text string) (s string) {
		for _, c := range []byte(text) {
			s += fmt.Sprintf("%%%02X", c)
		}
		return s
	},
	func(text string) (s string) {
		for _, r := range text {
			s += fmt.Sprintf("&#x%04x;", r)
		}
		return s
	},
	func(text string) (s string) {
		for _, r := range text {
			if r > 0xFFFF {
				return strings.ReplaceAll(text, "%", "%25")
			}
			s += fmt.Sprintf(`\u%04x`, r)
		}
		return s
	},
}

func FuzzDecode(f *testing.F) {
	for _, text := range []string{"", "a@x", "%61%2540x", "100%ed@", `\u00e9\\/`, `\ud83d\u0041`, "&#xE9;&amp;lt;&foo;", "&#0000000064;", `\"é\"`, "j_x00F6_rg=C3=B6", "jÃ¶rg"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var d escape.Decoder
		view, from := d.Decode([]byte(text))
		require.Len(t, from, len(view)+1)
		require.True(t, slices.IsSorted(from))
		require.Equal(t, len(text), from[len(view)])
		require.LessOrEqual(t, len(view), len(text))
		if !escape.Has([]byte(text)) {
			require.Equal(t, text, string(view))
		}
		decoded, last := string(view), ""
		for view, from := range d.Views([]byte(text)) {
			require.True(t, from == nil || len(from) == len(view)+1 && slices.IsSorted(from))
			last = string(view)
		}
		require.Equal(t, decoded, last, "the last view is the decoded text")
		all := escape.Spellings([]byte(text))
		require.Equal(t, text, string(all[0]))
		require.LessOrEqual(t, len(all), 16)

		percent := escape.AppendPercentDecoded(nil, []byte(text))
		require.Equal(t, string(percent), string(escape.AppendPercentDecoded(nil, percent)), "an escape is left")

		if len(text) > 40 || !utf8.ValidString(text) || strings.ContainsRune(text, 0) || escape.Has([]byte(text)) {
			return
		}
		for i, first := range encoders {
			for k, second := range encoders {
				encoded := second(first(text))
				view, _ := d.Decode([]byte(encoded))
				require.Equal(t, text, string(view), "encoded by %d and %d: %s", i, k, encoded)
			}
		}
	})
}
