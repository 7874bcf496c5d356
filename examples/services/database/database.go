// Package database keeps exports in SQLite: it loads both files of each export, answers
// requests from the rows, takes out of them what is due, and writes the files again.
package database

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/dictionary"
	"github.com/labdsr/labdsr/csvschema/reveal"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
	"github.com/labdsr/labdsr/dsr/response"
)

// Open opens the database and makes its tables: one of the exports, and one of the rows of
// each kind of file, whose columns have the names and types of package dictionary.
func Open(ctx context.Context, file string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+file+"?_txlock=immediate&_pragma=busy_timeout(10000)")
	if err != nil {
		return nil, err
	}
	statements := []string{"CREATE TABLE IF NOT EXISTS exports (id INTEGER PRIMARY KEY, made INTEGER NOT NULL)"}
	for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
		columns := []string{"row INTEGER PRIMARY KEY", "export INTEGER NOT NULL"}
		for _, e := range dictionary.Of(role) {
			columns = append(columns, e.Column.String()+" "+e.SQLType)
		}
		statements = append(statements, fmt.Sprintf("CREATE TABLE IF NOT EXISTS %v (%s)", role, strings.Join(columns, ", ")))
	}
	_, err = db.ExecContext(ctx, strings.Join(statements, ";"))
	return db, err
}

// names returns the documented columns of a role.
func names(role csvschema.Role) string {
	var all []string
	for _, c := range role.Columns() {
		all = append(all, c.String())
	}
	return strings.Join(all, ", ")
}

// Load adds an export that was made at an instant, with all of its rows or none. A file
// with columns that are not documented is refused: the tables have no place for them.
func Load(ctx context.Context, db *sql.DB, made time.Time, virtualMachines, disks io.Reader) (export int64, err error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after a commit
	if err := tx.QueryRowContext(ctx, "INSERT INTO exports (made) VALUES (?) RETURNING id", made.Unix()).Scan(&export); err != nil {
		return 0, err
	}
	if err := insert[csvschema.VirtualMachineRow](ctx, tx, export, virtualMachines); err != nil {
		return 0, err
	}
	if err := insert[csvschema.DiskRow](ctx, tx, export, disks); err != nil {
		return 0, err
	}
	return export, tx.Commit()
}

// insert adds the rows of a file to an export.
func insert[T csvschema.Row](ctx context.Context, tx *sql.Tx, export int64, r io.Reader) error {
	role := csvschema.CellsOf(new(T)).Role()
	statement, err := tx.PrepareContext(ctx, fmt.Sprintf("INSERT INTO %v (export, %s) VALUES (?%s)",
		role, names(role), strings.Repeat(", ?", len(role.Columns()))))
	if err != nil {
		return err
	}
	defer func() { _ = statement.Close() }()
	for row, err := range csvschema.NewReader[T](r, nil).All() {
		if err != nil {
			return err
		}
		if _, err := statement.ExecContext(ctx, append([]any{export}, reveal.Arguments(row)...)...); err != nil {
			return err
		}
	}
	return nil
}

// A queryer is a database or a transaction.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// Rows returns the rows of an export in the order of its file. A query that breaks off
// ends with its error.
func Rows[T csvschema.Row](ctx context.Context, q queryer, export int64) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		role := csvschema.CellsOf(&none).Role()
		found, err := q.QueryContext(ctx, fmt.Sprintf("SELECT %s FROM %v WHERE export = ? ORDER BY row", names(role), role), export)
		if err != nil {
			yield(none, err)
			return
		}
		defer func() { _ = found.Close() }()
		for found.Next() {
			var row T
			err := found.Scan(reveal.Destinations(&row)...)
			if !yield(row, err) || err != nil {
				return
			}
		}
		if err := found.Err(); err != nil {
			yield(none, err)
		}
	}
}

// Exports returns all exports, for a search or a plan, and their IDs in the same order.
func Exports(ctx context.Context, q queryer) (exports []csvschema.Export, ids []int64, err error) {
	found, err := q.QueryContext(ctx, "SELECT id, made FROM exports ORDER BY id")
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = found.Close() }()
	for found.Next() {
		var id, made int64
		if err := found.Scan(&id, &made); err != nil {
			return nil, nil, err
		}
		ids = append(ids, id)
		exports = append(exports, csvschema.Export{
			VirtualMachines: []csvschema.Source{csvschema.RowSource(Rows[csvschema.VirtualMachineRow](ctx, q, id))},
			Disks:           []csvschema.Source{csvschema.RowSource(Rows[csvschema.DiskRow](ctx, q, id))},
			Made:            time.Unix(made, 0),
		})
	}
	return exports, ids, found.Err()
}

// Answer writes the package for a person.
func Answer(ctx context.Context, db *sql.DB, w io.Writer, subject dsr.Subject, o *response.Options) (*redact.Report, error) {
	exports, _, err := Exports(ctx, db)
	if err != nil {
		return nil, err
	}
	return response.Write(ctx, w, exports, subject, o)
}

// Write writes a file of an export again: each cell in quotes, dates and booleans as the
// exports spell them.
func Write[T csvschema.Row](ctx context.Context, db *sql.DB, export int64, w io.Writer) error {
	file, err := csvschema.RowSource(Rows[T](ctx, db, export)).Open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	_, err = io.Copy(w, file)
	return err
}

// Anonymize takes out of the rows of all exports what is due: all of it or, with an error,
// nothing. It returns what the plan found, with the counts of what was done. Nobody else can
// write to the database meanwhile.
func Anonymize(ctx context.Context, db *sql.DB, policy *anonymize.Policy, now time.Time) (*anonymize.Report, error) {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }()
	before, ids, err := Exports(ctx, tx)
	if err != nil {
		return nil, err
	}
	plan, err := policy.Plan(ctx, now, before)
	if err != nil {
		return nil, err
	}
	planned := *plan.Report()
	report := &planned
	if len(report.UnmetHolds)+len(report.UnmetDecisions) > 0 {
		return report, fmt.Errorf("%d holds and %d decisions meet no row: are they mistyped?", len(report.UnmetHolds), len(report.UnmetDecisions))
	}
	report.Total = anonymize.Stats{} // with what is replaced
	var written []source.File
	for _, f := range report.Files {
		var file bytes.Buffer
		stats, err := plan.Apply(ctx, f.FileID, &file)
		if err != nil {
			return report, err
		}
		report.Total.Add(stats)
		written = append(written, source.File{FileID: f.FileID, Path: fmt.Sprintf("%d/%v.csv", f.Export, f.Role), Source: source.FromBytes(file.Bytes())})
	}
	proof, err := verify.Exports(ctx, policy, now, before, source.Group(written, nil))
	if err != nil {
		return report, err
	}
	if !proof.OK() {
		return report, fmt.Errorf("%d places are not as planned; the first: %v", proof.Failed, proof.Failures[0])
	}
	for i, f := range report.Files {
		export, add := ids[f.Export-1], insert[csvschema.VirtualMachineRow]
		if f.Role == csvschema.Disks {
			add = insert[csvschema.DiskRow]
		}
		if _, err := tx.ExecContext(ctx, fmt.Sprintf("DELETE FROM %v WHERE export = ?", f.Role), export); err != nil {
			return report, err
		}
		file, err := written[i].Source.Open(ctx)
		if err != nil {
			return report, err
		}
		if err := add(ctx, tx, export, file); err != nil {
			return report, err
		}
	}
	return report, tx.Commit()
}
