package main

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

func TestReportsAreTheSameInEveryOrder(t *testing.T) {
	outcomes := []outcome{
		{Left: 3},
		{Unit: "a", Files: 2, Labs: 1, Counts: map[string]int64{"rows": 5}, Head: "h1", Subjects: []subjectOutcome{
			{2, map[string]int64{"disks.lease": 1}, []string{"LabUId"}}, {9, map[string]int64{"hidden.rows": 1}, nil},
		}},
		{Unit: "b", Files: 4, Labs: 2, Counts: map[string]int64{"rows": 7, "due": 1}, Head: "h2", Subjects: []subjectOutcome{
			{1, map[string]int64{"disks.lease": 4}, nil}, {2, map[string]int64{"disks.lease": 2}, []string{"LabUId", "SubscriptionId"}},
		}},
		{Unit: "c", Files: 1, Labs: 1, Failures: []failure{{"c", "z.csv", "damaged"}, {"c", "x.csv", "cut"}}},
		{Unit: "d", Files: 1, Labs: 1, Counts: map[string]int64{"rows": 100}, Failures: []failure{{"d", "", "no space"}}},
	}
	want := report{
		Units: 4, Failed: 2, Files: 8, Labs: 5, LabsJoined: 2, FilesLeft: 3, Counts: map[string]int64{"rows": 12, "due": 1},
		Subjects: []subjectOutcome{
			{1, map[string]int64{"disks.lease": 4}, nil}, {2, map[string]int64{"disks.lease": 3}, []string{"LabUId", "SubscriptionId"}}, {9, map[string]int64{"hidden.rows": 1}, nil},
		},
		Receipts: map[string]string{"a": "h1", "b": "h2"},
		Failures: []failure{{"d", "", "no space"}, {"c", "x.csv", "cut"}, {"c", "z.csv", "damaged"}},
	}
	for range 20 {
		rand.Shuffle(len(outcomes), func(i, k int) { outcomes[i], outcomes[k] = outcomes[k], outcomes[i] })
		var got report
		for _, o := range outcomes {
			got.add(o)
		}
		got.sort()
		a, err := json.Marshal(want)
		require.NoError(t, err)
		b, err := json.Marshal(got)
		require.NoError(t, err)
		require.JSONEq(t, string(a), string(b))
	}
}

// TestWhatIsOfNoUnitAnyMoreIsNotTakenForNew runs again after files have gone, and after one
// has been damaged.
func TestWhatIsOfNoUnitAnyMoreIsNotTakenForNew(t *testing.T) {
	for _, action := range []string{anonymizing, access} {
		t.Run(action, func(t *testing.T) {
			j := newTestJob(t, action, labs(t, 3))
			mustRun(t, j)
			mustRun(t, j)
			require.NoError(t, os.RemoveAll(path.Join(j.Roots[0], "lab0001")))
			name := path.Join("lab0002", labUID(2), "1-7-2026", "full", "disks.csv")
			tree{name: "\x1f\x8b damaged"}.write(t, j.Roots[0])
			var said bytes.Buffer
			failed, err := j.run(t.Context(), "prism", &said)
			require.NoError(t, err)
			assert.True(t, failed)
			got, err := j.readReport(t.Context())
			require.NoError(t, err)
			assert.Equal(t, 2, got.Units)
			assert.Equal(t, 1, got.Failed)
			assert.Equal(t, 6, got.FilesOther, "two files and what says that they are whole, of each lab")
			assert.Len(t, got.Failures, 7)
			assert.Contains(t, said.String(), "6 files of the output")
			for _, f := range got.Failures {
				assert.NotContains(t, f.Path, "lab0000")
			}
		})
	}
}

func TestARunWithoutExportsFails(t *testing.T) {
	needsRunner(t)
	j := newTestJob(t, anonymizing, tree{"sub/readme.md": "nothing\n"})
	_, err := j.run(t.Context(), "prism", &bytes.Buffer{})
	assert.ErrorIs(t, err, csvschema.ErrNoFiles)
}

func TestAReportThatCannotBeReadIsNotOneOfNoFiles(t *testing.T) {
	j := newTestJob(t, anonymizing, tree{})
	tree{runsFolder: "no folder"}.write(t, j.Out)
	_, err := j.readReport(t.Context())
	require.Error(t, err)
	assert.NotErrorIs(t, err, csvschema.ErrNoFiles)
}
