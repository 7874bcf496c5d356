package anonymize_test

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// source opens a file from memory.
func source(file []byte) csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file)), nil }}
}

// fileID says which file of some exports is meant.
func fileID(export, file int, role csvschema.Role) csvschema.FileID {
	return csvschema.FileID{Export: export, File: file, Role: role}
}

// previewing returns the policy with Preview.
func previewing(p *anonymize.Policy) *anonymize.Policy {
	if p == nil {
		p = &anonymize.Policy{}
	}
	with := *p
	with.Preview = true
	return &with
}

// requireSameWithoutPreview holds that a plan without a preview has the same report up to
// Changed, and that Apply does and counts the same.
func requireSameWithoutPreview(t *testing.T, p *anonymize.Policy, now time.Time, exports []csvschema.Export, preview *anonymize.Report, written map[csvschema.FileID][]byte) {
	t.Helper()
	plan, err := p.Plan(t.Context(), now, exports)
	require.NoError(t, err)
	decided := func(s anonymize.Stats) anonymize.Stats {
		s.Changed, s.Parts, s.Owners, s.Addresses, s.UserSegments, s.Occurrences = 0, 0, 0, 0, 0, 0
		s.Anonymous, s.Names, s.DerivedNames = 0, 0, 0
		return s
	}
	want, got := *preview, *plan.Report()
	want.Total, want.Files = decided(want.Total), slices.Clone(want.Files)
	for i := range want.Files {
		want.Files[i].Stats = decided(want.Files[i].Stats)
	}
	require.Equal(t, want, got)
	isRandom := p != nil && (p.Names || p.Replacement == identity.TokenReplacement)
	for _, f := range preview.Files {
		var out bytes.Buffer
		stats, err := plan.Apply(t.Context(), f.FileID, &out)
		require.NoError(t, err)
		require.Equal(t, f.Stats, stats)
		if !isRandom {
			requireSameLines(t, written[f.FileID], out.Bytes())
		}
	}
}

// planOf plans with a preview, and holds that what is applied is what was planned.
func planOf(t *testing.T, p *anonymize.Policy, now time.Time, exports ...csvschema.Export) (*anonymize.Plan, []csvschema.Export) {
	t.Helper()
	plan, err := previewing(p).Plan(t.Context(), now, exports)
	require.NoError(t, err)
	written := map[csvschema.FileID][]byte{}
	after := make([]csvschema.Export, len(exports))
	total := anonymize.Stats{}
	for _, f := range plan.Report().Files {
		var out bytes.Buffer
		stats, err := plan.Apply(t.Context(), f.FileID, &out)
		require.NoError(t, err)
		assert.Equal(t, f.Stats, stats)
		written[f.FileID] = out.Bytes()
		total.Add(stats)
		to := &after[f.Export-1]
		if f.Role == csvschema.Disks {
			to.Disks = append(to.Disks, source(out.Bytes()))
		} else {
			to.VirtualMachines = append(to.VirtualMachines, source(out.Bytes()))
		}
		to.Made = exports[f.Export-1].Made
	}
	assert.Equal(t, plan.Report().Total, total)
	requireSameWithoutPreview(t, p, now, exports, plan.Report(), written)
	requireVerified(t, p, now, exports, after, plan.Report().Total)
	return plan, after
}

// requireVerified holds that an output is what the policy makes of its input.
func requireVerified(t *testing.T, p *anonymize.Policy, now time.Time, before, after []csvschema.Export, want anonymize.Stats) {
	t.Helper()
	verification, err := verify.Exports(t.Context(), p, now, before, after)
	require.NoError(t, err)
	assert.Empty(t, verification.Failures)
	assert.True(t, verification.OK())
	assert.Equal(t, want.Rows, verification.Rows)
	assert.Equal(t, want.Changed, verification.Changed)
	assert.Equal(t, want.Owners+want.Addresses+want.UserSegments+want.Occurrences+want.Names, verification.Replaced)
}

// textOf returns what a source holds.
func textOf(t *testing.T, s csvschema.Source) []byte {
	t.Helper()
	r, err := s.Open(context.Background())
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return text
}

