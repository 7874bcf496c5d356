package anonymize

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// Copy copies a file of the given role from r to w and takes the identifiers out
// of the rows that are due now. All else is the same bytes, a UTF-8 byte-order
// mark included; UTF-16 comes out as UTF-8. The header must have the columns
// LabUId, ResourceUId, ResourceId, DeletedDate, and ResourceOwner or
// LeasedByVmId.
//
// An error is an [csvschema.Error] with the place, if there is one, or
// [ErrPolicy]; it wraps what r, w or the context returned. A row that holds more
// than 1000 identifiers is [ErrTooManyIdentifiers]; one that would grow over the
// limit, [csvschema.ErrRecordTooLarge]. After an error what was written must be
// thrown away.
//
// Copy holds a few chunks (see [csvschema.ForEachChunk]), whatever the size of
// the file, and 8 bytes for each row in [Stats.UnreadableLines].
func (p *Policy) Copy(ctx context.Context, now time.Time, role csvschema.Role, w io.Writer, r io.Reader) (Stats, error) {
	rules, err := p.rules(now)
	if err == nil {
		err = rules.withoutPlan()
	}
	if err != nil {
		return Stats{}, err
	}
	rr := csvschema.NewRecordReader(r, role, rules.recordOptions(role))
	header, err := rr.Header()
	if err != nil {
		return Stats{}, err
	}
	copiers := newCopiers(rules, header, rr.MaxRecordBytes(), nil)
	stats := Stats{UnknownColumns: header.Unknown()}
	err = write(w, header.Raw())
	if err == nil {
		err = csvschema.ForEachChunk(ctx, rr, max(rules.Workers, 0),
			func(chunk *csvschema.Chunk) (*copier, error) {
				c := copiers.Get().(*copier)
				c.begin(chunk)
				c.copy()
				c.end()
				return c, nil
			},
			func(chunk *csvschema.Chunk, c *copier) error {
				defer copiers.Put(c)
				if c.fault != nil {
					return c.faultAt(chunk, role)
				}
				for _, i := range c.unreadable {
					stats.UnreadableLines = append(stats.UnreadableLines, chunk.Record(i).Line())
				}
				stats.add(&c.stats)
				return write(w, c.out)
			})
	}
	if err == nil {
		return stats, nil
	}
	if placed := (*csvschema.Error)(nil); !errors.As(err, &placed) {
		err = &csvschema.Error{Role: role, Err: err}
	}
	return Stats{}, err
}

// withoutPlan returns ErrNeedsPlan if the policy asks for what a plan only can do.
func (r *rules) withoutPlan() error {
	if r.Names || r.DeleteStale {
		return fmt.Errorf("labdsr: %w", ErrNeedsPlan)
	}
	return nil
}

// recordOptions returns how files of a role are read.
func (r *rules) recordOptions(role csvschema.Role) *csvschema.RecordOptions {
	return &csvschema.RecordOptions{Required: requiredColumns(role), MaxRecordBytes: r.MaxRecordBytes}
}

// requiredColumns returns the columns without which a file of the role cannot be
// anonymized or is not of the role.
func requiredColumns(role csvschema.Role) []csvschema.Column {
	telling := csvschema.ResourceOwner
	if role == csvschema.Disks {
		telling = csvschema.LeasedByVmId
	}
	return []csvschema.Column{csvschema.LabUId, csvschema.ResourceUId, csvschema.ResourceId, csvschema.DeletedDate, telling}
}

// write writes all of the text.
func write(w io.Writer, text []byte) error {
	n, err := w.Write(text)
	if err == nil && n < len(text) {
		err = io.ErrShortWrite
	}
	return err
}

// A copier makes the text of one chunk after the other: begin, then change for rows
// in their order, then end.
type copier struct {
	*rewriter
	row     row
	rules   *rules
	matcher *matcher             // nil without requests
	hasher  *csvschema.KeyHasher // of keys, where they matter

	positions      []int // of all cells
	deletedAt      int   // position of DeletedDate
	maxRecordBytes int

	chunk      *csvschema.Chunk
	out        []byte // the new text of the chunk; its own where nothing changes
	kept       []byte // buffer of out
	copied     int    // bytes of the chunk that kept stands for
	stats      Stats
	values     [][]byte         // of asked
	unreadable []int            // the records whose DeletedDate is no date
	fault      *csvschema.Error // of the record faulty, if any; without its place
	faulty     int
}

// newCopiers returns a pool of copiers for files with that header. Names are those
// of machines, if names are replaced.
func newCopiers(rules *rules, header *csvschema.Header, maxRecordBytes int, names *machineNames) *sync.Pool {
	columns, positions := make([]csvschema.Column, header.Len()), make([]int, header.Len())
	for i := range columns {
		columns[i], positions[i] = header.Column(i), i
	}
	return &sync.Pool{New: func() any {
		c := &copier{
			rewriter: newRewriter(rules),
			row:      newRow(columns),
			rules:    rules,
			hasher:   rules.hasher.Clone(),

			positions:      positions,
			deletedAt:      header.Index(csvschema.DeletedDate),
			maxRecordBytes: maxRecordBytes,
		}
		if rules.requests != nil {
			c.matcher = &matcher{set: rules.requests}
		}
		if names != nil {
			c.namer = &namer{hash: rules.names.Hash("name"), machines: names}
		}
		return c
	}}
}

