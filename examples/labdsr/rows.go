package main

import (
	"bufio"
	"context"
	"io"
	"os"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

// A rowWriter writes the rows of a person into one file for each input.
type rowWriter struct {
	exports *exports
	subject map[string]bool // its identifiers in normal form
	files   map[*input]*rowFile
	finder  identity.Finder
	spans   []identity.Span
	scratch []byte

	others int64 // cells that name somebody else
}

// A rowFile is one output.
type rowFile struct {
	file *os.File
	*bufio.Writer
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
		if err := finish(f.file, f.Flush()); err != nil {
			return err
		}
	}
	return nil
}

// write writes a row.
func (w *rowWriter) write(export, number int, rec csvschema.Record) error {
	f := w.files[w.exports.of(export, number, rec.Header().Role())]
	w.countOthers(rec)
	w.scratch = rec.AppendTo(w.scratch[:0])
	_, err := f.Write(w.scratch)
	return err
}

// countOthers counts the cells of a row that name somebody else.
func (w *rowWriter) countOthers(rec csvschema.Record) {
	for i := range rec.Fields() {
		cell := rec.Cell(i)
		w.spans = w.finder.Find(w.spans[:0], cell)
		for _, span := range w.spans {
			text := w.finder.AppendDecoded(nil, cell[span.Start:span.End])
			if !identity.IsReplacement(text) && !w.subject[identity.Normal(string(text))] {
				w.others++
				break
			}
		}
	}
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
