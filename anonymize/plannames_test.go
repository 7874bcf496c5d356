package anonymize_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
)

// Rows that are due can be joined after their names were replaced as before, by
// ResourceId and ComputeResourceId. A due disk that is leased by a machine that is
// not due keeps its lease. Names that are not derived stay, and no name is taken for
// another.
func TestDueRowsCanStillBeJoined(t *testing.T) {
	t.Parallel()
	joined, kept := 0, 0
	for seed := range worlds(100) {
		r := rand.New(rand.NewPCG(seed, 3))
		cased := func(text string) string {
			if r.IntN(2) == 0 {
				return strings.ToUpper(text)
			}
			return text
		}
		type machine struct {
			lab, id, compute, name string
			due, isDerived         bool
		}
		var machines []machine
		var vms, disks strings.Builder
		write := func(b *strings.Builder, file string) {
			header, row, _ := strings.Cut(file, "\n")
			if b.Len() == 0 {
				b.WriteString(header + "\n")
			}
			b.WriteString(row)
		}
		dates := map[bool]string{true: "2/4/2017", false: ""}
		for i := range 8 {
			local := pick(r, []string{"alice.smith", "bob_builder", "carola", "carol"})
			m := machine{lab: fmt.Sprintf("lab-%d", r.IntN(2)), name: pick(r, []string{local, strings.ReplaceAll(local, ".", "-"), local + "042", local + "x", local[:len(local)-2] + "-z", "box"}) + fmt.Sprint(r.IntN(2)), due: r.IntN(3) > 0}
			// All of a local part of six letters or more, and no letter after them.
			m.isDerived = m.due && local != "carol" && !strings.HasPrefix(m.name, "box") && !strings.ContainsAny(m.name, "xz")
			m.id = "/subscriptions/s/labs/" + m.lab + "/virtualmachines/" + m.name
			m.compute = "/subscriptions/s/resourceGroups/" + m.lab + "-" + m.name + "-123456/providers/Microsoft.Compute/virtualMachines/" + m.name
			machines = append(machines, m)
			write(&vms, vm(dates[m.due], local+"@contoso.com", map[csvschema.Column]string{
				csvschema.LabUId: m.lab, csvschema.ResourceUId: uid("uid", i), csvschema.ResourceId: cased(m.id), csvschema.ComputeResourceId: cased(m.compute), csvschema.Name: cased(m.name),
			}))
		}
		type disk struct {
			lab, lease string
			due        bool
		}
		var leases []disk
		for i := range 10 {
			m := pick(r, machines)
			d := disk{m.lab, pick(r, []string{m.id, m.compute}), r.IntN(3) > 0}
			leases = append(leases, d)
			write(&disks, export(csvschema.Disks, map[csvschema.Column]string{
				csvschema.LabUId: d.lab, csvschema.ResourceUId: uid("disk", i), csvschema.ResourceId: fmt.Sprint("/disks/", i),
				csvschema.Name: fmt.Sprint("disk", i), csvschema.DeletedDate: dates[d.due], csvschema.LeasedByVmId: cased(d.lease),
			}, nil))
		}
		_, after := planOf(t, &anonymize.Policy{Names: true}, later, csvschema.Export{
			VirtualMachines: []csvschema.Source{source([]byte(vms.String()))}, Disks: []csvschema.Source{source([]byte(disks.String()))},
		})
		newVMs, newDisks := parsed(t, textOf(t, after[0].VirtualMachines[0]))[1:], parsed(t, textOf(t, after[0].Disks[0]))[1:]
		const resourceID, name, compute, lease = 5, 7, 13, 14
		names := map[string]string{}
		for i, m := range machines {
			assert.Equal(t, m.isDerived, strings.HasPrefix(newVMs[i][name], "t-"), m.name)
			if !m.isDerived {
				continue
			}
			assert.NotContains(t, strings.ToLower(strings.Join(newVMs[i], " ")), strings.ToLower(m.name))
			if known, ok := names[m.lab+m.name]; ok {
				assert.Equal(t, known, newVMs[i][name], "the same for the same lab and name")
			}
			for other, token := range names {
				assert.Equal(t, other == m.lab+m.name, token == newVMs[i][name])
			}
			names[m.lab+m.name] = newVMs[i][name]
		}
		for i, d := range leases {
			all := true
			var new []string
			for j, m := range machines {
				switch {
				case m.lab != d.lab:
				case m.id == d.lease:
					new, all = append(new, newVMs[j][resourceID]), all && m.isDerived
				case m.compute == d.lease:
					new, all = append(new, newVMs[j][compute]), all && m.isDerived
				}
			}
			require.NotEmpty(t, new)
			switch {
			case d.due && all:
				for _, id := range new {
					joined++
					require.Equal(t, strings.ToLower(id), strings.ToLower(newDisks[i][lease]))
				}
			default:
				kept++
				require.Equal(t, strings.ToLower(d.lease), strings.ToLower(newDisks[i][lease]))
			}
		}
	}
	atLeast := int(worlds(100)) // one a world, and more
	assert.Greater(t, joined, atLeast)
	assert.Greater(t, kept, atLeast)
}

// TestADiskOfNoLabKeepsItsNames has a disk with the whole ID of a machine that gets another
// name. Without a lab nobody knows which machine that is: IDs are given out again.
func TestADiskOfNoLabKeepsItsNames(t *testing.T) {
	t.Parallel()
	const id = "/labs/lab/virtualmachines/alicesmith042"
	machine := vm("2/4/2017", "alice.smith@contoso.com", map[csvschema.Column]string{csvschema.LabUId: "lab", csvschema.ResourceId: id, csvschema.Name: "alicesmith042"})
	for lab, kept := range map[string]bool{"lab": false, "NULL": true, "": true} {
		disk := export(csvschema.Disks, map[csvschema.Column]string{
			csvschema.LabUId: lab, csvschema.ResourceUId: uid("d"), csvschema.ResourceId: "/d", csvschema.Name: "alicesmith042-data",
			csvschema.DeletedDate: "2/4/2017", csvschema.LeasedByVmId: id,
		}, nil)
		e := csvschema.Export{VirtualMachines: []csvschema.Source{source([]byte(machine))}, Disks: []csvschema.Source{source([]byte(disk))}}
		plan, after := planOf(t, &anonymize.Policy{Names: true}, later, e)
		assert.NotContains(t, string(textOf(t, after[0].VirtualMachines[0])), "alicesmith042")
		out := string(textOf(t, after[0].Disks[0]))
		assert.Equal(t, kept, strings.Contains(out, "alicesmith042-data"), lab)
		assert.Equal(t, kept, strings.Contains(out, id), lab)
		assert.Equal(t, kept, plan.Report().Rows[anonymize.NoResource] == 1, "and it is listed")
	}
}
