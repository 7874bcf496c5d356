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
	out     *output.Output
	names   map[*inputs.File]string
	begun   map[*inputs.File]bool // has its header
	current *inputs.File          // the only one that is open, of however many; nil for none
	file    *output.File
	buffer  *bufio.Writer
	finder  identity.Finder
	spans   []identity.Span
	scratch []byte

	others int64 // cells that name somebody else
}

func newRowWriter(e *inputs.Exports, out *output.Output, subject dsr.Subject) (*rowWriter, error) {
	names, err := e.OutputNames()
	if err != nil {
		return nil, err
	}
	w := &rowWriter{
		exports: e, subject: map[string]bool{}, out: out, names: names, begun: map[*inputs.File]bool{}, buffer: bufio.NewWriter(nil),
	}
	for _, id := range subject.Identifiers() {
		w.subject[id.Reveal()] = true
	}
	return w, nil
}

// discard closes the open file; it does nothing after finish.
func (w *rowWriter) discard() {
	if w.current != nil {
		_ = w.file.Finish(os.ErrClosed) // not synced
		w.current = nil
	}
}

// finish makes the files that have no rows, and brings the open one to the disk.
func (w *rowWriter) finish() error {
	for _, in := range w.exports.Files {
		if !w.begun[in] {
			if err := w.open(in); err != nil {
				return err
			}
		}
	}
	return w.open(nil)
}

// open opens the file for the rows of an input, unless it is open, and closes the one
// before it.
func (w *rowWriter) open(in *inputs.File) error {
	if in == w.current {
		return nil
	}
	if w.current != nil {
		w.current = nil
		if err := w.file.Finish(w.buffer.Flush()); err != nil {
			return err
		}
	}
	if in == nil {
		return nil
	}
	begin := w.out.Create
	if w.begun[in] {
		begin = w.out.Append
	}
	var err error
	if w.file, err = begin(w.names[in]); err != nil {
		return err
	}
	w.current = in
	w.buffer.Reset(w.file)
	if !w.begun[in] {
		w.begun[in] = true
		_, err = w.buffer.Write(in.Header)
	}
	return err
}

// write writes a row.
func (w *rowWriter) write(id csvschema.FileID, rec csvschema.Record) error {
	if w.current == nil || w.current.FileID != id {
		if err := w.open(w.exports.File(id)); err != nil {
			return err
		}
	}
	w.countOthers(rec)
	w.scratch = rec.AppendTo(w.scratch[:0])
	_, err := w.buffer.Write(w.scratch)
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
