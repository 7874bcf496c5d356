package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestChartHasTheFiguresOfTheTable(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "chart.svg")
	require.NoError(t, writeChart(name, sample()))
	svg, err := os.ReadFile(name)
	require.NoError(t, err)
	for _, want := range []string{">labdsr", ">duckdb", ">2.00<", ">0.33<", ">0.050<", ">4.00<"} {
		assert.Contains(t, string(svg), want)
	}
	assert.NotContains(t, string(svg), ">wc")
	assert.Equal(t, []string{"labdsr", "duckdb", "gocsv"}, charted(sample(), "filter"))

	assert.Error(t, writeChart(name, &report{}))
}
