package tables_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// allSchemas are those of some tables, with metadata that would end a comment.
func allSchemas(of ...tables.Table) map[tables.Table]*arrow.Schema {
	all := map[tables.Table]*arrow.Schema{}
	for _, table := range of {
		all[table] = tables.Schema(table, arrow.NewMetadata([]string{"made-by", "personal-data"}, []string{"it's\nlabdsr */ \u2028\" $(x)", "no"}))
	}
	return all
}

func TestScriptsAreThoseOfTheFormat(t *testing.T) {
	t.Parallel()
	for format, want := range map[tables.Format][]string{
		tables.Parquet: {"tables.pq"}, tables.SQLite: nil, tables.CSV: {"load_postgresql.sql", "load_sqlserver.sql"},
	} {
		scripts := tables.Scripts(format, allSchemas(tables.All[:]...))
		assert.Equal(t, want, slices.Sorted(maps.Keys(scripts)), format)
		for name, script := range scripts {
			assert.Contains(t, string(script), "personal-data: no", name)
			assert.NotContains(t, string(script), "$(x)", name)
			for _, table := range tables.All {
				assert.Contains(t, string(script), table.String(), name)
			}
		}
		for name, script := range tables.Scripts(format, allSchemas(tables.Machines, tables.Months)) {
			assert.NotContains(t, strings.ReplaceAll(string(script), "machines and disks", ""), "disks", name)
		}
	}
}

// TestKeysOfSQLServerCanBeIndexed adds the sizes of the columns of each key: two bytes for
// each unit of a text.
func TestKeysOfSQLServerCanBeIndexed(t *testing.T) {
	t.Parallel()
	script := string(tables.Scripts(tables.CSV, allSchemas(tables.All[:]...))["load_sqlserver.sql"])
	for _, want := range []string{
		"[ResourceKey] nvarchar(32) COLLATE Latin1_General_100_BIN2 NOT NULL",
		"[LabUId] nvarchar(64) COLLATE Latin1_General_100_BIN2 NULL", // as in months, with which it is joined
		"[LabUId] nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL",
		"[PricingTier] nvarchar(128) COLLATE Latin1_General_100_BIN2 NOT NULL",
		"[ResourceStatus] nvarchar(64) COLLATE Latin1_General_100_BIN2 NOT NULL",
		"[ResourceOwner] nvarchar(1024) NULL", "[CreatedTime] datetime2(6) NULL", "[Claimable] bit NULL", "[DiskSizeGB] bigint NULL",
		"[MachineHours] float NOT NULL", "[Month] date NOT NULL", "MAXERRORS = 0",
	} {
		assert.Contains(t, script, want)
	}
	assert.LessOrEqual(t, 2*(64+128+64)+3, 900)
}

// TestTablesOfSQLServerSayWhatTheyAre looks for the property of each table, in which personal data
// that was loaded before is not forgotten.
func TestTablesOfSQLServerSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	script := string(tables.Scripts(tables.CSV, allSchemas(tables.All[:]...))["load_sqlserver.sql"])
	for _, table := range tables.All {
		_, of, found := strings.Cut(script, fmt.Sprintf("DECLARE @%v_about nvarchar(3500) = N'made-by: it''s labdsr */  \" $ (x); personal-data: no';\n", table))
		require.True(t, found, table)
		of, _, _ = strings.Cut(of, "-- What the table says of itself.")
		for _, want := range []string{
			"major_id = OBJECT_ID(N'" + table.String() + "', N'U')",
			"NOT LIKE N'%personal-data: yes%'\n    OR NOT EXISTS (SELECT 1 FROM [" + table.String() + "] AS old",
		} {
			assert.Equal(t, 1, strings.Count(of, want), "%v: %s", table, want)
		}
		level := fmt.Sprintf("@level0name = @%v_schema, @level1type = N'TABLE', @level1name = N'%v';", table, table)
		assert.Equal(t, 2, strings.Count(of, level), table)
	}
}

