package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/parquet/file"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
	"github.com/labdsr/labdsr/examples/labdsr/internal/postgrestest"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// monthsInSQL makes the months of an export, whose cells are text, up to an instant. It
// looks at each month of each machine.
const monthsInSQL = `WITH lives AS (
	SELECT "LabUId", "PricingTier", "ResourceStatus",
		to_timestamp("CreatedTime", 'MM/DD/YYYY HH12:MI:SS AM') AT TIME ZONE 'UTC' AS created,
		to_timestamp(nullif("DeletedDate", ''), 'MM/DD/YYYY HH12:MI:SS AM') AT TIME ZONE 'UTC' AS deleted,
		TIMESTAMP '2024-08-01 12:00:00' AS until
	FROM exported
), ends AS (
	SELECT *, CASE WHEN deleted IS NULL THEN until WHEN deleted > created THEN least(deleted, until) END AS ended FROM lives WHERE created < until
), months AS (
	SELECT *, generate_series(date_trunc('month', created), date_trunc('month', coalesce(ended - INTERVAL '1 microsecond', created)), INTERVAL '1 month') AS month FROM ends
)
SELECT "LabUId", month::date, "PricingTier", "ResourceStatus", count(*),
	round(coalesce(sum(extract(epoch FROM least(ended, month + INTERVAL '1 month') - greatest(created, month))) FILTER (WHERE ended IS NOT NULL), 0)), count(*) FILTER (WHERE ended IS NULL)
FROM months GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`

const monthsLoaded = `SELECT "LabUId", "Month", "PricingTier", "ResourceStatus", "Machines", round("MachineHours" * 3600), "MachinesNoEnd"
FROM months ORDER BY 1, 2, 3, 4`

// TestPostgreSQLHasWhatTheExportsHave loads tables by their script and compares them with
// the exports, which PostgreSQL reads, too. It loads tables with owners first, and then what
// is left of them after the exports were anonymized.
func TestPostgreSQLHasWhatTheExportsHave(t *testing.T) {
	t.Parallel()
	s, dir := postgrestest.Run(t), t.TempDir()
	large := csvschematest.NewLarge(1, 1<<20, &csvschematest.LargeOptions{Labs: 40})
	for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
		out, err := os.Create(filepath.Join(dir, role.String()+".csv"))
		require.NoError(t, err)
		w := bufio.NewWriter(out)
		_, err = io.Copy(w, large.Reader(role))
		require.NoError(t, err)
		require.NoError(t, w.Flush())
		require.NoError(t, out.Close())
	}
	labdsr := func(arguments string) {
		t.Helper()
		status, stderr := shell(t, dir, "labdsr "+arguments+" --at 2024-08-01T12:00:00Z")
		require.Zero(t, status, stderr)
	}
	load := func(folder string) {
		t.Helper()
		output, err := s.RunScript(filepath.Join(dir, folder, "load_postgresql.sql"))
		require.NoError(t, err, output)
	}
	names := make([]string, 0, len(csvschema.VirtualMachines.Columns()))
	for _, c := range csvschema.VirtualMachines.Columns() {
		names = append(names, fmt.Sprintf("%q text", c))
	}
	exported := filepath.Join(dir, "exported.sql")
	require.NoError(t, os.WriteFile(exported, []byte("\\set ON_ERROR_STOP on\nCREATE TABLE exported ("+strings.Join(names, ", ")+");\n"+
		"\\copy exported FROM 'virtualmachines.csv' WITH (FORMAT csv, HEADER true)\n"), 0o600))
	output, err := s.RunScript(exported)
	require.NoError(t, err, output)
	want := s.Query(t, monthsInSQL)
	require.Greater(t, len(want), 500)

	labdsr("tables --virtualmachines virtualmachines.csv --disks disks.csv --out owners --format csv --with-owners --delete-after 90d")
	load("owners")
	rows := fmt.Sprint(large.Rows())
	assert.Equal(t, [][]string{{rows, rows}}, s.Query(t, "SELECT (SELECT count(*) FROM machines), (SELECT count(*) FROM disks)"))
	assert.Equal(t, want, s.Query(t, monthsLoaded))
	owners := `SELECT count(*) FROM machines WHERE "ResourceOwner" NOT LIKE '%@anonymized.invalid' AND "ResourceOwner" NOT LIKE '616e6f6e-796d-8%'`
	assert.NotEqual(t, [][]string{{"0"}}, s.Query(t, owners))

	labdsr("anonymize --virtualmachines virtualmachines.csv --disks disks.csv --out clean")
	labdsr("tables --virtualmachines clean/virtualmachines.csv --disks clean/disks.csv --out none --format csv")
	load("none")
	assert.Equal(t, [][]string{{rows, rows}}, s.Query(t, "SELECT (SELECT count(*) FROM machines), (SELECT count(*) FROM disks)"))
	assert.Equal(t, want, s.Query(t, monthsLoaded))
	assert.Equal(t, [][]string{{"0"}}, s.Query(t, owners), "a load of clean tables cleans")
}

