package review_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
)

func TestSearchAsksAboutFindingsOfTheSubject(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := review.NewSearch(found(t, dir), func(text string) string { return "hidden " + filepath.Base(text) })
	finding := dsr.Finding{FileID: csvschema.FileID{Export: 1, File: 1, Role: csvschema.VirtualMachines}, Kind: dsr.NearMatch, Key: key(t), Line: 2}
	dangling, another, unknown := finding, finding, finding
	unknown.Kind = 99
	dangling.Kind, dangling.Subject = dsr.Dangling, dsr.NoSubject
	another.Subject = dsr.NoSubject
	questions := s.Questions(&dsr.Report{Findings: []dsr.Finding{dangling, finding, another, unknown}})
	require.Len(t, questions, 2)
	assert.Equal(t, "no finding", questions[1].Reason, "what has no words here needs a person, too")
	assert.Equal(t, "hidden vm.csv", questions[0].File)
	assert.Equal(t, int64(2), questions[0].Line)
	assert.Equal(t, "hidden "+lab, questions[0].LabUId)
	assert.Equal(t, "hidden "+machine, questions[0].ResourceUId)
	assert.Contains(t, questions[0].Reason, "looks like the person")
}

func TestDecisionAnswersItsFindingAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := review.NewSearch(found(t, dir), filepath.Base)
	for _, test := range []struct {
		name, line string
		kind       dsr.FindingKind
		role       csvschema.Role
		want       dsr.Decision
		nobody     bool // owns the machine
	}{
		{"near match that is not theirs", machineID + "other", dsr.NearMatch, csvschema.VirtualMachines, dsr.NotTheirs, false},
		{"near match that is theirs", machineID + "theirs", dsr.NearMatch, csvschema.VirtualMachines, dsr.Theirs, false},
		{"machine of nobody that is theirs", machineID + "theirs", dsr.AliasCandidate, csvschema.VirtualMachines, dsr.Theirs, true},
		{"candidate for an alias is never theirs", machineID + "theirs", dsr.AliasCandidate, csvschema.VirtualMachines, dsr.Undecided, false},
		{"another machine", strings.Replace(machineID, machine, lab, 1) + "other", dsr.NearMatch, csvschema.VirtualMachines, dsr.Undecided, false},
		{"another lab", strings.Replace(machineID, lab, machine, 1) + "other", dsr.NearMatch, csvschema.VirtualMachines, dsr.Undecided, false},
		{"machine on another line", strings.Replace(machineID, ",2,", ",3,", 1) + "theirs", dsr.NearMatch, csvschema.VirtualMachines, dsr.Undecided, false},
		{"machine in another file", strings.Replace(machineID, "vm.csv", "v.csv", 1) + "other", dsr.NearMatch, csvschema.VirtualMachines, dsr.Undecided, false},
		{"another reason", strings.Replace(machineID, ",2,", ",2,not ", 1) + "other", dsr.NearMatch, csvschema.VirtualMachines, dsr.Undecided, false},
		{"disk on its line", diskLine2 + "theirs", dsr.Undetermined, csvschema.Disks, dsr.Theirs, false},
		{"disk on another line", strings.Replace(diskLine2, ",2,", ",3,", 1) + "theirs", dsr.Undetermined, csvschema.Disks, dsr.Undecided, false},
		{"disk in another file", strings.Replace(diskLine2, "d.csv", "e.csv", 1) + "theirs", dsr.Undetermined, csvschema.Disks, dsr.Undecided, false},
		{"machine of the same key", strings.Replace(machineID, "vm.csv", "d.csv", 1) + "other", dsr.Undetermined, csvschema.Disks, dsr.Undecided, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			k := key(t)
			if test.role == csvschema.Disks {
				row := csvschema.DiskRow{LabUId: lab, ResourceUId: machine}
				k = row.Key()
			}
			finding := dsr.Finding{FileID: csvschema.FileID{Export: 1, File: 1, Role: test.role}, Kind: test.kind, Key: k, Line: 2, TakesTheirs: test.kind != dsr.AliasCandidate || test.nobody}
			reason := s.Questions(&dsr.Report{Findings: []dsr.Finding{finding}})[0].Reason
			cells := strings.Split(test.line, ",")
			d := decisions(t, strings.Join(append(cells[:5], `"`+cells[5]+reason+`"`, cells[6], cells[7]), ","))
			have := s.Decide(d)(finding)
			assert.Equal(t, test.want, have)
			used, unused := d.Count()
			assert.Equal(t, test.want != dsr.Undecided, used == 1)
			assert.Equal(t, 1, used+unused)
		})
	}
	assert.Equal(t, dsr.Undecided, s.Decide(nil)(dsr.Finding{FileID: csvschema.FileID{Role: csvschema.VirtualMachines}, Kind: dsr.NearMatch, Key: key(t)}))
}

