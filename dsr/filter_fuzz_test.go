package dsr_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
)

// FuzzFilter checks that what is emitted are rows of the input, byte by byte, that
// counts add up, and that no error holds a cell.
func FuzzFilter(f *testing.F) {
	const canary = "q7xcanary"
	machines := string(machinesText(f, []machine{
		{id: vm1, uid: uid1, owner: "Alice@example.com", created: day1, deleted: day2},
		{id: vm1, uid: uid2, owner: bob, env: users + aliceID + "/e"},
		{id: canary, env: users + aliceID + "/e", created: "soon"},
	}))
	disks := string(disksText(f, []disk{{lease: vm1, id: users + bobID}, {id: users + aliceID}, {uid: uid1, created: canary}, {lease: "/gone"}}))
	f.Add([]byte(machines), []byte(disks))
	f.Add([]byte(strings.ReplaceAll(machines, "\n", "\r\n")), []byte("\ufeff"+disks))
	f.Add([]byte(machines+"\n\n\r\n"), []byte(disks[:len(disks)-1]))
	f.Add([]byte(machines+`"`+canary), []byte(disks+canary+"\n"))
	f.Add([]byte("\xff\xfe"+string(utf16LE(machines))), []byte(disks))
	f.Add([]byte(strings.Replace(machines, alice, "\"alice@example.com\"", 1)), []byte(strings.ReplaceAll(disks, "/", "%2F")))
	f.Fuzz(func(t *testing.T, machines, disks []byte) {
		exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{source(machines)}, Disks: []csvschema.Source{source(disks)}}}
		type match struct {
			row  int64
			role csvschema.Role
			rule dsr.Rule
			raw  string
		}
		var matches []match
		report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice, aliceID)}, func(m dsr.Match) error {
			matches = append(matches, match{m.Row, m.Key.Role(), m.Rule, string(m.Record.Raw())})
			return nil
		}, &dsr.Options{Workers: 1})
		if err != nil {
			assert.Nil(t, report)
			if bytes.Contains(machines, []byte(canary)) || bytes.Contains(disks, []byte(canary)) {
				csvschematest.AssertNoLeak(t, err, canary)
			}
			return
		}
		vms, owners := records(t, machines, csvschema.VirtualMachines)
		all, _ := records(t, disks, csvschema.Disks)
		owned := 0
		for _, m := range matches {
			if m.role == csvschema.Disks {
				assert.Equal(t, all[m.row-1], m.raw)
				continue
			}
			assert.Equal(t, vms[m.row-1], m.raw)
			owner := owners[m.row-1]
			if m.rule == dsr.RuleOwner {
				owned++
				assert.True(t, owner == alice || owner == aliceID)
			} else {
				assert.Empty(t, owner)
			}
		}
		for _, owner := range owners {
			if owner == alice || owner == aliceID {
				owned--
			}
		}
		assert.Zero(t, owned, "every row of the owner, and no other")
		c := report.Subjects[0]
		assert.Equal(t, int64(len(vms)), c.VirtualMachines.Theirs()+c.VirtualMachines.NotTheirs)
		assert.Equal(t, int64(len(all)), c.Disks.Theirs()+c.Disks.Undetermined+c.Disks.Dangling+c.Disks.NotTheirs)
		assert.GreaterOrEqual(t, c.Disks.NotTheirs, int64(0))
		assert.Equal(t, int64(len(matches)), c.VirtualMachines.Theirs()+c.Disks.Theirs())
	})
}
