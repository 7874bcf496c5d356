package main

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

// foundAtOnce returns what the library finds in all files of a folder at once: the rows by
// subject and file, and the report, and what was found by path.
func foundAtOnce(t *testing.T, j *job) (tree, *redact.Report, []finding) {
	t.Helper()
	g, err := j.given()
	require.NoError(t, err)
	var redactors []*redact.Redactor
	for _, s := range g.subjects {
		r, err := redact.New(s, nil)
		require.NoError(t, err)
		redactors = append(redactors, r)
	}
	found, err := source.Find(t.Context(), os.DirFS(j.Roots[0]), nil)
	require.NoError(t, err)
	paths := map[csvschema.FileID]string{}
	for _, f := range found.Files {
		paths[f.FileID] = f.Path
	}
	rows := tree{}
	report, err := redact.Records(t.Context(), found.Exports, redactors, func(m redact.Match) error {
		name := fmt.Sprintf("%06d/%s", m.Subject+1, paths[m.FileID])
		if rows[name] == "" {
			rows[name] = string(m.Record.Header().Raw())
		}
		rows[name] += string(m.Record.AppendTo(nil))
		return nil
	}, nil)
	require.NoError(t, err)
	var findings []finding
	for _, f := range report.Findings {
		findings = append(findings, finding{f.Subject + 1, f.Kind, paths[f.FileID], f.Line})
	}
	return rows, report, sortFindings(findings)
}

func sortFindings(all []finding) []finding {
	slices.SortFunc(all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.Subject, b.Subject), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line))
	})
	return all
}

// unitReports returns those of an output.
func unitReports(t *testing.T, j *job) (all []unitReport) {
	t.Helper()
	for _, text := range treeAt(t, path.Join(j.Out, unitsFolder)) {
		var r unitReport
		require.NoError(t, json.Unmarshal([]byte(text), &r))
		all = append(all, r)
	}
	return all
}

func TestFoundLikeInAllFilesAtOnce(t *testing.T) {
	for seed := range seeds() {
		t.Run(fmt.Sprintf("seed %d %s", seed, layoutOf(seed)), func(t *testing.T) {
			set := csvschematest.New(seed, options(seed))
			j := newTestJob(t, access, layouts[layoutOf(seed)](set))
			var lines []string
			for _, p := range set.People {
				lines = append(lines, strings.Join(p.Identifiers, " "))
			}
			require.NoError(t, os.WriteFile(j.Subjects, []byte(strings.Join(lines, "\n")+"\n"), 0o600))
			got := mustRun(t, j)
			want, report, findings := foundAtOnce(t, j)
			assert.Equal(t, want, treeAt(t, path.Join(j.Out, subjectsFolder)))

			var found []finding
			for _, u := range unitReports(t, j) {
				found = append(found, u.Findings...)
			}
			assert.Equal(t, findings, sortFindings(found))
			assert.Equal(t, report.Dangling, got.Counts["dangling"])
			assert.Equal(t, withoutDisks(report), got.Counts["labsWithoutDisksFile"])
			assert.Equal(t, report.Scope.VirtualMachines, got.Counts["virtualMachines.rows"])
			assert.Equal(t, report.Scope.Disks, got.Counts["disks.rows"])
			assert.Len(t, report.Scope.Labs, got.Labs+withoutLab(report))
			for i, s := range report.Subjects {
				n, ok := slices.BinarySearchFunc(got.Subjects, i+1, func(o subjectOutcome, n int) int { return cmp.Compare(o.Subject, n) })
				if !ok {
					assert.True(t, report.NoDataHeld(i), "subject %d", i+1)
					continue
				}
				counts := got.Subjects[n].Counts
				for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
					for rule := dsr.RuleOwner; rule <= dsr.RuleDecision; rule++ {
						code, _ := rule.MarshalText()
						assert.Equal(t, s.Role(role).ByRule(rule), counts[role.String()+"."+string(code)])
					}
				}
				for reason := redact.OtherOwner; reason <= redact.NotJudged; reason++ {
					code, _ := reason.MarshalText()
					assert.Equal(t, report.Hidden[i].ByReason(reason), counts["hidden."+string(code)])
				}
				assert.Equal(t, report.Hidden[i].Rows, counts["hidden.rows"])
			}
			assert.NotEmpty(t, want)
		})
	}
}

