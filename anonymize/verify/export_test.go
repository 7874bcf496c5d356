package verify

import (
	"io"
	"strings"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify/internal/armpath"
	"github.com/labdsr/labdsr/anonymize/verify/internal/ids"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A PlainRecord is a record as the reader of this package has it.
type PlainRecord struct {
	Line  int64
	Gap   string // what is before it
	Raw   string
	Cells []string
}

// ReadPlain reads an input of a role: its header and rows up to the end, where the last
// record has a gap only, or up to the first fault. Role 0 takes anything for a header,
// and a file without one.
func ReadPlain(r io.Reader, role csvschema.Role, maxBytes int) (all []PlainRecord, err error) {
	p := newInputReader(r, maxBytes)
	take := func() {
		rec := PlainRecord{Line: p.line, Gap: string(p.gap), Raw: string(p.raw)}
		for i := range p.cells {
			rec.Cells = append(rec.Cells, string(p.text(i)))
		}
		all = append(all, rec)
	}
	if role != 0 {
		if _, err := p.readHeader(role); err != nil {
			return nil, err
		}
		take()
	}
	for {
		ok, err := p.read()
		if err != nil {
			return all, err
		}
		if !ok {
			return append(all, PlainRecord{Gap: string(p.gap)}), nil
		}
		take()
		if p.columns == nil {
			p.columns = make([]column, len(p.cells))
		}
	}
}

// ReadLike reads the rows of a text after a header of as many columns, each by a model: one of
// the rows before, which next chooses. It also reads them without, up to the first fault, and
// returns how many were read by a model.
func ReadLike(text []byte, columns int, next func(n int) int) (like, plain []PlainRecord, byModel int, likeErr, plainErr error) {
	read := func(models bool) (all []PlainRecord, err error) {
		r := &reader{buf: text, end: io.EOF, max: 100, next: 1, isText: true, columns: make([]column, columns)}
		r.where[csvschema.LabUId] = 1
		var v verifier
		var kept []*model
		for {
			var m *model
			if models && len(kept) > 0 {
				m = kept[next(len(kept))]
			}
			ok, err := r.readLike(m)
			if err != nil {
				return all, err
			}
			rec := PlainRecord{Line: r.line, Gap: string(r.gap)}
			if !ok {
				return append(all, rec), nil
			}
			rec.Raw = string(r.raw)
			for i := range r.cells {
				rec.Cells = append(rec.Cells, string(r.text(i)))
				if r.model != nil {
					same := string(r.text(i)[:r.alikeIn(i, r.text(i))])
					mr := reader{raw: m.raw, cells: m.cells}
					if text := string(mr.text(i)); r.isSame(i) && text != rec.Cells[i] || !r.isSame(i) && !strings.HasPrefix(text, same) {
						panic("a cell is not that of the model")
					}
				}
			}
			if r.model != nil {
				byModel++
			}
			all = append(all, rec)
			var place *model
			if v.keep(&place, r, false); place != nil {
				kept = append(kept, place)
			}
		}
	}
	like, likeErr = read(true)
	plain, plainErr = read(false)
	return like, plain, byModel, likeErr, plainErr
}

// ExportsIn is [Exports] with batches of a size, or record by record if it is 0.
var ExportsIn = exports

// DocumentedColumns returns the columns of a role as this package lists them.
func DocumentedColumns(role csvschema.Role) (all []csvschema.Column) {
	for _, c := range columnsOf(role) {
		all = append(all, c.id)
	}
	return all
}

// IsAsDocumented reports whether a cell of a documented column holds what the column
// documents, or nothing.
func IsAsDocumented(role csvschema.Role, c csvschema.Column, cell []byte) bool {
	return columnNamed(role, c.String()).isAsDocumented(cell)
}

// OwnersOf returns what becomes of an owner in ordinary rows, and that by the grammar alone.
func OwnersOf(p *anonymize.Policy, now time.Time, owner string) (glance, grammar any, isOrdinary bool) {
	v, column := newVerifier(p, now), columnNamed(csvschema.VirtualMachines, csvschema.ResourceOwner.String())
	cell := []byte(owner)
	o := v.ownerOf(cell, column)
	if !o.isOrdinary {
		return o, o, false
	}
	return o, v.searchOwner(cell, v.decoder.AppendDecoded(nil, cell), column), true
}

// IsWritten reports whether a value that had to go is found in the whole of a cell only because of
// the replacements at some places of it.
func IsWritten(value, cell string, places ...identity.Span) bool {
	c := newCellChecker(&anonymize.Policy{})
	c.values.Add([]byte(value))
	c.written = places
	return c.isWritten([]byte(cell), identity.Span{End: len(cell)})
}

// IsUID and IsText are what this package thinks of IDs.
var (
	IsUID  = ids.IsUID[string]
	IsText = ids.IsText
	PathOf = armpath.Of
)
