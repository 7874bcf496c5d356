package anonymize_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

func TestNamesKeepJoins(t *testing.T) {
	t.Parallel()
	eachRoll(t, 200, requireNamesKeepJoins)
}

// FuzzNamesKeepJoins lets a fuzzer make the exports.
func FuzzNamesKeepJoins(f *testing.F) {
	addRolls(f)
	f.Fuzz(func(t *testing.T, data []byte) { requireNamesKeepJoins(t, &dice{data}) })
}

// leased returns an export with machines and a disk that the machine with that ID leases.
func leased(id string, machines ...string) csvschema.Export {
	header, _, _ := strings.Cut(machines[0], "\n")
	var file strings.Builder
	file.WriteString(header + "\n")
	for _, m := range machines {
		_, row, _ := strings.Cut(m, "\n")
		file.WriteString(row)
	}
	disk := export(csvschema.Disks, map[csvschema.Column]string{
		csvschema.LabUId: "86545712-aadf-4172-bba2-5c738050417e", csvschema.ResourceUId: uid("disk"), csvschema.ResourceId: "/labs/l/disks/d",
		csvschema.Name: "zoelong-data", csvschema.DeletedDate: "2/4/2017", csvschema.LeasedByVmId: id,
	}, nil)
	return csvschema.Export{VirtualMachines: []csvschema.Source{source([]byte(file.String()))}, Disks: []csvschema.Source{source([]byte(disk))}}
}

// TestNamesAreDerivedFromTheAddressesInAnOwner has owners with one or more beside other
// text, and a machine and a disk that are named after one of them.
func TestNamesAreDerivedFromTheAddressesInAnOwner(t *testing.T) {
	t.Parallel()
	service := func(value string) bool { return strings.HasSuffix(value, "@service.example.com") }
	for owner, goes := range map[string]bool{
		"zoelong@contoso.com":                             true,
		"Zoe Long <zoelong@contoso.com>":                  true,
		"Name <ZOE.LONG@contoso.com>":                     true,
		"bob@contoso.com; zoelong@contoso.com":            true,
		"zoelong@contoso.com, bob@contoso.com":            true,
		"zoelong%40contoso.com":                           true,
		"&lt;zoe-long&#64;contoso.com&gt;":                true,
		"(zoelong@contoso.com)":                           true,
		"SMTP:zoelong@contoso.com":                        true,
		"zoelong@localhost":                               true,
		"Zoelong <bob@contoso.com>":                       false,
		"bob@zoelong.example.com":                         false,
		"Name <zoelongs@contoso.com>":                     false,
		"zoelong":                                         false,
		"zoelong@service.example.com":                     false,
		"zoelong@service.example.com, robert@contoso.com": true,
		identity.ReplacementAddress:                       false,
	} {
		for _, name := range []string{"zoelong042", "ZOE-LONG"} {
			id := "/labs/l/virtualmachines/" + name
			machine := vm("2/4/2017", owner, map[csvschema.Column]string{csvschema.Name: name, csvschema.ResourceId: id})
			plan, after := planOf(t, &anonymize.Policy{Names: true, Anonymous: service}, later, leased(id, machine))
			texts := []string{
				cellOf(t, csvschema.VirtualMachines, textOf(t, after[0].VirtualMachines[0]), csvschema.Name),
				cellOf(t, csvschema.VirtualMachines, textOf(t, after[0].VirtualMachines[0]), csvschema.ResourceId)[len("/labs/l/virtualmachines/"):],
				cellOf(t, csvschema.Disks, textOf(t, after[0].Disks[0]), csvschema.LeasedByVmId)[len("/labs/l/virtualmachines/"):],
				cellOf(t, csvschema.Disks, textOf(t, after[0].Disks[0]), csvschema.Name),
			}
			for i, text := range texts {
				assert.Equal(t, goes, strings.HasPrefix(text, "t-"), "%q: %q", owner, texts)
				assert.Equal(t, goes, text != []string{name, name, name, "zoelong-data"}[i])
			}
			assert.Equal(t, map[bool]int64{true: 4}[goes], plan.Report().Total.Names)
		}
	}
}

