package anonymize_test

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// TestANameThatHoldsAnIdentifierGoesAsAWhole has machines whose names are derived
// from the owner and hold an identifier: the disk, whose row does not tell of it,
// must find the machine again.
func TestANameThatHoldsAnIdentifierGoesAsAWhole(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ id, environment, name string }{
		"an address":            {"/labs/lab/virtualmachines/alicesmith@contoso.com-box", "", "b"},
		"an address in Name":    {"/labs/lab/virtualmachines/alicesmith@contoso.com-box", "", "alicesmith@contoso.com-box"},
		"the x of a user":       {"/labs/lab/virtualmachines/alicesmith-01", "/labs/lab/users/alicesmith/environments/e", "b"},
		"the x in Name":         {"/labs/lab/virtualmachines/alicesmith-01", "/labs/lab/users/alicesmith/environments/e", "alicesmith-01"},
		"an object ID":          {"/labs/lab/virtualmachines/alicesmith-" + objectID, "/labs/lab/users/" + objectID, "b"},
		"a user in front of it": {"/labs/lab/users/" + objectID + "/virtualmachines/alicesmith7", "/labs/lab/users/" + objectID, "b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			machine := vm("2/4/2017", "alicesmith@contoso.com", map[csvschema.Column]string{
				csvschema.ResourceId: test.id, csvschema.EnvironmentId: test.environment, csvschema.Name: test.name, csvschema.ResourceStatus: "Inactive",
			})
			disk := export(csvschema.Disks, map[csvschema.Column]string{
				csvschema.LabUId: "86545712-AADF-4172-BBA2-5C738050417E", csvschema.ResourceUId: uid("d"), csvschema.ResourceId: "/d",
				csvschema.DeletedDate: "2/4/2017", csvschema.LeasedByVmId: strings.ToUpper(test.id),
			}, nil)
			e := csvschema.Export{VirtualMachines: []csvschema.Source{source([]byte(machine))}, Disks: []csvschema.Source{source([]byte(disk))}}
			_, after := planOf(t, &anonymize.Policy{Names: true}, later, e)
			id := cellOf(t, csvschema.VirtualMachines, textOf(t, after[0].VirtualMachines[0]), csvschema.ResourceId)
			assert.Regexp(t, "/virtualmachines/t-[0-9a-f]{32}$", id)
			lease := cellOf(t, csvschema.Disks, textOf(t, after[0].Disks[0]), csvschema.LeasedByVmId)
			assert.Equal(t, identity.Normal(id), identity.Normal(lease))
		})
	}
}

// TestTheXOfAUserIsNoName has an ID that ends in a user: a token in its place would
// be taken for another user by the next run.
func TestTheXOfAUserIsNoName(t *testing.T) {
	t.Parallel()
	machine := vm("2/4/2017", "alicesmith@contoso.com", map[csvschema.Column]string{csvschema.ResourceId: "/labs/lab/users/alicesmith", csvschema.Name: "/users/alicesmith"})
	_, after := planOf(t, &anonymize.Policy{Names: true}, later, exportOf(csvschema.VirtualMachines, []byte(machine)))
	once := textOf(t, after[0].VirtualMachines[0])
	assert.Equal(t, "/labs/lab/users/"+identity.ReplacementObjectID, cellOf(t, csvschema.VirtualMachines, once, csvschema.ResourceId))
	_, after = planOf(t, &anonymize.Policy{Names: true}, later, exportOf(csvschema.VirtualMachines, once))
	assert.Equal(t, string(once), string(textOf(t, after[0].VirtualMachines[0])))
}

