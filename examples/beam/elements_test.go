package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

func TestElementsAreReadAsTheyWereWritten(t *testing.T) {
	f := file{2, "a/b.csv", "7 bytes", "special"}
	text, err := encodeFile(f)
	require.NoError(t, err)
	gotFile, err := decodeFile(text)
	require.NoError(t, err)
	assert.Equal(t, f, gotFile)

	for _, l := range []looked{{f, disks, []string{"x"}, lists.Sights{7: 3}, map[int]csvschema.Column{2: csvschema.LabUId}, "fault"}, {File: f}} {
		text, err = encodeLooked(l)
		require.NoError(t, err)
		got, err := decodeLooked(text)
		require.NoError(t, err)
		assert.Equal(t, l, got)
	}

	u := unit{"id", []export{{time.Date(2026, 7, 2, 0, 0, 0, 0, time.UTC), []file{f}, []file{f, f}, true}, {Disks: []file{f}}}, 3}
	text, err = encodeUnit(u)
	require.NoError(t, err)
	gotUnit, err := decodeUnit(text)
	require.NoError(t, err)
	assert.Equal(t, u, gotUnit)
	assert.Len(t, u.files(), 4)

	o := outcome{"id", 1, 2, 3, true, holdsOutcome{[]place{{"list", 7}}, 2}, map[string]int64{"x": 1}, []string{"exports/a.csv"}, "head", []subjectOutcome{{1, map[string]int64{"y": 2}, []string{"LabUId"}}}, []requestOutcome{{4, anonymize.Erase, map[fate.Fate]int64{fate.GoesNow: 5}}}, []failure{{"id", "p", "e"}}}
	text, err = encodeOutcome(o)
	require.NoError(t, err)
	gotOutcome, err := decodeOutcome(text)
	require.NoError(t, err)
	assert.Equal(t, o, gotOutcome)

	_, err = decodeFile([]byte("{"))
	assert.Error(t, err)
}
