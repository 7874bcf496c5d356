package csvschema_test

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE. The plain path: one byte after the other, nothing remembered but the
// cell and the record. It is what the fast path is held to, by fuzzing, with
// faults and their places; encoding/csv, which knows other places, holds both.

// A plainParse is what a file holds.
type plainParse struct {
	records [][]string // the header is the first
	lines   []int64    // of all records
	err     *csvschema.Error
}

// plainReader is the state of parsePlain.
type plainReader struct {
	text      []byte
	pos       int
	line      int64
	maxRecord int
	fields    int // of the header
}

// parsePlain reads everything. A fault is without hint.
func parsePlain(text []byte, maxRecord int) (p plainParse) {
	if maxRecord == 0 {
		maxRecord = 16 << 20
	}
	r := plainReader{text: bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF")), line: 1, maxRecord: maxRecord}
	badAt, badErr := firstBad(r.text)
	for r.pos < len(r.text) {
		if n := emptyLine(r.text[r.pos:]); n > 0 {
			r.pos += n
			r.line++
			continue
		}
		start, line := r.pos, r.line
		cells, fault := r.record()
		at := r.pos // of the byte that shows the fault
		switch {
		case r.pos-start > maxRecord:
			at = max(start, start+maxRecord-utf8.UTFMax)
			fault = &csvschema.Error{Line: line, Err: csvschema.ErrRecordTooLarge}
		case fault != nil:
		case r.fields == 0:
			r.fields = len(cells)
		case r.fields != len(cells):
			at--
			fault = &csvschema.Error{Line: line, Err: csvschema.ErrFieldCount}
		}
		if limit := r.pos; badAt >= 0 && (fault != nil && badAt <= at || fault == nil && badAt < limit) {
			fault = &csvschema.Error{Line: line, Number: 1, Err: badErr}
			quoted := false
			for _, c := range r.text[start:badAt] {
				switch {
				case c == '"':
					quoted = !quoted
				case c == ',' && !quoted:
					fault.Number++
				case c == '\n':
					fault.Line++
				}
			}
			if fault.Number > r.fields {
				fault.Number = 0
			}
		}
		if fault != nil {
			p.err = fault
			return p
		}
		p.records, p.lines = append(p.records, cells), append(p.lines, line)
	}
	return p
}

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
			return i, csvschema.ErrNUL
		case r == utf8.RuneError && n == 1:
			return i, csvschema.ErrUTF8
		}
		i += n
	}
	return -1, nil
}

// record reads a record and stops behind it or at the byte that shows a fault.
func (r *plainReader) record() (cells []string, fault *csvschema.Error) {
	first := r.line
	fail := func(line int64, err error) *csvschema.Error {
		e := &csvschema.Error{Line: line, Err: err}
		if len(cells) < r.fields {
			e.Number = len(cells) + 1
		}
		return e
	}
	lineEnd := func() bool { // as it stands at pos, or the end of the file
		rest := r.text[r.pos:]
		return len(rest) == 0 || rest[0] == '\n' || bytes.HasPrefix(rest, []byte("\r\n")) || string(rest) == "\r"
	}
	for {
		var cell []byte
		if r.pos < len(r.text) && r.text[r.pos] == '"' {
			r.pos++
			for {
				if r.pos == len(r.text) {
					return nil, fail(first, csvschema.ErrQuote)
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
			if !lineEnd() && r.text[r.pos] != ',' {
				return nil, fail(r.line, csvschema.ErrQuote)
			}
		} else {
			for !lineEnd() && r.text[r.pos] != ',' {
				if r.text[r.pos] == '"' {
					return nil, fail(r.line, csvschema.ErrBareQuote)
				}
				cell = append(cell, r.text[r.pos])
				r.pos++
			}
		}
		cells = append(cells, string(cell))
		if lineEnd() {
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

// differs tells how what our reader made of a file differs from it, or returns "".
func (p plainParse) differs(got parse) string {
	want := p
	if want.err != nil && len(want.records) == 0 || len(want.records) == 0 {
		if got.err == nil {
			return "accepted without a header"
		}
		return ""
	}
	if fmt.Sprintf("%q", want.records[1:]) != fmt.Sprintf("%q", got.records) {
		return fmt.Sprintf("records %q, want %q", got.records, want.records[1:])
	}
	if fmt.Sprint(want.lines[1:]) != fmt.Sprint(got.lines) {
		return fmt.Sprintf("lines %v, want %v", got.lines, want.lines[1:])
	}
	if want.err == nil || got.err == nil {
		if want.err != nil || got.err != nil {
			return fmt.Sprintf("error %v, want %v", got.err, want.err)
		}
		return ""
	}
	var place *csvschema.Error
	if !errors.As(got.err, &place) {
		return "an error without a place"
	}
	if place.Err != want.err.Err || place.Line != want.err.Line || place.Number != want.err.Number {
		return fmt.Sprintf("%v, want %v", place, want.err)
	}
	return ""
}
