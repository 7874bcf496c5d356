package tables

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
)

// NOTE. A machine exists from its CreatedTime to its end, that instant excluded. Its end is its
// DeletedDate; of a machine that is not deleted, when its export was made, or Options.At if that
// is not known; and never after At. If DeletedDate is not after CreatedTime, as in most
// rows of real exports, nobody knows the end: the machine counts in the month of its
// creation, and no hours of it do.
//
// Machines of one lab, size and status are added up without a look at each of their months:
//
//	            Jan      Feb      Mar      Apr      May
//	machine     ······▇▇ ▇▇▇▇▇▇▇▇ ▇▇▇▇▇▇▇▇ ▇▇▇·····
//	machines    +1                                  -1       a running sum
//	whole                +1                -1                a running sum of whole months
//	part        6 days                     9 days            what is not of whole months
//
// All of it is in whole milliseconds, and so the sum depends on no order.

// A group is the machines that months add up.
type group struct{ lab, tier, status string }

// A monthOfYear counts months from January of year 0.
type monthOfYear int32

func monthOf(milli int64) monthOfYear {
	t := time.UnixMilli(milli).UTC()
	return monthOfYear(12*t.Year() + int(t.Month()) - 1)
}

// first returns the first instant of the month, in milliseconds.
func (m monthOfYear) first() int64 { return m.date().UnixMilli() }

func (m monthOfYear) date() time.Time {
	return time.Date(int(m)/12, time.Month(m%12+1), 1, 0, 0, 0, 0, time.UTC)
}

// A change is what differs in a month from the one before.
type change struct {
	machines int64 // that exist at some time of the month
	whole    int64 // that exist all of the month
	part     int64 // milliseconds of machines that exist in a part of the month
	noEnd    int64 // machines of this month alone whose end is unknown
}

// A calendar adds up machines. It holds an entry for each month in which a machine of a group
// began or ended.
type calendar struct {
	at      int64 // milliseconds
	groups  map[group]map[monthOfYear]*change
	last    group // the group that was added to before
	changes map[monthOfYear]*change
}

func newCalendar(at time.Time) *calendar {
	return &calendar{at: at.UnixMilli(), groups: map[group]map[monthOfYear]*change{}}
}

// A life is from when to when a machine exists.
type life struct {
	created, end int64 // milliseconds; end is 0 if it is not known
	hasEnd       bool
	untilAt      bool // it ends at the calendar's instant because nobody knows better
}

// add adds a machine, unless it was created at the calendar's instant or later. It reports
// whether it did.
func (c *calendar) add(g group, l life) bool {
	if l.created >= c.at {
		return false
	}
	if c.changes == nil || g != c.last {
		c.last, c.changes = g, c.groups[g]
		if c.changes == nil {
			c.changes = map[monthOfYear]*change{}
			c.groups[g] = c.changes
		}
	}
	first := monthOf(l.created)
	last, begin := first, c.of(first)
	begin.machines++
	switch end := min(l.end, c.at); {
	case !l.hasEnd:
		begin.noEnd++
	case end <= l.created: // the export is older than the machine says to be
	default:
		if last = monthOf(end - 1); last == first {
			begin.part += end - l.created
			break
		}
		begin.part += (first + 1).first() - l.created
		c.of(first+1).whole++
		c.of(last).whole--
		c.of(last).part += end - last.first()
	}
	c.of(last+1).machines--
	return true
}

func (c *calendar) of(m monthOfYear) *change {
	at := c.changes[m]
	if at == nil {
		at = &change{}
		c.changes[m] = at
	}
	return at
}

// write writes the rows of all groups, in their order and then by month, and returns how
// many there are.
func (c *calendar) write(ctx context.Context, s *arrow.Schema, write func(context.Context, arrow.RecordBatch) error) (rows int64, err error) {
	columns, err := columnsOf(s)
	if err != nil {
		return 0, err
	}
	flush := func() error {
		err := write(ctx, batchOf(s, columns))
		for i := range columns {
			columns[i].reset()
		}
		return err
	}
	groups := slices.SortedFunc(maps.Keys(c.groups), func(a, b group) int {
		return cmp.Or(cmp.Compare(a.lab, b.lab), cmp.Compare(a.tier, b.tier), cmp.Compare(a.status, b.status))
	})
	for _, g := range groups {
		changes := c.groups[g]
		months := slices.Sorted(maps.Keys(changes))
		var machines, whole int64
		for m := months[0]; m < months[len(months)-1]; m++ {
			here := changes[m]
			if here == nil {
				here = &change{}
			}
			machines, whole = machines+here.machines, whole+here.whole
			if machines == 0 {
				continue
			}
			if rows++; columns[0].rows == batchRows {
				if err := flush(); err != nil {
					return 0, err
				}
			}
			milli := float64(whole)*float64((m+1).first()-m.first()) + float64(here.part)
			for i, label := range []string{g.lab, "", g.tier, g.status} {
				if i != 1 {
					columns[i].data = append(columns[i].data, label...)
					columns[i].endText(true)
				}
			}
			columns[1].days = append(columns[1].days, int32(m.date().Unix()/(24*60*60)))
			columns[1].end(true)
			columns[4].appendNumber(machines, true)
			columns[5].floats = append(columns[5].floats, milli/(60*60*1000))
			columns[5].end(true)
			columns[6].appendNumber(here.noEnd, true)
		}
	}
	if columns[0].rows > 0 {
		err = flush()
	}
	return rows, err
}

// batchRows is how many rows a batch of months has, at most.
const batchRows = 16_384
