package database_test

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/response"
	"github.com/labdsr/labdsr/examples/services/database"
)

const exports = "../../quickstart/exports/"

var (
	labs = []string{"contoso-dev", "fabrikam-test"}
	now  = time.Date(2026, time.July, 1, 9, 0, 0, 0, time.UTC)
)

// open returns a database with the exports of the quickstart.
func open(t *testing.T) (db *sql.DB, ids []int64) {
	t.Helper()
	db, err := database.Open(t.Context(), filepath.Join(t.TempDir(), "labs.db"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	for _, lab := range labs {
		machines, err := os.Open(exports + lab + "/virtualmachines.csv")
		require.NoError(t, err)
		disks, err := os.Open(exports + lab + "/disks.csv")
		require.NoError(t, err)
		id, err := database.Load(t.Context(), db, now, machines, disks)
		require.NoError(t, err)
		ids = append(ids, id)
		require.NoError(t, machines.Close())
		require.NoError(t, disks.Close())
	}
	return db, ids
}

// fromFiles returns the exports as files.
func fromFiles() (all []csvschema.Export) {
	source := func(name string) []csvschema.Source {
		return []csvschema.Source{{Open: func(context.Context) (io.ReadCloser, error) { return os.Open(exports + name) }}}
	}
	for _, lab := range labs {
		all = append(all, csvschema.Export{VirtualMachines: source(lab + "/virtualmachines.csv"), Disks: source(lab + "/disks.csv"), Made: now})
	}
	return all
}

// cells returns the cells of all rows of a file.
func cells[T csvschema.Row](t *testing.T, r io.Reader) (rows [][]string) {
	t.Helper()
	for row, err := range csvschema.NewReader[T](r, nil).All() {
		require.NoError(t, err)
		rows = append(rows, csvschema.CellsOf(&row).AppendCells(nil))
	}
	return rows
}

func TestTheDatabaseAnswersAsTheFilesDo(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	alice, err := dsr.ParseSubject("alice.archer@contoso.com", "6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11")
	require.NoError(t, err)
	var fromRows, fromText bytes.Buffer
	got, err := database.Answer(t.Context(), db, &fromRows, alice, &response.Options{Made: now})
	require.NoError(t, err)
	want, err := response.Write(t.Context(), &fromText, fromFiles(), alice, &response.Options{Made: now})
	require.NoError(t, err)
	assert.Equal(t, want.Subjects, got.Subjects)
	assert.Len(t, got.Findings, len(want.Findings))
	assert.Positive(t, got.Subjects[0].Disks.Theirs())
	assert.NotEmpty(t, fromRows.Bytes())
}

func TestRowsComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	db, ids := open(t)
	for i, lab := range labs {
		want, err := os.ReadFile(exports + lab + "/disks.csv")
		require.NoError(t, err)
		var got bytes.Buffer
		require.NoError(t, database.Write[csvschema.DiskRow](t.Context(), db, ids[i], &got))
		assert.Equal(t, cells[csvschema.DiskRow](t, bytes.NewReader(want)), cells[csvschema.DiskRow](t, &got))
	}
}

func TestAnonymizingTheRowsIsAnonymizingTheFiles(t *testing.T) {
	t.Parallel()
	db, ids := open(t)
	report, err := database.Anonymize(t.Context(), db, nil, now)
	require.NoError(t, err)
	assert.Positive(t, report.Total.Changed)
	var policy anonymize.Policy
	plan, err := policy.Plan(t.Context(), now, fromFiles())
	require.NoError(t, err)
	for i, id := range ids {
		var want, got bytes.Buffer
		_, err := plan.Apply(t.Context(), csvschema.FileID{Export: i + 1, File: 1, Role: csvschema.VirtualMachines}, &want)
		require.NoError(t, err)
		require.NoError(t, database.Write[csvschema.VirtualMachineRow](t.Context(), db, id, &got))
		assert.Equal(t, cells[csvschema.VirtualMachineRow](t, &want), cells[csvschema.VirtualMachineRow](t, &got))
	}
	again, err := database.Anonymize(t.Context(), db, nil, now)
	require.NoError(t, err)
	assert.Zero(t, again.Total.Changed)
}

func TestWhatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	db, ids := open(t)
	mistyped := anonymize.Hold{Key: csvschema.DiskRow{LabUId: "l", ResourceUId: "00000000-0000-4000-8000-000000000001"}.Key(), Reason: "claim 7"}
	_, err := database.Anonymize(t.Context(), db, &anonymize.Policy{Holds: []anonymize.Hold{mistyped}}, now)
	require.Error(t, err)
	machines, err := os.ReadFile(exports + labs[0] + "/virtualmachines.csv")
	require.NoError(t, err)
	_, err = database.Load(t.Context(), db, now, bytes.NewReader(machines), strings.NewReader("no export"))
	require.ErrorIs(t, err, csvschema.ErrNoHeader)

	all, left, err := database.Exports(t.Context(), db)
	require.NoError(t, err)
	assert.Len(t, all, len(ids))
	assert.Equal(t, ids, left)
	var got bytes.Buffer
	require.NoError(t, database.Write[csvschema.VirtualMachineRow](t.Context(), db, ids[0], &got))
	assert.Equal(t, cells[csvschema.VirtualMachineRow](t, bytes.NewReader(machines)), cells[csvschema.VirtualMachineRow](t, &got))
}

// A database that fails in the middle must never look like one with fewer rows.
func TestABrokenQueryIsNoAnswer(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	_, err := db.ExecContext(t.Context(), "UPDATE disks SET DiskSizeGB = 'alice@example.com' WHERE row = 3")
	require.NoError(t, err)
	subject, err := dsr.ParseSubject("nobody@example.com")
	require.NoError(t, err)
	_, err = database.Answer(t.Context(), db, io.Discard, subject, nil)
	require.ErrorIs(t, err, csvschema.ErrValue)
	assert.NotContains(t, err.Error(), "alice")
	_, err = db.ExecContext(t.Context(), "DROP TABLE disks")
	require.NoError(t, err)
	_, err = database.Answer(t.Context(), db, io.Discard, subject, nil)
	require.Error(t, err)
}