// TestNamesFromPseudonymsAreNone has a machine that is named as its owner, whose pseudonym
// goes in a later run.
func TestNamesFromPseudonymsAreNone(t *testing.T) {
	t.Parallel()
	file := []byte(vm("2/4/2017", "zoelong@contoso.com", map[csvschema.Column]string{csvschema.Name: "zoelong@contoso.com"}))
	_, once := planOf(t, &anonymize.Policy{Replacement: identity.PseudonymReplacement, Key: secretKey(t, "n")}, later, exportOf(csvschema.VirtualMachines, file))
	plan, twice := planOf(t, &anonymize.Policy{Names: true}, later, once...)
	row := parsed(t, textOf(t, twice[0].VirtualMachines[0]))[1]
	assert.Equal(t, []string{identity.ReplacementAddress, identity.ReplacementAddress}, []string{row[7], row[10]})
	assert.Zero(t, plan.Report().Total.Names)
}

// TestNamesFromTheOwnersOfAllCopiesGo has copies of a machine with two owners, in one
// export or two, in both orders; it is named after one of them.
func TestNamesFromTheOwnersOfAllCopiesGo(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		one, other, name string
		goes             bool
	}{
		{"zoelong@contoso.com", "robert@contoso.com", "zoelong042", true},
		{"zoelong@contoso.com", "robert@contoso.com", "Zoe-Long", true},
		{"zoelong@contoso.com", "robert@contoso.com", "zoelong.web", true},
		{"zoelong@contoso.com", "robert@contoso.com", "robert042", true},
		{"zoelong@contoso.com", "", "zoelong042", true},
		{"zoelong@contoso.com", identity.ReplacementAddress, "zoelong042", true},
		{"zoelong@contoso.com", objectID, "zoelong042", true},
		{"Zoe <zoelong@contoso.com>", "NULL", "zoelong042", true},
		{"zoelong%40contoso.com", "robert@contoso.com", "zoelong042", true},
		{"zoe.long@contoso.com", "robert@contoso.com", "zoelong042", true},
		{"zoelong@contoso.com", "ZOELONG@contoso.com", "zoelong042", true},
		{"zoelong@contoso.com", "robert@contoso.com", "zoelongs", false},
		{"zoelong@contoso.com", "robert@contoso.com", "x-zoelong", false},
		{"zoelong@contoso.com", "robert@contoso.com", "zoelon042", false},
		{"zoe@contoso.com", "robert@contoso.com", "zoe042", false},
		{"Zoelong", "robert@contoso.com", "zoelong042", false},
		{"", objectID, "zoelong042", false},
	} {
		id := "/labs/l/virtualmachines/" + test.name
		copyOf := func(owner string) string {
			return vm("2/4/2017", owner, map[csvschema.Column]string{csvschema.Name: test.name, csvschema.ResourceId: id})
		}
		copies := []string{copyOf(test.one), copyOf(test.other)}
		for range 2 {
			slices.Reverse(copies)
			for _, exports := range [][]csvschema.Export{{leased(id, copies...)}, {leased(id, copies[0]), exportOf(csvschema.VirtualMachines, []byte(copies[1]))}} {
				plan, after := planOf(t, &anonymize.Policy{Names: true}, later, exports...)
				want := int64(0)
				if test.goes {
					want = 5 // the name and ResourceId of two copies, and the lease
				}
				if derived := strings.HasPrefix(test.one, "Z") && test.goes || strings.HasPrefix(test.one, "zoe.long") || strings.HasPrefix(test.one, "zoelong"); derived {
					want++ // the name of the disk
				}
				assert.Equal(t, want, plan.Report().Total.Names, "%+v", test)
				for _, e := range after {
					for _, s := range e.VirtualMachines {
						assert.Equal(t, !test.goes, strings.Contains(string(textOf(t, s)), test.name), "%+v", test)
					}
				}
			}
		}
	}
}
