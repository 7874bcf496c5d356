package verify_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/anonymize/verify/internal/ids"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// machine returns the cells of a machine of a lab that was deleted in time; set changes
// some of them.
func machine(owner string, set map[string]string) map[string]string {
	return with(map[string]string{
		"LabUId": "lab-1", "ResourceUId": "00000000-0000-4000-8000-000000000001", "ResourceId": "/labs/lab/virtualmachines/box", "Name": "box",
		"CreatedTime": "1/3/2017", "DeletedDate": "2/4/2017", "ResourceOwner": owner, "Claimable": "False", "Note": "",
	}, set)
}

// disk returns the cells of a disk that was deleted in time; set changes some of them.
func disk(set map[string]string) map[string]string {
	return with(map[string]string{
		"LabUId": "lab-1", "ResourceUId": "00000000-0000-4000-8000-0000000000d1", "ResourceId": "/labs/lab/disks/d", "Name": "d", "DiskBlobName": "b",
		"CreatedTime": "1/3/2017", "DeletedDate": "2/4/2017", "DiskSizeGB": "128", "LeasedByVmId": "", "Note": "",
	}, set)
}

func with(cells, set map[string]string) map[string]string {
	maps.Copy(cells, set)
	return cells
}

type cells = map[string]string

// A fault is a mistake in the rules of package anonymize, and what it does to a file
// that was written without it.
type fault struct {
	name     string
	policy   anonymize.Policy
	now      time.Time
	machines []cells
	disks    []cells
	// Damage changes the machines and disks that were written as the mistake would have
	// written them. It is given the files before, too.
	damage func(f *files)
	kind   verify.FailureKind
	column csvschema.Column
}

// files are the files of a case, before and after.
type files struct {
	t                             *testing.T
	machinesBefore, machinesAfter string
	disksBefore, disksAfter       string
}

// replace replaces a text that is in one of the files after.
func (f *files) replace(file *string, old, new string) {
	f.t.Helper()
	changed := strings.Replace(*file, old, new, 1)
	require.NotEqual(f.t, *file, changed, "there is no %q", old)
	*file = changed
}

// restore gives all cells of a column of the machines, or else of the disks, back as
// they were before.
func (f *files) restore(c csvschema.Column) {
	f.t.Helper()
	role, before, after := csvschema.VirtualMachines, f.machinesBefore, &f.machinesAfter
	if before == "" {
		role, before, after = csvschema.Disks, f.disksBefore, &f.disksAfter
	}
	f.replace(after, `"`+cellOf(f.t, role, *after, c)+`"`, `"`+cellOf(f.t, role, before, c)+`"`)
}

const token = "t-0123456789abcdef0123456789abcdef"

