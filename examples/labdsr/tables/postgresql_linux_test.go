package tables_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/postgrestest"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// writeCSV writes tables and their scripts to a folder.
func writeCSV(t *testing.T, dir string, rows map[tables.Table][][]any) {
	t.Helper()
	writeCSVOf(t, dir, rows, "no")
}

func writeCSVOf(t *testing.T, dir string, rows map[tables.Table][][]any, personal string) {
	t.Helper()
	schemas := map[tables.Table]*arrow.Schema{}
	for table, values := range rows {
		schemas[table] = tables.Schema(table, arrow.NewMetadata([]string{"personal-data", "note"}, []string{personal, "it's\n\\! a $(line)"}))
		out, err := os.Create(filepath.Join(dir, table.String()+".csv"))
		require.NoError(t, err)
		w, err := tables.NewCSV(out, schemas[table])
		write(t, w, err, batch(t, schemas[table], values...))
		require.NoError(t, out.Close())
	}
	for name, script := range tables.Scripts(tables.CSV, schemas) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), script, 0o600))
	}
}

// rowsOf returns rows of a table, with a value of a row for each of its columns. Every
// row has other values, and those of every third column that may be null are.
func rowsOf(table tables.Table, n int) [][]any {
	all := make([][]any, n)
	for i := range all {
		for j, f := range tables.Schema(table, arrow.Metadata{}).Fields() {
			var value any
			switch f.Type.ID() { //nolint:exhaustive // no table has the others
			case arrow.STRING:
				value = fmt.Sprintf("%s %d, \"é\"\r\n'x'\\", f.Name, i)
			case arrow.BOOL:
				value = i%2 == 0
			case arrow.INT64:
				value = int64(i)<<40 + int64(j)
			case arrow.FLOAT64:
				value = float64(i) / 3
			case arrow.DATE32:
				value = time.Date(1999, time.Month(i), 1, 0, 0, 0, 0, time.UTC)
			case arrow.TIMESTAMP:
				value = time.Date(2016, 3, 27, 1, 30, i, j*1000, time.UTC)
			}
			if f.Nullable && (i+j)%3 == 0 {
				value = nil
			}
			all[i] = append(all[i], value)
		}
	}
	return all
}

// printed returns rows as psql prints them.
func printed(rows [][]any) [][]string {
	all := make([][]string, len(rows))
	for i, row := range rows {
		for _, value := range row {
			text := fmt.Sprint(value)
			switch value := value.(type) {
			case nil:
				text = "<null>"
			case string:
				text = strings.ReplaceAll(value, "\r\n", "\n") // as encoding/csv reads it
			case bool:
				text = text[:1]
			case time.Time:
				if text = value.Format("2006-01-02 15:04:05.999999+00"); value.Hour() == 0 {
					text = value.Format("2006-01-02")
				}
			}
			all[i] = append(all[i], text)
		}
	}
	return all
}

func TestPostgreSQLLoadsTheTables(t *testing.T) {
	t.Parallel()
	s := postgrestest.Run(t)
	rows := map[tables.Table][][]any{}
	dir := t.TempDir()
	load := func() {
		t.Helper()
		writeCSV(t, dir, rows)
		output, err := s.RunScript(filepath.Join(dir, "load_postgresql.sql"))
		require.NoError(t, err, output)
	}
	state := func() (all [][]string) { // with the transactions that wrote the rows
		for _, table := range tables.All {
			all = append(all, s.Query(t, fmt.Sprintf("SELECT xmin, * FROM %s ORDER BY 2, 3, 4, 5", table))...)
		}
		return all
	}
	for _, table := range tables.All {
		rows[table] = rowsOf(table, 5)
	}
	load()
	for _, table := range tables.All {
		assert.ElementsMatch(t, printed(rows[table]), s.Query(t, "SELECT * FROM "+table.String()), table)
	}
	assert.Equal(t, [][]string{{"personal-data: no\nnote: it's \\! a $ (line)"}}, s.Query(t, "SELECT obj_description('months'::regclass)"))
	assert.Equal(t, [][]string{{"timestamp with time zone"}}, s.Query(t, "SELECT pg_typeof(\"CreatedTime\") FROM machines LIMIT 1"))

	before := state()
	load()
	assert.Equal(t, before, state(), "a second load changed something")

	// One machine changes, one is new, and one is not loaded again.
	machines := rowsOf(tables.Machines, 7)
	machines[1][3], machines[1][9] = nil, time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	rows[tables.Machines] = append(machines[1:5:5], machines[6])
	// A lab has another month, all others keep theirs.
	months := rowsOf(tables.Months, 5)
	months[1][1] = time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	rows[tables.Months] = months[1:2]
	for _, row := range rows[tables.Machines] {
		row[2] = months[1][0] // the lab
	}
	load()
	assert.ElementsMatch(t, printed(append(rows[tables.Machines], machines[0])), s.Query(t, "SELECT * FROM machines"))
	assert.ElementsMatch(t, printed(append(rowsOf(tables.Months, 5)[2:], months[1], rowsOf(tables.Months, 1)[0])), s.Query(t, "SELECT * FROM months"))

	// A lab that is loaded without months has none.
	rows[tables.Months] = nil
	load()
	assert.Len(t, s.Query(t, "SELECT * FROM months"), 4)
}