// namedExports makes exports of machines whose names may be derived from their
// owners, and of their disks.
func namedExports(d *dice) []csvschema.Export {
	name := func() string {
		return one(d, "web", "alicesmith042", "Alice-Smith", "alice.smith-web", "alicesmithson", "alicesmith@contoso.com", "al%69cesmith7",
			"bobbuilder1", "bobbuilder-"+objectID, "AliceSmith042", "t-0123456789abcdef0123456789abcdef", "", "alicesmith042-bobbuilder1")
	}
	date := func() string { return one(d, "2/4/2017", "2/4/2017", "2/5/2017", "", "3/3/2017") }
	type machine struct{ uid, id, compute string }
	var machines []machine
	ids := map[string]string{} // by uid: two would be a contradiction
	exports := make([]csvschema.Export, 1+d.n(2))
	for i := range exports {
		var text, disks []string
		for range 1 + d.n(4) {
			m := machine{uid: uid("vm-", d.n(4)), id: one(d, "/labs/lab/virtualmachines/", "/labs/lab/virtualMachines/", "/labs/lab/users/", "") + name()}
			if known, ok := ids[m.uid]; ok && d.n(8) > 0 {
				m.id = known
			}
			ids[m.uid] = m.id
			if n := name(); d.n(2) == 0 {
				m.compute = "/subscriptions/s/resourceGroups/" + one(d, "Lab-"+n+"-123456", n, "rg") + "/providers/Microsoft.Compute/virtualMachines/" + n
			}
			machines = append(machines, m)
			file := vm(date(), one(d, "alice.smith@contoso.com", "alicesmith@contoso.com", "Bob.Builder@fabrikam.com", "live.com#Alice.Smith@contoso.com", "{"+objectID+"}bob.builder@fabrikam.com", "alice.smith_contoso.com#EXT#@fabrikam.onmicrosoft.com", "bob.builder_fabrikam.com#ext#", "alice.smith+lab@contoso.com", objectID, "", identity.ReplacementAddress, "bob@x.com"), map[csvschema.Column]string{
				csvschema.LabUId: one(d, "lab", "lab", "lab2"), csvschema.ResourceUId: m.uid, csvschema.ResourceId: m.id, csvschema.ComputeResourceId: m.compute, csvschema.Name: name(),
				csvschema.EnvironmentId: one(d, "", "", "/labs/lab/users/alicesmith/environments/e", "/labs/lab/users/"+objectID+"/environments/e"), csvschema.ResourceStatus: "",
			})
			head, row, _ := strings.Cut(file, "\n")
			if len(text) == 0 {
				text = append(text, head+"\n")
			}
			text = append(text, row)
		}
		for range d.n(4) {
			m := machines[d.n(len(machines))]
			lease := one(d, m.id, strings.ToUpper(m.id), m.compute, "")
			file := export(csvschema.Disks, map[csvschema.Column]string{
				csvschema.LabUId: "lab", csvschema.ResourceUId: one(d, m.uid, uid("d"), nilUID), csvschema.ResourceId: one(d, m.id, "/labs/lab/users/"+objectID+"/disks/"+name()),
				csvschema.Name: name(), csvschema.DiskBlobName: one(d, "vhds/", "") + name(), csvschema.DeletedDate: date(), csvschema.LeasedByVmId: lease,
			}, nil)
			head, row, _ := strings.Cut(file, "\n")
			if len(disks) == 0 {
				disks = append(disks, head+"\n")
			}
			disks = append(disks, row)
		}
		exports[i].VirtualMachines = []csvschema.Source{source([]byte(strings.Join(text, "")))}
		if disks != nil {
			exports[i].Disks = []csvschema.Source{source([]byte(strings.Join(disks, "")))}
		}
	}
	return exports
}

var nameToken = regexp.MustCompile("(^|/)t-[0-9a-f]{32}$")

// requireNamesKeepJoins replaces names, and holds that the result is verified, that
// a second run changes nothing, and that disks still find their machines.
func requireNamesKeepJoins(t *testing.T, d *dice) {
	t.Helper()
	policy := &anonymize.Policy{Names: true, Workers: 1, Replacement: one(d, identity.ConstantReplacement, identity.TokenReplacement, identity.PseudonymReplacement), Key: secretKey(t, "n")}
	now := time.Date(2017, 3, 6, 0, 0, 0, 0, time.UTC)
	before := namedExports(d)
	_, after := planOf(t, policy, now, before...)
	_, again := planOf(t, policy, now, after...)
	var was, is, disksWas, disksAre []map[string]string
	for i, e := range after {
		require.Equal(t, string(textOf(t, e.VirtualMachines[0])), string(textOf(t, again[i].VirtualMachines[0])))
		was, is = append(was, rowsOf(t, before[i].VirtualMachines[0])...), append(is, rowsOf(t, e.VirtualMachines[0])...)
		if e.Disks != nil {
			require.Equal(t, string(textOf(t, e.Disks[0])), string(textOf(t, again[i].Disks[0])))
			disksWas, disksAre = append(disksWas, rowsOf(t, before[i].Disks[0])...), append(disksAre, rowsOf(t, e.Disks[0])...)
		}
	}
	for i, disk := range disksWas {
		lease := identity.Normal(disk["LeasedByVmId"])
		renamed := nameToken.MatchString(disksAre[i]["LeasedByVmId"]) && !nameToken.MatchString(lease)
		for j, m := range was {
			for _, c := range []string{"ResourceId", "ComputeResourceId"} {
				if m["LabUId"] != disk["LabUId"] || identity.Normal(m[c]) != lease || lease == "" {
					continue
				}
				if renamed {
					assert.Regexp(t, nameToken, is[j][c], "a machine with the ID keeps its name, and the disk's lease does not")
				}
				if renamed && c == "ResourceId" { // the resource group of a computer holds the name of its machine
					assert.Equal(t, identity.Normal(is[j][c]), identity.Normal(disksAre[i]["LeasedByVmId"]))
				}
			}
		}
	}
}

// rowsOf reads a file with encoding/csv.
func rowsOf(t *testing.T, s csvschema.Source) (rows []map[string]string) {
	t.Helper()
	all := parsed(t, bytes.TrimPrefix(textOf(t, s), []byte("\uFEFF")))
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, cell := range cells {
			row[all[0][i]] = cell
		}
		rows = append(rows, row)
	}
	return rows
}