func faults(t *testing.T) []fault {
	t.Helper()
	names := anonymize.Policy{Names: true}
	key := secretKey(t, "k")
	zoe := identifier(t, "zoe@contoso.com")
	due := time.Date(2017, 3, 6, 0, 0, 0, 0, time.UTC)
	const guid = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
	const alices = "/labs/lab/virtualmachines/alicesmith042"
	var all []fault

	// A column is forgotten among those that hold names.
	for column, cell := range map[csvschema.Column]string{
		csvschema.Name: "alicesmith042", csvschema.ResourceId: alices,
		csvschema.ComputeResourceId: "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/alicesmith042",
	} {
		all = append(all, fault{
			name: "names in " + column.String() + " are forgotten", policy: names,
			machines: []cells{machine("alice.smith@contoso.com", cells{column.String(): cell})},
			damage:   func(f *files) { f.restore(column) }, kind: verify.NameLeft, column: column,
		})
	}
	for _, owner := range []string{
		"live.com#alice.smith@contoso.com", "mail#alice.smith@contoso.com", guid + "alice.smith@contoso.com", "{" + guid + "}alice.smith@contoso.com", strings.ReplaceAll(guid, "-", "") + "alice.smith@contoso.com",
		"alice.smith_fabrikam.com#EXT#@contoso.onmicrosoft.com", "alice.smith_fabrikam.com#EXT#", "alice.smith+lab@contoso.com",
	} {
		all = append(all, fault{
			name: "names of " + owner + " are forgotten", policy: names, machines: []cells{machine(owner, cells{"Name": "alicesmith042"})},
			damage: func(f *files) { f.restore(csvschema.Name) }, kind: verify.NameLeft, column: csvschema.Name,
		})
	}
	deleted := cells{"ResourceId": "/labs/lab/users/10000000-aaaa-4aaa-8aaa-00000000000a/disks/d"}
	active := cells{"ResourceId": "/labs/lab/users/20000000-bbbb-4bbb-8bbb-00000000000b/disks/d", "DeletedDate": ""}
	all = append(all, fault{
		name: "the disk of another has the same key", disks: []cells{disk(deleted), disk(active)},
		damage: func(f *files) {
			f.replace(&f.disksAfter, active["ResourceId"], "/labs/lab/users/"+identity.ReplacementObjectID+"/disks/d")
		},
		kind: verify.RowChanged, column: csvschema.ResourceId,
	})
	bobs := cells{"ResourceId": "/labs/lab/virtualmachines/other", "DeletedDate": ""}
	uid := csvschema.VirtualMachineRow{LabUId: "lab-1", ResourceUId: "00000000-0000-4000-8000-000000000001"}.Key()
	all = append(all, fault{
		name: "a decision is about a machine with another ResourceId", policy: anonymize.Policy{Decisions: []anonymize.Decision{{Key: uid, Deleted: due}}},
		machines: []cells{machine("zoe@contoso.com", nil), machine("bob@contoso.com", bobs)},
		damage:   func(f *files) { f.replace(&f.machinesAfter, "bob@contoso.com", identity.ReplacementAddress) },
		kind:     verify.RowChanged, column: csvschema.ResourceOwner,
	})
	all = append(all, fault{
		name: "the GUID of a lab is taken for the owner", machines: []cells{machine(guid, cells{"LabUId": guid})},
		damage: func(f *files) { f.replace(&f.machinesAfter, guid, identity.ReplacementObjectID) },
		kind:   verify.CellChanged, column: csvschema.LabUId,
	})
	d := anonymize.Policy{Requests: []anonymize.Request{{Identifier: identifier(t, "d@contoso.com"), Kind: anonymize.Erase, At: due, Existing: true}}}
	const path = "/labs/lab/users/%s/environments/e"
	half := "r&" + identity.ReplacementAddress
	all = append(all, fault{
		name: "an owner is rewritten in half", policy: d, machines: []cells{machine("r&d@contoso.com", cells{"DeletedDate": ""})},
		damage: func(f *files) { f.replace(&f.machinesAfter, "r&d@contoso.com", half) },
		kind:   verify.RowChanged, column: csvschema.ResourceOwner,
	}, fault{
		name: "an owner with a doubled apostrophe is taken for another", policy: anonymize.Policy{Requests: []anonymize.Request{{Identifier: identifier(t, "o'brien@contoso.com"), Kind: anonymize.Erase, At: due, Existing: true}}},
		machines: []cells{machine("o''brien@contoso.com", cells{"DeletedDate": ""})},
		damage:   func(f *files) { f.replace(&f.machinesAfter, "o''brien@contoso.com", identity.ReplacementAddress) },
		kind:     verify.RowChanged, column: csvschema.ResourceOwner,
	}, fault{
		name: "a user is rewritten in half", policy: d, machines: []cells{machine("bob@contoso.com", cells{"DeletedDate": "", "EnvironmentId": fmt.Sprintf(path, "r&d@contoso.com")})},
		damage: func(f *files) { f.replace(&f.machinesAfter, "r&d@contoso.com", half) },
		kind:   verify.RowChanged, column: csvschema.EnvironmentId,
	})
	leased := func(set cells) []cells { return []cells{disk(with(cells{"LeasedByVmId": alices}, set))} }
	owned := []cells{machine("alice.smith@contoso.com", cells{"ResourceId": alices})}
	all = append(all,
		fault{
			name: "names in DiskBlobName are forgotten", policy: names, machines: owned,
			disks: leased(cells{"DiskBlobName": "vhds/alicesmith042.vhd"}),
			damage: func(f *files) {
				f.replace(&f.disksAfter, cellOf(f.t, csvschema.Disks, f.disksAfter, csvschema.DiskBlobName), "vhds/alicesmith042.vhd")
			},
			kind: verify.NameLeft, column: csvschema.DiskBlobName,
		},
		fault{
			name: "names in LeasedByVmId are forgotten", policy: names, machines: owned, disks: leased(nil),
			damage: func(f *files) {
				f.replace(&f.disksAfter, cellOf(f.t, csvschema.Disks, f.disksAfter, csvschema.LeasedByVmId), alices)
			},
			kind: verify.NameLeft, column: csvschema.LeasedByVmId,
		},
		fault{
			name: "the name in the resource group is forgotten", policy: names,
			machines: []cells{machine("alice.smith@contoso.com", cells{"ComputeResourceId": "/subscriptions/s/resourceGroups/Lab-alicesmith042-123456/providers/Microsoft.Compute/virtualMachines/alicesmith042"})},
			damage: func(f *files) {
				f.replace(&f.machinesAfter, "Lab-t-", "Lab-alicesmith042-")
			},
			kind: verify.WrongReplacement, column: csvschema.ComputeResourceId,
		},

		// Thresholds and boundaries of names.
		fault{
			name: "names of five letters go", policy: names, machines: []cells{machine("alice@contoso.com", cells{"Name": "alice042"})},
			damage: func(f *files) { f.replace(&f.machinesAfter, "alice042", token) }, kind: verify.CellChanged, column: csvschema.Name,
		},
		fault{
			name: "names of six letters stay", policy: names, machines: []cells{machine("alices@contoso.com", cells{"Name": "alices042"})},
			damage: func(f *files) { f.restore(csvschema.Name) }, kind: verify.NameLeft, column: csvschema.Name,
		},
		fault{
			name: "a name goes that goes on with a mark", policy: names, machines: []cells{machine("alicesmith@contoso.com", cells{"Name": "alicesmith\u0335-web"})},
			damage: func(f *files) { f.replace(&f.machinesAfter, "alicesmith\u0335-web", token) }, kind: verify.CellChanged, column: csvschema.Name,
		},
		fault{
			name: "a name goes that goes on with a letter", policy: names, machines: []cells{machine("alicesmith@contoso.com", cells{"Name": "alicesmithson"})},
			damage: func(f *files) { f.replace(&f.machinesAfter, "alicesmithson", token) }, kind: verify.CellChanged, column: csvschema.Name,
		},
		fault{
			name: "marks count as letters of a local part", policy: names, machines: []cells{machine("alicesmx\u0335ith@contoso.com", cells{"Name": "alicesmx-ith042"})},
			damage: func(f *files) { f.restore(csvschema.Name) }, kind: verify.NameLeft, column: csvschema.Name,
		},
		fault{
			name: "a mark in a name is taken for a letter", policy: names, machines: []cells{machine("alicesmith@contoso.com", cells{"Name": "alice\u0335smith042"})},
			damage: func(f *files) { f.restore(csvschema.Name) }, kind: verify.NameLeft, column: csvschema.Name,
		},
		fault{
			name: "a mark after the name in a resource group is taken for a letter", policy: names,
			machines: []cells{machine("alicesmith@contoso.com", cells{"ComputeResourceId": "/subscriptions/s/resourceGroups/Lab-alicesmith042\u0335-1/providers/Microsoft.Compute/virtualMachines/alicesmith042"})},
			damage: func(f *files) {
				now := cellOf(f.t, csvschema.VirtualMachines, f.machinesAfter, csvschema.ComputeResourceId)
				f.replace(&f.machinesAfter, now, strings.Replace(now, "Lab-"+now[len(now)-len(token):], "Lab-alicesmith042", 1))
			},
			kind: verify.WrongReplacement, column: csvschema.ComputeResourceId,
		},
		fault{
			name: "a name stays because of its separators", policy: names, machines: []cells{machine("alice.smith@contoso.com", cells{"Name": "Alice_S-mith-7"})},
			damage: func(f *files) { f.restore(csvschema.Name) }, kind: verify.NameLeft, column: csvschema.Name,
		},
		fault{
			name: "a lease is renamed although one of its machines keeps its name", policy: names,
			machines: append([]cells{machine("bob@contoso.com", cells{"ResourceId": alices, "ResourceUId": "00000000-0000-4000-8000-000000000002"})}, owned...), disks: leased(nil),
			damage: func(f *files) { f.replace(&f.disksAfter, alices, "/labs/lab/virtualmachines/"+token) },
			kind:   verify.CellChanged, column: csvschema.LeasedByVmId,
		},
	)
	// Other formats of tokens.
	for name, change := range map[string]func(string) string{
		"another prefix":            func(token string) string { return "n-" + token[2:] },
		"a digit less":              func(token string) string { return token[:len(token)-1] },
		"a digit more":              func(token string) string { return token + "0" },
		"upper case":                func(token string) string { return "t-" + strings.ToUpper(token[2:]) + "A"[:0] },
		"no token but an address":   func(string) string { return identity.ReplacementAddress },
		"a letter that is no digit": func(token string) string { return token[:len(token)-1] + "g" },
	} {
		all = append(all, fault{
			name: "tokens of names have " + name, policy: names, machines: []cells{machine("alice.smith@contoso.com", cells{"Name": "alicesmith042"})},
			damage: func(f *files) {
				now := cellOf(f.t, csvschema.VirtualMachines, f.machinesAfter, csvschema.Name)
				f.replace(&f.machinesAfter, now, change(now))
			},
			kind: map[bool]verify.FailureKind{true: verify.CellChanged, false: verify.WrongReplacement}[name == "a digit more"], column: csvschema.Name,
		})
	}
	return append(all,
		// Typed columns, blanks, required columns.
		fault{
			name: "a typed cell is skipped although it holds an address", disks: []cells{disk(cells{"DiskSizeGB": "128 for zoe@contoso.com"})},
			damage: func(f *files) { f.restore(csvschema.DiskSizeGB) }, kind: verify.IdentifierLeft, column: csvschema.DiskSizeGB,
		},
		fault{
			name: "a date is skipped although it holds an address", machines: []cells{machine("", cells{"ExpirationDate": "ask zoe@contoso.com"})},
			damage: func(f *files) { f.restore(csvschema.ExpirationDate) }, kind: verify.IdentifierLeft, column: csvschema.ExpirationDate,
		},
		fault{
			name: "a boolean is skipped although it holds an address", machines: []cells{machine("", cells{"Claimable": "zoe@contoso.com"})},
			damage: func(f *files) { f.restore(csvschema.Claimable) }, kind: verify.IdentifierLeft, column: csvschema.Claimable,
		},
		fault{
			name: "an owner goes from a typed cell of the same digits", machines: []cells{machine("2017", cells{"ExpirationDate": "1/3/2017"})},
			damage: func(f *files) {
				f.replace(&f.machinesAfter, `"1/3/2017","","","","","",""`, `"`+identity.ReplacementObjectID+`","","","","","",""`)
			},
			kind: verify.CellChanged, column: csvschema.ExpirationDate,
		},
		fault{
			name: "an owner of characters without width goes", machines: []cells{machine("\u200b\u2060", nil)},
			damage: func(f *files) { f.replace(&f.machinesAfter, "\u200b\u2060", identity.ReplacementAddress) },
			kind:   verify.CellChanged, column: csvschema.ResourceOwner,
		},
		fault{
			name: "an owner of characters without width is an owner", now: due.Add(-time.Hour),
			policy:   anonymize.Policy{Requests: []anonymize.Request{{Kind: anonymize.Erase, Identifier: zoe, At: due.AddDate(0, 0, -9), Existing: true}}},
			machines: []cells{machine("\u200b", cells{"EnvironmentId": "/labs/lab/users/zoe@contoso.com/environments/e", "Note": "bob@contoso.com"})},
			damage:   func(f *files) { f.replace(&f.machinesAfter, identity.ReplacementAddress, "bob@contoso.com") },
			kind:     verify.IdentifierLeft,
		},

		// Time and requests.
		fault{
			name: "the retention ends later", now: due, machines: []cells{machine("zoe@contoso.com", nil)},
			damage: func(f *files) { f.restore(csvschema.ResourceOwner) }, kind: verify.IdentifierLeft, column: csvschema.ResourceOwner,
		},
		fault{
			name: "the retention ends earlier", now: due.Add(-1), machines: []cells{machine("zoe@contoso.com", nil)},
			damage: func(f *files) { f.replace(&f.machinesAfter, "zoe@contoso.com", identity.ReplacementAddress) },
			kind:   verify.RowChanged, column: csvschema.ResourceOwner,
		},
		fault{
			name: "digests of requests have another purpose", now: due.Add(-time.Hour),
			policy:   anonymize.Policy{Key: key, Requests: []anonymize.Request{{Kind: anonymize.Erase, Digest: digestOf(key, "request", "zoe@contoso.com"), At: due.AddDate(0, 0, -9)}}},
			machines: []cells{machine("zoe@contoso.com", nil)},
			damage:   func(f *files) { f.restore(csvschema.ResourceOwner) }, kind: verify.IdentifierLeft, column: csvschema.ResourceOwner,
		},
		fault{
			name: "pseudonyms have another purpose", policy: anonymize.Policy{Key: key, Replacement: identity.PseudonymReplacement},
			machines: []cells{machine("zoe@contoso.com", nil)},
			damage: func(f *files) {
				sum := [32]byte(digestOf(key, "other", "zoe@contoso.com"))
				now := cellOf(f.t, csvschema.VirtualMachines, f.machinesAfter, csvschema.ResourceOwner)
				f.replace(&f.machinesAfter, now, string(identity.AppendReplacement(nil, identity.PseudonymReplacement, true, &sum)))
			},
			kind: verify.WrongReplacement, column: csvschema.ResourceOwner,
		},

		// What is replaced, and by what.
		fault{
			name: "an occurrence in an unknown column is skipped", machines: []cells{machine("Zoe Smith", cells{"Note": "of ZOE SMITH"})},
			damage: func(f *files) { f.replace(&f.machinesAfter, "of "+identity.ReplacementObjectID, "of ZOE SMITH") },
			kind:   verify.IdentifierLeft,
		},
		fault{
			name: "the quotes of a replacement are dropped", machines: []cells{machine("zoe@contoso.com", nil)},
			damage: func(f *files) {
				f.replace(&f.machinesAfter, `"`+identity.ReplacementAddress+`"`, identity.ReplacementAddress)
			},
			kind: verify.QuotesChanged, column: csvschema.ResourceOwner,
		},
		fault{
			name: "an owner is blanked", machines: []cells{machine("zoe@contoso.com", nil)},
			damage: func(f *files) { f.replace(&f.machinesAfter, identity.ReplacementAddress, "") },
			kind:   verify.WrongReplacement, column: csvschema.ResourceOwner,
		},
		fault{
			name: "a part of an owner goes", machines: []cells{machine("Zoe (zoe@contoso.com)", nil)},
			damage: func(f *files) {
				f.replace(&f.machinesAfter, identity.ReplacementAddress, "Zoe ("+identity.ReplacementAddress+")")
			},
			kind: verify.WrongReplacement, column: csvschema.ResourceOwner,
		},
	)
}

