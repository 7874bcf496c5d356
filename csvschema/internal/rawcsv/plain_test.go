package rawcsv_test

import (
	"bytes"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
)

// NOTE. The plain path reads one byte after the other and remembers nothing but the
// cell and the record. Fuzzing compares the fast path with it, faults and their places
// included. encoding/csv, which has other places, is compared with the fast path.

// A plainReader is the state of readPlainly.
type plainReader struct {
	text      []byte
	pos       int
	line      int64
	maxRecord int
	fields    int // of the first record
}

// readPlainly reads a file by the plain path. It does not set raw.
func readPlainly(text []byte, maxRecord int) (p parse) {
	if maxRecord == 0 {
		maxRecord = 16 << 20
	}
	text = withoutMark(withoutMark(text))
	r := plainReader{text: text, line: 1, maxRecord: maxRecord}
	badAt, badErr := firstBad(r.text)
	for r.pos < len(r.text) {
		if n := emptyLine(r.text[r.pos:]); n > 0 {
			r.pos += n
			r.line++
			continue
		}
		start, line := r.pos, r.line
		cells, f := r.record()
		at := r.pos // of the byte that shows the fault
		switch {
		case r.pos-start > maxRecord:
			at = max(start, start+maxRecord-utf8.UTFMax)
			f = &fault{err: rawcsv.ErrRecordTooLarge, line: line, cell: -1}
		case f != nil:
		case r.fields == 0:
			r.fields = len(cells)
			if rest := withoutMark(text[r.pos:]); len(rest) < len(text)-r.pos && (badAt < 0 || badAt >= r.pos) {
				r.pos = len(text) - len(rest)
			}
		case r.fields != len(cells):
			at--
			f = &fault{err: rawcsv.ErrFieldCount, line: line, cell: -1, fields: len(cells)}
		}
		if badAt >= 0 && (f != nil && badAt <= at || f == nil && badAt < r.pos) {
			f = &fault{err: badErr, line: line}
			quoted := false
			for _, c := range r.text[start:badAt] {
				switch {
				case c == '"':
					quoted = !quoted
				case c == ',' && !quoted:
					f.cell++
				case c == '\n':
					f.line++
				}
			}
		}
		if f != nil {
			p.fault = f
			return p
		}
		p.records, p.lines = append(p.records, cells), append(p.lines, line)
	}
	return p
}

func withoutMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF")) }

// emptyLine returns the length of the empty line that the text begins with, or 0.
func emptyLine(text []byte) int {
	switch {
	case text[0] == '\n':
		return 1
	case bytes.HasPrefix(text, []byte("\r\n")):
		return 2
	case string(text) == "\r":
		return 1
	}
	return 0
}

// firstBad returns the offset of the first NUL or byte that is not UTF-8.
func firstBad(text []byte) (int, error) {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r == 0:
			return i, rawcsv.ErrNUL
		case r == utf8.RuneError && n == 1:
			return i, rawcsv.ErrUTF8
		}
		i += n
	}
	return -1, nil
}

// record reads a record and stops after it or at the byte that shows a fault.
func (r *plainReader) record() (cells []string, f *fault) {
	first := r.line
	fail := func(line int64, err error) *fault { return &fault{err: err, line: line, cell: len(cells)} }
	for {
		var cell []byte
		if r.pos < len(r.text) && r.text[r.pos] == '"' {
			r.pos++
			for {
				if r.pos == len(r.text) {
					return nil, fail(first, rawcsv.ErrQuote)
				}
				c := r.text[r.pos]
				r.pos++
				if c == '\n' {
					r.line++
				}
				if c == '"' {
					if r.pos == len(r.text) || r.text[r.pos] != '"' {
						break
					}
					r.pos++
				}
				cell = append(cell, c)
			}
			if !r.atLineEnd() && r.text[r.pos] != ',' {
				return nil, fail(r.line, rawcsv.ErrQuote)
			}
		} else {
			for !r.atLineEnd() && r.text[r.pos] != ',' {
				if r.text[r.pos] == '"' {
					return nil, fail(r.line, rawcsv.ErrBareQuote)
				}
				cell = append(cell, r.text[r.pos])
				r.pos++
			}
		}
		cells = append(cells, string(cell))
		if r.atLineEnd() {
			if n := bytes.IndexByte(r.text[r.pos:], '\n'); n >= 0 {
				r.pos += n + 1
			} else {
				r.pos = len(r.text)
			}
			r.line++
			return cells, nil
		}
		r.pos++
	}
}

// atLineEnd reports whether a line end or the end of the file is at pos.
func (r *plainReader) atLineEnd() bool {
	rest := r.text[r.pos:]
	return len(rest) == 0 || rest[0] == '\n' || bytes.HasPrefix(rest, []byte("\r\n")) || string(rest) == "\r"
}
