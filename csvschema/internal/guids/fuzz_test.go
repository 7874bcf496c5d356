package guids_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/guids"
)

func FuzzGUIDs(f *testing.F) {
	for _, text := range []string{"", guid, digits, "{" + guid + "}", sid, "x" + sid + "-1", strings.ReplaceAll(guid, "-", "%252d"), digits + guid, strings.Repeat("0", 40), "%2d" + digits[2:], "%2d" + guid} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
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
	})
}