// digestOf returns the keyed digest of an identifier for a purpose.
func digestOf(key identity.SecretKey, purpose, id string) (sum identity.Digest) {
	h := key.Hash(purpose)
	_, _ = h.Write([]byte(id))
	h.Sum(sum[:0])
	return sum
}

// TestEveryMistakeOfTheRulesIsSeen writes files as package anonymize does, and then as it
// would with a mistake in one of its rules.
func TestEveryMistakeOfTheRulesIsSeen(t *testing.T) {
	t.Parallel()
	for _, test := range faults(t) {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			now := test.now
			if now.IsZero() {
				now = later
			}
			f := &files{t: t}
			var before csvschema.Export
			if test.machines != nil {
				f.machinesBefore = file(csvschema.VirtualMachines, test.machines...)
				before.VirtualMachines = []csvschema.Source{source([]byte(f.machinesBefore))}
			}
			if test.disks != nil {
				f.disksBefore = file(csvschema.Disks, test.disks...)
				before.Disks = []csvschema.Source{source([]byte(f.disksBefore))}
			}
			_, after := planOf(t, &test.policy, now, before)
			var damaged csvschema.Export
			if test.machines != nil {
				f.machinesAfter = textOf(t, after[0].VirtualMachines[0])
			}
			if test.disks != nil {
				f.disksAfter = textOf(t, after[0].Disks[0])
			}
			test.damage(f)
			if test.machines != nil {
				damaged.VirtualMachines = []csvschema.Source{source([]byte(f.machinesAfter))}
			}
			if test.disks != nil {
				damaged.Disks = []csvschema.Source{source([]byte(f.disksAfter))}
			}
			v, err := verify.Exports(t.Context(), &test.policy, now, []csvschema.Export{before}, []csvschema.Export{damaged})
			require.NoError(t, err)
			require.Len(t, v.Failures, 1, "%v", v.Failures)
			assert.Equal(t, test.kind.String(), v.Failures[0].Kind.String())
			assert.Equal(t, test.column, v.Failures[0].Column)
		})
	}
}

