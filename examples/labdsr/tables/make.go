package tables

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/labdsr/labdsr/csvschema"
)

// Options say how tables are made. The zero value is the strictest, but for At, which is needed.
type Options struct {
	// At is the instant up to which months are made: no machine exists later.
	At time.Time
	// Zone is that of the civil times in the files. Nil means UTC.
	Zone *time.Location
	// KeepUnreadableDates makes dates null that cannot be read, and counts them. Otherwise they
	// are an error.
	KeepUnreadableDates bool

	// WithOwners writes every cell: the tables are personal data. Otherwise what names people, or
	// may, is null in rows that are not due.
	WithOwners bool
	// Due reports whether the rows of a resource are due, and so were anonymized: whoever sets it
	// has made sure of that. It must be safe for concurrent use. Nil means that none is.
	Due func(csvschema.Key) bool
	// Pseudonyms says that there may be pseudonyms in rows that are due. They are personal data,
	// and null without WithOwners.
	Pseudonyms bool

	// Metadata are those of the schemas.
	Metadata map[Table]arrow.Metadata
	// MaxContradictions is how many are listed. All are counted. 0 means 1,000.
	MaxContradictions int
	// Workers and Progress are those of [csvschema.FileOptions]. The tables do not depend on
	// them.
	Workers  int
	Progress func(csvschema.Progress)
}

const defaultMaxContradictions = 1000

// Make makes the tables of exports, and calls write with batches of their rows: first with
// those of machines, then of disks, then of months. A batch is valid until write returns. All
// rows of a table come from one goroutine, in an order that depends only on the exports.
//
// A resource has one row: of its copies, that of the newest export. Where no date tells copies
// apart, it is the one with the latest DeletedDate, and of these the one that was given last. No
// cell that anonymizing may change decides. Copies that say different things are in
// [Report.Contradictions]. A row whose key identifies nothing (see [csvschema.Key]) has no copies:
// each stays.
//
// An empty cell is null, in a column of text, too. SubscriptionId, LabUId and ResourceUId are
// in their normal forms, so that they join; any other text is as it was read. Instants are in
// UTC, to the microsecond.
//
// A column that is not documented, or missing, is an error, and so is a cell that its column
// cannot hold. Errors are as those of [csvschema.ForEachChunk], and those of write.
//
// Make reads each file twice. It holds some 55 bytes for each resource of a role, a bit for each
// row, an entry for each month in which a machine of a lab, size and status began or ended, and some
// 40 bytes for each row whose key identifies nothing.
func Make(ctx context.Context, exports []csvschema.Export, o Options, write func(context.Context, Table, arrow.RecordBatch) error) (*Report, error) {
	if o.At.IsZero() {
		return nil, errNoInstant
	}
	m := &maker{Options: o, write: write, report: &Report{Found: map[ContradictionKind]int64{}}, calendar: newCalendar(o.At), numbers: map[content]uint64{}}
	if m.MaxContradictions == 0 {
		m.MaxContradictions = defaultMaxContradictions
	}
	files, err := csvschema.Files(exports, csvschema.FileOptions{Workers: o.Workers, Progress: o.Progress})
	if err != nil {
		return nil, err
	}
	for _, part := range []struct {
		role      csvschema.Role
		resources *Resources
	}{{csvschema.VirtualMachines, &m.report.Machines}, {csvschema.Disks, &m.report.Disks}} {
		if err := m.makeRole(ctx, files, part.role, part.resources); err != nil {
			return nil, err
		}
	}
	m.report.Months, err = m.calendar.write(ctx, Schema(Months, o.Metadata[Months]), func(ctx context.Context, batch arrow.RecordBatch) error {
		return write(ctx, Months, batch)
	})
	if err != nil {
		return nil, err
	}
	return m.report, nil
}

// A maker is one call of Make.
type maker struct {
	Options
	write    func(context.Context, Table, arrow.RecordBatch) error
	report   *Report
	calendar *calendar
	numbers  map[content]uint64 // how many rows of a content there were
}

// A file is one of the files of a role.
type file struct {
	*csvschema.File
	given  int      // its place among those that were given
	starts []uint32 // for each chunk, the number of its first row
	rows   uint32
	taken  bitmap // the rows that are in the table
	due    bitmap // the rows that are due; empty with owners
}

// makeRole makes the table of machines or disks.
func (m *maker) makeRole(ctx context.Context, all []*csvschema.File, role csvschema.Role, resources *Resources) error {
	var files []*file
	for i, f := range all {
		if f.Role == role {
			files = append(files, &file{File: f, given: i})
		}
	}
	resources.Files = len(files)
	// In the order of their dates, those without a date at the end: so the newest copy comes last,
	// and rows of equal content have the same numbers when there is one export more.
	slices.SortStableFunc(files, func(a, b *file) int {
		if a.Made.IsZero() != b.Made.IsZero() {
			return cmp.Compare(b.Made.Unix(), a.Made.Unix()) // the zero time is before all
		}
		return a.Made.Compare(b.Made)
	})
	var copies index
	for i := range files {
		if err := m.gather(ctx, files, i, &copies); err != nil {
			return err
		}
		resources.Read += int64(files[i].rows)
	}
	copies = index{}
	for _, f := range files {
		if err := m.makeRows(ctx, f, resources); err != nil {
			return err
		}
	}
	return nil
}

