package redact_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

// A machine that was bob's is alice's now. It is still named after him.
func TestNamesOfFormerOwnersAreHidden(t *testing.T) {
	t.Parallel()
	const (
		machineHeader = "LabUId,ResourceUId,ResourceId,ResourceOwner,Name,ComputeResourceId,CustomImageId,PricingTier\n"
		diskHeader    = "LabUId,ResourceUId,ResourceId,LeasedByVmId,Name,DiskBlobName\n"
		lab           = "/subscriptions/s/resourcegroups/g/labs/l/virtualmachines/"
	)
	machine := func(uid, owner, name, id, image string) string {
		return strings.Join([]string{oneLab, uid, id, owner, name, "/g-" + name + "-123456/" + name, image, "bob"}, ",") + "\n"
	}
	for _, test := range []struct {
		name, owner, machine string // the former owner, and the name of the machine
		image, want          string
		hidden               bool
	}{
		{"portal", bob, "bob042", "", "[hidden]", true},
		{"upper case", "BOB@CONTOSO.COM", "Bob-Web", "", "[hidden]-Web", true},
		{"inside", bob, "lab-bob042", "", "lab-[hidden]", true},
		{"escaped", "bob%40contoso.com", "bob042", "", "[hidden]", true},
		{"plus", "bob+lab@contoso.com", "bob042", "", "[hidden]", true},
		{"beside text", "SMTP:bob@contoso.com", "bob042", "", "[hidden]", true},
		{"two", "bob@contoso.com; carol@example.com", "carol042", "", "[hidden]", true},
		{"separators", "b.o.b@contoso.com", "bob042", "", "[hidden]", true},
		{"guest", "bob_contoso.com#EXT#@tenant.onmicrosoft.com", "bob042", "", "[hidden]", true},
		{"deleted account", strings.ReplaceAll(bobID, "-", "") + bob, "bob042", "", "[hidden]", true},
		{"cut", "christopher.smith@contoso.com", "christophe", "", "[hidden]", true},
		{"no name", "Bob Miller", "web", "image of Bob Miller", "web", true},
		{"object ID", bobID, "web", "image-" + strings.ToUpper(bobID), "web", true},
		{"account", `CONTOSO\bob.baker`, "bobbaker042", "", "[hidden]", true},
		{"account without a domain", "bob.baker", "bobbaker042", "", "[hidden]", true},
		{"another name", bob, "bobby", "", "bobby", false},
		{"longer", bob, "jobob042", "", "jobob042", false},
		{"her own name", "alice@contoso.com", "alice042", "", "alice042", false},
		{"replacement", identity.ReplacementAddress, "removed042", "", "removed042", false},
		{"object ID, no name", bobID, "bob042", "", "bob042", false},
		{"herself", " ALICE@example.com", "alice042", "", "alice042", false},
		{"nobody", "", "bob042", "", "bob042", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			id := lab + test.machine
			former := machineHeader + machine(uid1, "carol@example.com", "x", id, "") + machine(strings.ToUpper(uid2), test.owner, test.machine, id, "")
			current := machineHeader + machine(uid2, alice, test.machine, id, test.image)
			disks := diskHeader + strings.Join([]string{oneLab, uid1, "/users/" + aliceID + "/disks/d", strings.ToUpper(id), test.machine + "_OsDisk", test.machine + ".vhd"}, ",") + "\n"
			for _, exports := range [][]csvschema.Export{
				{{VirtualMachines: one(former)}, {VirtualMachines: one(current), Disks: one(disks)}},
				{{VirtualMachines: one(current), Disks: one(disks)}, {VirtualMachines: one(former)}},
				{{VirtualMachines: []csvschema.Source{source([]byte(former)), source([]byte(current))}, Disks: one(disks)}},
			} {
				// The reference is a row to which the same was added as an address of others.
				for _, redactors := range [][]*redact.Redactor{
					{redactor(t, subject(t, alice, aliceID), nil)},
					{redactor(t, subject(t, "ann@example.com"), nil), redactor(t, subject(t, alice, aliceID), nil)},
				} {
					rows := 0
					report, err := redact.Records(t.Context(), exports, redactors, func(m redact.Match) error {
						rows++
						assert.Equal(t, test.want, strings.TrimSuffix(string(m.Record.Value(csvschema.Name)), "_OsDisk"))
						for _, c := range []csvschema.Column{csvschema.ComputeResourceId, csvschema.CustomImageId, csvschema.LeasedByVmId, csvschema.DiskBlobName} {
							cell := strings.ToLower(string(m.Record.Value(c)))
							if test.hidden {
								assert.NotContains(t, cell, strings.ToLower(test.machine+"042"))
								assert.False(t, test.want != test.machine && strings.Contains(cell, strings.ToLower(test.machine)), c)
								assert.NotContains(t, cell, bobID)
								assert.NotContains(t, cell, "miller")
							} else {
								assert.NotContains(t, cell, "[hidden]")
							}
						}
						if m.Role == csvschema.VirtualMachines {
							assert.Equal(t, alice, strings.ToLower(strings.TrimSpace(string(m.Record.Value(csvschema.ResourceOwner)))))
							assert.Equal(t, "bob", string(m.Record.Value(csvschema.PricingTier)))
						}
						return nil
					}, nil)
					require.NoError(t, err)
					assert.GreaterOrEqual(t, rows, 2)
					hidden := report.Hidden[len(redactors)-1]
					assert.Equal(t, test.hidden, hidden.Places() > 0, "%+v", hidden)
				}
			}
		})
	}
}

func one(text string) []csvschema.Source { return []csvschema.Source{source([]byte(text))} }

