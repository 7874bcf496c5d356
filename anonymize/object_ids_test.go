package anonymize_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// TestAllObjectIDsOfAnOwnerOrUserAreKnown has several in one cell, and them in another.
func TestAllObjectIDsOfAnOwnerOrUserAreKnown(t *testing.T) {
	t.Parallel()
	plain := strings.ReplaceAll(otherID, "-", "")
	path := func(x string) string { return "/labs/l/users/" + x + "/environments/e" }
	for _, test := range []struct {
		owner, environment string
		known              []string
	}{
		{owner: objectID + ", " + otherID, known: []string{objectID, otherID}},
		{owner: objectID + ";" + plain, known: []string{objectID, otherID}},
		{owner: plain + "|" + objectID, known: []string{objectID, otherID}},
		{owner: "{" + objectID + "}{" + otherID + "}", known: []string{objectID, otherID}},
		{owner: objectID + otherID, known: []string{objectID, otherID}},
		{owner: "Zoe (" + strings.ToUpper(objectID) + ") and " + otherID, known: []string{objectID, otherID}},
		{owner: objectID + "ada@contoso.com", known: []string{objectID}},
		{owner: objectID + "\\" + otherID, known: []string{objectID, otherID}},
		{environment: path(objectID + ", " + otherID), known: []string{objectID, otherID}},
		{environment: path(objectID + "%2C%20" + otherID), known: []string{objectID, otherID}},
		{environment: path(objectID + "@" + "contoso.com"), known: []string{objectID}},
		{owner: "0" + plain, known: nil},
		{owner: "box", known: nil},
	} {
		for _, id := range []string{objectID, otherID} {
			file := []byte(vm("2/4/2017", test.owner, map[csvschema.Column]string{csvschema.EnvironmentId: test.environment, csvschema.Name: "vm-" + id}))
			_, after := planOf(t, nil, later, exportOf(csvschema.VirtualMachines, file))
			want := "vm-" + id
			for _, known := range test.known {
				want = strings.ReplaceAll(want, known, identity.ReplacementObjectID)
			}
			assert.Equal(t, want, parsed(t, textOf(t, after[0].VirtualMachines[0]))[1][7], "%q %q", test.owner, test.environment)
		}
	}
}

// TestAnObjectIDHasOnePseudonymInEverySpelling also has tokens.
func TestAnObjectIDHasOnePseudonymInEverySpelling(t *testing.T) {
	t.Parallel()
	plain := strings.ReplaceAll(objectID, "-", "")
	for _, spelling := range []string{
		objectID, strings.ToUpper(objectID), plain, strings.ToUpper(plain), strings.ReplaceAll(objectID, "-", "%2D"), strings.ReplaceAll(objectID, "-", "–"),
		strings.Replace(objectID, "-", "", 1), plain[:4] + "-" + plain[4:], strings.ReplaceAll(objectID, "-", "--"), strings.ReplaceAll(objectID, "-", "−"),
	} {
		for _, kind := range []identity.ReplacementKind{identity.TokenReplacement, identity.PseudonymReplacement} {
			policy := &anonymize.Policy{Replacement: kind, Key: secretKey(t, "o")}
			file := []byte(vm("2/4/2017", objectID, map[csvschema.Column]string{csvschema.Name: "(" + spelling + ")", csvschema.EnvironmentId: "/users/" + spelling + "/environments/e"}))
			_, after := planOf(t, policy, later, exportOf(csvschema.VirtualMachines, file))
			row := parsed(t, textOf(t, after[0].VirtualMachines[0]))[1]
			assert.Equal(t, kind, identity.ReplacementKindOf([]byte(row[10])))
			assert.Equal(t, "("+row[10]+")", row[7], spelling)
			assert.Equal(t, "/users/"+row[10]+"/environments/e", row[15], spelling)
		}
	}
}

// TestAnotherObjectIDHasAnotherPseudonym has IDs that are nearly the same.
func TestAnotherObjectIDHasAnotherPseudonym(t *testing.T) {
	t.Parallel()
	for _, kind := range []identity.ReplacementKind{identity.TokenReplacement, identity.PseudonymReplacement} {
		policy := &anonymize.Policy{Replacement: kind, Key: secretKey(t, "o")}
		for i := range objectID {
			digit := "0"
			if objectID[i] == '-' {
				continue
			} else if objectID[i] == '0' {
				digit = "1"
			}
			other := objectID[:i] + digit + objectID[i+1:]
			file := []byte(vm("2/4/2017", objectID, map[csvschema.Column]string{csvschema.EnvironmentId: "/users/" + other + "/environments/e", csvschema.Name: other}))
			_, after := planOf(t, policy, later, exportOf(csvschema.VirtualMachines, file))
			row := parsed(t, textOf(t, after[0].VirtualMachines[0]))[1]
			assert.NotEqual(t, row[10], row[7])
			assert.Equal(t, kind, identity.ReplacementKindOf([]byte(row[7])))
			assert.Equal(t, "/users/"+row[7]+"/environments/e", row[15])
		}
	}
}

