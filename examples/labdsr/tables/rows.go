package tables

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

var (
	errNoInstant   = errors.New("tables: no instant up to which months are made")
	errTooManyRows = errors.New("more rows than a file of an export can have")
)

// A rowMaker makes rows of the records of a chunk. Only one goroutine may use it.
type rowMaker struct {
	*maker
	file    *file
	columns []column // of the table

	exported  []csvschema.Column
	positions []int
	cells     [][]byte
	at        [csvschema.LeasedByVmId + 1]int // index in exported
	hider     *hider
	keys      *keyMaker
	labs      labels
	labels    labels // of sizes and statuses
	lab, uid  []byte // normal forms
	word      []byte // normal form
	segments  [][]byte
	wordless  [][]byte // by index in exported: the last cell with a sign in which no user is a word
	quiet     []quiet  // by index in exported

	// Of the chunk.
	checked []taken
	asked   []int // the records of the rows in hider.replaced
	counts  Resources
	noKey   []noKey // rows that get their keys in the order of the file
	lives   []groupLife
	noMonth int64
	index   int // of the record that cannot be read
	what    csvschema.Column
	err     error // of that record, if it is another one

	replaced columnSet // of the row: where anonymizing would replace something, as far as that matters
}

// A noKey is a row whose key identifies nothing.
type noKey struct {
	row int // of the batch
	content
}

type groupLife struct {
	group
	life
}

func (m *maker) newRowMaker(f *file, header *csvschema.Header, s *arrow.Schema) *rowMaker {
	r := &rowMaker{maker: m, file: f, exported: header.Role().Columns(), hider: newHider(header.Role()), keys: newKeyMaker(), labs: labels{}, labels: labels{}}
	r.columns, _ = columnsOf(s) // of a schema of this package
	for i, c := range r.exported {
		r.positions = append(r.positions, header.Index(c))
		r.at[c] = i
	}
	r.cells, r.wordless, r.quiet = make([][]byte, len(r.exported)), make([][]byte, len(r.exported)), make([]quiet, len(r.exported))
	return r
}

// makeRows writes the rows of a file that are in the table.
func (m *maker) makeRows(ctx context.Context, f *file, resources *Resources) error {
	table := Machines
	if f.Role == csvschema.Disks {
		table = Disks
	}
	s := Schema(table, m.Metadata[table])
	var free sync.Pool
	return csvschema.ForEachChunk(ctx, f.File, csvschema.Pass[*rowMaker]{
		Number: 2, Of: 2,
		Header: func(header *csvschema.Header) error {
			free.New = func() any { return m.newRowMaker(f, header, s) }
			return nil
		},
		Skip: func(number int) bool {
			end := f.rows
			if number+1 < len(f.starts) {
				end = f.starts[number+1]
			}
			return number < len(f.starts) && !f.taken.hasAny(f.starts[number], end)
		},
		Work: func(c *csvschema.Chunk) *rowMaker {
			r := free.Get().(*rowMaker)
			r.makeChunk(c)
			return r
		},
		Emit: func(c *csvschema.Chunk, r *rowMaker) error {
			switch {
			case r.err != nil:
				return &csvschema.Error{FileID: f.FileID, Line: c.Record(r.index).Line(), Err: r.err}
			case r.what != 0:
				return unreadable(f.FileID, c.Record(r.index), r.what)
			}
			r.finish()
			resources.add(&r.counts)
			if r.columns[0].rows > 0 {
				if err := m.write(ctx, table, batchOf(s, r.columns)); err != nil {
					return err
				}
			}
			free.Put(r)
			return nil
		},
	})
}

// finish does what depends on the rows before.
func (r *rowMaker) finish() {
	for _, n := range r.noKey {
		key := r.columns[0].data[n.row*keyDigits : n.row*keyDigits : (n.row+1)*keyDigits]
		r.keys.appendNumbered(key, n.content, r.numbers[n.content])
		r.numbers[n.content]++
	}
	r.report.NoMonth += r.noMonth
	for i := range r.lives {
		switch l := &r.lives[i]; {
		case !r.calendar.add(l.group, l.life):
			r.report.NotYet++
		case l.untilAt:
			r.report.UntilAt++
		}
	}
}

// makeChunk makes the rows of a chunk, up to the first record that cannot be read.
func (r *rowMaker) makeChunk(c *csvschema.Chunk) {
	for i := range r.columns {
		r.columns[i].reset()
	}
	r.counts, r.noKey, r.lives, r.noMonth, r.what, r.err = Resources{}, r.noKey[:0], r.lives[:0], 0, 0, nil
	if c.Len() == 0 {
		return
	}
	if !r.findReplaced(c) {
		return
	}
	for i, row := range r.checked {
		if r.index = row.index; !r.makeRow(c.Record(row.index), i) {
			return
		}
	}
}

// A taken is a record of the chunk that is in the table.
type taken struct {
	index    int
	due      bool
	replaced int // its row in hider.replaced; -1 if it is not there
}