func TestWhoIsShownIsShownAsAFormerOwner(t *testing.T) {
	t.Parallel()
	const header = "LabUId,ResourceUId,ResourceId,ResourceOwner,Name\n"
	exports := []csvschema.Export{{VirtualMachines: one(header + oneLab + "," + uid1 + ",r," + bob + ",bob042\n" + oneLab + "," + uid1 + ",r," + alice + ",bob042\n")}}
	id, err := identity.Parse(bob)
	require.NoError(t, err)
	name := func(shown *redact.Shown) (name string, hidden *redact.Summary) {
		report, err := redact.Records(t.Context(), exports, []*redact.Redactor{redactor(t, subject(t, alice), shown)}, func(m redact.Match) error {
			name = string(m.Record.Value(csvschema.Name))
			return nil
		}, &dsr.Options{})
		require.NoError(t, err)
		return name, report.Hidden[0]
	}
	got, hidden := name(nil)
	assert.Equal(t, "[hidden]", got)
	assert.Equal(t, int64(1), hidden.Names)
	got, _ = name(&redact.Shown{Cells: []redact.Cell{hidden.Candidates[0].Cell}})
	assert.Equal(t, "bob042", got)
	got, _ = name(&redact.Shown{Identifiers: []identity.Identifier{id}})
	assert.Equal(t, "bob042", got)
}

func TestManyFormerOwnersHideTheWholeRow(t *testing.T) {
	t.Parallel()
	var owners []csvschema.PersonalText
	for i := range 1002 {
		owners = append(owners, csvschema.NewPersonalText(fmt.Sprintf("person%d@contoso.com", i)))
	}
	rec := readOne(t, csvschema.VirtualMachines, []byte("ResourceOwner,Name\n"+alice+",web person1001\n"))
	r := redactor(t, subject(t, alice), nil)
	assert.Equal(t, "[hidden]", string(r.Record(rec, owners...).Value(csvschema.Name)))
	assert.Equal(t, alice, string(r.Record(rec, owners...).Value(csvschema.ResourceOwner)))
	assert.Equal(t, "web [hidden]", string(r.Record(rec, owners[950:]...).Value(csvschema.Name)))
}

func TestTypedRowsHideNamesOfFormerOwners(t *testing.T) {
	t.Parallel()
	row := func(owner string) csvschema.VirtualMachineRow {
		return csvschema.VirtualMachineRow{LabUId: oneLab, ResourceUId: uid1, ResourceOwner: csvschema.NewPersonalText(owner), Name: csvschema.NewPersonalText("bob042")}
	}
	disk := csvschema.DiskRow{LabUId: oneLab, ResourceUId: uid1, Name: csvschema.NewPersonalText("bob042_OsDisk")}
	exports := []csvschema.Export{
		{VirtualMachines: []csvschema.Source{csvschema.RowSource(csvschema.Rows([]csvschema.VirtualMachineRow{row(bob)}))}},
		{
			VirtualMachines: []csvschema.Source{csvschema.RowSource(csvschema.Rows([]csvschema.VirtualMachineRow{row(alice)}))},
			Disks:           []csvschema.Source{csvschema.RowSource(csvschema.Rows([]csvschema.DiskRow{disk}))},
		},
	}
	rows, err := dsr.FilterRows(t.Context(), exports, subject(t, alice), nil)
	require.NoError(t, err)
	got, hidden, err := redact.Rows(redactor(t, subject(t, alice), nil), rows)
	require.NoError(t, err)
	require.Len(t, got.VirtualMachines, 1)
	require.Len(t, got.Disks, 1)
	assert.Equal(t, "[hidden]", got.VirtualMachines[0].Name.Reveal())
	assert.Equal(t, "[hidden]_OsDisk", got.Disks[0].Name.Reveal())
	assert.Equal(t, int64(2), hidden.Names)
	rows.VirtualMachineOwners, rows.DiskOwners = nil, nil // of a program that made the rows itself
	got, _, err = redact.Rows(redactor(t, subject(t, alice), nil), rows)
	require.NoError(t, err)
	assert.Equal(t, "bob042", got.VirtualMachines[0].Name.Reveal())
}

// A copy of a machine that names only the user of its environment hides what was derived
// from that user.
func TestUsersOfOtherCopiesAreHidden(t *testing.T) {
	t.Parallel()
	const header = "LabUId,ResourceUId,ResourceId,ResourceOwner,EnvironmentId,Name\n"
	row := func(owner, environment string) string {
		return oneLab + "," + uid1 + ",/vm," + owner + "," + environment + ",bobbaker042\n"
	}
	for _, environment := range []string{"/labs/l/users/bob.baker@contoso.com/environments/e", "/users/bob.baker%40contoso.com"} {
		for _, rows := range []string{row("", environment) + row(alice, ""), row(alice, "") + row("", environment), row("carol@example.com", environment) + row(alice, "")} {
			exports := []csvschema.Export{{
				VirtualMachines: []csvschema.Source{source([]byte(header + rows))},
				Disks:           []csvschema.Source{source([]byte("LabUId,ResourceUId,ResourceId,LeasedByVmId,Name\n" + oneLab + ",,/users/" + aliceID + "/d,/vm,bobbaker042_OsDisk\n"))},
			}}
			var names []string
			_, err := redact.Records(t.Context(), exports, []*redact.Redactor{redactor(t, subject(t, alice, aliceID), nil)}, func(m redact.Match) error {
				names = append(names, string(m.Record.Value(csvschema.Name)))
				return nil
			}, nil)
			require.NoError(t, err)
			assert.Equal(t, []string{"[hidden]", "[hidden]_OsDisk"}, names, rows)
		}
	}
}