func (c *copier) begin(chunk *csvschema.Chunk) {
	c.chunk, c.kept, c.copied = chunk, c.kept[:0], 0
	c.stats, c.unreadable, c.fault = Stats{}, c.unreadable[:0], nil
}

// end sets out.
func (c *copier) end() {
	if text := c.chunk.Bytes(); c.copied == 0 {
		c.out = text
	} else {
		c.kept = append(c.kept, text[c.copied:]...)
		c.out = c.kept
	}
}

// copy decides about all rows by what each of them says, up to the first fault.
func (c *copier) copy() {
	r := c.rules
	simple := r.requests == nil && !r.needsKeys()
	for i := range c.chunk.Len() {
		rec := c.chunk.Record(i)
		date, empty, err := csvschema.ParseTime(rec.Cell(c.deletedAt), r.Zone)
		v := newVerdict(date, empty, err)
		var is ruling
		switch {
		case simple && v.state == exists: // the usual ones without a detour
			c.stats.Rows++
			c.stats.NotDeleted++
			continue
		case simple:
			is = r.rule(csvschema.KeyHash{}, v, nil)
		default:
			is, v = c.ruleRecord(rec, v)
		}
		if v.state == unreadable {
			c.unreadable = append(c.unreadable, i)
			if !r.KeepUnreadableDates {
				c.fault, c.faulty = &csvschema.Error{Column: csvschema.DeletedDate, Err: csvschema.ErrValue}, i
				return
			}
		}
		is.count(&c.stats)
		if !c.change(i, rec, is, v) {
			return
		}
	}
}

// newVerdict returns what one row says about its resource, by its DeletedDate as
// [csvschema.ParseTime] reads it.
func newVerdict(date time.Time, empty bool, err error) verdict {
	switch {
	case err != nil:
		return verdict{state: unreadable}
	case empty, date.IsZero():
		return verdict{}
	}
	return verdict{deleted, date}
}

// ruleRecord decides about a record by a verdict, and by a decision, which goes
// before that.
func (c *copier) ruleRecord(rec csvschema.Record, v verdict) (ruling, verdict) {
	var key csvschema.KeyHash
	if c.rules.needsKeys() {
		key = c.hasher.Record(rec)
		if d, ok := c.rules.decided(key); ok {
			v = d
		}
	}
	return c.rules.rule(key, v, c.matches(rec)), v
}

// matches returns the requests that a record is about.
func (c *copier) matches(rec csvschema.Record) []requestMatch {
	if c.matcher == nil {
		return nil
	}
	rec.Cells(c.row.cells, c.positions)
	return c.matcher.match(c.row, c.isOwnerless())
}

// isOwnerless reports whether the row has a column for an owner and none in it.
func (c *copier) isOwnerless() bool { return c.row.owner >= 0 && c.isBlank(c.row.cells[c.row.owner]) }

// change rewrites a record as was decided. It returns false after a fault.
func (c *copier) change(i int, rec csvschema.Record, is ruling, v verdict) bool {
	var edits []edit
	var err error
	switch {
	case is.whole:
		rec.Cells(c.row.cells, c.positions)
		edits, err = c.rewrite(c.row, c.asked(is, v), &c.stats)
	case is.parts:
		edits, err = c.rewriteParts(c.row, c.asked(is, v), &c.stats)
	}
	text := c.chunk.Bytes()
	size := rec.End() - rec.Start()
	for _, e := range edits {
		start, end := rec.RawCell(e.cell)
		start, end = start+rec.Start(), end+rec.Start()
		c.kept = append(c.kept, text[c.copied:start]...)
		before := len(c.kept)
		if text[start] == '"' {
			c.kept = appendQuoted(c.kept, c.text[e.start:e.end])
		} else {
			c.kept = append(c.kept, c.text[e.start:e.end]...)
		}
		c.copied = end
		size += len(c.kept) - before - (end - start)
	}
	if err == nil && size > rec.End()-rec.Start() && size > c.maxRecordBytes {
		err = csvschema.ErrRecordTooLarge // and nobody could read it again
	}
	if err != nil {
		c.fault, c.faulty = &csvschema.Error{Err: err}, i
	}
	return err == nil
}

// asked returns the values of requests that go from the row that was matched last:
// from one that is wholly due, all of them.
func (c *copier) asked(is ruling, v verdict) [][]byte {
	c.values = c.values[:0]
	if c.matcher == nil {
		return nil
	}
	for _, m := range c.matcher.found {
		if is.whole || c.rules.wanted(m.request, v) {
			c.values = append(c.values, m.value)
		}
	}
	return c.values
}

// faultAt returns the fault with its place.
func (c *copier) faultAt(chunk *csvschema.Chunk, role csvschema.Role) error {
	c.fault.Role, c.fault.Line = role, chunk.Record(c.faulty).Line()
	return c.fault
}
