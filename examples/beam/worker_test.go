package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// unitsOf runs the steps before the work without a runner.
func unitsOf(t *testing.T, j *job) (units []unit, failed []outcome) {
	t.Helper()
	if j.Run == "" {
		require.NoError(t, j.begin())
	}
	var all []looked
	for root := range j.Roots {
		require.NoError(t, (&lister{*j}).ProcessElement(t.Context(), root+1, func(f file) {
			require.NoError(t, (&looker{Job: *j}).ProcessElement(t.Context(), f, func(l looked) { all = append(all, l) }))
		}))
	}
	next := func(l *looked) bool {
		if len(all) == 0 {
			return false
		}
		*l, all = all[0], all[1:]
		return true
	}
	require.NoError(t, (&grouper{*j}).ProcessElement(t.Context(), 0, next, func(u unit) { units = append(units, u) }, func(o outcome) { failed = append(failed, o) }))
	return units, failed
}

// worked returns the outcome of a unit.
func worked(t *testing.T, j *job, u unit) (done outcome) {
	t.Helper()
	w := &worker{Job: *j}
	w.Setup()
	assert.NoError(t, w.ProcessElement(t.Context(), u, func(o outcome) { done = o })) // in any goroutine
	return done
}

func TestABundleThatIsRetriedChangesNothing(t *testing.T) {
	for _, action := range []string{anonymizing, access} {
		t.Run(action, func(t *testing.T) {
			j := newTestJob(t, action, labs(t, 2))
			units, _ := unitsOf(t, j)
			require.Len(t, units, 2)
			for _, u := range units { // two workers at once
				var both sync.WaitGroup
				outcomes := make([]outcome, 2)
				for i := range outcomes {
					both.Go(func() { outcomes[i] = worked(t, j, u) })
				}
				both.Wait()
				assert.Empty(t, outcomes[0].Failures)
				assert.Equal(t, outcomes[0], outcomes[1])
			}
			before := treeAt(t, j.Out)
			require.NotEmpty(t, before)
			for _, u := range units { // and again
				again := worked(t, j, u)
				assert.Empty(t, again.Failures)
			}
			assert.Equal(t, before, treeAt(t, j.Out))

			require.NoError(t, os.RemoveAll(path.Join(j.Out, receiptsFolder))) // as if a worker had been killed before the last file
			require.NoError(t, os.RemoveAll(path.Join(j.Out, unitsFolder)))
			assert.Empty(t, worked(t, j, units[0]).Failures)
			if action == access {
				assert.Len(t, treeAt(t, path.Join(j.Out, subjectsFolder)), 4)
			}
		})
	}
}

func TestALabThatFailsIsReportedAlone(t *testing.T) {
	for _, action := range []string{anonymizing, access} {
		t.Run(action, func(t *testing.T) {
			files := labs(t, 8)
			at := func(lab int, name string) string {
				return fmt.Sprintf("lab%04d/%s/1-7-2026/full/%s", lab, labUID(lab), name)
			}
			whole := files[at(1, "virtualmachines.csv")]
			files[at(1, "virtualmachines.csv")] = whole[:len(whole)-40]                                                                            // cut
			files[at(2, "disks.csv")] = strings.Replace(files[at(2, "disks.csv")], "LabUId", "ResourceOwner", 1)                                   // a header of both kinds, or of none
			files[at(3, "virtualmachines.csv")] = strings.Replace(files[at(3, "virtualmachines.csv")], "DeletedDate", "Deleted by alice@x.com", 1) // misses a column
			delete(files, at(4, "disks.csv"))
			j := newTestJob(t, action, files)
			require.NoError(t, os.Symlink("virtualmachines.csv", path.Join(j.Roots[0], at(4, "disks.csv")))) // nobody reads links
			files[at(5, "virtualmachines.csv")] = "packed\x00"
			tree{at(5, "virtualmachines.csv"): "\x1f\x8b\x08 damaged"}.write(t, j.Roots[0])
			needsRunner(t)
			var said bytes.Buffer
			failed, err := j.run(t.Context(), "prism", &said)
			require.NoError(t, err)
			assert.True(t, failed)
			got, err := j.readReport(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 8, got.Units)
			want := map[string]bool{at(1, "virtualmachines.csv"): true, at(2, "disks.csv"): true, at(3, "virtualmachines.csv"): true, at(4, "disks.csv"): true, at(5, "virtualmachines.csv"): true}
			if action == access {
				delete(want, at(3, "virtualmachines.csv")) // access does without the date
			}
			assert.Equal(t, len(want), got.Failed)
			for _, f := range got.Failures {
				assert.True(t, want[f.Path], "%+v", f)
				delete(want, f.Path)
				assert.NotContains(t, f.Error, "alice")
				assert.Contains(t, said.String(), f.Path)
			}
			assert.Empty(t, want)
			for name := range treeAt(t, j.Out) {
				for _, f := range got.Failures {
					assert.NotContains(t, name, strings.SplitN(f.Path, "/", 2)[0])
					assert.NotContains(t, name, f.Unit)
				}
			}
		})
	}
}

