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
	var a answer
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
		return j.duck.hits(ctx, csvschema.Disks, "SELECT * FROM "+readCSV(j, j.Disks, csvschema.Disks)+
			" WHERE lower(LeasedByVmId) IN (SELECT lower(ResourceId) "+duckMachines(j)+")")
	},
	anonymizing: duckAnonymize,
}

// duckMachines returns the end of a query for the machines of the subjects. Unlike in
// other rivals, the letter case of an owner must be that of the file.
func duckMachines(j *job) string {
	theirs := " = " + literal(j.owners[0])
	if len(j.owners) > 1 {
		theirs = " IN (FROM read_csv(" + literal(j.Owners) + ", auto_detect = false, header = true, columns = {'ResourceOwner': 'VARCHAR'}))"
	}
	return "FROM " + readCSV(j, j.Machines, csvschema.VirtualMachines) + " WHERE ResourceOwner" + theirs
}

func duckAnonymize(ctx context.Context, j *job) (answer, error) {
	out := j.Out
	if out == "" {
		out = os.DevNull
	}
	options := "FORMAT csv, HEADER"
	if j.Quoted {
		options += ", FORCE_QUOTE *"
	}
	query := "COPY (SELECT * REPLACE (CASE WHEN DeletedDate <> '' AND ResourceOwner <> '' AND " +
		"strptime(DeletedDate, '%m/%d/%Y %I:%M:%S %p') <= TIMESTAMP " + literal(due.Format("2006-01-02 15:04:05")) +
		" THEN " + literal(identity.ReplacementAddress) + " ELSE ResourceOwner END AS ResourceOwner) " +
		"FROM " + readCSV(j, j.Machines, csvschema.VirtualMachines) + ") TO " + literal(out) + " (" + options + ")"
	res, err := j.duck.db.ExecContext(ctx, query)
	if err != nil {
		return answer{}, err
	}
	rows, err := res.RowsAffected()
	return answer{rows: rows, due: -1}, err
}

// readCSV returns the table function for a file. It sets every option that DuckDB would
// otherwise detect by reading the start of the file several times.
func readCSV(j *job, name string, role csvschema.Role) string {
	columns := make([]string, 0, len(role.Columns()))
	for _, c := range role.Columns() {
		columns = append(columns, fmt.Sprintf("'%s': 'VARCHAR'", c))
	}
	lineEnd := `\n`
	if j.CRLF {
		lineEnd = `\r\n`
	}
	return "read_csv(" + literal(name) + `, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', ` +
		"new_line = '" + lineEnd + "', allow_quoted_nulls = false, columns = {" + strings.Join(columns, ", ") + "})"
}

// literal returns a text as an SQL string literal.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
