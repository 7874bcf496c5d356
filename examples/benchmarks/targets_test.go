package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTargetsAreCompared has rivals with files of other sizes, whose rows cost the same.
func TestTargetsAreCompared(t *testing.T) {
	t.Parallel()
	rep := &report{Measurements: []measurement{
		{Task: "filter", Shape: "one-lab", Rival: "labdsr", Bytes: 1000, Rows: 1000, Seconds: []float64{1}, Heap: 4 << 20},
		{Task: "filter", Shape: "one-lab", Rival: "duckdb", Bytes: 1000, Rows: 1000, Seconds: []float64{5}},
		{Task: "filter", Shape: "one-lab", Rival: "wc", Bytes: 1000, Rows: 1000, Seconds: []float64{0.25}},
		{Task: "filter-10000", Shape: "one-lab", Rival: "labdsr", Bytes: 2000, Rows: 2000, Seconds: []float64{4}},
		{Task: "verify", Shape: "one-lab", Rival: "labdsr", Bytes: 2000, Rows: 1000, Seconds: []float64{2}, Heap: 40 << 20},
		{Task: "verify", Shape: "one-lab", Rival: "encoding/csv", Slow: true, Bytes: 200, Rows: 100, Seconds: []float64{0.7}},
		{Task: "first-clean-up", Shape: "one-lab", Rival: "labdsr", Bytes: 1000, Rows: 1_000_000, Seconds: []float64{2}, Heap: 90 << 20},
		{Task: "first-clean-up", Shape: "one-lab", Rival: "labdsr-command", Bytes: 1000, Rows: 1000, Seconds: []float64{2}},
		{Task: "verify", Shape: "one-lab", Rival: "labdsr-command", Bytes: 2000, Rows: 1000, Seconds: []float64{3}},
		{Task: "first-clean-up", Shape: "one-lab", Rival: "duckdb", Bytes: 1000, Rows: 1000, Seconds: []float64{7}},
		{Task: "tables", Shape: "one-lab", Rival: "labdsr-command", Bytes: 1000, Rows: 1000, Seconds: []float64{8}, Memory: 300 << 20},
		{Task: "tables", Shape: "one-lab", Rival: "duckdb", Bytes: 1000, Rows: 1000, Seconds: []float64{10}, Memory: 900 << 20},
	}, Linear: []measurement{
		{Task: "plan", Bytes: 1000, Seconds: []float64{1}},
		{Task: "plan", Bytes: 4000, Seconds: []float64{4.5}},
		{Task: "access", Bytes: 1000, Seconds: []float64{1}},
		{Task: "access", Bytes: 4000, Seconds: []float64{4.3}},
	}}
	var b bytes.Buffer
	p := printer{w: &b}
	p.targets(rep)
	require.NoError(t, p.err)
	for _, want := range []string{
		`filter of labdsr +\| +filter of duckdb \| +≥ 4× as fast \| +5.00× \| +reached`,
		`filter of labdsr +\| +filter of wc \| +≥ 0.5× as fast \| +0.25× \| +not reached`,
		`filter of labdsr, forty-labs +\| +filter of duckdb, forty-labs \| +≥ 3.5× as fast \| +– \| +not measured`,
		`filter-10000 of labdsr +\| +filter of labdsr \| +≤ 1.5× the time \| +2.00× \| +not reached`,
		`verify of labdsr +\| +verify of encoding/csv \| +≥ 3× as fast \| +3.50× \| +reached`,
		`first-clean-up of labdsr-command and verify of labdsr-command \| +first-clean-up of duckdb \| +≥ 1.2× as fast \| +1.40× \| +reached`,
		`tables of labdsr-command +\| +tables of duckdb \| +≤ 1.5× the time \| +0.80× \| +reached`,
		`tables of labdsr-command +\| +memory \| +≤ 256 MiB \| +300 MiB \| +not reached`,
		`plan +\| +a quarter of the size \| +3.6 to 4.4× the time \| +4.50× \| +not reached`,
		`access +\| +a quarter of the size \| +3.6 to 4.4× the time \| +4.30× \| +reached`,
		`filter of labdsr +\| +Go heap \| +≤ 32.0 MiB \| +4.00 MiB \| +reached`,
		`verify of labdsr +\| +Go heap \| +≤ 32.0 MiB \| +40.0 MiB \| +not reached`,
		`first-clean-up of labdsr +\| +Go heap \| +≤ 93.0 MiB \| +90.0 MiB \| +reached`,
	} {
		assert.Regexp(t, want, b.String())
	}
}

// TestTargetsNameMeasurements finds a target that would never be measured.
func TestTargetsNameMeasurements(t *testing.T) {
	t.Parallel()
	for _, target := range targets {
		for _, f := range append(target.of, target.than...) {
			task, err := choose(tasks, taskName, f.task)
			require.NoError(t, err)
			_, err = choose(shapes, shapeName, f.shape)
			require.NoError(t, err)
			r, err := choose(rivals, rivalName, f.rival)
			require.NoError(t, err)
			assert.True(t, r[0].limit || r[0].can(task[0]), "%s at %s", f.rival, f.task)
			assert.True(t, task[0].shapes || f.shape == shapes[0].name)
		}
	}
}
