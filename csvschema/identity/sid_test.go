package identity_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// The SID of a random object ID is found, and that of no other one.
func TestSIDsOfRandomObjectIDsAreFound(t *testing.T) {
	t.Parallel()
	r := seeded(7)
	var f identity.Finder
	for range 2_000 {
		a, b, c, d := r.Uint32(), r.Uint32(), r.Uint32(), r.Uint32()
		// The bytes of the last two numbers are in their order in the GUID.
		guid := fmt.Sprintf("%08x-%04x-%04x-%s", a, b&0xFFFF, b>>16, hex.EncodeToString([]byte{
			byte(c), byte(c >> 8), byte(c >> 16), byte(c >> 24), byte(d), byte(d >> 8), byte(d >> 16), byte(d >> 24),
		}))
		guid = guid[:23] + "-" + guid[23:]
		sid := fmt.Sprintf("S-1-12-1-%d-%d-%d-%d", a, b, c, d)
		cell := []byte(`AzureAD\` + sid + ";")
		require.Equal(t, []finding{anObjectID(sid)}, textsOf(t, string(cell), f.FindValues(nil, cell, valuesOf(guid))))
		require.Empty(t, f.FindValues(nil, cell, valuesOf(objectID)))
	}
}

func TestASIDIsTheObjectIDThatItEncodes(t *testing.T) {
	t.Parallel()
	const guid = "73d664e4-0886-4a73-b745-c694da45ddb4"
	for _, text := range []string{sidOf73, strings.ToLower(sidOf73), " " + sidOf73 + "\u00a0"} {
		assert.Equal(t, guid, identity.Normal(text))
		id := mustIdentifier(t, text)
		assert.True(t, id.IsObjectID())
		assert.Equal(t, mustIdentifier(t, guid), id)
	}
	for _, text := range []string{
		"S-1-12-1-1943430372-1249052806-2496021943", "S-1-12-1-1943430372-1249052806-2496021943-",
		sidOf73 + "-1", sidOf73 + "0", "S-1-12-2-1943430372-1249052806-2496021943-3034400218",
		"S-1-12-1-4294967296-2-3-4", "S-1-12-1-+1-2-3-4", "S-1-12-1--2-3-4",
		"S-1-5-21-1943430372-1249052806-2496021943-3034400218", "x" + sidOf73, "S-1-12-1-",
	} {
		assert.Equal(t, strings.ToLower(text), identity.Normal(text))
		_, err := identity.Parse(text)
		require.ErrorIs(t, err, identity.ErrIdentifier, text)
	}
}

// TestEverySIDAgreesWithAnotherReading reads the bytes of GUIDs in the way of Windows.
func TestEverySIDAgreesWithAnotherReading(t *testing.T) {
	t.Parallel()
	r := seeded(14)
	for range 1000 {
		var b [16]byte
		for i := range b {
			b[i] = byte(r.Uint32() >> r.IntN(32))
		}
		h := hex.EncodeToString
		guid := h([]byte{b[3], b[2], b[1], b[0]}) + "-" + h([]byte{b[5], b[4]}) + "-" + h([]byte{b[7], b[6]}) + "-" + h(b[8:10]) + "-" + h(b[10:])
		n := func(i int) uint32 { return binary.LittleEndian.Uint32(b[i:]) }
		sid := fmt.Sprintf("S-1-12-1-%d-%d-%d-%d", n(0), n(4), n(8), n(12))
		require.Equal(t, guid, identity.Normal(sid), sid)
	}
}
