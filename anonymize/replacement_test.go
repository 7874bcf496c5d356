package anonymize_test

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// manyOwners returns a file of as many owners, addresses and object IDs in turn,
// each with two rows.
func manyOwners(n int) (file []byte, owners []string) {
	for i := range n {
		owner := fmt.Sprintf("person%03d@contoso.com", i)
		if i%2 == 1 {
			owner = fmt.Sprintf("7c9e6679-7425-40de-944b-%012d", i)
		}
		owners = append(owners, owner)
		header, row, _ := strings.Cut(vm("2/4/2017", owner, nil), "\n")
		if i == 0 {
			file = append(file, header+"\n"...)
		}
		file = append(file, row+strings.ReplaceAll(row, owner, strings.ToUpper(owner))...)
	}
	return file, owners
}

// replacementsOf returns what replaces each owner, the same in both of its rows.
func replacementsOf(t *testing.T, p *anonymize.Policy, file []byte, owners []string) map[string]string {
	t.Helper()
	_, after := planOf(t, p, later, exportOf(csvschema.VirtualMachines, file))
	rows := parsed(t, textOf(t, after[0].VirtualMachines[0]))[1:]
	found := map[string]string{}
	for i, owner := range owners {
		const column = 10
		require.Equal(t, rows[2*i][column], rows[2*i+1][column], "one person, one replacement")
		require.NotContains(t, slices.Collect(maps.Values(found)), rows[2*i][column], "two people, two replacements")
		found[owner] = rows[2*i][column]
	}
	return found
}

func TestTokensOfTwoRunsHaveNothingInCommon(t *testing.T) {
	t.Parallel()
	file, owners := manyOwners(200)
	p := &anonymize.Policy{Replacement: identity.TokenReplacement}
	one, other := replacementsOf(t, p, file, owners), replacementsOf(t, p, file, owners)
	both, before := 0, 0
	for i, owner := range owners {
		assert.Equal(t, identity.TokenReplacement, identity.ReplacementKindOf([]byte(one[owner])))
		assert.NotContains(t, slices.Collect(maps.Values(other)), one[owner])
		if i == 0 || i%2 == 1 {
			continue
		}
		// Nor do they keep an order: about half of all neighbours are in order in each.
		if one[owners[i-2]] < one[owner] {
			before++
		}
		if (one[owners[i-2]] < one[owner]) == (other[owners[i-2]] < other[owner]) {
			both++
		}
	}
	assert.InDelta(t, 50, before, 30)
	assert.InDelta(t, 50, both, 30)
}

func TestPseudonymsAreTheSameForAsLongAsTheKeyIs(t *testing.T) {
	t.Parallel()
	file, owners := manyOwners(50)
	p := &anonymize.Policy{Replacement: identity.PseudonymReplacement, Key: secretKey(t, "k")}
	one := replacementsOf(t, p, file, owners)
	assert.Equal(t, one, replacementsOf(t, p, file, owners))
	other := replacementsOf(t, &anonymize.Policy{Replacement: identity.PseudonymReplacement, Key: secretKey(t, "l")}, file, owners)
	for owner, pseudonym := range one {
		assert.Equal(t, identity.PseudonymReplacement, identity.ReplacementKindOf([]byte(pseudonym)))
		assert.NotEqual(t, pseudonym, other[owner])
	}
	// Pseudonyms outlive a release.
	assert.Equal(t, "p-4d115484cd408f076e160f25f5b1d812@anonymized.invalid", one["person000@contoso.com"])
	assert.Equal(t, "616e6f6e-796d-82c9-b1af-198e8ca738c7", one["7c9e6679-7425-40de-944b-000000000001"])
}

// No replacement is what anybody can compute of an identifier without a key.
func TestNoReplacementIsAnUnkeyedHash(t *testing.T) {
	t.Parallel()
	file, owners := manyOwners(20)
	for _, p := range []*anonymize.Policy{
		{Replacement: identity.TokenReplacement},
		{Replacement: identity.PseudonymReplacement, Key: secretKey(t, "k")},
	} {
		replacements := replacementsOf(t, p, file, owners)
		var sums [][]byte
		for _, owner := range owners {
			for _, text := range []string{owner, strings.ToUpper(owner), strings.ReplaceAll(owner, "-", ""), strings.Split(owner, "@")[0], owner + "\n"} {
				b := []byte(text)
				m, s1, s224, s256, s384, s512 := md5.Sum(b), sha1.Sum(b), sha256.Sum224(b), sha256.Sum256(b), sha512.Sum384(b), sha512.Sum512(b)
				f64, f128 := fnv.New64a(), fnv.New128a()
				_, _ = f64.Write(b)
				_, _ = f128.Write(b)
				sums = append(sums, m[:], s1[:], s224[:], s256[:], s384[:], s512[:], f64.Sum(nil), f128.Sum(nil))
			}
		}
		for _, replacement := range replacements {
			digits := strings.ReplaceAll(replacement, "-", "")
			for _, sum := range sums {
				text := hex.EncodeToString(sum)
				for i := 0; i+8 <= len(text); i += 2 {
					assert.NotContains(t, digits, text[i:i+8])
				}
				assert.NotContains(t, replacement, base64.RawURLEncoding.EncodeToString(sum)[:8])
			}
		}
	}
}