// TestDecisionAboutOneCopyIsNoneAboutAnother has two copies of a machine in two exports, on
// the same line of files whose paths are the same after hiding.
func TestDecisionAboutOneCopyIsNoneAboutAnother(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var f inputs.Finder
	for _, name := range []string{"a", "b"} {
		folder := filepath.Join(dir, name)
		require.NoError(t, os.Mkdir(folder, 0o700))
		found(t, folder)
		require.NoError(t, f.Find(t.Context(), folder, 0))
	}
	s := review.NewSearch(f.Group(time.UTC, time.Time{}), filepath.Base)
	finding := dsr.Finding{FileID: csvschema.FileID{Export: 1, File: 1, Role: csvschema.VirtualMachines}, Kind: dsr.NearMatch, Key: key(t), Line: 2, TakesTheirs: true}
	copied := finding
	copied.Export = 2
	var b strings.Builder
	require.NoError(t, review.Write(&b, s.Questions(&dsr.Report{Findings: []dsr.Finding{finding, copied}}), planOf(1, "vm.csv")))
	lines := strings.Split(b.String(), "\n")
	decide := s.Decide(decisions(t, lines[1]+"other", lines[2]+"theirs"))
	assert.Equal(t, dsr.NotTheirs, decide(finding))
	assert.Equal(t, dsr.Theirs, decide(copied))
	decide = s.Decide(decisions(t, lines[1]+"theirs"))
	assert.Equal(t, dsr.Theirs, decide(finding))
	assert.Equal(t, dsr.Undecided, decide(copied))
}

func TestAQuestionListsAFewRowsThatCompete(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var machines strings.Builder
	machines.WriteString("LabUId,ResourceId,ResourceUId,Name,ResourceOwner\n")
	for _, owner := range append([]string{"ann@contoso.com"}, slices.Repeat([]string{"bob@contoso.com"}, 20)...) {
		machines.WriteString(lab + ",/vm," + machine + ",vm," + owner + "\n")
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "vm.csv"), []byte(machines.String()), 0o600))
	disks := "LabUId,ResourceId,ResourceUId,Name,LeasedByVmId,DiskBlobName\n" + lab + ",/d,d,d,/vm,b\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "d.csv"), []byte(disks), 0o600))
	var f inputs.Finder
	require.NoError(t, f.Find(t.Context(), dir, 0))
	e := f.Group(time.UTC, time.Time{})
	subject, err := dsr.ParseSubject("ann@contoso.com")
	require.NoError(t, err)
	report, err := dsr.Filter(t.Context(), e.List, []dsr.Subject{subject}, func(dsr.Match) error { return nil }, nil)
	require.NoError(t, err)
	s := review.NewSearch(e, filepath.Base)
	questions := s.Questions(report)
	require.NoError(t, s.Compete(t.Context(), e, report, questions, nil))
	last := questions[len(questions)-1]
	require.Equal(t, csvschema.Disks, last.Role)
	require.Len(t, last.Competing, 10)
	assert.Equal(t, review.Place{File: "vm.csv", Line: 2}, last.Competing[0])
	assert.Equal(t, review.Place{File: "vm.csv", Line: 11}, last.Competing[9])
}
