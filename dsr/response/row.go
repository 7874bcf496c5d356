package response

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/csv"
	"fmt"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

// A row is a row of the subject. Text that names others is hidden already.
type row struct {
	place  place
	number int64 // in its file, from 1
	rule   dsr.Rule
	key    csvschema.Key
	layout *layout
	cells  []string // unquoted
	raw    []byte   // the record with its line end
}

// A place is one file of the exports.
type place struct {
	export, file int // from 1
	role         csvschema.Role
}

// A layout describes the columns of a file.
type layout struct {
	columns []csvschema.Column // 0 for an unknown column
	names   []string           // as in the header; names that identify people are hidden
	header  []byte             // the header record with its line end
	others  []int              // for each column, its index among the unknown columns of all files; -1 for a documented one
}

// cell returns the cell of a documented column, and "" if the file does not have it.
func (r *row) cell(c csvschema.Column) string {
	for i, column := range r.layout.columns {
		if column == c {
			return r.cells[i]
		}
	}
	return ""
}

// maxKept is the largest size of rows to hold. It is large enough that the exports are
// read only once for most people.
const maxKept = 16 << 20

// A search finds the rows of the subject, any number of times.
type search struct {
	exports []csvschema.Export
	subject dsr.Subject
	options *Options

	report  *redact.Report
	layouts map[place]*layout
	kept    []*row
	size    int
	tooMany bool // the rows exceed maxKept and are not held
	sum     [sha256.Size]byte
}

// each calls emit for every row: virtual machines first, then disks.
func (s *search) each(ctx context.Context, emit func(*row) error) error {
	if s.report != nil && !s.tooMany {
		for _, r := range s.kept {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := emit(r); err != nil {
				return err
			}
		}
		return nil
	}
	redactor, err := redact.New(s.subject, s.options.Shown)
	if err != nil {
		return err
	}
	digest := sha256.New()
	report, err := redact.Records(ctx, s.exports, []*redact.Redactor{redactor}, func(m redact.Match) error {
		r, err := s.take(m)
		if err != nil {
			return err
		}
		position := fmt.Sprintln(r.place, r.number, len(r.raw))
		_, _ = digest.Write([]byte(position)) // never fails
		_, _ = digest.Write(r.raw)
		return emit(r)
	}, &s.options.Filter)
	if err != nil {
		return err
	}
	if s.report == nil {
		s.report = report
		digest.Sum(s.sum[:0])
		return nil
	}
	if !bytes.Equal(digest.Sum(nil), s.sum[:]) {
		return &csvschema.Error{Err: csvschema.ErrSourceChanged}
	}
	return nil
}

// take returns the row of a match, and holds it if there is room.
func (s *search) take(m redact.Match) (*row, error) {
	header := m.Record.Header()
	r := &row{place: place{m.Export, m.File, header.Role()}, number: m.Row, rule: m.Rule, key: m.Key, raw: m.Record.AppendTo(nil)}
	if r.layout = s.layouts[r.place]; r.layout == nil {
		var err error
		if r.layout, err = newLayout(header); err != nil {
			return nil, err
		}
		s.layouts[r.place] = r.layout
	}
	for i := range header.Len() {
		r.cells = append(r.cells, string(m.Record.Cell(i)))
	}
	if s.report == nil && !s.tooMany {
		s.kept = append(s.kept, r)
		s.size += 2*len(r.raw) + 32*len(r.cells)
		if s.tooMany = s.size > maxKept; s.tooMany {
			s.kept = nil
		}
	}
	return r, nil
}

// newLayout returns the layout of a file. It parses the header with encoding/csv, which
// accepts every header that csvschema accepts. It hides the name of an unknown column if
// that holds an identifier.
func newLayout(header *csvschema.Header) (*layout, error) {
	l := &layout{header: header.Raw()}
	text, hasMark := bytes.CutPrefix(l.header, []byte("\uFEFF"))
	names, err := csv.NewReader(bytes.NewReader(text)).Read()
	if err != nil || len(names) != header.Len() {
		return nil, csvschema.ErrNoHeader // the error of encoding/csv may hold a part of the header
	}
	var finder identity.Finder
	hides := false
	for i, name := range names {
		l.columns = append(l.columns, header.Column(i))
		if header.Column(i) == 0 && len(finder.Find(nil, []byte(name))) > 0 {
			names[i], hides = redact.HiddenText, true
		}
	}
	l.names, l.header = names, bytes.Clone(l.header)
	if hides {
		var text bytes.Buffer
		if hasMark {
			text.WriteString("\uFEFF")
		}
		w := csv.NewWriter(&text)
		w.UseCRLF = bytes.HasSuffix(l.header, []byte("\r\n"))
		_ = w.Write(names) // never fails, nor does Flush
		w.Flush()
		l.header = text.Bytes()
	}
	return l, nil
}
