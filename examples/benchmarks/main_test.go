package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestMain lets the test program be the process of a rival.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == childArgument {
		if err := program(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// configured returns the config of a command line, for small files.
func configured(t *testing.T, args ...string) *config {
	t.Helper()
	c, err := parseFlags(io.Discard, append([]string{"-size", "1MiB", "-slow-size", "512KiB", "-rounds", "1", "-dir", t.TempDir()}, args...))
	require.NoError(t, err)
	return c
}

func TestAllAnswersAgree(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
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
			assert.Empty(t, left, "generated files are left")

			// The same from the file.
			var again bytes.Buffer
			require.NoError(t, run(t.Context(), &again, io.Discard, configured(t, "-check", "-from", c.json)))
			assert.Equal(t, printed.String(), again.String())
		})
	}
}

func TestRivalsDoTheirTasks(t *testing.T) {
	t.Parallel()
	for rival, want := range map[string]int{
		"labdsr": 6, "labdsr-1": 5, "encoding/csv": 5, "gocsv": 4, "csvutil": 4, "duckdb": 5, "miller": 3,
	} {
		r, err := choose(rivals, rivalName, rival)
		require.NoError(t, err)
		n := 0
		for _, task := range tasks {
			if r[0].can(task) {
				n++
			}
		}
		assert.Equal(t, want, n, rival)
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
		{"nothing anonymized", "anonymize", "still its owner's", rival{
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

func TestMissingProgramIsAnError(t *testing.T) {
	t.Parallel()
	c := configured(t, "-rivals", "labdsr")
	c.rivals = append(c.rivals[:1:1], rival{name: "miller", program: "no-such-program", apt: "miller"})
	err := run(t.Context(), io.Discard, io.Discard, c)
	assert.EqualError(t, err, "miller: the program no-such-program is not installed: apt-get install -y miller")
}

func TestSizesHaveUnits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]size{"1": 1, "64MiB": 64 << 20, "1GiB": 1 << 30, "3KiB": 3 << 10, "1000000": 1_000_000} {
		var s size
		require.NoError(t, s.Set(text), text)
		assert.Equal(t, want, s)
		assert.Equal(t, text, s.String())
	}
	for _, text := range []string{"", "MiB", "-1", "0", "1MB", "1.5GiB", "64 MiB", "9999999GiB", "99999999999999999999"} {
		var s size
		assert.Error(t, s.Set(text), text)
	}
}

func TestFlagsAreChecked(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-tasks", "filter,nothing"},
		{"-dialects", "quoted,"},
		{"-rivals", "awk"},
		{"-rounds", "0"},
		{"-size", "big"},
		{"argument"},
	} {
		_, err := parseFlags(io.Discard, args)
		require.Error(t, err, args)
	}
	c, err := parseFlags(io.Discard, []string{"-tasks", "linear,filter", "-rivals", "wc,labdsr"})
	require.NoError(t, err)
	assert.True(t, c.linear)
	assert.Equal(t, "filter", list(c.tasks, taskName))
	assert.Equal(t, "wc,labdsr", list(c.rivals, rivalName))
	assert.Len(t, c.dialects, 3)
	assert.Equal(t, size(1<<30), c.size)
}
