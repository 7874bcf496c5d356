package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sample returns a small report.
func sample() *report {
	return &report{
		Go: "go1.26.0", Platform: "linux/amd64", GOMAXPROCS: 4, Rounds: 3, IdleMemory: 18 << 20,
		Measurements: []measurement{
			{Task: "filter", Shape: "forty-labs", Rival: "labdsr", Bytes: 4e9, Seconds: []float64{2, 1, 4}, Heap: 4 << 20, Memory: 20 << 20},
			{Task: "filter", Shape: "forty-labs", Rival: "gocsv", Slow: true, Bytes: 1e9, Seconds: []float64{20, 20, 20}, Heap: 1 << 30, Memory: 1 << 31},
			{Task: "filter", Shape: "forty-labs", Rival: "duckdb", Bytes: 4e9, Seconds: []float64{10, 16, 12}, Memory: 100 << 20},
			{Task: "filter", Shape: "forty-labs", Rival: "wc", Limit: true, Bytes: 4e9, Seconds: []float64{1, 1, 1}, Memory: 1 << 20},
			{Task: "first-clean-up", Shape: "one-lab", Rival: "labdsr", Bytes: 4e9, Seconds: []float64{1}, Heap: 64 << 20, Memory: 90 << 20},
		},
		Linear: []measurement{
			{Task: "filter", Rival: "labdsr", Bytes: 1e9, Seconds: []float64{1}},
			{Task: "filter", Rival: "labdsr", Bytes: 4e9, Seconds: []float64{4.4}},
		},
	}
}

func TestTablesComparePerSecond(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	p := printer{w: &b}
	p.report(sample())
	require.NoError(t, p.err)
	assert.Equal(t, `go1.26.0, linux/amd64, GOMAXPROCS 4; medians of 3 rounds; an idle child process uses 18.0 MiB.

### filter, forty-labs: the virtual machines of one owner

| rival   |  GB/s |     min to max | of labdsr | labdsr is | of wc -l |   memory |  Go heap |
|---------|------:|---------------:|----------:|----------:|---------:|---------:|---------:|
| labdsr  |  2.00 |   1.00 to 4.00 |      1.00 |     1.00× |     0.50 | 20.0 MiB | 4.00 MiB |
| gocsv * | 0.050 | 0.050 to 0.050 |     0.025 |     40.0× |    0.013 | 2048 MiB | 1024 MiB |
| duckdb  |  0.33 |   0.25 to 0.40 |      0.17 |     6.00× |    0.083 |  100 MiB |        – |
| wc      |  4.00 |   4.00 to 4.00 |      2.00 |     0.50× |     1.00 | 1.00 MiB |        – |

4.00 GB; *: 1.00 GB of the same kind of rows

### first-clean-up, one-lab: a synced file without the people of rows deleted 30 days ago: eight of ten rows

| rival  | GB/s |   min to max | of labdsr | labdsr is | of wc -l |   memory |  Go heap |
|--------|-----:|-------------:|----------:|----------:|---------:|---------:|---------:|
| labdsr | 4.00 | 4.00 to 4.00 |      1.00 |     1.00× |        – | 90.0 MiB | 64.0 MiB |

### linear

- filter: 4.00 times the size takes 4.40 times as long (1.00 and 0.91 GB/s)
`, b.String())
}

func TestFiguresHaveTwoOrThreeDigits(t *testing.T) {
	t.Parallel()
	for want, x := range map[string]float64{
		"0.001": 0.00123, "0.012": 0.0123, "0.099": 0.0994, "0.10": 0.0999, "0.12": 0.123, "1.23": 1.234, "9.94": 9.94, "10.0": 9.99, "99.4": 99.4, "100": 99.9, "1234": 1234,
	} {
		assert.Equal(t, want, digits(x))
	}
}
