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
	for i, in := range shapes {
		t.Run(in.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c := configured(t, "-shapes", in.name, "-check", "-json", filepath.Join(dir, "results.json"))
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
				if i > 0 && !task.shapes {
					assert.NotContains(t, printed.String(), "### "+task.name+", ")
					continue
				}
				assert.Contains(t, printed.String(), "### "+task.name+", "+in.name)
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
	for _, task := range tasks {
		if task.subjects == 1 && rivals[0].can(task) {
			assert.Regexp(t, "(?m)^- "+task.name+": (4.00|3.99) times the size takes ", printed.String())
		}
	}
}

func TestWrongAnswerEndsTheRun(t *testing.T) {
	t.Parallel()
	head := func(lines string) func(*job) []string {
		return func(j *job) []string { return []string{"-n", lines, j.Machines} }
	}
	for name, test := range map[string]struct {
		task, says string
		liar       rival
	}{
		"other rows":           {"filter", "2 rows of the subjects", rival{program: "head", arguments: head("3")}},
		"nothing cleaned up":   {"first-clean-up", "is not as it should be", rival{program: "cat", arguments: (*job).files}},
		"no rows":              {"first-clean-up", "EOF", rival{program: "head", arguments: head("1")}},
		"wrong count of lines": {"filter", "lines, want", rival{limit: true, program: "wc", arguments: func(j *job) []string { return []string{"-l", j.Owners} }}},
		"not the new rows due": {"next-clean-up", "is not as it should be", rival{program: "cat", arguments: (*job).files}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := configured(t, "-tasks", test.task, "-shapes", "one-lab", "-rivals", "labdsr")
			test.liar.name, test.liar.apt = "wc", "coreutils"
			if !test.liar.limit {
				test.liar.name = "liar"
			}
			c.rivals = append(c.rivals[:1:1], test.liar)
			err := run(t.Context(), io.Discard, io.Discard, c)
			require.ErrorIs(t, err, errWrong)
			require.ErrorContains(t, err, test.says)
			assert.ErrorContains(t, err, test.task+", one-lab, "+test.liar.name)
		})
	}
}
