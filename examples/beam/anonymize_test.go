package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// anonymizedAtOnce returns what the library writes over all files of a folder at once.
func anonymizedAtOnce(t *testing.T, j *job) (tree, anonymize.Stats) {
	t.Helper()
	found, err := source.Find(t.Context(), os.DirFS(j.Roots[0]), nil)
	require.NoError(t, err)
	policy, err := j.policy()
	require.NoError(t, err)
	plan, err := policy.Plan(t.Context(), j.At, found.Exports)
	require.NoError(t, err)
	files := tree{}
	var total anonymize.Stats
	for _, f := range found.Files {
		var text bytes.Buffer
		stats, err := plan.Apply(t.Context(), f.FileID, &text)
		require.NoError(t, err)
		total.Add(stats)
		files[f.Path] = text.String()
	}
	return files, total
}

func TestAnonymizedLikeAllFilesAtOnce(t *testing.T) {
	units := 0
	for seed := range seeds() {
		t.Run(fmt.Sprintf("seed %d %s", seed, layoutOf(seed)), func(t *testing.T) {
			set := csvschematest.New(seed, options(seed))
			j := newTestJob(t, anonymizing, layouts[layoutOf(seed)](set))
			j.At = set.Now
			want, total := anonymizedAtOnce(t, j)
			got := mustRun(t, j)
			assert.Equal(t, want, treeAt(t, path.Join(j.Out, exportsFolder)))
			for name, n := range total.All() {
				assert.Equal(t, n, got.Counts[name], name)
			}
			assert.Positive(t, got.Counts["changed"])
			assert.Equal(t, got.Counts["rows"], got.Counts["verified.rows"])
			assert.Len(t, want, got.Files)
			units += got.Units

			receipts := treeAt(t, path.Join(j.Out, receiptsFolder))
			assert.Len(t, receipts, got.Units)
			key, err := j.key()
			require.NoError(t, err)
			outputs := 0
			for name, sealed := range receipts {
				r, err := receipt.Open([]byte(sealed), receipt.MACKey(key))
				require.NoError(t, err, name)
				outputs += len(r.Outputs)
				assert.Equal(t, receipt.Head([]byte(sealed)).String(), got.Receipts[name[:len(name)-len(".json")]])
			}
			assert.Len(t, want, outputs)
			assert.NoDirExists(t, path.Join(j.Out, unfinished))
		})
	}
	assert.Greater(t, units, 2*int(seeds()), "labs are apart")
}

func TestAnotherFileIsNotOverwritten(t *testing.T) {
	files := labs(t, 2)
	j := newTestJob(t, anonymizing, files)
	name := slices.Max(slices.Collect(maps.Keys(files))) // virtual machines, which are written first
	tree{exportsFolder + "/" + name: "of somebody else"}.write(t, j.Out)
	needsRunner(t)
	failed, err := j.run(t.Context(), "prism", &bytes.Buffer{})
	require.NoError(t, err)
	assert.True(t, failed)
	got, err := j.readReport(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, got.Failed)
	assert.Equal(t, 1, got.FilesOther)
	require.Len(t, got.Failures, 2)
	assert.Equal(t, errOther.Error(), got.Failures[0].Error)
	assert.Equal(t, "of somebody else", treeAt(t, j.Out)[exportsFolder+"/"+name])
	assert.Len(t, treeAt(t, path.Join(j.Out, receiptsFolder)), 1, "of the other lab alone")
}

func TestAReceiptOfAnotherInstantIsNotTakenForThatOfTheRun(t *testing.T) {
	j := newTestJob(t, anonymizing, labs(t, 1))
	units, _ := unitsOf(t, j)
	assert.Empty(t, worked(t, j, units[0]).Failures)
	before := treeAt(t, j.Out)
	j.At = j.At.Add(time.Second) // the files are the same
	done := worked(t, j, units[0])
	require.Len(t, done.Failures, 1)
	assert.Equal(t, errOther.Error(), done.Failures[0].Error)
	assert.Equal(t, before, treeAt(t, j.Out))
}
