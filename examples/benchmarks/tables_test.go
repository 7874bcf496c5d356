package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/dictionary"
)

// These tests open what labdsr tables writes in DuckDB, and make the months again, in SQL.

// labdsrCommand builds the command line and returns a function that runs it.
func labdsrCommand(t *testing.T) func(arguments ...string) {
	t.Helper()
	dir := t.TempDir()
	command, err := choose(rivals, rivalName, "labdsr-command")
	require.NoError(t, err)
	require.NoError(t, command[0].prepare(t.Context(), dir))
	return func(arguments ...string) {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), filepath.Join(dir, "labdsr"), arguments...).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

// query returns the rows of a query, each as a text.
func (d *duck) query(ctx context.Context, t *testing.T, query string) []string {
	t.Helper()
	rows, err := d.db.QueryContext(ctx, query)
	require.NoError(t, err, query)
	defer quietly(rows)
	columns, err := rows.Columns()
	require.NoError(t, err)
	var all []string
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		require.NoError(t, rows.Scan(into...))
		all = append(all, strings.Trim(fmt.Sprint(values), "[]"))
	}
	require.NoError(t, rows.Err())
	return all
}

func testDuck(t *testing.T) *duck {
	t.Helper()
	d, err := openDuck(t.Context())
	require.NoError(t, err)
	t.Cleanup(d.close)
	require.NoError(t, d.exec(t.Context(), "SET timezone = 'UTC'"))
	return d
}

// monthsOf returns a query for the months of a table of machines, up to an instant. It
// looks at each month of each machine.
func monthsOf(machines string, at time.Time) string {
	until := fmt.Sprint(at.UnixMilli())
	return `WITH lives AS (
	SELECT coalesce(LabUId, '') AS LabUId, coalesce(PricingTier, '') AS PricingTier, coalesce(ResourceStatus, '') AS ResourceStatus,
		epoch_ms(CreatedTime::TIMESTAMP) AS created,
		CASE WHEN DeletedDate IS NULL THEN least(coalesce(epoch_ms(ExportedAt::TIMESTAMP), ` + until + `), ` + until + `)
			WHEN DeletedDate > CreatedTime THEN least(epoch_ms(DeletedDate::TIMESTAMP), ` + until + `) END AS ended
	FROM ` + machines + ` WHERE epoch_ms(CreatedTime::TIMESTAMP) < ` + until + `
), months AS (
	SELECT *, unnest(generate_series(date_trunc('month', make_timestamp_ms(created)),
		date_trunc('month', make_timestamp_ms(greatest(created, coalesce(ended - 1, created)))), INTERVAL 1 MONTH)) AS begins
	FROM lives
)
SELECT LabUId, begins::DATE AS Month, PricingTier, ResourceStatus, count(*) AS Machines,
	sum(CASE WHEN ended IS NULL THEN 0 ELSE greatest(0, least(ended, epoch_ms(begins + INTERVAL 1 MONTH)) - greatest(created, epoch_ms(begins))) END)::BIGINT AS Milliseconds,
	count(*) FILTER (ended IS NULL) AS MachinesNoEnd
FROM months GROUP BY ALL ORDER BY ALL`
}

// monthsIn returns a query for the same of what labdsr wrote.
func monthsIn(months string) string {
	return "SELECT LabUId, Month, PricingTier, ResourceStatus, Machines, round(MachineHours * 3600000)::BIGINT, MachinesNoEnd FROM " + months + " ORDER BY ALL"
}

func parquetIn(dir, table string) string {
	return "read_parquet(" + literal(filepath.Join(dir, table+".parquet")) + ")"
}

