package main

import (
	"bufio"
	"os"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
)

// A rowWriter writes the rows of a person into one file for each input.
type rowWriter struct {
	exports *inputs.Exports
	subject map[string]bool // its identifiers in normal form
	files   map[*inputs.File]*rowFile
	finder  identity.Finder
	spans   []identity.Span
	scratch []byte

	others int64 // cells that name somebody else
}

// A rowFile is one file of the output.
type rowFile struct {
	file *os.File
	*bufio.Writer
}

// newRowWriter creates all files, with the headers of their inputs.
func newRowWriter(e *inputs.Exports, out *output.Output, subject dsr.Subject) (*rowWriter, error) {
	names, err := e.OutputNames()
	if err != nil {
		return nil, err
	}
	w := &rowWriter{exports: e, subject: map[string]bool{}, files: map[*inputs.File]*rowFile{}}
	for _, id := range subject.Identifiers() {
		w.subject[id.Reveal()] = true
	}
	for _, in := range e.Files {
		file, err := out.Create(names[in])
		if err != nil {
			w.discard()
			return nil, err
		}
		f := &rowFile{file: file, Writer: bufio.NewWriter(file)}
		w.files[in] = f
		_, _ = f.Write(in.Header) // Flush returns the error again
	}
	return w, nil
}

// discard closes the files; it does nothing after finish.
func (w *rowWriter) discard() {
	for _, f := range w.files {
		_ = f.file.Close()
	}
}

// finish writes what is buffered and syncs all files to the disk.
func (w *rowWriter) finish() error {
	for _, in := range w.exports.Files {
		f := w.files[in]
		if err := output.Finish(f.file, f.Flush()); err != nil {
			return err
		}
	}
	return nil
}

// write writes a row.
func (w *rowWriter) write(id csvschema.FileID, rec csvschema.Record) error {
	f := w.files[w.exports.File(id)]
	w.countOthers(rec)
	w.scratch = rec.AppendTo(w.scratch[:0])
	_, err := f.Write(w.scratch)
	return err
}

// countOthers counts the cells of a row that name somebody other than the subject.
func (w *rowWriter) countOthers(rec csvschema.Record) {
	for i := range rec.Header().Len() {
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
