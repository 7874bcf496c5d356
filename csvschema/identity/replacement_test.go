package identity_test

import (
	"bytes"
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestReplacementsAreRecognisedAsWholeValues(t *testing.T) {
	t.Parallel()
	const digits = "0123456789abcdef0123456789ABCDEF"
	tests := []struct {
		name, value string
		want        bool
	}{
		{"Address", identity.ReplacementAddress, true},
		{"AddressInOtherCase", "Removed@ANONYMIZED.Invalid", true},
		{"AddressBetweenBlanks", "\u200B " + identity.ReplacementAddress + "\u00A0", true},
		{"Token", "t-" + digits + "@anonymized.invalid", true},
		{"Pseudonym", "P-" + digits + "@anonymized.invalid", true},
		{"ObjectID", identity.ReplacementObjectID, true},
		{"ObjectIDInBraces", "{616E6F6E-796D-8FFF-BFFF-FFFFFFFFFFFF}", true},
		{"ObjectIDWithoutHyphens", strings.ReplaceAll(identity.ReplacementObjectID, "-", ""), true},
		{"VariantNine", "616e6f6e-796d-8123-9123-000000000001", true},
		{"VariantA", "616e6f6e-796d-8123-a123-000000000001", true},

		{"Empty", "", false},
		{"OtherLocalPart", "remove@anonymized.invalid", false},
		{"Other domain", "removed@contoso.com", false},
		{"DomainAlone", "anonymized.invalid", false},
		{"NoLocalPart", "@anonymized.invalid", false},
		{"Below", "removed@x.anonymized.invalid", false},
		{"MoreAfter", identity.ReplacementAddress + "x", false},
		{"MoreBefore", "x" + identity.ReplacementAddress, false},
		{"SecondAtSign", "removed@removed@anonymized.invalid", false},
		{"ShortToken", "t-" + digits[1:] + "@anonymized.invalid", false},
		{"LongToken", "t-0" + digits + "@anonymized.invalid", false},
		{"OtherToken", "x-" + digits + "@anonymized.invalid", false},
		{"TokenWithoutHyphen", "t_" + digits + "@anonymized.invalid", false},
		{"TokenNotHex", "t-g" + digits[1:] + "@anonymized.invalid", false},
		{"TokenAtOtherDomain", "t-" + digits + "@contoso.com", false},
		{"OtherGUID", objectID, false},
		{"OtherVersion", "616e6f6e-796d-4000-8000-000000000000", false},
		{"OtherVariant", "616e6f6e-796d-8000-c000-000000000000", false},
		{"VariantOfOldKind", "616e6f6e-796d-8000-7000-000000000000", false},
		{"OtherPrefix", "616e6f6e-796e-8000-8000-000000000000", false},
		{"FullWidth", "ｒemoved@anonymized.invalid", false},
		{"Escaped", "removed%40anonymized.invalid", false},
		{"Segment", "/users/" + identity.ReplacementObjectID, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, identity.IsReplacement([]byte(tt.value)))
		})
	}
}

func TestRecognisingReplacementsDoesNotAllocate(t *testing.T) {
	for _, value := range []string{
		identity.ReplacementAddress, identity.ReplacementObjectID, "josé@contoso.com",
		strings.Repeat("x", 1000), "t-" + strings.Repeat("0F", 16) + "@anonymized.invalid",
	} {
		cell := []byte(value)
		assert.Zero(t, testing.AllocsPerRun(100, func() { identity.IsReplacement(cell) }), value)
	}
}

func TestReplacementsAreOfTheirKind(t *testing.T) {
	t.Parallel()
	for kind := identity.ConstantReplacement; kind <= identity.PseudonymReplacement; kind++ {
		seen, variants := map[string]bool{}, map[byte]bool{}
		for i := range 256 {
			sum := sha256.Sum256([]byte{byte(i)})
			address := identity.AppendReplacement([]byte("x"), kind, true, &sum)[1:]
			objectID := identity.AppendReplacement([]byte("x"), kind, false, &sum)[1:]
			for _, value := range [][]byte{address, objectID, bytes.ToUpper(address), bytes.ToUpper(objectID)} {
				assert.Equal(t, kind, identity.ReplacementKindOf(value), "%s", value)
			}
			_, err := identity.Parse(string(address))
			require.ErrorIs(t, err, identity.ErrReplacement)
			_, err = identity.Parse(string(objectID))
			require.ErrorIs(t, err, identity.ErrReplacement)
			seen[string(address)], seen[string(objectID)] = true, true
			variants[objectID[19]] = true
		}
		if kind == identity.ConstantReplacement {
			assert.Len(t, seen, 2)
		} else {
			assert.Len(t, seen, 512, "different sums have different replacements")
			assert.Len(t, variants, 4, "all digits that the variant allows are used")
		}

		text, err := kind.MarshalText()
		require.NoError(t, err)
		assert.NotEmpty(t, text)
		var read identity.ReplacementKind
		require.NoError(t, read.UnmarshalText(text))
		assert.Equal(t, kind, read)
	}
	assert.Empty(t, identity.ReplacementKind(0).String())
	assert.Empty(t, (identity.PseudonymReplacement + 1).String())
	for _, bad := range []string{"", "Token", "tokens", "hash"} {
		kind := identity.TokenReplacement
		require.ErrorIs(t, kind.UnmarshalText([]byte(bad)), identity.ErrReplacementKind)
		assert.Equal(t, identity.TokenReplacement, kind)
	}
}