// withoutDisks returns how many labs have machines in an export without a disks file.
func withoutDisks(r *redact.Report) (n int64) {
	for _, lab := range r.Scope.Labs {
		if lab.WithoutDisksFile && csvschema.Identifies(csvschema.LabUId, []byte(lab.LabUId)) {
			n++
		}
	}
	return n
}

// TestDisksOfOtherUnitsAreThere has exports of which one lab has disks and another none.
func TestDisksOfOtherUnitsAreThere(t *testing.T) {
	files := tree{}
	for i := range 3 {
		for name, text := range labs(t, i+1) {
			if strings.HasPrefix(name, fmt.Sprintf("lab%04d/", i)) && (i == 0 || path.Base(name) != "disks.csv") {
				folder := []string{"one", "one", "two"}[i]
				files[fmt.Sprintf("%s/%d-%s", folder, i, path.Base(name))] = text
			}
		}
	}
	j := newTestJob(t, access, files)
	got := mustRun(t, j)
	assert.Equal(t, 3, got.Units)
	assert.Equal(t, int64(1), got.Counts["labsWithoutDisksFile"], "of the folder two")
	_, report, _ := foundAtOnce(t, j)
	assert.Equal(t, withoutDisks(report), got.Counts["labsWithoutDisksFile"])
}

// TestRowsOfPackedFilesArePacked takes names at their word.
func TestRowsOfPackedFilesArePacked(t *testing.T) {
	files := labs(t, 1)
	packed := tree{}
	for name, text := range files {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		_, err := z.Write([]byte(text))
		require.NoError(t, errors.Join(err, z.Close()))
		packed[name+".GZ"] = b.String()
	}
	plain, j := newTestJob(t, access, files), newTestJob(t, access, packed)
	mustRun(t, plain)
	mustRun(t, j)
	want := treeAt(t, path.Join(plain.Out, subjectsFolder))
	got := treeAt(t, path.Join(j.Out, subjectsFolder))
	require.Len(t, got, len(want))
	for name, text := range want {
		z, err := gzip.NewReader(strings.NewReader(got[name+".GZ"]))
		require.NoError(t, err, name)
		unpacked, err := io.ReadAll(z)
		require.NoError(t, err)
		assert.Equal(t, text, string(unpacked))
	}
	mustRun(t, j) // and again, with the same bytes
}

// withoutLab returns 1 if some rows are of no lab.
func withoutLab(r *redact.Report) (n int) {
	for _, lab := range r.Scope.Labs {
		if !csvschema.Identifies(csvschema.LabUId, []byte(lab.LabUId)) {
			n++
		}
	}
	return n
}

func TestRowsAreWrittenWhenManyAreHeld(t *testing.T) {
	r := &rowFiles{dir: t.TempDir()}
	set := csvschematest.New(1, nil)
	subject, err := dsr.ParseSubject(set.People[0].Identifiers...)
	require.NoError(t, err)
	redactor, err := redact.New(subject, nil)
	require.NoError(t, err)
	want := map[rowFile]string{}
	_, err = redact.Records(t.Context(), set.Exports(), []*redact.Redactor{redactor}, func(m redact.Match) error {
		f := rowFile{m.FileID, m.Subject}
		if want[f] == "" {
			want[f] = string(m.Record.Header().Raw())
		}
		want[f] += string(m.Record.AppendTo(nil))
		r.size = maxHeld // as if others had much
		return r.add(m)
	}, nil)
	require.NoError(t, err)
	require.NotEmpty(t, want)
	require.Len(t, r.sorted(), len(want))
	for f, text := range want {
		got, err := os.ReadFile(path.Join(r.dir, f.name()))
		require.NoError(t, err)
		assert.Equal(t, text, string(got))
	}
}
