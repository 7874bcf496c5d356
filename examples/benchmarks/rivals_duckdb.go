package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"runtime"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2" // the driver

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/dictionary"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A duck is an open DuckDB database. Opening it is not part of the task.
type duck struct {
	db *sql.DB
}

func openDuck(ctx context.Context) (*duck, error) {
	db, err := sql.Open("duckdb", "")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // settings apply to one connection
	d := &duck{db}
	return d, d.exec(ctx, fmt.Sprintf("SET threads = %d", runtime.GOMAXPROCS(0)))
}

func (d *duck) close() { _ = d.db.Close() } // the database is in memory

func (d *duck) exec(ctx context.Context, query string) error {
	_, err := d.db.ExecContext(ctx, query)
	return err
}

// hits runs a query for whole rows, reads all of them and records their ResourceUIds.
// The rows may come in any order, which is faster.
func (d *duck) hits(ctx context.Context, role csvschema.Role, query string) (answer, error) {
	if err := d.exec(ctx, "SET preserve_insertion_order = false"); err != nil {
		return answer{}, err
	}
	rows, err := d.db.QueryContext(ctx, query)
	if err != nil {
		return answer{}, err
	}
	defer quietly(rows)
	columns := role.Columns()
	cells := make([]sql.NullString, len(columns))
	into := make([]any, len(columns))
	for i := range cells {
		into[i] = &cells[i]
	}
	a := answer{rows: -1, due: -1}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return answer{}, err
		}
		for i, c := range columns {
			if c == csvschema.ResourceUId {
				a.hit(cells[i].String)
			}
		}
	}
	return a, rows.Err()
}

var duckDB = map[kind]func(context.Context, *job) (answer, error){
	filter: func(ctx context.Context, j *job) (answer, error) {
		return j.duck.hits(ctx, csvschema.VirtualMachines, "SELECT * "+duckMachines(j))
	},
	filterDisks: func(ctx context.Context, j *job) (answer, error) {
		return j.duck.hits(ctx, csvschema.Disks, "SELECT * FROM "+readCSV(j.Disks, csvschema.Disks)+
			" WHERE lower(LeasedByVmId) IN (SELECT lower(ResourceId) "+duckMachines(j)+")")
	},
	cleaning:  duckCleanUp,
	verifying: duckVerify,
	planning:  duckPlan,
	tabling:   duckTables,
}

// duckMachines returns the end of a query for the machines of the subjects. Unlike in
// other rivals, the letter case of an owner must be that of the file.
func duckMachines(j *job) string {
	theirs := " = " + literal(j.owners[0])
	if len(j.owners) > 1 {
		theirs = " IN (FROM read_csv(" + literal(j.Owners) + ", auto_detect = false, header = true, columns = {'ResourceOwner': 'VARCHAR'}))"
	}
	return "FROM " + readCSV(j.Machines, csvschema.VirtualMachines) + " WHERE ResourceOwner" + theirs
}

// duckCleanUp replaces the owner and the user of the environment of due rows.
func duckCleanUp(ctx context.Context, j *job) (answer, error) {
	out := j.Out
	if out == "" {
		out = os.DevNull
	}
	res, err := j.duck.db.ExecContext(ctx, "COPY (SELECT * EXCLUDE (due) REPLACE ("+
		"CASE WHEN due AND ResourceOwner <> '' THEN "+literal(identity.ReplacementAddress)+" ELSE ResourceOwner END AS ResourceOwner, "+
		"CASE WHEN due AND EnvironmentId <> '' THEN regexp_replace(EnvironmentId, "+literal(userPattern)+", "+
		literal(`\1`+identity.ReplacementObjectID)+") ELSE EnvironmentId END AS EnvironmentId) FROM "+duckDue(j)+
		") TO "+literal(out)+" (FORMAT csv, HEADER, FORCE_QUOTE *)")
	if err != nil {
		return answer{}, err
	}
	rows, err := res.RowsAffected()
	if err != nil || j.Out == "" {
		return answer{rows: rows, due: -1}, err
	}
	file, err := os.OpenFile(j.Out, os.O_WRONLY, 0)
	if err != nil {
		return answer{}, err
	}
	return answer{rows: rows, due: -1}, j.finish(file)
}

// duckVerify counts the rows of the output that the input does not have.
func duckVerify(ctx context.Context, j *job) (answer, error) {
	var names []string
	for _, c := range csvschema.VirtualMachines.Columns() {
		names = append(names, c.String())
	}
	a := answer{rows: -1}
	err := j.duck.db.QueryRowContext(ctx, "SELECT count(*) FROM "+readCSV(j.After, csvschema.VirtualMachines)+
		" ANTI JOIN "+readCSV(j.Machines, csvschema.VirtualMachines)+" USING ("+strings.Join(names, ", ")+")").Scan(&a.due)
	return a, err
}

func duckPlan(ctx context.Context, j *job) (answer, error) {
	var a answer
	err := j.duck.db.QueryRowContext(ctx, "SELECT count(*), count(*) FILTER (due) FROM "+duckDue(j)).Scan(&a.rows, &a.due)
	return a, err
}

// duckTables writes the file with types. Of the columns of labdsr it has no key and no date
// of the export.
func duckTables(ctx context.Context, j *job) (answer, error) {
	res, err := j.duck.db.ExecContext(ctx, "COPY (FROM "+readTyped(j.Machines)+") TO "+literal(j.Out)+" (FORMAT parquet, COMPRESSION snappy)")
	if err != nil {
		return answer{}, err
	}
	rows, err := res.RowsAffected()
	if err != nil {
		return answer{}, err
	}
	file, err := os.OpenFile(j.Out, os.O_WRONLY, 0)
	if err != nil {
		return answer{}, err
	}
	return answer{rows: rows, due: -1}, j.finish(file)
}

// readTyped returns the table function for virtual machines whose columns have types, and
// are null where a cell is empty.
func readTyped(name string) string {
	columns := make([]string, 0, len(csvschema.VirtualMachines.Columns()))
	for _, e := range dictionary.Of(csvschema.VirtualMachines) {
		columns = append(columns, fmt.Sprintf("'%s': '%s'", e.Column, e.SQLType))
	}
	return "read_csv(" + literal(name) + `, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', ` +
		`new_line = '\n', nullstr = '', allow_quoted_nulls = true, timestampformat = '%m/%d/%Y %I:%M:%S %p', columns = {` + strings.Join(columns, ", ") + "})"
}

// duckDue returns a query for the virtual machines and whether they are due.
func duckDue(j *job) string {
	return "(SELECT *, CASE WHEN DeletedDate <> '' THEN strptime(DeletedDate, '%m/%d/%Y %I:%M:%S %p') <= TIMESTAMP " +
		literal(dueBy(j.Now).Format("2006-01-02 15:04:05")) + " ELSE false END AS due FROM " + readCSV(j.Machines, csvschema.VirtualMachines) + ")"
}

// readCSV returns the table function for a file. It sets every option that DuckDB would
// otherwise detect by reading the start of the file several times.
func readCSV(name string, role csvschema.Role) string {
	columns := make([]string, 0, len(role.Columns()))
	for _, c := range role.Columns() {
		columns = append(columns, fmt.Sprintf("'%s': 'VARCHAR'", c))
	}
	return "read_csv(" + literal(name) + `, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', ` +
		`new_line = '\n', allow_quoted_nulls = false, columns = {` + strings.Join(columns, ", ") + "})"
}

// literal returns a text as an SQL string literal.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
