package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"slices"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

// A rowWriter writes the rows of a person into one file for each input.
type rowWriter struct {
	exports *exports
	subject map[string]bool // its identifiers in normal form
	files   map[*input]*rowFile
	finder  csvschema.Finder
	spans   []csvschema.Span
	scratch []byte

	rows    int64
	decided int64 // of these, rows that a person decided about
	others  int64 // cells that name somebody else
}

// A rowFile is one output.
type rowFile struct {
	file *os.File
	*bufio.Writer
	waiting []waitingRow // that a person decided about, in their order
}

type waitingRow struct {
	line int64
	raw  []byte
}

// newRowWriter creates all files, with the headers of their inputs.
func newRowWriter(e *exports, out *output, subject dsr.Subject) (*rowWriter, error) {
	names, err := e.outputNames()
	if err != nil {
		return nil, err
	}
	w := &rowWriter{exports: e, subject: map[string]bool{}, files: map[*input]*rowFile{}}
	for _, id := range subject.Identifiers() {
		w.subject[id.Reveal()] = true
	}
	for _, i := range e.inputs {
		file, err := out.create(names[i])
		if err != nil {
			w.discard()
			return nil, err
		}
		f := &rowFile{file: file, Writer: bufio.NewWriter(file)}
		w.files[i] = f
		_, _ = f.Write(i.header) // the error comes again when it is flushed
	}
	return w, nil
}

// discard closes the files; it does nothing after finish.
func (w *rowWriter) discard() {
	for _, f := range w.files {
		_ = f.file.Close()
	}
}

// finish writes what is left and brings all files to the disk.
func (w *rowWriter) finish() error {
	for _, i := range w.exports.inputs {
		f := w.files[i]
		err := w.flushWaiting(f, -1)
		if err == nil {
			err = f.Flush()
		}
		if err := finish(f.file, err); err != nil {
			return err
		}
	}
	return nil
}

// write writes a row, behind those in front of it that a person decided about.
func (w *rowWriter) write(export, number int, rec csvschema.Record) error {
	f := w.files[w.exports.of(export, number, rec.Header().Role())]
	if err := w.flushWaiting(f, rec.Line()); err != nil {
		return err
	}
	w.countOthers(rec)
	w.rows++
	w.scratch = rec.AppendTo(w.scratch[:0])
	_, err := f.Write(w.scratch)
	return err
}

// flushWaiting writes what waits in front of a line; -1 stands for the end.
func (w *rowWriter) flushWaiting(f *rowFile, line int64) error {
	for len(f.waiting) > 0 && (line < 0 || f.waiting[0].line < line) {
		if _, err := f.Write(f.waiting[0].raw); err != nil {
			return err
		}
		f.waiting = f.waiting[1:]
		w.rows++
		w.decided++
	}
	return nil
}

// countOthers counts the cells of a row that name somebody else.
func (w *rowWriter) countOthers(rec csvschema.Record) {
	for i := range rec.Fields() {
		cell := rec.Cell(i)
		w.spans = w.finder.Find(w.spans[:0], cell)
		for _, span := range w.spans {
			text := w.finder.AppendDecoded(nil, cell[span.Start:span.End])
			if !csvschema.IsReplacement(text) && !w.subject[csvschema.Normal(string(text))] {
				w.others++
				break
			}
		}
	}
}

// decide makes the rows wait that are undetermined and that a person said to be
// theirs.
func (w *rowWriter) decide(ctx context.Context, a *app, report *dsr.Report, decided *decisions) error {
	lines := map[*input][]int64{}
	for _, f := range report.Findings {
		i := w.exports.of(f.Export, f.File, f.Role)
		d := decided.about(question{key: f.Key, file: a.con.hide(i.path), line: f.Line})
		if f.Kind == dsr.Undetermined && d != nil && d.decision == theirs {
			lines[i] = append(lines[i], f.Line)
		}
	}
	for i, wanted := range lines {
		slices.Sort(wanted)
		err := i.each(ctx, func(rec csvschema.Record) (bool, error) {
			if rec.Line() == wanted[0] {
				w.countOthers(rec)
				w.files[i].waiting = append(w.files[i].waiting, waitingRow{rec.Line(), rec.AppendTo(nil)})
				wanted = wanted[1:]
			}
			return len(wanted) > 0, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// each calls yield for the records of the file until it returns false.
func (i *input) each(ctx context.Context, yield func(csvschema.Record) (bool, error)) error {
	in, err := i.open()
	if err != nil {
		return err
	}
	defer quietly(in)
	r := csvschema.NewRecordReader(in, i.role, &csvschema.RecordOptions{
		Required: []csvschema.Column{csvschema.LabUId, csvschema.ResourceUId},
	})
	for {
		rec, err := r.Read()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return at(i.path, err)
		}
		if more, err := yield(rec); err != nil || !more {
			return err
		}
	}
}

// has reports whether a decision is that word.
func (d *decisions) has(word string) bool {
	return d != nil && slices.ContainsFunc(d.list, func(one *decision) bool { return one.decision == word })
}