// TestMonthsAreThoseOfTheExports makes the months of an export in SQL, and compares them
// with those that labdsr makes of it, and of what is left of it after it was anonymized.
func TestMonthsAreThoseOfTheExports(t *testing.T) {
	t.Parallel()
	labdsr, d, dir := labdsrCommand(t), testDuck(t), t.TempDir()
	large := csvschematest.NewLarge(seed, 2<<20, &csvschematest.LargeOptions{Labs: 40, Subjects: 1})
	machines, _, err := writeExport(dir, large, csvschema.VirtualMachines)
	require.NoError(t, err)
	at := now.AddDate(0, 0, -10)
	want := d.query(t.Context(), t, monthsOf("(SELECT *, NULL::TIMESTAMP AS ExportedAt FROM "+readTyped(machines.name)+")", at))
	require.Greater(t, len(want), 1000)

	instant := at.Format(time.RFC3339)
	owners, clean, none := filepath.Join(dir, "owners"), filepath.Join(dir, "clean"), filepath.Join(dir, "none")
	labdsr("tables", "--virtualmachines", machines.name, "--at", instant, "--out", owners, "--with-owners", "--delete-after", "90d")
	assert.Equal(t, want, d.query(t.Context(), t, monthsIn(parquetIn(owners, "months"))))
	labdsr("anonymize", "--virtualmachines", machines.name, "--at", instant, "--out", clean)
	labdsr("tables", "--virtualmachines", clean, "--at", instant, "--out", none)
	assert.Equal(t, want, d.query(t.Context(), t, monthsIn(parquetIn(none, "months"))))

	keys := "SELECT ResourceKey FROM %s ORDER BY 1"
	assert.Equal(t, d.query(t.Context(), t, fmt.Sprintf(keys, parquetIn(owners, "machines"))), d.query(t.Context(), t, fmt.Sprintf(keys, parquetIn(none, "machines"))))
	assert.Equal(t, []string{"0"}, d.query(t.Context(), t, "SELECT count(*) FROM "+parquetIn(none, "machines")+" WHERE ResourceOwner NOT LIKE '%anonymized.invalid' AND ResourceOwner NOT LIKE '616e6f6e-796d-8%'"))
}

// TestTablesOfExportsThatOverlap makes one export of each of three days out of one: a machine is in
// those of the days after its creation, and exists in those before its deletion. DuckDB finds the
// newest copies in the exports themselves.
func TestTablesOfExportsThatOverlap(t *testing.T) {
	t.Parallel()
	labdsr, d, dir := labdsrCommand(t), testDuck(t), t.TempDir()
	large := csvschematest.NewLarge(seed, 1<<20, &csvschematest.LargeOptions{Labs: 40, Subjects: 1})
	machines, _, err := writeExport(dir, large, csvschema.VirtualMachines)
	require.NoError(t, err)
	const form = "'%-m/%-d/%Y %-I:%M:%S %p'"
	at := now.AddDate(0, 0, -10)
	exports := filepath.Join(dir, "exports")
	var union []string
	for _, days := range []int{200, 100, 40} {
		last := at.AddDate(0, 0, -days)
		folder := filepath.Join(exports, "lab", "ba1d9ea3-0d1c-4b50-a5a2-cd3f9b1c51a8", last.Format("2-1-2006"), "full")
		require.NoError(t, os.MkdirAll(folder, 0o700))
		name := filepath.Join(folder, "virtualmachines.csv")
		made := "TIMESTAMP " + literal(last.Format("2006-01-02")) + " + INTERVAL 1 DAY" // the end of that day
		deleted := "strptime(nullif(DeletedDate, ''), " + form + ")"
		require.NoError(t, d.exec(t.Context(), "COPY (SELECT * REPLACE (if("+deleted+" < "+made+", DeletedDate, '') AS DeletedDate,"+
			" if("+deleted+" < "+made+", 'Inactive', 'Active') AS ResourceStatus) FROM "+readCSV(machines.name, csvschema.VirtualMachines)+
			" WHERE strptime(CreatedTime, "+form+") < "+made+") TO "+literal(name)+" (HEADER, FORCE_QUOTE *)"))
		union = append(union, "SELECT *, "+made+" AS ExportedAt FROM "+readTyped(name))
	}
	newest := "(FROM (" + strings.Join(union, " UNION ALL ") + ") QUALIFY row_number() OVER (PARTITION BY LabUId, ResourceUId ORDER BY ExportedAt DESC) = 1)"
	copies := d.query(t.Context(), t, "SELECT count(*), count(DISTINCT (LabUId, ResourceUId)) FROM ("+strings.Join(union, " UNION ALL ")+")")
	want := d.query(t.Context(), t, monthsOf(newest, at))
	require.Greater(t, len(want), 500)
	states := "SELECT count(*), count(DeletedDate), count(*) FILTER (ResourceStatus = 'Active') FROM "

	out := filepath.Join(dir, "tables")
	labdsr("tables", "--virtualmachines", exports, "--at", at.Format(time.RFC3339), "--out", out, "--with-owners", "--delete-after", "90d")
	assert.Equal(t, want, d.query(t.Context(), t, monthsIn(parquetIn(out, "months"))))
	assert.Equal(t, d.query(t.Context(), t, states+newest), d.query(t.Context(), t, states+parquetIn(out, "machines")))
	assert.Equal(t, d.query(t.Context(), t, "SELECT LabUId, ResourceUId, ExportedAt::TIMESTAMP FROM "+newest+" ORDER BY ALL"),
		d.query(t.Context(), t, "SELECT LabUId, ResourceUId, ExportedAt::TIMESTAMP FROM "+parquetIn(out, "machines")+" ORDER BY ALL"))
	var read, resources int64
	_, err = fmt.Sscan(copies[0], &read, &resources)
	require.NoError(t, err)
	assert.Greater(t, read, resources)
	assert.Equal(t, []string{fmt.Sprint(resources)}, d.query(t.Context(), t, "SELECT count(*) FROM "+parquetIn(out, "machines")))
}