// findReplaced lists the records that are in the table, and finds out in which cells anonymizing
// would replace something, where that matters. It returns false if one is at fault.
func (r *rowMaker) findReplaced(c *csvschema.Chunk) bool {
	r.checked = r.checked[:0]
	r.hider.replaced.reset()
	asked := r.asked[:0]
	start := r.file.starts[c.Number()]
	for i := range c.Len() {
		row := start + uint32(i)
		if !r.file.taken.has(row) {
			continue
		}
		one := taken{index: i, due: r.file.due.has(row), replaced: -1}
		c.Record(i).Cells(r.cells, r.positions)
		if hides := !r.WithOwners && (!one.due || r.Pseudonyms); hides || r.hasWords() {
			if err := r.hider.replaced.add(r.cells); err != nil {
				r.index, r.err = i, err
				return false
			}
			one.replaced = len(asked)
			asked = append(asked, i)
		}
		r.checked = append(r.checked, one)
	}
	r.asked = asked
	if row, err := r.hider.replaced.find(); err != nil {
		r.index, r.err = asked[row], err
		return false
	}
	return true
}

// makeRow makes a row of a record. It returns false if that cannot be read.
func (r *rowMaker) makeRow(rec csvschema.Record, number int) bool {
	rec.Cells(r.cells, r.positions)
	one := r.checked[number]
	r.replaced = 0
	if one.replaced >= 0 {
		r.replaced = r.hider.replaced.in(one.replaced)
	}
	hidden := r.hidden(one.due)
	r.appendKey(rec)
	var dates [csvschema.LeasedByVmId + 1]time.Time
	for i, c := range r.exported {
		cell, to := r.cells[i], &r.columns[1+i]
		switch {
		case len(cell) == 0:
			to.appendNull()
		case hidden.has(i):
			r.counts.Hidden++
			to.appendNull()
		case to.kind == text:
			r.appendText(to, c, cell)
		case to.kind == instant:
			at, empty, err := csvschema.ParseTime(cell, r.Zone)
			if err != nil && !r.KeepUnreadableDates {
				r.what = c
				return false
			}
			if err != nil {
				r.counts.Unreadable++
			}
			if err != nil || empty {
				to.appendNull()
				continue
			}
			value, isCut := micros(at)
			if isCut {
				r.counts.Cut++
			}
			to.appendNumber(value, true)
			dates[c] = at
		case !c.Holds(cell):
			r.what = c
			return false
		case to.kind == boolean:
			to.appendBool(isTrue(cell), true)
		default:
			to.appendNumber(numberOf(cell), true)
		}
	}
	made := &r.columns[len(r.columns)-1]
	made.appendNumber(r.file.Made.UnixMicro(), !r.file.Made.IsZero())
	r.counts.Rows++
	if r.file.Role == csvschema.VirtualMachines {
		r.addLife(dates[csvschema.CreatedTime], dates[csvschema.DeletedDate])
	}
	return true
}

// hidden returns the columns of the row that are null.
func (r *rowMaker) hidden(due bool) columnSet {
	switch {
	case r.WithOwners:
		return 0
	case due:
		return r.replaced
	}
	return r.hider.ofNotDue(r.cells, r.replaced)
}

// appendKey appends the key of the row.
func (r *rowMaker) appendKey(rec csvschema.Record) {
	r.lab = identity.AppendNormal(r.lab[:0], rec.Value(csvschema.LabUId))
	r.uid = identity.AppendNormal(r.uid[:0], rec.Value(csvschema.ResourceUId))
	to := &r.columns[0]
	if csvschema.Identifies(csvschema.ResourceUId, r.uid) && csvschema.Identifies(csvschema.LabUId, r.lab) {
		to.data = r.keys.append(to.data, rec, r.lab, r.uid)
	} else {
		r.counts.NoResource++
		r.noKey = append(r.noKey, noKey{to.rows, r.keys.contentOf(rec)})
		to.data = append(to.data, make([]byte, keyDigits)...) // see finish
	}
	to.endText(true)
}

// appendText appends the cell of a column of text, that of an ID in its normal form.
func (r *rowMaker) appendText(to *column, c csvschema.Column, cell []byte) {
	switch c { //nolint:exhaustive // the others are not changed
	case csvschema.SubscriptionId:
		start := len(to.data)
		to.data = identity.AppendNormal(to.data, cell)
		to.endText(len(to.data) > start)
	case csvschema.LabUId:
		to.appendText(r.lab)
	case csvschema.ResourceUId:
		to.appendText(r.uid)
	default:
		to.appendText(cell)
	}
}

// addLife notes from when to when the machine of the row exists.
func (r *rowMaker) addLife(created, deleted time.Time) {
	if created.IsZero() {
		r.noMonth++
		return
	}
	l := life{created: created.UnixMilli()}
	switch {
	case !deleted.IsZero():
		l.end, l.hasEnd = deleted.UnixMilli(), deleted.After(created)
	case len(r.cells[r.at[csvschema.DeletedDate]]) > 0 && r.isUnreadable(csvschema.DeletedDate):
	case r.file.Made.IsZero():
		l.end, l.hasEnd, l.untilAt = r.calendar.at, true, true
	default:
		l.end, l.hasEnd = r.file.Made.UnixMilli(), true
	}
	r.lives = append(r.lives, groupLife{r.groupOf(), l})
}

// isUnreadable reports whether a date of the row cannot be read.
func (r *rowMaker) isUnreadable(c csvschema.Column) bool {
	_, _, err := csvschema.ParseTime(r.cells[r.at[c]], r.Zone)
	return err != nil
}