// TestAnOwnerDoesNotTakeTheGUIDOfAResource has an owner, and a user, who is that of a
// subscription, lab or resource.
func TestAnOwnerDoesNotTakeTheGUIDOfAResource(t *testing.T) {
	t.Parallel()
	for _, c := range []csvschema.Column{csvschema.SubscriptionId, csvschema.LabUId, csvschema.ResourceUId} {
		for owner, environment := range map[string]string{objectID: "", "zoe@contoso.com": "/users/" + objectID + "/e", objectID + "zoe@contoso.com": ""} {
			file := vm("2/4/2017", owner, map[csvschema.Column]string{c: objectID, csvschema.Name: "box " + objectID, csvschema.EnvironmentId: environment})
			_, after := planOf(t, nil, later, exportOf(csvschema.VirtualMachines, []byte(file)))
			text := textOf(t, after[0].VirtualMachines[0])
			assert.Equal(t, objectID, cellOf(t, csvschema.VirtualMachines, text, c), owner)
			assert.Equal(t, "box "+identity.ReplacementObjectID, cellOf(t, csvschema.VirtualMachines, text, csvschema.Name), owner)
		}
	}
}

// TestPseudonymsGoInALaterRun has them wherever a run with pseudonyms leaves one.
func TestPseudonymsGoInALaterRun(t *testing.T) {
	t.Parallel()
	pseudonyms := &anonymize.Policy{Replacement: identity.PseudonymReplacement, Key: secretKey(t, "o")}
	for _, test := range []struct {
		owner string
		cells map[csvschema.Column]string
	}{
		{"zoe@contoso.com", map[csvschema.Column]string{csvschema.Name: "box of zoe@contoso.com"}},
		{"Zoe Smith", map[csvschema.Column]string{csvschema.Name: "box of zoe smith, 2"}},
		{"Zoe Smith", map[csvschema.Column]string{csvschema.CustomImageId: "https://x/?u=Zoe+Smith"}},
		{objectID, map[csvschema.Column]string{csvschema.Name: "x" + objectID + "y"}},
		{objectID + ", " + otherID, map[csvschema.Column]string{csvschema.Name: otherID, csvschema.LabName: objectID}},
		{"", map[csvschema.Column]string{csvschema.EnvironmentId: "/users/CONTOSO%5Czoe/e", csvschema.Name: "CONTOSO\\zoe"}},
		{"", map[csvschema.Column]string{csvschema.EnvironmentId: "/users/" + objectID + "/e", csvschema.Name: "b-" + objectID, csvschema.LabName: strings.ReplaceAll(objectID, "-", "")}},
	} {
		before := exportOf(csvschema.VirtualMachines, []byte(vm("2/4/2017", test.owner, test.cells)))
		_, first := planOf(t, pseudonyms, later, before)
		for _, kind := range []identity.ReplacementKind{0, identity.TokenReplacement} {
			_, second := planOf(t, &anonymize.Policy{Replacement: kind}, later, first...)
			text := string(textOf(t, second[0].VirtualMachines[0]))
			for _, cell := range parsed(t, []byte(text))[1] {
				assertNoPseudonym(t, cell)
			}
		}
		_, again := planOf(t, pseudonyms, later, first...)
		assert.Equal(t, string(textOf(t, first[0].VirtualMachines[0])), string(textOf(t, again[0].VirtualMachines[0])))
	}
}

func assertNoPseudonym(t *testing.T, cell string) {
	t.Helper()
	assert.NotContains(t, cell, "p-")
	for i := range max(0, len(cell)-len(identity.ReplacementObjectID)+1) {
		assert.NotEqual(t, identity.PseudonymReplacement, identity.ReplacementKindOf([]byte(cell[i:i+len(identity.ReplacementObjectID)])), cell)
	}
}

// TestAnOwnerThatIsATextDoesNotChangeKeys has owners that are parts of GUIDs.
func TestAnOwnerThatIsATextDoesNotChangeKeys(t *testing.T) {
	t.Parallel()
	const uid = "0dd2f8ae-8000-47c5-8cda-484792e203ee"
	for _, owner := range []string{"8000", "47C5", "8cda", "0dd2f8ae", "484792e203ee", "8000-47c5", "8000%2D47c5", "0dd2f8ae-8000", "８０００", "8cda-484792e203ee"} {
		for _, column := range []csvschema.Column{csvschema.SubscriptionId, csvschema.LabUId, csvschema.ResourceUId} {
			file := []byte(vm("2/4/2017", owner, map[csvschema.Column]string{column: uid, csvschema.Name: "box " + owner}))
			_, after := planOf(t, nil, later, exportOf(csvschema.VirtualMachines, file))
			rec := string(textOf(t, after[0].VirtualMachines[0]))
			assert.Contains(t, rec, uid, "%v", column)
			assert.Contains(t, rec, "box "+identity.ReplacementObjectID)
		}
	}
}