// A gathering is what is found out about the rows of a chunk in the first pass.
type gathering struct {
	facts []keyedFact
	due   []bool
	at    int // the row that cannot be read
	what  csvschema.Column
	maker *factMaker
}

type keyedFact struct {
	hash csvschema.KeyHash
	fact
}

// gather reads a file for which of its copies are taken.
func (m *maker) gather(ctx context.Context, files []*file, number int, copies *index) error {
	f := files[number]
	var free sync.Pool
	return csvschema.ForEachChunk(ctx, f.File, csvschema.Pass[*gathering]{
		Number: 1, Of: 2,
		Header: func(header *csvschema.Header) error {
			if unknown := header.Unknown(); len(unknown) > 0 {
				return &csvschema.Error{FileID: f.FileID, Line: 1, Number: unknown[0], Err: csvschema.ErrUnknownColumn}
			}
			free.New = func() any { return &gathering{maker: newFactMaker(header, m.Zone)} }
			return nil
		},
		Work: func(c *csvschema.Chunk) *gathering {
			g := free.Get().(*gathering)
			m.gatherChunk(g, c)
			return g
		},
		Emit: func(c *csvschema.Chunk, g *gathering) error {
			if g.what != 0 {
				return unreadable(f.FileID, c.Record(g.at), g.what)
			}
			if err := f.begin(c); err != nil {
				return err
			}
			for i := range g.facts {
				row := f.starts[c.Number()] + uint32(i)
				if len(g.due) > 0 && g.due[i] {
					f.due.set(row)
				}
				m.take(files, number, row, c.Record(i), &g.facts[i], copies)
			}
			free.Put(g)
			return nil
		},
	})
}

// unreadable returns the error of a cell that its column cannot hold.
func unreadable(id csvschema.FileID, rec csvschema.Record, c csvschema.Column) error {
	return &csvschema.Error{FileID: id, Line: rec.Line(), Column: c, Err: csvschema.ErrValue}
}

// begin notes the rows of the next chunk.
func (f *file) begin(c *csvschema.Chunk) error {
	if uint64(f.rows)+uint64(c.Len()) > math.MaxUint32 {
		return &csvschema.Error{FileID: f.FileID, Err: errTooManyRows}
	}
	f.starts = append(f.starts, f.rows)
	f.rows += uint32(c.Len())
	return nil
}

// gatherChunk finds out what the rows of a chunk say, up to the first that cannot be read.
func (m *maker) gatherChunk(g *gathering, c *csvschema.Chunk) {
	g.facts, g.due, g.what = g.facts[:0], g.due[:0], 0
	for i := range c.Len() {
		rec := c.Record(i)
		says, unreadable := g.maker.of(rec)
		if unreadable != 0 && !m.KeepUnreadableDates {
			g.at, g.what = i, unreadable
			return
		}
		hash := rec.KeyHash()
		g.facts = append(g.facts, keyedFact{hash, says})
		if !m.WithOwners {
			g.due = append(g.due, m.Due != nil && hash != csvschema.KeyHash{} && m.Due(rec.Key()))
		}
	}
}

// take takes a row instead of the copy that was taken before, if it is the newer one.
func (m *maker) take(files []*file, number int, row uint32, rec csvschema.Record, says *keyedFact, copies *index) {
	f := files[number]
	if says.hash == (csvschema.KeyHash{}) {
		f.taken.set(row)
		return
	}
	e, isNew := copies.put(says.hash)
	here := entry{key: e.key, file: uint32(number), row: row, line: uint32(min(rec.Line(), math.MaxUint32)), fact: says.fact}
	if isNew {
		*e = here
		f.taken.set(row)
		return
	}
	other := files[e.file]
	sameDate := f.Made.IsZero() || other.Made.IsZero() || f.Made.Equal(other.Made)
	isNewer := !sameDate // files come in the order of their dates
	if sameDate {
		isNewer = cmp.Or(cmp.Compare(says.deleted, e.deleted), cmp.Compare(f.given, other.given), cmp.Compare(row, e.row)) > 0
	}
	m.compare(files, e, &here, sameDate, isNewer, rec)
	if isNewer {
		other.taken.clear(e.row)
		f.taken.set(row)
		*e = here
	}
}

// compare notes in what a row and the copy that was taken before contradict each other.
func (m *maker) compare(files []*file, before, here *entry, sameDate, isNewer bool, rec csvschema.Record) {
	taken, other := before, here
	if isNewer {
		taken, other = here, before
	}
	find := func(kind ContradictionKind) {
		if m.report.Found[kind]++; len(m.report.Contradictions) < m.MaxContradictions {
			at := func(e *entry) Place { return Place{files[e.file].FileID, int64(e.line)} }
			m.report.Contradictions = append(m.report.Contradictions, Contradiction{Kind: kind, Key: rec.Key(), Taken: at(taken), Other: at(other)})
		}
	}
	if !sameDate && before.deleted != never && here.deleted == never {
		find(ExistsAgain)
	}
	if before.deleted != never && here.deleted != never && before.deleted != here.deleted {
		find(DifferentDates)
	}
	if before.created != 0 && here.created != 0 && before.created != here.created {
		find(DifferentCreation)
	}
	if before.id != 0 && here.id != 0 && before.id != here.id {
		find(DifferentIDs)
	}
	if sameDate && before.content != here.content {
		find(DifferentCopies)
	}
}
