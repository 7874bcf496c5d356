//go:build !race

package main

// The race detector makes these tests slow, in which one goroutine compares.

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/reveal"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
	"github.com/labdsr/labdsr/dsr/response/data"
)

// TestGoCmpComparesWhatTheLibraryGivesAndShowsNoPerson compares values as the tests of a
// program do that uses go-cmp, which the library may not depend on.
func TestGoCmpComparesWhatTheLibraryGivesAndShowsNoPerson(t *testing.T) {
	t.Parallel()
	date, err := csvschema.ParseDateTime("1/3/2017")
	require.NoError(t, err)
	values := func(address, objectID string) []any {
		id, err := identity.Parse(address)
		require.NoError(t, err)
		text := csvschema.NewPersonalText(address)
		var yes csvschema.Bool
		var size csvschema.Integer
		require.NoError(t, yes.UnmarshalText([]byte("True")))
		require.NoError(t, size.UnmarshalText([]byte(strconv.Itoa(len(address)))))
		disk := csvschema.DiskRow{Name: csvschema.NewPersonalText(objectID), LeasedByVmId: text, CreatedTime: date, DiskSizeGB: size}
		subject, err := dsr.NewSubject(id)
		require.NoError(t, err)
		machine := csvschema.VirtualMachineRow{ResourceOwner: text, Claimable: yes}
		return []any{
			text, id, disk.Key(), disk, machine, &machine, size,
			[]csvschema.PersonalText{text},
			subject,
			dsr.Rows{Disks: []csvschema.DiskRow{disk}, DiskOwners: [][]csvschema.PersonalText{{text}}},
			dsr.Report{Findings: []dsr.Finding{{Key: disk.Key()}}},
			redact.Cell{Key: disk.Key(), Text: text},
			anonymize.Report{Findings: []anonymize.Finding{{Key: disk.Key()}}},
			anonymize.Request{Identifier: id},
			reveal.Row(disk),
			data.NewText(address),
			data.Answer{Head: data.Head{Identifiers: []data.Text{data.NewText(address)}}, Rows: []data.Row{{Cells: data.Cells{{Value: data.NewText(objectID)}}}}},
			[]csvschema.VirtualMachineRow{machine},
			map[csvschema.Key]identity.Identifier{disk.Key(): id},
			struct {
				Row  csvschema.DiskRow
				Date csvschema.DateTime
				Bool csvschema.Bool
			}{disk, date, yes},
		}
	}
	const alice, objectID = "alice@contoso.com", "7c9e6679-7425-40de-944b-e07fc1f90ae7"
	first, again, others := values(alice, objectID), values(alice, objectID), values("bob@contoso.com", "8c9e6679-7425-40de-944b-e07fc1f90ae7")
	for i, value := range first {
		assert.Empty(t, cmp.Diff(value, again[i]), "%T", value)
		for _, diff := range []string{cmp.Diff(value, others[i]), cmp.Diff(others[i], value)} {
			assert.NotEmpty(t, diff, "%T", value)
			assert.NotContains(t, diff, "contoso", "%T", value)
			assert.NotContains(t, diff, objectID[1:], "%T", value)
		}
	}
}

// TestGoCmpComparesReports compares the reports of two searches, which name no person.
func TestGoCmpComparesReports(t *testing.T) {
	t.Parallel()
	report := func(owner string) *dsr.Report {
		machine := csvschema.VirtualMachineRow{LabUId: "lab-1", ResourceUId: "0dd2f8ae-8267-47c5-8cda-484792e203ee", ResourceOwner: csvschema.NewPersonalText(owner)}
		alice, err := dsr.ParseSubject("alice@contoso.com")
		require.NoError(t, err)
		exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{csvschema.RowSource(csvschema.Rows([]csvschema.VirtualMachineRow{machine}))}}}
		report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{alice}, func(dsr.Match) error { return nil }, nil)
		require.NoError(t, err)
		require.Len(t, report.Findings, 1)
		return report
	}
	const one, other = "smtp:alice@contoso.com", "sip:alice@contoso.com"
	assert.Empty(t, cmp.Diff(report(one), report(one)))
	diff := cmp.Diff(report(one), report(other))
	assert.NotEmpty(t, diff, "the rows differ, and so do the findings")
	assert.NotContains(t, diff, "contoso")
}