// exportOf returns an export of one file.
func exportOf(role csvschema.Role, file []byte) csvschema.Export {
	if role == csvschema.Disks {
		return csvschema.Export{Disks: []csvschema.Source{source(file)}}
	}
	return csvschema.Export{VirtualMachines: []csvschema.Source{source(file)}}
}

// TestPlanOfOneFileIsItsCopy plans each file alone, where no other copy says
// anything else.
func TestPlanOfOneFileIsItsCopy(t *testing.T) {
	t.Parallel()
	eachSet(t, func(t *testing.T, set *csvschematest.Set) {
		same := 0
		for _, f := range set.Files {
			want, stats := copyOf(t, nil, set.Now, f.Role, f.Data)
			plan, after := planOf(t, nil, set.Now, exportOf(f.Role, f.Data))
			if slices.ContainsFunc(plan.Report().Findings, func(f anonymize.Finding) bool { return f.Kind != anonymize.NoResource }) {
				continue // contradictions, which one row cannot show
			}
			same++
			got := append(after[0].VirtualMachines, after[0].Disks...)[0]
			assert.Equal(t, stats, plan.Report().Files[0].Stats)
			requireSameLines(t, want, textOf(t, got))
		}
		assert.Equal(t, len(set.Files)-1, same)
	})
}

// TestNamesDerivedFromTheOwnerGo gives a machine and its disk the same new name, so that they
// can still be joined.
func TestNamesDerivedFromTheOwnerGo(t *testing.T) {
	t.Parallel()
	const id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.DevTestLab/labs/Lab/virtualmachines/Alice-Smith042"
	machine := vm("2/4/2017", "alice.smith@contoso.com", map[csvschema.Column]string{
		csvschema.Name: "Alice-Smith042", csvschema.ResourceId: id, csvschema.ResourceStatus: "Inactive",
		csvschema.ComputeResourceId: "/subscriptions/s/resourceGroups/Lab-Alice-Smith042-123456/providers/Microsoft.Compute/virtualMachines/Alice-Smith042",
	})
	disk := export(csvschema.Disks, map[csvschema.Column]string{
		csvschema.LabUId: "86545712-AADF-4172-BBA2-5C738050417E", csvschema.ResourceUId: "0dd2f8ae-8267-47c5-8cda-484792e203ef",
		csvschema.ResourceId: "/labs/lab/users/" + objectID + "/disks/alicesmith-data", csvschema.Name: "alicesmith-data",
		csvschema.DiskBlobName: "vhds/alicesmithson.vhd", csvschema.DeletedDate: "2/4/2017", csvschema.LeasedByVmId: strings.ToLower(id),
	}, nil)
	e := csvschema.Export{VirtualMachines: []csvschema.Source{source([]byte(machine))}, Disks: []csvschema.Source{source([]byte(disk))}}
	plan, after := planOf(t, &anonymize.Policy{Names: true}, later, e)
	vms, disks := textOf(t, after[0].VirtualMachines[0]), textOf(t, after[0].Disks[0])
	token := cellOf(t, csvschema.VirtualMachines, vms, csvschema.Name)
	assert.Regexp(t, "^t-[0-9a-f]{32}$", token)
	assert.Equal(t, strings.TrimSuffix(id, "Alice-Smith042")+token, cellOf(t, csvschema.VirtualMachines, vms, csvschema.ResourceId))
	assert.Equal(t, "/subscriptions/s/resourceGroups/Lab-"+token+"-123456/providers/Microsoft.Compute/virtualMachines/"+token,
		cellOf(t, csvschema.VirtualMachines, vms, csvschema.ComputeResourceId))
	assert.Equal(t, strings.ToLower(strings.TrimSuffix(id, "Alice-Smith042"))+token, cellOf(t, csvschema.Disks, disks, csvschema.LeasedByVmId))
	name := cellOf(t, csvschema.Disks, disks, csvschema.Name)
	assert.Regexp(t, "^t-[0-9a-f]{32}$", name)
	assert.NotEqual(t, token, name)
	assert.Equal(t, "/labs/lab/users/"+identity.ReplacementObjectID+"/disks/"+name, cellOf(t, csvschema.Disks, disks, csvschema.ResourceId))
	assert.Equal(t, "vhds/alicesmithson.vhd", cellOf(t, csvschema.Disks, disks, csvschema.DiskBlobName), "only resembles")
	assert.Equal(t, int64(7), plan.Report().Total.Names)
	assert.Equal(t, int64(1), plan.Report().Total.DerivedNames)
}

