package quiet_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/verify/internal/quiet"
	"github.com/labdsr/labdsr/csvschema/identity"
)

const guid = "7c9e6679-7425-40de-944b-e07fc1f90ae7"

func TestIs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": true, "web-6-1": true, "Standard_D2_v2": true, "1/3/2017 11:17:09 PM": true, guid: true, "/subscriptions/" + guid + "/resourceGroups/lab": true,
		"users": true, "/labs/users": true, "ausers": true, "Load, Lab (large)": true, "616e6f6e": true, "6161-6161-6161-6161-6161-6161-6161-6161-6161": true,
		"a@b": false, "é": false, "100%": false, "a&b": false, `a\b`: false, "a=b": false, "a_x0040_b": false, "a_X": false, "/a_b": false,
		"/users/x": false, "users/x": false, "USERS/": false, "users('x')": false, "ausers/x": false,
		"616e6f6e-796d-8200-8000-000000000001": false, "6-16E-6F6E796D82008000000000000001": false, "S-1-12-1-1-2-3-4": false,
	} {
		assert.Equal(t, want, quiet.Is([]byte(text)), text)
	}
}

var parts = []string{"/", "/labs", "/users", "users", "/x", "x", "(", "'", "_", "-1", "-12", "-1-", "616e", "6f6e", guid, "/subscriptions/" + guid, "@", "%", "user", "s/", "Base image, May", "virtualmachines"}

// TestNothingIsFoundInWhatIsLikeAQuietText has texts that begin alike.
func TestNothingIsFoundInWhatIsLikeAQuietText(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	text := func(n int) (text string) {
		for range n {
			text += parts[random.IntN(len(parts))]
		}
		return text
	}
	quietOnes := 0
	for range 100_000 {
		begins := text(random.IntN(4))
		other, one := begins+text(random.IntN(3)), begins+text(random.IntN(3))
		if !quiet.Is([]byte(other)) {
			continue
		}
		same := 0
		for same < min(len(other), len(one)) && other[same] == one[same] {
			same++
		}
		if quiet.After(random.IntN(same+1), []byte(one)) {
			quietOnes++
			assertNothing(t, []byte(one))
		} else {
			assert.False(t, quiet.Is([]byte(one)), "%q after %q", one, other)
		}
	}
	assert.Greater(t, quietOnes, 1000)
}

// TestNothingIsFoundInQuietTexts asks the grammar.
func TestNothingIsFoundInQuietTexts(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	all := append([]string{"zoe@contoso.com", "zoe", "contoso", ".com", "@", "＠", "=40", "_x0040_", "%40", "&#64;", `\u0040`, "/personal/", "zoe_contoso_com", `\users\`, "616e6f6e-796d-8200-8000-000000000001", "616E6F6E796D8200", "S-1-12-1-2090755705-1088321573-3762310036-3876264385", " ", "é"}, parts...)
	for range 100_000 {
		var text strings.Builder
		for range 1 + random.IntN(5) {
			text.WriteString(all[random.IntN(len(all))])
		}
		cell := []byte(text.String())
		if !quiet.Is(cell) {
			continue
		}
		assertNothing(t, cell)
	}
}

// assertNothing holds that the grammar finds nothing in a text.
func assertNothing(t *testing.T, cell []byte) {
	t.Helper()
	var values identity.Values
	values.Add([]byte("zoe@contoso.com"))
	var finder identity.Finder
	assert.Empty(t, finder.FindValues(finder.Find(nil, cell), cell, &values), "%q", cell)
	assert.Empty(t, finder.UserSegments(nil, cell), "%q", cell)
	for digits := range finder.GUIDs(cell) {
		assert.NotEqual(t, identity.PseudonymReplacement, identity.ReplacementKindOf(digits[:]), "%q", cell)
	}
}

func TestMayHoldPseudonym(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": false, "616e6f6e": false, guid: false, "/labs/lab_a/zoe@contoso.com": false,
		"616e6f6e-796d-8200-8000-000000000001": true, "vm-616E6F6E796D82008000000000000001": true, "6--16e6f6e-796d-8200-8000-000000000001": true, "6%2D16e6f6e-796d-8200-8000-000000000001": true,
		"61\u22126e6f6e-796d-8200-8000-000000000001": true, `\u003616e6f6e-796d-8200-8000-000000000001`: true, "S-1-12-1-1634627438-2181068909-128-16777216": true,
		"zoe_x0040_contoso.com_x002F_616e_x002D_6f6e-796d-8200-8000-000000000001": true,
	} {
		assert.Equal(t, want, quiet.MayHoldPseudonym([]byte(text)), text)
	}
}

func TestUser(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		"/labs/lab/users/" + guid + "/environments/web":      guid,
		"/labs/lab/Users('" + guid + "')/environments":       guid,
		"/labs/lab/users/" + guid:                            "",
		"/labs/users/users/" + guid + "/environments/web":    "",
		"/labs/lab/users/" + guid + "/users/x/web":           "",
		"/labs/lab/users/" + guid + "@x/environments/web":    "",
		"/labs/a@b/users/" + guid + "/environments/web":      "",
		"/labs/lab/users('" + guid + "/environments/web":     "",
		"/labs/lab/environments/web-and-another-environment": "",
	} {
		at, ok := quiet.User([]byte(path))
		assert.Equal(t, want != "", ok, path)
		if ok {
			assert.Equal(t, want, path[at[0]:at[1]])
		}
	}
}

func TestOwner(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]bool{
		"zoe@contoso.com": {true, true}, "zoe <zoe@contoso.com>": {true, true}, "": {false, true}, guid: {false, true},
		"a/zoe@contoso.com": {true, false}, "zoe%40contoso.com": {false, false}, "zoe_x0040_contoso.com": {false, false}, "zoé@contoso.com": {true, false},
	} {
		hasAt, ok := quiet.Owner([]byte(text))
		assert.Equal(t, want, [2]bool{hasAt, ok}, text)
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"zoe@contoso.com": true, "zoe.smith2@mail-1.contoso.com": true, "a@b.cd": true, strings.Repeat("a", 31) + "@contoso.com": true,
		"": false, "zoe": false, "@contoso.com": false, "zoe@": false, "zoe@contoso": false, "zoe@contoso.": false, "zoe@.com": false, "zoe@contoso.c": false, "zoe@contoso.c0m": false, "zoe@contoso-com": false,
		"zoe.@contoso.com": false, ".zoe@contoso.com": false, "zoe..a@contoso.com": false, "zoe@bob@contoso.com": false, "zoe@xn--bcher-kva.example": false, "zoe.contoso.com": false, "zoe.x@y": false,
		"Zoe@contoso.com": false, "zoe-a@contoso.com": false, "zoe_a@contoso.com": false, "zoe smith@contoso.com": false, "zoé@contoso.com": false, "zoe+a@contoso.com": false, "zoe@contoso.com ": false,
		"removed@anonymized.invalid": false, "zoe@mail.anonymized.invalid": false, "removed@anonymized.in": false, strings.Repeat("a", 32) + "@contoso.com": false, "zoe@" + strings.Repeat("a", 28) + ".com": false,
		"zoe@s-1-12-1-1-2-3-4.contoso.com": false,
	} {
		assert.Equal(t, want, quiet.Address([]byte(text)), text)
	}
}

func TestMayHoldObjectID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": false, "zoe@contoso.com": false, guid[1:]: false, guid: true, strings.ToUpper(guid): true, "7c9e6679742540de 944be07fc1f90ae7": true, "s-1-12-1-1-2-3-4": true,
	} {
		assert.Equal(t, want, quiet.MayHoldObjectID([]byte(text)), text)
	}
}
