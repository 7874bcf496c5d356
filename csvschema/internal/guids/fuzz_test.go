package guids_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/densetest"
	"github.com/labdsr/labdsr/csvschema/internal/guids"
)

// requireGUIDs checks that the ways to look for GUIDs in a text agree.
func requireGUIDs(t *testing.T, text []byte) {
	t.Helper()
	text = bytes.ToLower(text)
	all := map[string]bool{}
	guids.Each(text, func(digits [guids.DigitCount]byte) bool {
		all[string(digits[:])] = true
		return true
	})
	require.True(t, len(all) == 0 || guids.MayHold(text) || bytes.IndexByte(text, '%') >= 0)
	for start, end := guids.Next(text, 0); start >= 0; start, end = guids.Next(text, end) {
		require.True(t, guids.Is(text[start:end]))
		found, ok := guids.Digits(bytes.Clone(text[start:end]))
		require.True(t, ok)
		require.True(t, all[string(found)], "Each gives what Next finds")
		at, after := guids.Index(text, start, found)
		require.Equal(t, [2]int{start, end}, [2]int{at, after})
		require.True(t, guids.Is(guids.Append(nil, found)))
	}
	for start, end, found := guids.NextSID(text, 0); start >= 0; start, end, found = guids.NextSID(text, end) {
		require.True(t, all[string(found[:])], "Each gives the GUID of a SID")
		got, size, ok := guids.ParseSID(text[start:])
		require.True(t, ok)
		require.Equal(t, end-start, size)
		require.Equal(t, string(guids.Append(nil, found[:])), string(got[:]))
	}
	if len(text) >= 16 { // a SID of any four numbers
		n := func(i int) uint32 { return binary.LittleEndian.Uint32(text[i:]) }
		got, _, ok := guids.ParseSID(fmt.Appendf(nil, "s-1-12-1-%d-%d-%d-%d", n(0), n(4), n(8), n(12)))
		require.True(t, ok)
		require.Equal(t, fmt.Sprintf("%08x-%04x-%04x-%x-%x", n(0), n(4)&0xFFFF, n(4)>>16, text[8:10], text[10:16]), string(got[:]))
	}
}

func TestRandomTextsHoldTheSameGUIDs(t *testing.T) {
	t.Parallel()
	parts := []string{
		guid, digits, guid[:8], guid[8:], digits[:8], digits[8:], digits[:31], digits[:1], "-", "--", "–", "−", "{", "}", "%2d", "%252d", "%25", "%", "2d", "2", "d", "0", strings.Repeat("0", 32),
		"g", "x", " ", sid, "s-1-12-1-", "s", "1-", "-1", "12", "4294967295", "4294967296", "00000000001", "é", "\xe2\x80", "\x90", "\xff", "_",
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		requireGUIDs(t, []byte(densetest.Text(r, densetest.Few(r, parts), 10)))
	}
}

func FuzzGUIDs(f *testing.F) {
	for _, text := range []string{"", guid, digits, "{" + guid + "}", sid, "x" + sid + "-1", strings.ReplaceAll(guid, "-", "%252d"), digits + guid, strings.Repeat("0", 40), "%2d" + digits[2:], "%2d" + guid} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) { requireGUIDs(t, text) })
}