// TestAFileWithoutARequiredColumnIsNotVerified would be copied as it is, by a rule that
// forgets the column.
func TestAFileWithoutARequiredColumnIsNotVerified(t *testing.T) {
	t.Parallel()
	required := map[csvschema.Role][]csvschema.Column{
		csvschema.VirtualMachines: {csvschema.LabUId, csvschema.ResourceUId, csvschema.ResourceId, csvschema.DeletedDate, csvschema.ResourceOwner},
		csvschema.Disks:           {csvschema.LabUId, csvschema.ResourceUId, csvschema.ResourceId, csvschema.DeletedDate, csvschema.LeasedByVmId},
	}
	for role, columns := range required {
		for _, c := range role.Columns() {
			text := file(role, disk(nil))
			text = strings.Replace(","+text, ","+c.String()+",", fmt.Sprintf(",X%d,", c), 1)[1:]
			e := []csvschema.Export{exportOf(role, []byte(text))}
			_, err := verify.Exports(t.Context(), nil, later, e, e)
			if !slices.Contains(columns, c) {
				require.NoError(t, err, "%v %v", role, c)
				continue
			}
			require.ErrorIs(t, err, csvschema.ErrMissingColumn, "%v %v", role, c)
			var place *csvschema.Error
			require.ErrorAs(t, err, &place)
			assert.Equal(t, c, place.Column)
			assert.Equal(t, csvschema.FileID{Export: 1, File: 1, Role: role}, place.FileID)
		}
	}
}

