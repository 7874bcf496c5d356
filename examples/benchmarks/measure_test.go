package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMedianOfAnEvenNumberOfRoundsIsInTheMiddle(t *testing.T) {
	t.Parallel()
	m := measurement{Bytes: 12e9, Seconds: []float64{6, 1, 2, 4}}
	least, median, most := m.speeds()
	assert.InDelta(t, 2, least, 1e-9)
	assert.InDelta(t, 4, median, 1e-9)
	assert.InDelta(t, 12, most, 1e-9)
}

func TestAllAnswersAgree(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		t.Run(d.name, func(t *testing.T) { // one after the other: DuckDB locks the null device that it writes to
			dir := t.TempDir()
			c := configured(t, "-dialects", d.name, "-check", "-json", filepath.Join(dir, "results.json"))
			var printed bytes.Buffer
			require.NoError(t, run(t.Context(), &printed, io.Discard, c))
			rep, err := readReport(c.json)
			require.NoError(t, err)
			ran := map[string]bool{}
			for _, m := range rep.Measurements {
				ran[m.Task+" "+m.Rival] = true
				assert.Len(t, m.Seconds, 1)
				assert.Positive(t, m.Seconds[0])
				assert.GreaterOrEqual(t, m.Bytes, int64(512<<10))
			}
			for _, task := range tasks {
				assert.Contains(t, printed.String(), "### "+task.name+", "+d.name)
				for _, r := range rivals {
					assert.Equal(t, r.limit || r.can(task), ran[task.name+" "+r.name], "%s at %s", r.name, task.name)
				}
			}
			left, err := os.ReadDir(c.dir)
			require.NoError(t, err)
			assert.Empty(t, left, "generated files were not removed")

			// The saved report prints the same.
			var again bytes.Buffer
			require.NoError(t, run(t.Context(), &again, io.Discard, configured(t, "-check", "-from", c.json)))
			assert.Equal(t, printed.String(), again.String())
		})
	}
}

func TestLinearRunsWithFourTimesTheSize(t *testing.T) {
	t.Parallel()
	c := configured(t, "-tasks", "linear")
	var printed bytes.Buffer
	require.NoError(t, run(t.Context(), &printed, io.Discard, c))
	assert.Contains(t, printed.String(), "filter: a file of 4.00 times the size takes ")
	assert.Contains(t, printed.String(), "anonymize: a file of 4.00 times the size takes ")
}

func TestWrongAnswerEndsTheRun(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, task, says string
		liar             rival
	}{
		{"other rows", "filter", "2 rows of the subjects", rival{
			program: "head", arguments: func(j *job) []string { return []string{"-n", "3", j.Machines} },
		}},
		{"nothing anonymized", "anonymize", "due but not anonymized", rival{
			program: "cat", arguments: func(j *job) []string { return []string{j.Machines} },
		}},
		{"no rows", "anonymize", "EOF", rival{
			program: "head", arguments: func(j *job) []string { return []string{"-n", "1", j.Machines} },
		}},
		{"wrong count of lines", "filter", "lines, want", rival{
			limit: true, program: "wc", arguments: func(j *job) []string { return []string{"-l", j.Owners} },
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := configured(t, "-tasks", test.task, "-dialects", "quoted", "-rivals", "labdsr")
			test.liar.name = "wc"
			if !test.liar.limit {
				test.liar.name = "liar"
			}
			c.rivals = append(c.rivals[:1:1], test.liar)
			err := run(t.Context(), io.Discard, io.Discard, c)
			require.ErrorIs(t, err, errWrong)
			require.ErrorContains(t, err, test.says)
			assert.ErrorContains(t, err, test.task+", quoted, "+test.liar.name)
		})
	}
}
