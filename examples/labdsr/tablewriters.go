package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/labdsr/labdsr/dsr/deadline"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// An aboutTables is what tables say of themselves.
type aboutTables struct {
	at         time.Time
	anonymized string // how long after a deletion identifiers were gone; "" with personal data

	// Of personal data:

	personal  bool
	retention string        // how long the tables may be kept, as it was given
	deleteBy  deadline.Date // zero without personal data
}

// what says in words what each table is.
var what = map[tables.Table]string{
	tables.Machines: "virtual machines of Azure DevTest Labs, each once, from usage exports",
	tables.Disks:    "disks of Azure DevTest Labs, each once, from usage exports",
	tables.Months:   "virtual machines of Azure DevTest Labs and their hours, by lab, month, size and status",
}

// metadata returns what each table says of itself.
func (t *aboutTables) metadata() map[tables.Table]arrow.Metadata {
	all := map[tables.Table]arrow.Metadata{}
	for _, table := range tables.All {
		keys, values := []string{}, []string{}
		for _, one := range t.entries() {
			keys, values = append(keys, one[0]), append(values, one[1])
		}
		all[table] = arrow.NewMetadata(append([]string{"what"}, keys...), append([]string{what[table]}, values...))
	}
	return all
}

// entries are the keys and values that all tables have.
func (t *aboutTables) entries() [][2]string {
	entries := [][2]string{{"made-by", "labdsr tables"}, {"at", t.at.UTC().Format(time.RFC3339Nano)}}
	if t.personal {
		return append(entries, [][2]string{{"personal-data", "yes"}, {"retention", t.retention}, {"delete-by", t.deleteBy.String()}}...)
	}
	return append(entries, [][2]string{{"personal-data", "no"}, {"anonymized-after", t.anonymized}}...)
}

// aboutName is the file that says what the tables are.
const aboutName = "metadata.json"

// A tableFile is the metadata of one table in [aboutName].
type tableFile struct {
	What string `json:"what"`
	Rows int64  `json:"rows"`
}

// tableWriters write the batches of tables, in all formats that are wanted, into a folder.
type tableWriters struct {
	out     *output.Output
	formats []tables.Format
	schemas map[tables.Table]*arrow.Schema
	names   []string // of the files that are whole

	current tables.Table // 0 before the first
	open    []openTable
	sqlite  *tables.Database
	dir     string   // of the database while it is written; "" for none
	made    *os.File // the database while it is written
}

// An openTable is the table that is written, in one format.
type openTable struct {
	tables.Writer
	file   *output.File // nil in a database
	buffer *bufio.Writer
}

const databaseName = "tables.sqlite"

func newTableWriters(ctx context.Context, out *output.Output, formats []tables.Format, metadata map[tables.Table]arrow.Metadata) (*tableWriters, error) {
	w := &tableWriters{out: out, formats: formats, schemas: map[tables.Table]*arrow.Schema{}}
	for _, table := range tables.All {
		w.schemas[table] = tables.Schema(table, metadata[table])
	}
	if !slices.Contains(formats, tables.SQLite) {
		return w, nil
	}
	if err := w.makeDatabase(ctx); err != nil {
		w.discard()
		return nil, err
	}
	return w, nil
}

// makeDatabase makes the database. It is written here and there, which an output is not: so it is
// made elsewhere, in a folder of this user alone, and copied. Where the system lets it, the file
// loses its name at once, so that nothing is left even if the process is killed.
func (w *tableWriters) makeDatabase(ctx context.Context) (err error) {
	if w.dir, err = os.MkdirTemp("", ".labdsr-tables-*"); err != nil {
		return err
	}
	path := filepath.Join(w.dir, databaseName)
	if w.sqlite, err = tables.NewSQLite(ctx, path); err != nil {
		return inTemporary(err)
	}
	if w.made, err = os.Open(path); err != nil || runtime.GOOS == "windows" {
		return err
	}
	err = os.RemoveAll(w.dir)
	w.dir = ""
	return err
}

// inTemporary says of a database for which there is no room where that is.
func inTemporary(err error) error {
	const sqliteFull = 13
	if code, ok := errors.AsType[interface {
		error
		Code() int
	}](err); ok && code.Code() == sqliteFull {
		return fault.WithHint(fault.In(os.TempDir(), syscall.ENOSPC), "nothing was written; the database is made there first: make room, or choose another folder with TMPDIR")
	}
	return err
}

