package review_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
)

func TestSearchAsksAboutFindingsOfTheSubject(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := review.Search{Exports: found(t, dir), Hide: func(path string) string { return "hidden " + filepath.Base(path) }}
	finding := dsr.Finding{FileID: csvschema.FileID{Export: 1, File: 1, Role: csvschema.VirtualMachines}, Kind: dsr.NearMatch, Key: key(t), Line: 2}
	dangling, another := finding, finding
	dangling.Kind, dangling.Subject = dsr.Dangling, dsr.NoSubject
	another.Subject = dsr.NoSubject
	questions := s.Questions(&dsr.Report{Findings: []dsr.Finding{dangling, finding, another}})
	require.Len(t, questions, 1)
	assert.Equal(t, "hidden vm.csv", questions[0].File)
	assert.Equal(t, int64(2), questions[0].Line)
	assert.Contains(t, questions[0].Reason, "looks like the person")
}

func TestDecisionAnswersItsFindingAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := review.Search{Exports: found(t, dir), Hide: filepath.Base}
	for _, test := range []struct {
		name, line string
		kind       dsr.FindingKind
		role       csvschema.Role
		want       dsr.Decision
	}{
		{"machine in another file", machineID + "other", dsr.NearMatch, csvschema.VirtualMachines, dsr.NotTheirs},
		{"near match that is theirs", machineID + "theirs", dsr.NearMatch, csvschema.VirtualMachines, dsr.Theirs},
		{"candidate for an alias is never theirs", machineID + "theirs", dsr.AliasCandidate, csvschema.VirtualMachines, dsr.Undecided},
		{"another machine", strings.Replace(machineID, machine, lab, 1) + "other", dsr.NearMatch, csvschema.VirtualMachines, dsr.Undecided},
		{"disk on its line", diskLine2 + "theirs", dsr.Undetermined, csvschema.Disks, dsr.Theirs},
		{"disk on another line", strings.Replace(diskLine2, ",2,", ",3,", 1) + "theirs", dsr.Undetermined, csvschema.Disks, dsr.Undecided},
		{"disk in another file", strings.Replace(diskLine2, "d.csv", "e.csv", 1) + "theirs", dsr.Undetermined, csvschema.Disks, dsr.Undecided},
		{"machine of the same key", machineID + "other", dsr.Undetermined, csvschema.Disks, dsr.Undecided},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := decisions(t, test.line)
			k := key(t)
			if test.role == csvschema.Disks {
				row := csvschema.DiskRow{LabUId: lab, ResourceUId: machine}
				k = row.Key()
			}
			have := s.Decide(d)(dsr.Finding{FileID: csvschema.FileID{Export: 1, File: 1, Role: test.role}, Kind: test.kind, Key: k, Line: 2})
			assert.Equal(t, test.want, have)
			used, unused := d.Count()
			assert.Equal(t, test.want != dsr.Undecided, used == 1)
			assert.Equal(t, 1, used+unused)
		})
	}
	assert.Equal(t, dsr.Undecided, s.Decide(nil)(dsr.Finding{FileID: csvschema.FileID{Role: csvschema.VirtualMachines}, Kind: dsr.NearMatch, Key: key(t)}))
}
