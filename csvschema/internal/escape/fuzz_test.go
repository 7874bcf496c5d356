package escape_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/densetest"
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

// requireDecoded checks all that is promised of the views and spellings of a text.
func requireDecoded(t *testing.T, text string) {
	t.Helper()
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
}

func TestRandomTextsAreDecoded(t *testing.T) {
	t.Parallel()
	parts := []string{
		"a", "f", "x", "u", "0", "4", "1", "25", "é", "\u0301", "Ã¶", "’", "\u0082", "\xc3", "\xff", "\x00", "@", "@x.com", ".com", "j", "#", " ", "\U0001F600", "\uFFFD",
		"%", "%25", "%41", "%C3", "%A9", "%40", "%2540", "%u0041", "%uD83D", `\`, `\\`, `\u0041`, `\u`, `\uD83D`, `\uDE00`, `\u0025`, `\u005c`, `\x41`, `\x`, `\U00000041`, `\/`, `\"`,
		"&", "&#", "&#65;", "&#x41;", "&#37;", "&#38;", "&#92;", "&amp;", "&amp", "&lt;", "&not", "&nvlt;", ";", "_x0041_", "_x005F_", "_x", "_", "=41", "=C3=A9", "=3D", "=", "=?",
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		requireDecoded(t, densetest.Text(r, densetest.Few(r, parts), 10))
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range []string{"", "a@x", "%61%2540x", "100%ed@", `\u00e9\\/`, `\ud83d\u0041`, "&#xE9;&amp;lt;&foo;", "&#0000000064;", `\"é\"`, "j_x00F6_rg=C3=B6", "jÃ¶rg", `%252540Ã¶=A9\ud83d\ude00`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { requireDecoded(t, text) })
}
