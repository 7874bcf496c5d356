package csvschema

import (
	"io"
	"io/fs"
	"strings"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
)

// WriterOptions are the options of a [Writer]. The zero value, or nil, writes
// every cell as it is, with quotes only where they are needed, and lines that
// end in LF.
type WriterOptions struct {
	// QuoteAll puts every cell in quotes, also an empty one, but not the names
	// in the header. This is how exports look.
	QuoteAll bool
	// CRLF ends every record with CR LF. Line ends inside cells stay.
	CRLF bool
	// NeutralizeFormulas puts an apostrophe before a cell that begins with one
	// of = + - @ tab CR LF, so that a spreadsheet shows it as text (OWASP, CSV
	// injection). What is written so is for people to look at: reading it does
	// not give the same cells.
	NeutralizeFormulas bool
}

// A Writer writes rows of one file: [VirtualMachineRow] or [DiskRow]. The header
// has the documented columns in documented order, and is there also when no row
// is. A [Reader] gets the same cells back, unless NeutralizeFormulas is set.
//
// It holds up to 64 rows or 64 KiB of them (or one larger row) and as much
// text. Only after a [Writer.Close] without an error is everything written. It
// is not safe for concurrent use.
type Writer[T Row] struct {
	w       io.Writer
	options WriterOptions
	header  bool // the header is in buf, or written
	rows    []T  // not encoded yet
	size    int  // bytes of the cells of rows
	buf     []byte
	cells   []string // of one row
	err     error    // sticky
	closed  bool
}

const (
	maxWriterRows  = 64
	maxWriterBytes = 64 << 10
)

// NewWriter returns a writer to w, which is not closed by it. Nothing is written
// before the first call of a method.
func NewWriter[T Row](w io.Writer, o *WriterOptions) *Writer[T] {
	writer := &Writer[T]{w: w}
	if o != nil {
		writer.options = *o
	}
	return writer
}

// Write writes the row. A cell that no reader would take back is an [Error] with
// [ErrNUL] or [ErrUTF8]; a row after Close is one with [fs.ErrClosed]. An error may belong to an earlier row, whose bytes are
// written only now; after one, nothing more is written, and the error stays.
func (w *Writer[T]) Write(row T) error {
	switch {
	case w.err != nil:
		return w.err
	case w.closed:
		return w.fail(fs.ErrClosed)
	}
	w.cells = CellsOf(&row).AppendCells(w.cells[:0])
	for i, cell := range w.cells {
		w.size += len(cell)
		if err := checkCell(cell); err != nil {
			return w.failAt(err, RoleOf[T]().Columns()[i])
		}
	}
	w.rows = append(w.rows, row)
	if len(w.rows) < maxWriterRows && w.size < maxWriterBytes {
		return nil
	}
	return w.encode()
}

// Close writes what is still held, the header included if there was no row, and
// returns the first error of all, which must be checked: without it the file is
// not complete. It does not close the writer below. A second Close does nothing
// but return the same error.
func (w *Writer[T]) Close() error {
	if w.closed || w.err != nil {
		w.closed = true
		return w.err
	}
	w.closed = true
	if err := w.encode(); err != nil {
		return err
	}
	return w.flush()
}

func (w *Writer[T]) fail(err error) error { return w.failAt(err, 0) }

func (w *Writer[T]) failAt(err error, c Column) error {
	w.err = &Error{FileID: FileID{Role: RoleOf[T]()}, Column: c, Err: err}
	w.rows, w.buf = nil, nil
	return w.err
}

// encode moves the rows, and the header before the first, to the buffer, and
// writes that when it is large.
func (w *Writer[T]) encode() error {
	if !w.header {
		columns, err := gocsvColumns[T]()
		if err != nil {
			return w.fail(err)
		}
		w.header = true
		for i, c := range columns {
			if i > 0 {
				w.buf = append(w.buf, ',')
			}
			w.buf = append(w.buf, c.String()...)
		}
		w.endRecord()
	}
	err := gocsvEncode(w.rows, func(cells []string) error {
		w.appendRecord(cells)
		if len(w.buf) < maxWriterBytes {
			return nil
		}
		return w.flush()
	})
	if err != nil {
		if w.err == nil {
			return w.fail(err)
		}
		return w.err
	}
	clear(w.rows)
	w.rows, w.size = w.rows[:0], 0
	return nil
}

// flush writes the buffer.
func (w *Writer[T]) flush() error {
	n, err := w.w.Write(w.buf)
	if err == nil && n < len(w.buf) {
		err = io.ErrShortWrite
	}
	if err != nil {
		return w.fail(err)
	}
	w.buf = w.buf[:0]
	return nil
}

func (w *Writer[T]) appendRecord(cells []string) {
	for i, cell := range cells {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = AppendCell(w.buf, cell, &w.options)
	}
	w.endRecord()
}

// AppendCell appends a cell as a [Writer] with these options writes it: in quotes,
// if it has to be or if the options say so.
func AppendCell(dst []byte, cell string, o *WriterOptions) []byte {
	if o.NeutralizeFormulas && isFormula(cell) {
		cell = "'" + cell
	}
	if o.QuoteAll || rawcsv.NeedsQuotes(cell) {
		return rawcsv.AppendQuoted(dst, cell)
	}
	return append(dst, cell...)
}

func (w *Writer[T]) endRecord() {
	if w.options.CRLF {
		w.buf = append(w.buf, '\r')
	}
	w.buf = append(w.buf, '\n')
}

// checkCell returns why no reader would take the cell back, or nil.
func checkCell(cell string) error {
	switch {
	case strings.IndexByte(cell, 0) >= 0:
		return ErrNUL
	case !utf8.ValidString(cell):
		return ErrUTF8
	}
	return nil
}

// isFormula reports whether a spreadsheet may take the cell for a formula.
func isFormula(cell string) bool {
	return cell != "" && strings.IndexByte("=+-@\t\r\n", cell[0]) >= 0
}