// identifier returns the identifier that a text is.
func identifier(t testing.TB, text string) identity.Identifier {
	t.Helper()
	id, err := identity.Parse(text)
	require.NoError(t, err)
	return id
}

// secretKey returns a key made of a text.
func secretKey(t testing.TB, text string) identity.SecretKey {
	t.Helper()
	key, err := identity.NewSecretKey(bytes.Repeat([]byte(text), identity.MinSecretKeyBytes))
	require.NoError(t, err)
	return key
}

// TestRowsThatShareNoIDAreStrangers has rows of one lab whose ResourceUId is the same,
// but none: one was deleted, the other exists. So it is with LabUIds that are none.
func TestRowsThatShareNoIDAreStrangers(t *testing.T) {
	t.Parallel()
	for _, no := range []string{"", nilUID, "{" + nilUID + "}", "NULL", "(null)", "####", "#N/A", "1.23E+31", "0", "-", "vm-1", objectID[1:]} {
		for _, c := range []csvschema.Column{csvschema.ResourceUId, csvschema.LabUId} {
			if c == csvschema.LabUId && (no == "vm-1" || no == objectID[1:]) {
				continue // this may be the name of a lab
			}
			gone := vm("2/4/2017", "alice@contoso.com", map[csvschema.Column]string{c: no, csvschema.ResourceStatus: "Inactive"})
			alive := vm("", "bob@fabrikam.com", map[csvschema.Column]string{c: no, csvschema.ResourceStatus: "Active"})
			odd := vm("2/4/2017", "carol@fabrikam.com", map[csvschema.Column]string{c: no, csvschema.ResourceStatus: "Active"})
			header, row, _ := strings.Cut(alive, "\n")
			_, oddRow, _ := strings.Cut(odd, "\n")
			plan, after := planOf(t, nil, later, exportOf(csvschema.VirtualMachines, []byte(gone+row+oddRow)), exportOf(csvschema.VirtualMachines, []byte(header+"\n"+row)))
			assert.Equal(t, int64(1), plan.Report().Total.Due, no)
			text := string(textOf(t, after[0].VirtualMachines[0]))
			assert.NotContains(t, text, "alice@contoso.com", no)
			assert.Contains(t, text, "bob@fabrikam.com", no)
			assert.Contains(t, text, "carol@fabrikam.com", no)
			assert.Contains(t, string(textOf(t, after[1].VirtualMachines[0])), "bob@fabrikam.com", no)
		}
	}
}

// TestNobodyHoldsOrDecidesAboutWhatIsNoID would have one answer silence two findings.
func TestNobodyHoldsOrDecidesAboutWhatIsNoID(t *testing.T) {
	t.Parallel()
	for _, no := range []string{"", nilUID, "NULL", "####", "1.23E+31", "0", "-", "vm-1"} {
		key := csvschema.VirtualMachineRow{LabUId: uid("lab"), ResourceUId: no}.Key()
		require.ErrorIs(t, (&anonymize.Policy{Holds: []anonymize.Hold{{Key: key}}}).Validate(), anonymize.ErrPolicy, no)
		require.ErrorIs(t, (&anonymize.Policy{Decisions: []anonymize.Decision{{Key: key}}}).Validate(), anonymize.ErrPolicy, no)
	}
}

