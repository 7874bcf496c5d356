package identity_test

import (
	"encoding/hex"
	"fmt"
	"testing"

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