// TestTablesSayHowLongTheyMayBeKept looks for that in all formats of all tables.
func TestTablesSayHowLongTheyMayBeKept(t *testing.T) {
	t.Parallel()
	dir := withExports(t)
	for _, test := range []struct {
		flags   string
		exports string
		want    map[string]string
	}{
		{"--with-owners --delete-after 90d", "exports", map[string]string{"personal-data": "yes", "retention": "90d", "delete-by": "2026-09-29"}},
		{"--with-owners --delete-after 36h", "exports", map[string]string{"personal-data": "yes", "retention": "36h", "delete-by": "2026-07-02"}},
		{"--retention 31d", "clean", map[string]string{"personal-data": "no", "anonymized-after": "744h0m0s"}},
	} {
		status, stderr := shell(t, dir, writeHere+" --retention 31d && "+
			"labdsr tables --virtualmachines "+test.exports+" --at 2026-07-01T09:00:00Z --out out --force --format parquet --format sqlite --format csv "+test.flags)
		require.Zero(t, status, stderr)
		out := filepath.Join(dir, "out")
		got := map[string]map[string]string{} // by table and format
		note := func(where, key, value string) {
			if key == "personal-data" || key == "retention" || key == "delete-by" || key == "anonymized-after" {
				if got[where] == nil {
					got[where] = map[string]string{}
				}
				got[where][key] = value
			}
		}
		for _, table := range tables.All {
			parquet, err := file.OpenParquetFile(filepath.Join(out, table.String()+".parquet"), false)
			require.NoError(t, err)
			for _, one := range parquet.MetaData().KeyValueMetadata() {
				note(table.String()+" in Parquet", one.Key, *one.Value)
			}
			require.NoError(t, parquet.Close())
		}
		db, err := sql.Open("sqlite", filepath.Join(out, databaseName))
		require.NoError(t, err)
		rows, err := db.QueryContext(t.Context(), `SELECT "Table", "Key", "Value" FROM metadata`)
		require.NoError(t, err)
		for rows.Next() {
			var table, key, value string
			require.NoError(t, rows.Scan(&table, &key, &value))
			note(table+" in SQLite", key, value)
		}
		require.NoError(t, errors.Join(rows.Err(), rows.Close(), db.Close()))
		text, err := os.ReadFile(filepath.Join(out, aboutName))
		require.NoError(t, err)
		var about map[string]any
		require.NoError(t, json.Unmarshal(text, &about))
		for key, value := range about {
			note(aboutName, key, fmt.Sprint(value))
		}
		assert.Len(t, got, 2*len(tables.All)+1)
		for where, of := range got {
			assert.Equal(t, test.want, of, where)
		}
		for _, name := range []string{"load_postgresql.sql", "load_sqlserver.sql", "tables.pq"} {
			script, err := os.ReadFile(filepath.Join(out, name))
			require.NoError(t, err)
			for key, value := range test.want {
				assert.GreaterOrEqual(t, strings.Count(string(script), key+": "+value+"\n"), len(tables.All), "%s in %s", key, name)
			}
		}
	}
}

// TestADatabaseHasNoNameUntilItIsWhole looks at what is there while a database is made.
func TestADatabaseHasNoNameUntilItIsWhole(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	var set output.Set
	defer set.Discard()
	out, err := set.Begin(filepath.Join(t.TempDir(), "out"), output.Folder(), false)
	require.NoError(t, err)
	about := &aboutTables{}
	w, err := newTableWriters(t.Context(), out, []tables.Format{tables.SQLite}, about.metadata())
	require.NoError(t, err)
	defer w.discard()
	entries, err := os.ReadDir(temp)
	require.NoError(t, err)
	assert.Empty(t, entries, "a process that is killed leaves it")
	require.NoError(t, w.finish(t.Context(), about, &tables.Report{}))
	require.NoError(t, set.Commit(out))
	assert.Equal(t, []string{databaseName, aboutName}, w.names)
}
