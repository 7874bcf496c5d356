package tables_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// query returns all rows of a query to a database file.
func query(t *testing.T, path, text string) [][]any {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	rows, err := db.QueryContext(t.Context(), text)
	require.NoError(t, err)
	columns, err := rows.Columns()
	require.NoError(t, err)
	var all [][]any
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		require.NoError(t, rows.Scan(into...))
		all = append(all, values)
	}
	require.NoError(t, rows.Err())
	return all
}

func TestSQLiteHoldsWhatWasWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a b?c%20d#e.sqlite")
	d, err := tables.NewSQLite(t.Context(), path)
	require.NoError(t, err)
	s := kindsOf()
	machines, err := d.Table(t.Context(), tables.Machines, s)
	require.NoError(t, err)
	months, err := d.Table(t.Context(), tables.Months, tables.Schema(tables.Months, arrow.Metadata{}))
	require.NoError(t, err)
	write(t, months, nil)
	write(t, machines, nil, batch(t, s, kindRows()[:2]...), batch(t, s, kindRows()[2:]...))
	require.NoError(t, d.Close())

	var want [][]any
	for _, row := range kindRows() {
		if is, ok := row[2].(bool); ok {
			row[2] = int64(0)
			if is {
				row[2] = int64(1)
			}
		}
		if day, ok := row[5].(time.Time); ok {
			row[5] = day.Format("2006-01-02")
		}
		if at, ok := row[6].(time.Time); ok {
			row[6] = at.Format("2006-01-02 15:04:05.000000")
		}
		want = append(want, row)
	}
	copied := filepath.Join(t.TempDir(), "copy.sqlite") // sql.Open takes what is after a question mark for options
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(copied, content, 0o600))
	assert.Equal(t, want, query(t, copied, "SELECT * FROM machines ORDER BY rowid"))
	assert.Equal(t, [][]any{{"machines", "made-by", "a test"}, {"machines", "personal-data", "no"}}, query(t, copied, "SELECT * FROM metadata ORDER BY 1, 2"))
	assert.Equal(t, [][]any{{"ok"}}, query(t, copied, "PRAGMA integrity_check"))
	assert.Equal(t, [][]any{{int64(1)}, {int64(1)}, {int64(1)}}, query(t, copied, "SELECT strict FROM pragma_table_list WHERE schema = 'main' AND name NOT LIKE 'sqlite%'"))
	assert.Equal(t, [][]any{{"LabUId"}, {"Month"}, {"PricingTier"}, {"ResourceStatus"}}, query(t, copied, "SELECT name FROM pragma_table_info('months') WHERE pk > 0 ORDER BY pk"))
	assert.Equal(t, [][]any{{"1969"}}, query(t, copied, "SELECT strftime('%Y', At) FROM machines WHERE Size = 0"))

	files, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, files, 1, "a journal is left")
}

// TestSQLiteKeepsAllOrNothing says that a database is not kept if anything of it failed.
func TestSQLiteKeepsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := kindsOf()
	for name, fail := range map[string]func(t *testing.T, cancel func(), w tables.Writer){
		"a table is not closed": func(*testing.T, func(), tables.Writer) {},
		"the context ends": func(t *testing.T, cancel func(), w tables.Writer) {
			require.NoError(t, w.Close())
			cancel()
		},
		"two rows have one key": func(t *testing.T, _ func(), w tables.Writer) {
			err := w.Write(t.Context(), batch(t, s, kindRows()[4]))
			require.Error(t, err)
			require.NotContains(t, err.Error(), "Ünïcødé", "a cell")
			require.NoError(t, w.Close())
		},
		"a batch of another table": func(t *testing.T, _ func(), w tables.Writer) {
			require.Error(t, w.Write(t.Context(), batch(t, tables.Schema(tables.Months, arrow.Metadata{}))))
			require.NoError(t, w.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			path := filepath.Join(t.TempDir(), "tables.sqlite")
			d, err := tables.NewSQLite(ctx, path)
			require.NoError(t, err)
			w, err := d.Table(ctx, tables.Machines, s)
			require.NoError(t, err)
			require.NoError(t, w.Write(ctx, batch(t, s, kindRows()...)))
			fail(t, cancel, w)
			require.Error(t, d.Close())
			require.Error(t, d.Close())
			require.Error(t, w.Write(t.Context(), batch(t, s, kindRows()[0])))
			assert.Empty(t, query(t, path, "SELECT * FROM sqlite_schema"))
		})
	}
}

func TestSQLiteReplacesNoFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "tables.sqlite")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err := tables.NewSQLite(t.Context(), path)
	assert.ErrorIs(t, err, os.ErrExist)
}
