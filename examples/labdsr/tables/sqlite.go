package tables

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	_ "modernc.org/sqlite" // the driver
)

// A Database is a file of SQLite with some tables, and one more that is named metadata,
// with the metadata of each. Instants are text in UTC, as 2017-01-03 23:17:09.000000,
// which the functions of SQLite for dates understand; booleans are 1 and 0.
//
// All of it is one transaction. Until [Database.Close] returns without an error, the file
// holds nothing that can be used, and must be thrown away.
type Database struct {
	ctx  context.Context // that of the transaction
	db   *sql.DB
	tx   *sql.Tx
	open int // tables that are not closed
	err  error
}

// NewSQLite makes a database in a new file. No file is made beside it: what was written is
// undone in memory, but not when the process is killed. When ctx ends, nothing is kept.
func NewSQLite(ctx context.Context, path string) (*Database, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600) // nobody else may read it
	if err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	abs = "/" + strings.TrimPrefix(filepath.ToSlash(abs), "/") // a drive of Windows comes after a slash
	address := url.URL{Scheme: "file", Path: abs, RawQuery: "_pragma=journal_mode(MEMORY)&_pragma=locking_mode(EXCLUSIVE)&_pragma=cache_size(-32768)"}
	db, err := sql.Open("sqlite", address.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	d := &Database{ctx: ctx, db: db}
	if d.tx, err = db.BeginTx(ctx, nil); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	_, err = d.tx.ExecContext(ctx, `CREATE TABLE metadata (
	"Table" TEXT NOT NULL,
	"Key" TEXT NOT NULL,
	"Value" TEXT NOT NULL,
	PRIMARY KEY ("Table", "Key")
) STRICT`)
	if err != nil {
		return nil, errors.Join(err, d.tx.Rollback(), db.Close())
	}
	return d, nil
}

// Table makes a table and returns its writer. Several tables may be written in turn.
func (d *Database) Table(ctx context.Context, t Table, s *arrow.Schema) (Writer, error) {
	all, err := kinds(s)
	if err != nil {
		return nil, err
	}
	w := &sqliteWriter{database: d, schema: s, kinds: all, values: make([]any, len(all))}
	d.open++
	if _, err := d.tx.ExecContext(ctx, createSQLite(t, s, all)); err != nil {
		return nil, d.fail(err)
	}
	metadata := s.Metadata()
	for i, key := range metadata.Keys() {
		if _, err := d.tx.ExecContext(ctx, "INSERT INTO metadata VALUES (?, ?, ?)", t.String(), key, metadata.Values()[i]); err != nil {
			return nil, d.fail(err)
		}
	}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(all)), ", ")
	if w.insert, err = d.tx.PrepareContext(ctx, fmt.Sprintf("INSERT INTO %s VALUES (%s)", quoted(t.String()), marks)); err != nil {
		return nil, d.fail(err)
	}
	return w, nil
}

// Close keeps what was written if all tables are closed and nothing failed. Otherwise it
// keeps nothing and returns an error.
func (d *Database) Close() error {
	if d.tx == nil {
		return errClosed
	}
	tx := d.tx
	d.tx = nil
	switch {
	case d.err != nil:
	case d.ctx.Err() != nil:
		d.err = d.ctx.Err()
	case d.open > 0:
		d.err = errors.New("tables: a table of the database is not closed")
	default:
		return errors.Join(tx.Commit(), d.db.Close())
	}
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) { // done when the context ended
		return errors.Join(d.err, err, d.db.Close())
	}
	return errors.Join(d.err, d.db.Close())
}

// fail notes that something failed, so that nothing is kept.
func (d *Database) fail(err error) error {
	if d.err == nil {
		d.err = err
	}
	return err
}

// createSQLite returns the statement that makes a table. The descriptions of the columns
// are comments in it, which SQLite keeps.
func createSQLite(t Table, s *arrow.Schema, all []kind) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (\n", quoted(t.String()))
	var keys []string
	for i, f := range s.Fields() {
		fmt.Fprintf(&b, "\t%s ", quoted(f.Name))
		switch all[i] {
		case boolean:
			fmt.Fprintf(&b, "INTEGER CHECK (%s IN (0, 1))", quoted(f.Name))
		case integer:
			b.WriteString("INTEGER")
		case float:
			b.WriteString("REAL")
		case text, date, instant:
			b.WriteString("TEXT")
		}
		if !f.Nullable {
			b.WriteString(" NOT NULL")
		}
		if IsKey(f) {
			keys = append(keys, quoted(f.Name))
		}
		b.WriteString(",")
		if about := Description(f); about != "" {
			b.WriteString(" -- " + about)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\tPRIMARY KEY (%s)\n) STRICT", strings.Join(keys, ", "))
	return b.String()
}

// quoted returns a name as an identifier of SQL.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// sqliteWriter writes a table of a database.
type sqliteWriter struct {
	database *Database
	schema   *arrow.Schema
	kinds    []kind
	insert   *sql.Stmt
	values   []any
	closed   bool
}

// Write inserts the rows.
func (w *sqliteWriter) Write(ctx context.Context, batch arrow.RecordBatch) error {
	if w.closed || w.database.tx == nil {
		return errClosed
	}
	if err := errors.Join(w.database.err, ctx.Err(), check(w.schema, batch)); err != nil {
		return w.database.fail(err)
	}
	columns := batch.Columns()
	for row := range int(batch.NumRows()) {
		for i, column := range columns {
			w.values[i] = nil
			if !column.IsNull(row) {
				w.values[i] = sqliteValue(w.kinds[i], column, row)
			}
		}
		if _, err := w.insert.ExecContext(ctx, w.values...); err != nil {
			return w.database.fail(err)
		}
	}
	return nil
}

// Close finishes the table.
func (w *sqliteWriter) Close() error {
	if w.closed || w.database.tx == nil {
		return errClosed
	}
	w.closed = true
	w.database.open--
	if err := w.insert.Close(); err != nil {
		return w.database.fail(err)
	}
	return nil
}

func sqliteValue(k kind, column arrow.Array, row int) any {
	switch k {
	case text:
		return column.(*array.String).Value(row)
	case boolean:
		return column.(*array.Boolean).Value(row)
	case integer:
		return column.(*array.Int64).Value(row)
	case float:
		return column.(*array.Float64).Value(row)
	case date:
		return column.(*array.Date32).Value(row).ToTime().Format(dateForm)
	case instant:
		return time.UnixMicro(int64(column.(*array.Timestamp).Value(row))).UTC().Format(instantForm)
	}
	return nil
}
