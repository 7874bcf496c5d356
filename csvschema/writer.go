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
	// QuoteAll puts every cell in quotes, empty ones included, and leaves the names in
	// the header without. This is the form of the exports.
	QuoteAll bool
	// CRLF ends every record with CR LF. Line ends inside cells stay.
	CRLF bool
	// NeutralizeFormulas puts an apostrophe before a cell that begins with one of
	// = + - @ tab CR LF or one of the first four in full width, so that a spreadsheet
	// shows it as text (OWASP, CSV injection). Such a file is for people to read: its
	// cells are not the same.
	NeutralizeFormulas bool
}

// A Writer writes the rows of one file: [VirtualMachineRow] or [DiskRow]. The header has
// the documented columns in documented order. It is written even if there is no row. A
// [Reader] reads the same cells, unless NeutralizeFormulas is set.
//
// It holds up to 64 KiB of text, or one larger row. All of it is written only after
// [Writer.Close] has returned nil. It is not safe for concurrent use. It prints and logs
// as "[redacted]".
type Writer[T Row] struct {
	opaque

	w       io.Writer
	options WriterOptions
	header  bool     // the header is in buf, or written
	buf     []byte   // text that is not written yet
	row     T        // that Write was called with last; here it is not allocated for each call
	cells   []string // of row
	err     error    // sticky
	closed  bool
}

const (
	maxWriterBytes = 64 << 10

	byteOrderMark = "\uFEFF"
)

// NewWriter returns a writer to w. It writes nothing before the first call of a method,
// and does not close w.
func NewWriter[T Row](w io.Writer, o *WriterOptions) *Writer[T] {
	writer := &Writer[T]{w: w}
	if o != nil {
		writer.options = *o
	}
	return writer
}

// Write writes the row. A cell that a [Reader] would refuse is an [Error] with [ErrNUL]
// or [ErrUTF8], a row after Close an Error with [fs.ErrClosed]. An error may belong to
// an earlier row, whose bytes are written only now. After an error nothing more is
// written, and the error stays.
func (w *Writer[T]) Write(row T) error {
	switch {
	case w.err != nil:
		return w.err
	case w.closed:
		return w.fail(fs.ErrClosed)
	}
	w.begin()
	w.row = row
	w.cells = CellsOf(&w.row).AppendCells(w.cells[:0])
	if err := w.appendRecord(); err != nil || len(w.buf) < maxWriterBytes {
		return err
	}
	return w.flush()
}

// Close writes the rows that are still held, and the header if there was no row. It
// returns the first error of the Writer, which must be checked: the file is complete
// only if it is nil. Close does not close the underlying writer. A second Close only
// returns the same error.
func (w *Writer[T]) Close() error {
	if w.closed || w.err != nil {
		w.closed = true
		return w.err
	}
	w.closed = true
	w.begin()
	return w.flush()
}

func (w *Writer[T]) fail(err error) error { return w.failAt(err, 0) }

func (w *Writer[T]) failAt(err error, c Column) error {
	w.err = &Error{FileID: FileID{Role: roleOf[T]()}, Column: c, Err: err}
	w.buf = nil
	return w.err
}

// begin appends the header, unless it was appended.
func (w *Writer[T]) begin() {
	if w.header {
		return
	}
	w.header = true
	for i, c := range roleOf[T]().Columns() {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = append(w.buf, c.String()...)
	}
	w.endRecord()
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

// appendRecord appends the cells as a record.
func (w *Writer[T]) appendRecord() error {
	for i, cell := range w.cells {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		isPlain := rawcsv.IsPlain(cell) && !w.options.NeutralizeFormulas
		if !isPlain {
			if err := checkCell(cell); err != nil {
				return w.failAt(err, roleOf[T]().Columns()[i])
			}
		}
		switch {
		case isPlain && w.options.QuoteAll:
			w.buf = append(append(append(w.buf, '"'), cell...), '"')
		case isPlain:
			w.buf = append(w.buf, cell...)
		case i == 0 && strings.HasPrefix(cell, byteOrderMark):
			w.buf = rawcsv.AppendQuoted(w.buf, cell) // a mark before the first row is no part of it
		default:
			w.buf = AppendCell(w.buf, cell, &w.options)
		}
	}
	w.endRecord()
	return nil
}

// AppendCell is used by package response: it appends a cell as a [Writer] with these
// options writes it, in quotes if it needs them or if the options say so.
func AppendCell(dst []byte, cell string, o *WriterOptions) []byte {
	if o.NeutralizeFormulas && IsFormula(cell) {
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

// checkCell returns why a Reader would refuse the cell, or nil.
func checkCell(cell string) error {
	switch {
	case strings.IndexByte(cell, 0) >= 0:
		return ErrNUL
	case !utf8.ValidString(cell):
		return ErrUTF8
	}
	return nil
}

// IsFormula reports whether a spreadsheet may take the cell for a formula (OWASP, CSV
// injection); see [WriterOptions].
func IsFormula(cell string) bool {
	first, _ := utf8.DecodeRuneInString(cell)
	return strings.ContainsRune("=+-@\t\r\n＝＋－＠", first)
}
