package main

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

func TestRowsToDecideAreCountedOnceAndDanglingDisksAreNot(t *testing.T) {
	t.Parallel()
	findings := []dsr.Finding{
		{Kind: dsr.NearMatch, FileID: csvschema.FileID{Export: 1, File: 1, Role: csvschema.VirtualMachines}, Row: 7},
		{Kind: dsr.AliasCandidate, FileID: csvschema.FileID{Export: 1, File: 1, Role: csvschema.VirtualMachines}, Row: 7},
		{Kind: dsr.Undetermined, FileID: csvschema.FileID{Export: 1, File: 1, Role: csvschema.Disks}, Row: 7},
		{Kind: dsr.Dangling, Subject: dsr.NoSubject, FileID: csvschema.FileID{Export: 1, File: 1, Role: csvschema.Disks}, Row: 8},
	}
	open := toDecide(&redact.Report{Report: &dsr.Report{Findings: findings}})
	assert.Equal(t, findings[:3], open)
	assert.Equal(t, 2, rows(open))
	for _, f := range open {
		assert.NotEmpty(t, questions[f.Kind], f.Kind)
	}
}

func TestNounsAgreeWithNumbers(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "0 rows", count(0, "row"))
	assert.Equal(t, "1 row", count(int64(1), "row"))
	assert.Equal(t, "2 rows", count(2, "row"))
	assert.Equal(t, "1 other address", counted(1, "other address", "other addresses"))
	assert.Equal(t, "2 other addresses", counted(2, "other address", "other addresses"))
}
