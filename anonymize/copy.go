package anonymize

import (
	"context"
	"errors"
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
	p, err := p.settled()
	if err != nil {
		return Stats{}, err
	}
	rr := csvschema.NewRecordReader(r, role, &csvschema.RecordOptions{
		Required:       requiredColumns(role),
		MaxRecordBytes: p.MaxRecordBytes,
	})
	header, err := rr.Header()
	if err != nil {
		return Stats{}, err
	}
	columns, positions := make([]csvschema.Column, header.Len()), make([]int, header.Len())
	for i := range columns {
		columns[i], positions[i] = header.Column(i), i
	}
	copiers := sync.Pool{New: func() any {
		return &copier{
			clock:    clock{p, now},
			rewriter: rewriter{policy: p},
			row:      newRow(columns),

			positions:      positions,
			deletedAt:      header.Index(csvschema.DeletedDate),
			maxRecordBytes: rr.MaxRecordBytes(),
		}
	}}
	stats := Stats{UnknownColumns: header.Unknown()}
	err = write(w, header.Raw())
	if err == nil {
		err = csvschema.ForEachChunk(ctx, rr, max(p.Workers, 0),
			func(chunk *csvschema.Chunk) (*copier, error) {
				c := copiers.Get().(*copier)
				c.copy(chunk)
				return c, nil
			},
			func(chunk *csvschema.Chunk, c *copier) error {
				defer copiers.Put(c)
				if c.fault != nil {
					c.fault.Role, c.fault.Line = role, chunk.Record(c.faulty).Line()
					return c.fault
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

// A copier makes the text of one chunk after the other.
type copier struct {
	clock
	rewriter
	row row

	positions      []int // of all cells
	deletedAt      int   // position of DeletedDate
	maxRecordBytes int

	out        []byte // the new text of the chunk
	kept       []byte // buffer of out
	stats      Stats
	unreadable []int            // the records whose DeletedDate is no date
	fault      *csvschema.Error // of the record faulty, if any; without its place
	faulty     int
}

// copy sets out to what the chunk is to be, stats, unreadable and fault. Out is
// the text of the chunk itself where nothing changes.
func (c *copier) copy(chunk *csvschema.Chunk) {
	c.stats, c.unreadable, c.fault = Stats{}, c.unreadable[:0], nil
	text := chunk.Bytes()
	out, copied := c.kept[:0], 0
	for i := range chunk.Len() {
		rec := chunk.Record(i)
		c.stats.Rows++
		deleted, empty, err := csvschema.ParseTime(rec.Cell(c.deletedAt), c.clock.policy.Zone)
		if err != nil {
			c.stats.Unreadable++
			c.unreadable = append(c.unreadable, i)
			if !c.clock.policy.KeepUnreadableDates {
				c.fault, c.faulty = &csvschema.Error{Column: csvschema.DeletedDate, Err: err}, i
				return
			}
			continue
		}
		if !c.due(deleted, empty, &c.stats) {
			continue
		}
		rec.Cells(c.row.cells, c.positions)
		edits, err := c.rewrite(c.row, &c.stats)
		size := rec.End() - rec.Start()
		for _, e := range edits {
			start, end := rec.RawCell(e.cell)
			start, end = start+rec.Start(), end+rec.Start()
			out = append(out, text[copied:start]...)
			before := len(out)
			if text[start] == '"' {
				out = appendQuoted(out, c.text[e.start:e.end])
			} else {
				out = append(out, c.text[e.start:e.end]...)
			}
			copied = end
			size += len(out) - before - (end - start)
		}
		if err == nil && size > rec.End()-rec.Start() && size > c.maxRecordBytes {
			err = csvschema.ErrRecordTooLarge // and nobody could read it again
		}
		if err != nil {
			c.fault, c.faulty = &csvschema.Error{Err: err}, i
			return
		}
	}
	if copied == 0 {
		c.out = text
		return
	}
	c.kept = append(out, text[copied:]...)
	c.out = c.kept
}