func TestWhatIsNotAsPlannedIsNotPublished(t *testing.T) {
	err := errNotAsPlanned{3}
	assert.Contains(t, err.Error(), "3 places")
	// A policy that the plan and the verification understand differently cannot be made; so
	// the files are changed between the two, where the plan tells of its progress.
	j := newTestJob(t, anonymizing, labs(t, 1))
	units, _ := unitsOf(t, j)
	w := &worker{Job: *j}
	w.Setup()
	w.written = func(dir string) {
		name := path.Join(dir, "0")
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(name, bytes.ReplaceAll(text, []byte("removed@anonymized.invalid"), []byte("carol@example.com")), 0o600))
	}
	var done outcome
	require.NoError(t, w.ProcessElement(t.Context(), units[0], func(o outcome) { done = o }))
	require.Len(t, done.Failures, 1)
	assert.Contains(t, done.Failures[0].Error, "nothing of it was published")
	assert.Empty(t, lasting(t, j))
}

func TestAFailureSaysWhichFile(t *testing.T) {
	j := newTestJob(t, anonymizing, labs(t, 1))
	units, _ := unitsOf(t, j)
	w := &worker{Job: *j}
	f := w.failure(&units[0], &csvschema.Error{FileID: csvschema.FileID{Export: 1, File: 1, Role: csvschema.Disks}, Line: 7, Err: csvschema.ErrQuote})
	assert.Equal(t, units[0].files()[1].Path, f.Path)
	assert.Contains(t, f.Error, "line 7")
	assert.NotContains(t, f.Error, "export")
	assert.Equal(t, failure{Unit: units[0].ID, Error: "full"}, w.failure(&units[0], errors.New("full")))
	assert.NotContains(t, w.failure(&units[0], errors.New("open /canary@contoso.com/file: no such file")).Error, "canary")
	j.Key = path.Join(path.Dir(j.Key), "canary@contoso.com", "key") // that is not there for this worker
	done := worked(t, j, units[0])
	require.Len(t, done.Failures, 1)
	assert.Contains(t, done.Failures[0].Error, errGiven.Error())
	assert.NotContains(t, done.Failures[0].Error, "canary")
}

func TestAFileThatChangedFailsItsLab(t *testing.T) {
	for _, action := range []string{anonymizing, access} {
		j := newTestJob(t, action, labs(t, 1))
		units, _ := unitsOf(t, j)
		name := path.Join(j.Roots[0], units[0].files()[0].Path)
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(name, append(text, text[bytes.IndexByte(text, '\n')+1:]...), 0o600))
		done := worked(t, j, units[0])
		require.Len(t, done.Failures, 1)
		assert.Contains(t, done.Failures[0].Error, csvschema.ErrSourceChanged.Error())
		assert.Empty(t, lasting(t, j))
	}
}

// TestAWorkerThatIsStoppedSaysNothingOfItsUnit stops it in the middle. An outcome would say that
// the unit failed, although another worker may do it.
func TestAWorkerThatIsStoppedSaysNothingOfItsUnit(t *testing.T) {
	j := newTestJob(t, anonymizing, labs(t, 1))
	units, _ := unitsOf(t, j)
	require.Len(t, units, 1)
	ctx, stop := context.WithCancel(t.Context())
	w := &worker{Job: *j, written: func(string) { stop() }}
	w.Setup()
	err := w.ProcessElement(ctx, units[0], func(outcome) { t.Error("an outcome") })
	require.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, worked(t, j, units[0]).Failures, "another worker does it")
}
