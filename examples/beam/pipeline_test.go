package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAThousandLabs(t *testing.T) {
	count := 1000
	if testing.Short() || underRace {
		count = 100
	}
	files := labs(t, count)
	anonymized := newTestJob(t, anonymizing, files)
	want, total, _ := anonymizedAtOnce(t, anonymized, (&drawn{}).add)
	got := mustRun(t, anonymized)
	assert.Equal(t, count, got.Units)
	assert.Equal(t, count, got.Labs)
	assert.Equal(t, 2*count, got.Files)
	assert.Zero(t, got.LabsJoined)
	assert.Len(t, got.Receipts, count)
	assert.Equal(t, total.Changed, got.Counts["changed"])
	require.True(t, assert.ObjectsAreEqual(want, treeAt(t, anonymized.Out+"/"+exportsFolder)))

	answered := newTestJob(t, access, files)
	got = mustRun(t, answered)
	rows, _, _ := foundAtOnce(t, answered)
	assert.Equal(t, count, got.Units)
	require.Len(t, got.Subjects, 1)
	assert.Len(t, rows, 2*count)
	require.True(t, assert.ObjectsAreEqual(rows, treeAt(t, answered.Out+"/"+subjectsFolder)))
}