func TestPostgreSQLLoadsAllOrNothing(t *testing.T) {
	t.Parallel()
	s := postgrestest.Run(t)
	for name, change := range map[string]func(file string) string{
		"a file ends in a row": func(file string) string { return file[:strings.LastIndexByte(file, ',')] },
		// Before version 18, psql takes this line of a text for the end of the file.
		"a line ends a file": func(file string) string { return strings.Replace(file, "\r\n'x'", "\n\\.\n'x'", 1) },
		"a key is there twice": func(file string) string {
			header, rows, _ := strings.Cut(file, "\n")
			return header + "\n" + rows + rows
		},
	} {
		dir := t.TempDir()
		writeCSV(t, dir, map[tables.Table][][]any{tables.Machines: rowsOf(tables.Machines, 3), tables.Months: rowsOf(tables.Months, 3)})
		months := filepath.Join(dir, "months.csv")
		content, err := os.ReadFile(months)
		require.NoError(t, err)
		changed := change(string(content))
		require.NotEqual(t, string(content), changed, name)
		require.NoError(t, os.WriteFile(months, []byte(changed), 0o600))
		output, err := s.RunScript(filepath.Join(dir, "load_postgresql.sql"))
		require.Error(t, err, "%s: %s", name, output)
		assert.Equal(t, [][]string{{"<null>", "<null>"}}, s.Query(t, "SELECT to_regclass('machines'), to_regclass('months')"), name)
	}
}

// TestPostgreSQLKeepsTheOrderOfColumns has a table that somebody made with other places for
// the columns, and one more.
func TestPostgreSQLKeepsTheOrderOfColumns(t *testing.T) {
	t.Parallel()
	s := postgrestest.Run(t)
	dir := t.TempDir()
	s.Query(t, `CREATE TABLE months ("MachinesNoEnd" bigint, "Machines" bigint, note text, "MachineHours" float, "ResourceStatus" text, "PricingTier" text, "LabUId" text, "Month" date,
		PRIMARY KEY ("LabUId", "Month", "PricingTier", "ResourceStatus"))`)
	writeCSV(t, dir, map[tables.Table][][]any{tables.Months: rowsOf(tables.Months, 3)})
	output, err := s.RunScript(filepath.Join(dir, "load_postgresql.sql"))
	require.NoError(t, err, output)
	assert.ElementsMatch(t, printed(rowsOf(tables.Months, 3)),
		s.Query(t, `SELECT "LabUId", "Month", "PricingTier", "ResourceStatus", "Machines", "MachineHours", "MachinesNoEnd" FROM months`))
}

// TestPostgreSQLSaysThatThereIsPersonalDataWhileItIsThere loads tables without personal data after
// ones with it.
func TestPostgreSQLSaysThatThereIsPersonalDataWhileItIsThere(t *testing.T) {
	t.Parallel()
	s := postgrestest.Run(t)
	dir := t.TempDir()
	load := func(personal string, rows [][]any) string {
		t.Helper()
		writeCSVOf(t, dir, map[tables.Table][][]any{tables.Machines: rows}, personal)
		output, err := s.RunScript(filepath.Join(dir, "load_postgresql.sql"))
		require.NoError(t, err, output)
		return s.Query(t, "SELECT obj_description('machines'::regclass)")[0][0]
	}
	rows := rowsOf(tables.Machines, 4)
	assert.Contains(t, load("no", rows[:1]), "personal-data: no")
	assert.Contains(t, load("yes", rows[:3]), "personal-data: yes")
	assert.Contains(t, load("no", rows[1:]), "personal-data: yes", "the first row is still there")
	assert.Contains(t, load("no", rows), "personal-data: no", "all were replaced")
}