func TestALaterConstantOrTokenRunReplacesPseudonyms(t *testing.T) {
	t.Parallel()
	file, owners := manyOwners(10)
	pseudonyms := &anonymize.Policy{Replacement: identity.PseudonymReplacement, Key: secretKey(t, "k")}
	tokens := &anonymize.Policy{Replacement: identity.TokenReplacement}
	run := func(p *anonymize.Policy, file []byte) []byte {
		_, after := planOf(t, p, later, exportOf(csvschema.VirtualMachines, file))
		return textOf(t, after[0].VirtualMachines[0])
	}
	kinds := func(file []byte) map[identity.ReplacementKind]int {
		all := map[identity.ReplacementKind]int{}
		for _, row := range parsed(t, file)[1:] {
			all[identity.ReplacementKindOf([]byte(row[10]))]++
		}
		return all
	}
	once := run(pseudonyms, file)
	n := 2 * len(owners)
	assert.Equal(t, map[identity.ReplacementKind]int{identity.PseudonymReplacement: n}, kinds(once))
	assert.Equal(t, string(once), string(run(pseudonyms, once)), "the same key")
	assert.Equal(t, string(once), string(run(&anonymize.Policy{Replacement: identity.PseudonymReplacement, Key: secretKey(t, "l")}, once)), "another key")
	assert.Equal(t, map[identity.ReplacementKind]int{identity.ConstantReplacement: n}, kinds(run(nil, once)))
	twice := run(tokens, once)
	assert.Equal(t, map[identity.ReplacementKind]int{identity.TokenReplacement: n}, kinds(twice))
	assert.Equal(t, string(twice), string(run(tokens, twice)), "tokens stay")
	assert.Equal(t, string(twice), string(run(pseudonyms, twice)), "a pseudonym of a token would say nothing")
	assert.Equal(t, string(twice), string(run(nil, twice)))
}

// TestPseudonymsGoWhereverTheyAre has pseudonyms of an earlier run in every form in which
// identifiers are found, and what is none.
func TestPseudonymsGoWhereverTheyAre(t *testing.T) {
	t.Parallel()
	const (
		address = "p-4d115484cd408f076e160f25f5b1d812@anonymized.invalid"
		guid    = "616e6f6e-796d-82c9-b1af-198e8ca738c7"
		digits  = "616e6f6e796d82c9b1af198e8ca738c7"
		asSID   = "S-1-12-1-1634627438-2194241901-2384048049-3342378892"
		token   = "t-4d115484cd408f076e160f25f5b1d812"
	)
	assert.Equal(t, guid, identity.Normal(asSID), "the SID is that of the pseudonym")
	for _, test := range []struct{ cell, want string }{
		{address, "A"},
		{"see <" + strings.ToUpper(address) + ">.", "see <A>."},
		{"mail%3D" + strings.ReplaceAll(address, "@", "%40") + "%3B", "A%3B"},
		{strings.Replace(address, "@", "=40", 1) + " x", "A x"},
		{"/users/" + address + "/e", "/users/G/e"},
		{"/personal/" + strings.NewReplacer("@", "_", ".", "_").Replace(address) + "/e", "/personal/G/e"},
		{"box-" + guid, "box-G"},
		{"{" + strings.ToUpper(guid) + "}", "{G}"},
		{"x" + digits + "y", "xGy"},
		{"61-6e6f6e796d82c9b1af198e8ca738c7", "G"},
		{"6-1-6e6f6e-796d-82c9-b1af-198e8ca738c7-", "G-"},
		{"/users/" + guid + "/e", "/users/G/e"},
		{"users(id='" + guid + "')", "users(id='G')"},
		{asSID, "G"},
		{"of " + strings.ToLower(asSID) + ", x", "of G, x"},
		{strings.ReplaceAll(asSID, "-", "%2D"), "G"},
		{strings.Replace(asSID, "-1634", "-01634", 1), "G"},
		{"/users/" + asSID + "/e", "/users/G/e"},
		// Tokens, constants and names say nothing, and what only looks like a pseudonym is none.
		{token + "@anonymized.invalid", ""},
		{"616e6f6e-796d-81c9-b1af-198e8ca738c7", ""},
		{"S-1-12-1-1634627438-2177464685-2384048049-3342378892", ""},
		{identity.ReplacementAddress + " " + identity.ReplacementObjectID, ""},
		{"/vms/" + token, ""},
		{"616e6f6e-796d-72c9-b1af-198e8ca738c7", ""},
		{"1634627438", ""},
		{asSID[:len(asSID)-11], ""},
	} {
		for _, p := range []*anonymize.Policy{nil, {Replacement: identity.TokenReplacement}, {Replacement: identity.PseudonymReplacement, Key: secretKey(t, "l")}} {
			for _, owner := range []string{"", "ann@contoso.com"} {
				file := []byte(vm("2/4/2017", owner, map[csvschema.Column]string{csvschema.CustomImageId: test.cell}))
				_, after := planOf(t, p, later, exportOf(csvschema.VirtualMachines, file))
				got := parsed(t, textOf(t, after[0].VirtualMachines[0]))[1][22]
				switch {
				case test.want == "", p != nil && p.Replacement == identity.PseudonymReplacement && !strings.Contains(test.cell, "/personal/") && !strings.Contains(test.cell, "mail%3D"):
					assert.Equal(t, test.cell, got)
				case p == nil:
					assert.Equal(t, strings.NewReplacer("A", identity.ReplacementAddress, "G", identity.ReplacementObjectID).Replace(test.want), got, test.cell)
				case p.Replacement == identity.TokenReplacement:
					assert.NotContains(t, strings.ToLower(got), "5484cd408f", test.cell)
					assert.NotContains(t, strings.ToLower(got), "b1af198e", test.cell)
					assert.NotContains(t, got, "2194241901", test.cell)
					assert.NotEqual(t, test.cell, got)
				}
			}
		}
	}
}
