package response

import (
	"bytes"
	"context"
	"encoding/csv"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

// A row is a row of a person. Text that names others is hidden already.
type row struct {
	layout *layout
	number int64 // in its file, from 1
	rule   dsr.Rule
	kept   fate.Keeping      // by Options.Keep
	lab    string            // LabUId in normal form
	hash   csvschema.KeyHash // of the resource
	raw    string            // the record with its line end
	cells  []string          // unquoted
}

// A place is one file of the exports.
type place struct {
	export, file int // from 1
	role         csvschema.Role
}

// A layout describes the columns of a file.
type layout struct {
	place   place
	columns []csvschema.Column // 0 for an unknown column
	names   []string           // as in the header; names that identify people are hidden
	header  []byte             // the header record with its line end
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

// A search finds the rows of all people, once.
type search struct {
	exports  []csvschema.Export
	subjects []dsr.Subject
	options  *Options

	report  *redact.Report
	layouts []*layout
	numbers map[place]int // of the layouts
	rows    *store
}

// run finds the rows.
func (s *search) run(ctx context.Context) error {
	redactors := make([]*redact.Redactor, len(s.subjects))
	for i, subject := range s.subjects {
		var shown *redact.Shown
		if s.options.Shown != nil {
			shown = s.options.Shown(i)
		}
		var err error
		if redactors[i], err = redact.New(subject, shown); err != nil {
			return err
		}
	}
	s.numbers, s.rows = map[place]int{}, newStore(len(s.subjects), s.options)
	var err error
	if s.report, err = redact.Records(ctx, s.exports, redactors, s.take, &s.options.Filter); err != nil {
		return err
	}
	return s.rows.complete()
}

// take adds the row of a match.
func (s *search) take(m redact.Match) error {
	header := m.Record.Header()
	at := place{m.Export, m.File, header.Role()}
	number, known := s.numbers[at]
	if !known {
		l, err := newLayout(at, header)
		if err != nil {
			return err
		}
		number = len(s.layouts)
		s.numbers[at], s.layouts = number, append(s.layouts, l)
	}
	r := row{number: m.Row, rule: m.Rule, lab: m.Key.LabUId(), hash: m.Key.Hash(), raw: string(m.Record.AppendTo(nil))}
	if s.options.Keep != nil {
		r.kept = s.options.Keep(m.Key)
	}
	return s.rows.add(m.Subject, &r, number)
}

// An answer is what the package of one person is made of.
type answer struct {
	*search
	person int // index in the subjects
}

// each calls emit for every row of the person: virtual machines first, then disks. The
// row is valid until emit returns; its texts stay valid.
func (a answer) each(ctx context.Context, emit func(*row) error) error {
	return a.rows.each(a.person, a.layouts, func(r *row) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		return emit(r)
	})
}

// subject returns the person.
func (a answer) subject() dsr.Subject { return a.subjects[a.person] }

// counts returns how many rows are the person's.
func (a answer) counts() *dsr.SubjectReport { return &a.report.Subjects[a.person] }

// hidden returns how many places in the person's rows are hidden.
func (a answer) hidden() int64 { return a.report.Hidden[a.person].Places() }

// newLayout returns the layout of a file. It parses the header with encoding/csv, which
// accepts every header that csvschema accepts. It hides the name of an unknown column if
// that holds an identifier.
func newLayout(at place, header *csvschema.Header) (*layout, error) {
	l := &layout{place: at, header: header.Raw()}
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