// refused runs the parsers on scripts and returns the names of those that they refuse.
func refused(t *testing.T, scripts map[string][]byte) []string {
	t.Helper()
	folder, err := filepath.Abs("../../../.ci/tsql")
	require.NoError(t, err)
	node, err := exec.LookPath("node")
	if _, missing := os.Stat(filepath.Join(folder, "node_modules")); err != nil || missing != nil {
		t.Skip("parsers absent: run npm --prefix .ci/tsql ci --ignore-scripts")
	}
	arguments := []string{filepath.Join(folder, "check.mjs")}
	dir := t.TempDir()
	for name, script := range scripts {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, script, 0o600))
		arguments = append(arguments, path)
	}
	output, err := exec.CommandContext(t.Context(), node, arguments...).CombinedOutput()
	t.Logf("%s", output)
	var names []string
	for name := range scripts {
		if strings.Contains(string(output), filepath.Join(dir, name)+": ") {
			names = append(names, name)
		}
	}
	assert.Equal(t, err != nil, len(names) > 0, "%v", err)
	return names
}

func TestScriptsCanBeParsed(t *testing.T) {
	t.Parallel()
	scripts := map[string][]byte{}
	for i, schemas := range []map[tables.Table]*arrow.Schema{
		allSchemas(tables.All[:]...), allSchemas(tables.Machines, tables.Months), allSchemas(tables.Disks),
	} {
		scripts[fmt.Sprintf("%d.sql", i)] = tables.Scripts(tables.CSV, schemas)["load_sqlserver.sql"]
		scripts[fmt.Sprintf("%d.pq", i)] = tables.Scripts(tables.Parquet, schemas)["tables.pq"]
	}
	assert.Empty(t, refused(t, scripts))
}

// TestBrokenScriptsCannotBeParsed says that the parsers would see a mistake.
func TestBrokenScriptsCannotBeParsed(t *testing.T) {
	t.Parallel()
	broken := map[string][]byte{}
	for i, test := range []struct{ file, old, new string }{
		{"load_sqlserver.sql", "nvarchar(64) NULL", "nvarchar(64 NULL"},
		{"load_sqlserver.sql", "datetime2(6) NULL,", "datetime2(6) NULL"},
		{"load_sqlserver.sql", "FIRSTROW = 2", "FIRSTROW 2"},
		{"load_sqlserver.sql", "FIRSTROW = 2", "FIRSTROWS = 2"},
		{"load_sqlserver.sql", "MAXERRORS = 0", "MAXERRORS = '0'"},
		{"load_sqlserver.sql", "KEEPNULLS, ", "KEEPNULLS "},
		{"load_sqlserver.sql", "machines.csv'", "machines.csv"},
		{"load_sqlserver.sql", "USING [#machines_new] AS new\nON", "USING [#machines_new] AS new\nWHEN"},
		{"load_sqlserver.sql", "NOT MATCHED BY TARGET", "NOT MATCHED TARGET"},
		{"load_sqlserver.sql", "COALESCE([LabUId], N'')", "COALESCE([LabUId], N''"},
		{"load_sqlserver.sql", "COMMIT TRANSACTION;", "COMMIT TRANSACTION)"},
		{"load_sqlserver.sql", "EXEC sys.sp_addextendedproperty", "EXEC EXEC sys.sp_addextendedproperty"},
		{"load_sqlserver.sql", "@level1type = N'TABLE',", "@level1type = N'TABLE'"},
		{"load_sqlserver.sql", "sysname = OBJECT_SCHEMA_NAME", "sysname OBJECT_SCHEMA_NAME"},
		{"load_sqlserver.sql", "ELSE IF @machines_before", "ELSE @machines_before"},
		{"tables.pq", "Folder = ", "Folder "},
		{"tables.pq", "type nullable text}", "type nullable text"},
		{"tables.pq", "\nin\n", "\n"},
		{"tables.pq", "then DateTimeZone", "else DateTimeZone"},
	} {
		scripts := tables.Scripts(tables.CSV, allSchemas(tables.All[:]...))
		maps.Copy(scripts, tables.Scripts(tables.Parquet, allSchemas(tables.All[:]...)))
		script := string(scripts[test.file])
		require.Contains(t, script, test.old)
		broken[fmt.Sprintf("%d-%s", i, test.file)] = []byte(strings.Replace(script, test.old, test.new, 1))
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(broken)), refused(t, broken))
}