// TestDuckDBOpensTheTables compares the types with those of the dictionary, and what is in
// the formats with each other.
func TestDuckDBOpensTheTables(t *testing.T) {
	t.Parallel()
	labdsr, d := labdsrCommand(t), testDuck(t)
	for number := range uint64(3) {
		set := csvschematest.New(number, &csvschematest.Options{CRLF: number == 1})
		dir := t.TempDir()
		for _, f := range set.Files {
			export := filepath.Join(dir, "exports", "lab", "ba1d9ea3-0d1c-4b50-a5a2-cd3f9b1c51a8", set.Now.AddDate(0, 0, -7*f.Export).Format("2-1-2006"), "full")
			require.NoError(t, os.MkdirAll(export, 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(export, fmt.Sprintf("%v-%d.csv", f.Role, f.Number)), f.Data, 0o600))
		}
		out, exports := filepath.Join(dir, "tables"), filepath.Join(dir, "exports")
		labdsr("tables", "--virtualmachines", exports, "--disks", exports, "--at", set.Now.Format(time.RFC3339), "--out", out,
			"--with-owners", "--delete-after", "90d", "--format", "parquet", "--format", "csv")
		for role, table := range map[csvschema.Role]string{csvschema.VirtualMachines: "machines", csvschema.Disks: "disks"} {
			want := []string{"ResourceKey VARCHAR"}
			csv := []string{"'ResourceKey': 'VARCHAR'"}
			for _, e := range dictionary.Of(role) {
				name := map[string]string{"TEXT": "VARCHAR", "TIMESTAMP": "TIMESTAMP WITH TIME ZONE"}[e.SQLType]
				if name == "" {
					name = e.SQLType
				}
				want = append(want, e.Column.String()+" "+name)
				csv = append(csv, fmt.Sprintf("'%s': '%s'", e.Column, name))
			}
			want = append(want, "ExportedAt TIMESTAMP WITH TIME ZONE")
			csv = append(csv, "'ExportedAt': 'TIMESTAMP WITH TIME ZONE'")
			parquet := parquetIn(out, table)
			assert.Equal(t, want, d.query(t.Context(), t, "SELECT column_name, column_type FROM (DESCRIBE FROM "+parquet+")"))

			loaded := "read_csv(" + literal(filepath.Join(out, table+".csv")) + `, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', ` +
				"allow_quoted_nulls = false, columns = {" + strings.Join(csv, ", ") + "})"
			for _, pair := range [][2]string{{parquet, loaded}, {loaded, parquet}} {
				assert.Empty(t, d.query(t.Context(), t, "FROM "+pair[0]+" EXCEPT ALL FROM "+pair[1]), table)
			}
		}
		months := parquetIn(out, "months")
		assert.Equal(t, []string{
			"LabUId VARCHAR", "Month DATE", "PricingTier VARCHAR", "ResourceStatus VARCHAR", "Machines BIGINT", "MachineHours DOUBLE", "MachinesNoEnd BIGINT",
		}, d.query(t.Context(), t, "SELECT column_name, column_type FROM (DESCRIBE FROM "+months+")"))
		assert.Equal(t, d.query(t.Context(), t, monthsOf(parquetIn(out, "machines"), set.Now)), d.query(t.Context(), t, monthsIn(months)))
		assert.Equal(t, []string{"1"}, d.query(t.Context(), t, "SELECT count(*) FROM parquet_kv_metadata("+literal(filepath.Join(out, "machines.parquet"))+") WHERE key = 'personal-data' AND value = 'yes'"))
	}
}