// TestARawExportThatComesBackIsCleaned anonymizes a new export, then that and an old one,
// which says that the disk exists: it is cleaned where it is the same disk, however its
// cells spell who is in it.
func TestARawExportThatComesBackIsCleaned(t *testing.T) {
	t.Parallel()
	const address = "zoe@contoso.com"
	plain := strings.ReplaceAll(objectID, "-", "")
	type cells struct{ id, name, blob string }
	was := cells{"/labs/l/users/" + objectID + "/disks/d", "d of " + address, "d-" + objectID + ".vhd"}
	for _, test := range []struct {
		once, old cells
		same      bool
	}{
		{was, was, true},
		{was, cells{strings.ToUpper(was.id), was.name, strings.ToUpper(was.blob)}, true},
		{was, cells{was.id, "d of ZOE@Contoso.com", was.blob}, true},
		{was, cells{was.id, "d of zoe%40contoso.com", was.blob}, true},
		{was, cells{was.id, "d of zoe&#64;contoso.com", was.blob}, true},
		{was, cells{"/labs/l/users/" + plain + "/disks/d", was.name, was.blob}, true},
		{was, cells{was.id, was.name, "d-" + plain + ".vhd"}, true},
		{was, cells{"/labs/l/users/{" + objectID + "}/disks/d", was.name, was.blob}, true},
		{was, cells{"/labs/l/users/" + otherID + "/disks/d", "d of bob@fabrikam.com", "d-" + otherID + ".vhd"}, true}, // who it is, is masked
		{cells{"/labs/l/users/zoe/disks/d", "d", "zoe"}, cells{"/labs/l/users/zoe/disks/d", "d", "ZOE"}, true},
		{cells{"/labs/l/users/" + address + "/disks/d", "d", ""}, cells{"/labs/l/users/zoe%40contoso.com/disks/d", "d", ""}, true},
		{cells{"/labs/l/virtualmachines/box", address, address}, cells{"/labs/l/virtualmachines/box", address, address}, true},

		{was, cells{"/labs/l/users/" + objectID + "/disks/e", was.name, was.blob}, false},
		{was, cells{"/labs/k/users/" + objectID + "/disks/d", was.name, was.blob}, false},
		{was, cells{"/labs/l/disks/d", was.name, was.blob}, false},
		{was, cells{"/labs/l/users/@me/disks/d", was.name, was.blob}, false},
		{was, cells{was.id, "e of " + address, was.blob}, false},
		{was, cells{was.id, "d of zoe", was.blob}, false},
		{was, cells{was.id, "d of " + address + " 2", was.blob}, false},
		{was, cells{was.id, "", was.blob}, false},
		{was, cells{was.id, was.name, "e-" + objectID + ".vhd"}, false},
		{was, cells{was.id, was.name, "d-" + objectID + ".vhdx"}, false},
		{was, cells{was.id, was.name, ""}, false},
		{cells{"/labs/l/users/zoe/disks/d", "d", "zoe"}, cells{"/labs/l/users/zoe/disks/d", "d", "zoe2"}, false},
	} {
		disk := func(c cells, deleted string) []byte {
			return []byte(export(csvschema.Disks, map[csvschema.Column]string{
				csvschema.LabUId: uid("lab"), csvschema.ResourceUId: uid("disk"), csvschema.ResourceId: c.id,
				csvschema.Name: c.name, csvschema.DiskBlobName: c.blob, csvschema.DeletedDate: deleted,
			}, nil))
		}
		for _, kind := range []identity.ReplacementKind{identity.ConstantReplacement, identity.TokenReplacement} {
			policy := &anonymize.Policy{Replacement: kind}
			_, once := planOf(t, policy, later, exportOf(csvschema.Disks, disk(test.once, "2/4/2017")))
			old := disk(test.old, "")
			plan, after := planOf(t, policy, later, exportOf(csvschema.Disks, old), once[0])
			text := string(textOf(t, after[0].Disks[0]))
			assert.Equal(t, test.same, text != string(old), "%+v", test)
			assert.Equal(t, map[bool]int64{true: 2, false: 1}[test.same], plan.Report().Total.Due)
			if test.same {
				csvschematest.AssertNoIdentifiers(t, []byte(text), objectID, otherID, address, "bob@fabrikam.com")
			}
		}
	}
}