// discard closes what is open, and removes what is beside the output.
func (w *tableWriters) discard() {
	for _, one := range w.open {
		_ = one.Close() // what was written is thrown away
		if one.file != nil {
			_ = one.file.Finish(os.ErrClosed) // not synced
		}
	}
	w.open = nil
	if w.sqlite != nil {
		_ = w.sqlite.Close()
		w.sqlite = nil
	}
	if w.made != nil {
		_ = w.made.Close() // only read
		w.made = nil
	}
	if w.dir != "" {
		_ = os.RemoveAll(w.dir)
		w.dir = ""
	}
}

// write writes a batch. The tables come one after the other, each in one piece.
func (w *tableWriters) write(ctx context.Context, table tables.Table, batch arrow.RecordBatch) error {
	if err := w.begin(ctx, table); err != nil {
		return err
	}
	for _, one := range w.open {
		if err := one.Write(ctx, batch); err != nil {
			return inTemporary(err)
		}
	}
	return nil
}

// begin ends the tables before this one, and begins those up to this one: a table without
// rows is written, too.
func (w *tableWriters) begin(ctx context.Context, table tables.Table) error {
	for w.current < table {
		if err := w.end(); err != nil {
			return err
		}
		w.current++
		for _, format := range w.formats {
			if err := w.beginOne(ctx, format); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *tableWriters) beginOne(ctx context.Context, format tables.Format) (err error) {
	s := w.schemas[w.current]
	var one openTable
	if format == tables.SQLite {
		if one.Writer, err = w.sqlite.Table(ctx, w.current, s); err == nil {
			w.open = append(w.open, one)
		}
		return err
	}
	name := w.current.String() + "." + format.String()
	if one.file, err = w.out.Create(name); err != nil {
		return err
	}
	one.buffer = bufio.NewWriterSize(one.file, 1<<20)
	if format == tables.CSV {
		one.Writer, err = tables.NewCSV(one.buffer, s)
	} else {
		one.Writer, err = tables.NewParquet(one.buffer, s)
	}
	if err != nil {
		return errors.Join(err, one.file.Finish(err))
	}
	w.open, w.names = append(w.open, one), append(w.names, name)
	return nil
}

// end ends the tables that are open.
func (w *tableWriters) end() error {
	for len(w.open) > 0 {
		one := w.open[0]
		w.open = w.open[1:]
		err := one.Close()
		if one.file != nil {
			if err == nil {
				err = one.buffer.Flush()
			}
			err = one.file.Finish(err)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// finish ends all tables, and writes what is beside them.
func (w *tableWriters) finish(ctx context.Context, about *aboutTables, report *tables.Report) error {
	if err := w.begin(ctx, tables.All[len(tables.All)-1]); err != nil {
		return err
	}
	if err := w.end(); err != nil {
		return err
	}
	if w.sqlite != nil {
		err := inTemporary(w.sqlite.Close())
		w.sqlite = nil
		if err == nil {
			err = w.copyIn(databaseName)
		}
		if err != nil {
			return err
		}
	}
	for _, format := range w.formats {
		scripts := tables.Scripts(format, w.schemas)
		for _, name := range slices.Sorted(maps.Keys(scripts)) {
			if err := w.add(name, scripts[name]); err != nil {
				return err
			}
		}
	}
	text, err := about.json(report)
	if err != nil {
		return err
	}
	return w.add(aboutName, text)
}

// add writes a whole file.
func (w *tableWriters) add(name string, text []byte) error {
	w.names = append(w.names, name)
	return w.out.Write(name, func(to io.Writer) error {
		_, err := to.Write(text)
		return err
	})
}

// copyIn copies the database into the output.
func (w *tableWriters) copyIn(name string) error {
	w.names = append(w.names, name)
	return w.out.Write(name, func(to io.Writer) error {
		_, err := io.Copy(to, w.made)
		return err
	})
}

// json returns the text of [aboutName].
func (t *aboutTables) json(report *tables.Report) ([]byte, error) {
	rows := map[tables.Table]int64{tables.Machines: report.Machines.Rows, tables.Disks: report.Disks.Rows, tables.Months: report.Months}
	object := map[string]any{}
	for _, one := range t.entries() {
		object[one[0]] = one[1]
	}
	all := map[string]tableFile{}
	for _, table := range tables.All {
		all[table.String()] = tableFile{What: what[table], Rows: rows[table]}
	}
	object["tables"] = all
	text, err := json.MarshalIndent(object, "", "  ")
	return append(text, '\n'), err
}