// TestTheNullOfADatabaseIsNobody has words for nothing as owners and users.
func TestTheNullOfADatabaseIsNobody(t *testing.T) {
	t.Parallel()
	for _, null := range []string{"NULL", "null", "(null)", "[NULL]", "<null>", "None", "(none)", "nil", "N/A", "#N/A", "NaN", "undefined", `\N`, "-", " NULL ", "--", "–", "unknown", "(Unknown)", "EMPTY", "<empty>", "DBNull"} {
		word := strings.TrimSpace(null)
		file := []byte(vm("2/4/2017", null, map[csvschema.Column]string{csvschema.Name: word, csvschema.LabName: "lab " + word, csvschema.CustomImageId: "x " + word + " zoe@contoso.com"}))
		plan, after := planOf(t, nil, later, exportOf(csvschema.VirtualMachines, file))
		row := parsed(t, textOf(t, after[0].VirtualMachines[0]))[1]
		assert.Equal(t, identity.ReplacementAddress, row[10])
		assert.Equal(t, word, row[7])
		assert.Equal(t, "lab "+word, row[2])
		assert.Equal(t, "x "+word+" "+identity.ReplacementAddress, row[22])
		assert.Equal(t, int64(1), plan.Report().Total.Owners)
	}
	for _, name := range []string{"Nully", "Noneto", "nils", "Nanna", "Unknowns", "dbnuller"} {
		file := []byte(vm("2/4/2017", name, map[csvschema.Column]string{csvschema.LabName: "lab " + name}))
		_, after := planOf(t, nil, later, exportOf(csvschema.VirtualMachines, file))
		assert.Equal(t, "lab "+identity.ReplacementObjectID, parsed(t, textOf(t, after[0].VirtualMachines[0]))[1][2])
	}
	file := []byte(vm("2/4/2017", "", map[csvschema.Column]string{csvschema.EnvironmentId: "/users/NULL/e", csvschema.LabName: "NULL"}))
	_, after := planOf(t, nil, later, exportOf(csvschema.VirtualMachines, file))
	row := parsed(t, textOf(t, after[0].VirtualMachines[0]))[1]
	assert.Equal(t, "/users/"+identity.ReplacementObjectID+"/e", row[15])
	assert.Equal(t, "NULL", row[2])
}

// TestTheNilGUIDOfAnOwnerOrUserStaysElsewhere has it as the ID of a resource, too.
func TestTheNilGUIDOfAnOwnerOrUserStaysElsewhere(t *testing.T) {
	t.Parallel()
	plain := strings.ReplaceAll(nilUID, "-", "")
	for _, nobody := range []string{nilUID, plain, "{" + nilUID + "}"} {
		file := []byte(vm("2/4/2017", nobody, map[csvschema.Column]string{
			csvschema.SubscriptionId: nilUID, csvschema.LabUId: nilUID, csvschema.ResourceUId: nilUID,
			csvschema.EnvironmentId: "/users/" + nobody + "/e", csvschema.Name: plain, csvschema.LabName: "of " + nilUID,
		}))
		_, after := planOf(t, nil, later, exportOf(csvschema.VirtualMachines, file))
		row := parsed(t, textOf(t, after[0].VirtualMachines[0]))[1]
		assert.Equal(t, []string{nilUID, nilUID, "of " + nilUID, nilUID, plain}, []string{row[0], row[1], row[2], row[6], row[7]}, nobody)
		assert.Equal(t, "/users/"+identity.ReplacementObjectID+"/e", row[15])
		assert.Equal(t, identity.ReplacementObjectID, row[10])
	}
}

// TestShortValues has values of which the documentation says where they are found.
func TestShortValues(t *testing.T) {
	t.Parallel()
	for owner, inside := range map[string]bool{"李龙": true, "李小龙": true, "ab": false, "李": false, "ไก": true, "éa": false, "abc": true, "x李": true} {
		file := []byte(vm("2/4/2017", owner, map[csvschema.Column]string{csvschema.Name: "box (" + owner + ")", csvschema.LabName: owner}))
		_, after := planOf(t, nil, later, exportOf(csvschema.VirtualMachines, file))
		row := parsed(t, textOf(t, after[0].VirtualMachines[0]))[1]
		assert.Equal(t, inside, row[7] == "box ("+identity.ReplacementObjectID+")", owner)
		assert.Equal(t, identity.ReplacementObjectID, row[2], "the whole cell")
	}
}