// TestRightOutputsOfOddRowsAreRight has rows in which the replacements, or what is around them,
// could be taken for something that had to go.
func TestRightOutputsOfOddRowsAreRight(t *testing.T) {
	t.Parallel()
	josé := []anonymize.Request{{Kind: anonymize.Erase, Identifier: identifier(t, "josé@example.com"), At: later, Existing: true}}
	for name, test := range map[string]struct {
		policy anonymize.Policy
		row    cells
	}{
		"an owner that is a part of a replacement":    {row: machine("@anonymized.invalid", cells{"Note": "of zoe@contoso.com"})},
		"a user that is a part of a replacement":      {row: machine("", cells{"Name": "zoe@contoso.com", "Note": "users/@anonymized.invalid"})},
		"a user that is a part of a token that stays": {row: machine("t-0123456789abcdef0123456789abcdef@anonymized.invalid", cells{"Note": "users/@anonymized.invalid"})},
		"an owner at the end of a replacement":        {row: machine("invalid, Zoe", cells{"Note": "bob@contoso.com, Zoe"})},
		"an owner around a replacement":               {row: machine("x removed@anonymized.invalid y", cells{"Note": "x bob@contoso.com y"})},
		"an owner with the nil GUID":                  {row: machine("．"+ids.Nil, cells{"Name": "．" + ids.Nil})},
		"a user with the digits of a replacement":     {anonymize.Policy{Replacement: identity.PseudonymReplacement, Key: secretKey(t, "k")}, machine("", cells{"Note": "users/616e6f6e796d80008000000000000000%40"})},
		"a user who is anonymous but for a mark":      {anonymize.Policy{Anonymous: func(value string) bool { return strings.HasPrefix(value, "\u200b") }}, machine("", cells{"Note": "users/\u200b%A9"})},
		"a user who is a part of what is found":       {row: machine("", cells{"EnvironmentId": "/labs/l/users/zoesmith?m=bob@x.com", "Name": "zoesmith"})},
		"a domain that ends in one character":         {anonymize.Policy{Requests: josé}, machine("bob@contoso.com", cells{"DeletedDate": "", "Note": "josé@example.com⑴"})},
		"an address that begins in one character":     {anonymize.Policy{Requests: josé}, machine("bob@contoso.com", cells{"DeletedDate": "", "Note": "⑴josé@example.com"})},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := exportOf(csvschema.VirtualMachines, []byte(file(csvschema.VirtualMachines, test.row)))
			_, after := written(t, &test.policy, later, e)
			v := requireSame(t, &test.policy, later, []csvschema.Export{e}, after)
			assert.Empty(t, v.Failures)
		})
	}
}
