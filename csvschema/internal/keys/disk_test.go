package keys_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// diskKey returns the key of a disk with these cells.
func diskKey(resourceID, name, blob string) csvschema.Key {
	return csvschema.DiskRow{
		LabUId: "86545712-aadf-4172-bba2-5c738050417e", ResourceUId: "0dd2f8ae-8267-47c5-8cda-484792e203ee", ResourceId: csvschema.NewPersonalText(resourceID),
		Name: csvschema.NewPersonalText(name), DiskBlobName: csvschema.NewPersonalText(blob),
	}.Key()
}

// TestKeyOfADiskIsTheSameAfterAnonymizing replaces what anonymizing replaces.
func TestKeyOfADiskIsTheSameAfterAnonymizing(t *testing.T) {
	t.Parallel()
	const id, gone, token = "7c9e6679-7425-40de-944b-e07fc1f90ae7", identity.ReplacementObjectID, "t-0123456789abcdef0123456789abcdef@anonymized.invalid"
	key := func(cells [3]string) csvschema.Key { return diskKey(cells[0], cells[1], cells[2]) }
	for _, test := range []struct{ before, after [3]string }{
		{[3]string{"/labs/l/users/" + id + "/disks/d", "d", "d.vhd"}, [3]string{"/labs/l/users/" + gone + "/disks/d", "d", "d.vhd"}},
		{[3]string{"/labs/l/USERS/" + strings.ToUpper(id) + "/disks/d", "d", ""}, [3]string{"/labs/l/users/" + gone + "/disks/d", "d", ""}},
		{[3]string{"/labs/l/users/" + id, "d", ""}, [3]string{"/labs/l/users/" + gone, "d", ""}},
		{[3]string{"/l/users/" + id + "/d", "of " + id, ""}, [3]string{"/l/users/" + gone + "/d", "of " + gone, ""}},
		{[3]string{"/l/users/" + id + "/d", strings.ReplaceAll(id, "-", ""), ""}, [3]string{"/l/users/" + gone + "/d", gone, ""}},
		{[3]string{"/l/users/" + id + "/d", id + id, ""}, [3]string{"/l/users/" + gone + "/d", gone + gone, ""}},
		{[3]string{"/d", "d of zoe@contoso.com", "b"}, [3]string{"/d", "d of " + identity.ReplacementAddress, "b"}},
		{[3]string{"/d", "d", "zoe@contoso.com"}, [3]string{"/d", "d", token}},
		{[3]string{"/l/users/zoe@contoso.com/d", "d", ""}, [3]string{"/l/users/" + gone + "/d", "d", ""}},
		{[3]string{"/l/users/zoe smith/d", "box of Zoe Smith", ""}, [3]string{"/l/users/" + gone + "/d", "box of " + gone, ""}},
		{[3]string{"/l/users('zoe o''neill')/d", "box of Zoe O'Neill", ""}, [3]string{"/l/users('" + gone + "')/d", "box of " + gone, ""}},
	} {
		assert.Equal(t, key(test.before), key(test.after), test.before)
		assert.Equal(t, key(test.before).Hash(), key(test.after).Hash())
	}
	different := [][3]string{
		{"/l/users/" + id + "/d", "d", ""},
		{"/l/users/" + id + "/e", "d", ""},
		{"/l/users/" + id + "/d", "e", ""},
		{"/l/users/@me/d", "d", ""},
		{"/l/users//d", "d", ""},
		{"/d", id, ""},
		{"/d", "8" + id[1:], ""},
		{"/d", "", id},
		{"/d", "d", "b"},
		{"/d", "d", "b@x.com"},
		{"/l/users/" + id + "/d", "\x01", ""}, // no control character is a mask
		{"/l/users/" + id + "/d", id, ""},
		{"/l/users/" + id + "/d", id + "\x01" + id, ""},
		{"/l/\x01users\x01/" + id + "/d", "d", ""},
		{"/d", "\x01", "b"},
		{"/d", "zoe@contoso.com", "b"},
		{"/d", "\u00FF", "b"},
		{"/d", "\uFFFD", "b"},
		{"/d", "\u00FF zoe@contoso.com", "b"},
		{"/d", "\uFFFD zoe@contoso.com", "b"},
		{"/d", "\x01 zoe@contoso.com", "b"},
		{"/d", "d zoe@contoso.com", "b"},
		{"/d", "(zoe@contoso.com", ""}, // a mask ends no cell
		{"/d", "(", "zoe@contoso.com"},
	}
	for i, a := range different {
		for _, b := range different[:i] {
			assert.NotEqual(t, key(a), key(b))
		}
	}
}

// TestKeyOfADiskIsTheSameInEverySpellingOfItsID writes ARM IDs as services do.
func TestKeyOfADiskIsTheSameInEverySpellingOfItsID(t *testing.T) {
	t.Parallel()
	for _, id := range []string{
		"/subscriptions/s/labs/l/disks/d",
		"/subscriptions/s/labs/l/users/7c9e6679-7425-40de-944b-e07fc1f90ae7/disks/d",
		"/subscriptions/s/labs/l/users/" + identity.ReplacementObjectID + "/disks/d",
	} {
		want := diskKey(id, "d", "b")
		for _, spelling := range []string{
			id + "/", id + "//", id[1:], "/" + id, strings.ReplaceAll(id, "/", "//"), strings.ReplaceAll(id, "/", "///") + "/", " " + id + "\u00A0", strings.ToUpper(id),
			"https://management.azure.com" + id, "http://management.azure.com/" + id + "/", "HTTPS://management.usgovcloudapi.net:443" + strings.ToUpper(id),
			strings.ReplaceAll(id, "/", "%2F"), strings.ReplaceAll(id, "/", "%2f") + "%2f", strings.ReplaceAll(id, "/", "%252F"), strings.ReplaceAll(id, "disks", "%64isk%73"), id + "%20",
		} {
			assert.Equal(t, want, diskKey(spelling, "d", "b"), spelling)
			assert.Equal(t, want.Hash(), diskKey(spelling, "d", "b").Hash(), spelling)
		}
		for _, different := range []string{id + "x", id + "/x", id + "?d", id + "%", id + "%00", id[:len(id)-1], "x" + id, strings.ReplaceAll(id, "/", "%"), strings.ReplaceAll(id, "/", "\\")} {
			assert.NotEqual(t, want, diskKey(different, "d", "b"), different)
		}
		assert.NotEqual(t, want, diskKey(id, "d/", "b"), "only the ResourceId is an ARM ID")
		assert.NotEqual(t, want, diskKey(id, "d", "%62"))
	}
}
