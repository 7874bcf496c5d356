package nightly_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/services/nightly"
)

// newJob returns a job over a folder with the exports of the set.
func newJob(t *testing.T, set *csvschematest.Set) *nightly.Job {
	t.Helper()
	key, err := identity.NewSecretKey(bytes.Repeat([]byte("k"), identity.MinSecretKeyBytes))
	require.NoError(t, err)
	job := &nightly.Job{
		Exports: t.TempDir(), Receipts: t.TempDir(), Key: key, Policy: &anonymize.Policy{Retention: set.Retention},
	}
	for _, f := range set.Files {
		path := filepath.Join(job.Exports, fmt.Sprint(f.Export), fmt.Sprintf("%v-%d.csv", f.Role, f.Number))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, f.Data, 0o600))
	}
	return job
}

// contents returns the files of a folder by their paths.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, path))
		files[path] = string(text)
		return err
	}))
	return files
}

func TestEachNightReplacesWhatIsDue(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(1, nil)
	job := newJob(t, set)
	before := contents(t, job.Exports)

	report, _, err := job.Run(t.Context(), set.Now)
	require.NoError(t, err)
	assert.Positive(t, report.Total.Changed)
	first := contents(t, job.Exports)
	assert.Len(t, first, len(before))
	assert.NotEqual(t, before, first)

	report, _, err = job.Run(t.Context(), set.Now)
	require.NoError(t, err)
	assert.Zero(t, report.Total.Changed)
	assert.Equal(t, first, contents(t, job.Exports))

	report, head, err := job.Run(t.Context(), report.Total.NextDue)
	require.NoError(t, err)
	assert.Positive(t, report.Total.Changed)

	var chain [][]byte
	receipts := contents(t, job.Receipts)
	for night := range 3 {
		chain = append(chain, []byte(receipts[fmt.Sprintf("%06d.json", night+1)]))
	}
	assert.Len(t, receipts, len(chain)) // nothing unfinished is left
	require.NoError(t, receipt.Verify(chain, head, receipt.MACKey(job.Key)))
	last, err := receipt.Open(chain[2])
	require.NoError(t, err)
	var size int
	for _, text := range contents(t, job.Exports) {
		size += len(text)
	}
	for _, f := range last.Outputs {
		size -= int(f.Bytes)
	}
	assert.Zero(t, size)
}

func TestNoPolicyIsTheDocumentedOne(t *testing.T) {
	t.Parallel()
	job := newJob(t, csvschematest.New(1, nil))
	job.Policy = nil
	report, _, err := job.Run(t.Context(), csvschematest.New(1, nil).Now)
	require.NoError(t, err)
	assert.Positive(t, report.Total.Changed)
}

func TestWhatWasPackedIsPackedAgain(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(1, nil)
	job, plain := newJob(t, set), newJob(t, set)
	require.NoError(t, fs.WalkDir(os.DirFS(job.Exports), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		path = filepath.Join(job.Exports, path)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, err = w.Write(text)
		require.NoError(t, errors.Join(err, w.Close(), os.Remove(path)))
		return os.WriteFile(path+".gz", packed.Bytes(), 0o600)
	}))
	for range 2 {
		_, _, err := job.Run(t.Context(), set.Now)
		require.NoError(t, err)
	}
	_, _, err := plain.Run(t.Context(), set.Now)
	require.NoError(t, err)
	want := contents(t, plain.Exports)
	for path, text := range contents(t, job.Exports) {
		r, err := gzip.NewReader(strings.NewReader(text))
		require.NoError(t, err, path)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		assert.Equal(t, want[strings.TrimSuffix(path, ".gz")], string(text))
	}
}

func TestANightThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(1, nil)
	for _, test := range []struct {
		name string
		harm func(*nightly.Job)
	}{
		{"a mistyped hold", func(j *nightly.Job) {
			j.Policy.Holds = []anonymize.Hold{{Key: csvschema.DiskRow{LabUId: "l", ResourceUId: "00000000-0000-4000-8000-000000000001"}.Key(), Reason: "claim 7"}}
		}},
		{"a policy that makes no sense", func(j *nightly.Job) { j.Policy.Retention = -time.Hour }},
		{"no key", func(j *nightly.Job) { j.Policy.Replacement = identity.PseudonymReplacement }},
		{"a file that is damaged", func(j *nightly.Job) {
			_ = os.WriteFile(filepath.Join(j.Exports, "damaged.csv"), []byte("LabUId,ResourceUId,ResourceOwner\n\"l,"), 0o600)
		}},
		{"a file that is written otherwise than planned", func(j *nightly.Job) {
			j.Policy.Progress = func(p csvschema.Progress) {
				first := csvschema.FileID{Export: 1, File: 1, Role: csvschema.VirtualMachines}
				names, _ := filepath.Glob(filepath.Join(j.Receipts, "unfinished-*", "*", "*.csv"))
				if p.FileID != first || p.Pass != 1 || len(names) < len(set.Files) {
					return // the verification has not begun
				}
				for _, name := range names {
					text, _ := os.ReadFile(name)
					_ = os.WriteFile(name, bytes.ReplaceAll(text, []byte("removed@anonymized.invalid"), []byte("carol@example.com")), 0o600)
				}
			}
		}},
		{"no folder of receipts", func(j *nightly.Job) { j.Receipts = filepath.Join(j.Receipts, "missing") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			job := newJob(t, set)
			test.harm(job)
			before := contents(t, job.Exports)
			_, _, err := job.Run(t.Context(), set.Now)
			require.Error(t, err)
			assert.Equal(t, before, contents(t, job.Exports))
			if test.name != "no folder of receipts" {
				assert.Empty(t, contents(t, job.Receipts))
			}
		})
	}
}
