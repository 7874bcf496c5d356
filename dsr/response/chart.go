package response

import (
	"slices"
	"strconv"
	"time"
	"unicode"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE: This file lays out both charts, in the units of their viewBox. The template
// draws them. The page has the same facts as text: those of the timeline in the
// entries, those of the columns in a table below them.

// maxTimeline is the largest number of machines, and of disks, in the timeline.
const maxTimeline = 20

// The layout of both charts.
const (
	chartWidth  = 720
	labelWidth  = 170
	barStep     = 18
	labelRunes  = 22
	columnsHigh = 160
	columnsLeft = 40
)

// A timeline is a bar for each resource.
type timeline struct {
	Width, Height, AxisY, TextY int
	LabelWidth                  int // labels are clipped to this width
	Label, More                 string
	Bars                        []timelineBar
	Ticks                       []tick
}

type timelineBar struct {
	Class, Name, Title  string
	X, Y, Width, Radius int
}

// A tick is a label on the axis of time, or of numbers.
type tick struct {
	X, Y, TextY  int
	Text, Anchor string
}

// columns is a chart of the number of machines in each month, or year.
type columns struct {
	Width, Height, Left, TextX, TextY int
	Heading, Label, Unit              string
	Bars                              []columnsBar
	Ticks, Lines                      []tick
}

type columnsBar struct {
	X, Y, Width, Height int
	Name, Count, Title  string
}

// timeline lays out the timeline. It returns nil if no resource has a date, or if the
// dates span more than maxYears.
func (s *survey) timeline(p *printer) *timeline {
	var dated []*lifetime
	all, shown := 0, map[csvschema.Role]int{}
	for _, l := range s.order {
		if l.created.IsZero() {
			continue
		}
		if all++; shown[l.role] < maxTimeline {
			shown[l.role]++
			dated = append(dated, l)
		}
	}
	if len(dated) == 0 {
		return nil
	}
	slices.SortStableFunc(dated, func(a, b *lifetime) int { return a.created.Compare(b.created) })
	first, last := dated[0].created, s.last(dated)
	if last.Year()-first.Year() > maxYears {
		return nil
	}
	t := &timeline{
		Width: chartWidth, LabelWidth: labelWidth - 8, AxisY: len(dated)*barStep + 4, TextY: len(dated)*barStep + 18, Height: len(dated)*barStep + 24,
	}
	if all > len(dated) {
		t.More = p.T("timeline.more", p.Number(int64(len(dated))), p.Number(int64(all)))
	}
	t.Label = p.T("timeline") + ". " + p.T("timeline.text")
	span := max(last.Sub(first), time.Hour)
	x := func(at time.Time) int {
		return labelWidth + int(float64(chartWidth-labelWidth)*float64(at.Sub(first))/float64(span))
	}
	for i, l := range dated {
		b := timelineBar{Class: "machine", Name: orElse(l.name, p.T("unnamed")), X: x(l.created), Y: i*barStep + 4}
		if l.role == csvschema.Disks {
			b.Class, b.Radius = "disk", 5
		}
		end, until := last, "…"
		if l.deleted.After(l.created) {
			end, until = l.deleted, p.Day(l.deleted)
		}
		b.Width = max(x(end)-b.X, 3)
		b.X = min(b.X, chartWidth-b.Width)
		b.Title = b.Name + ": " + p.Day(l.created) + " – " + until
		t.Bars = append(t.Bars, b)
	}
	t.Ticks = ticksOf(p, first, last, x)
	return t
}

// last returns the end of the axis: the last date of the resources that are shown, or
// of everything that was searched if that is later.
func (s *survey) last(shown []*lifetime) time.Time {
	last := shown[0].created
	for _, l := range shown {
		for _, at := range []time.Time{l.created, l.deleted} {
			if at.After(last) {
				last = at
			}
		}
	}
	if end := s.report.Scope.Last; end.After(last) {
		last = end
	}
	return last
}

// ticksOf returns up to five labels between two instants.
func ticksOf(p *printer, first, last time.Time, x func(time.Time) int) []tick {
	const parts = 4
	var ticks []tick
	for i := range parts + 1 {
		at := first.Add(last.Sub(first) / parts * time.Duration(i))
		t := tick{X: x(at), Text: p.Month(at), Anchor: "middle"}
		switch i {
		case 0:
			t.Anchor = "start"
		case parts:
			t.X, t.Anchor = chartWidth, "end"
		}
		if n := len(ticks); n > 0 && ticks[n-1].Text == t.Text {
			continue
		}
		ticks = append(ticks, t)
	}
	return ticks
}

// A chart of more than maxMonths months has a column for each year instead. If the dates
// span more than maxYears, one of them is wrong, and there is no chart.
const (
	maxMonths = 60
	maxYears  = 100
)

// columns lays out the number of machines by month, or by year. It returns nil if no
// machine has a date, if the dates span more than maxYears, or if there would be only
// one column.
func (s *survey) columns(p *printer) *columns {
	var machines []*lifetime
	for _, l := range s.order {
		if l.role == csvschema.VirtualMachines && !l.created.IsZero() {
			machines = append(machines, l)
		}
	}
	if len(machines) == 0 {
		return nil
	}
	first := slices.MinFunc(machines, func(a, b *lifetime) int { return a.created.Compare(b.created) }).created
	last := s.last(machines)
	c := &columns{Width: chartWidth, Left: columnsLeft, TextX: columnsLeft - 6, Heading: p.T("permonth"), Unit: p.T("month")}
	text, name, unit := "permonth.text", p.Month, monthOf
	if unit(last)-unit(first) >= maxMonths {
		c.Heading, c.Unit = p.T("peryear"), p.T("year")
		text, unit = "peryear.text", time.Time.Year
		name = func(t time.Time) string { return strconv.Itoa(t.Year()) }
	}
	if last.Year()-first.Year() > maxYears {
		return nil
	}
	counts := make([]int, unit(last)-unit(first)+1)
	for _, l := range machines {
		end := last
		if l.deleted.After(l.created) {
			end = l.deleted
		}
		for at := unit(l.created); at <= unit(end); at++ {
			counts[at-unit(first)]++
		}
	}
	if len(counts) < 2 {
		return nil
	}
	most := slices.Max(counts)
	start := func(i int) time.Time {
		if c.Unit == p.T("year") {
			return time.Date(first.Year()+i, 1, 1, 0, 0, 0, 0, first.Location())
		}
		return time.Date(first.Year(), first.Month()+time.Month(i), 1, 0, 0, 0, 0, first.Location())
	}
	c.Label = p.T(text, most, name(start(slices.Index(counts, most))))
	c.TextY, c.Height = columnsHigh+16, columnsHigh+22
	width := float64(chartWidth-columnsLeft) / float64(len(counts))
	for i, n := range counts {
		high := n * (columnsHigh - 12) / most
		c.Bars = append(c.Bars, columnsBar{
			X: columnsLeft + int(width*float64(i)) + 1, Y: columnsHigh - high, Width: max(int(width)-2, 1), Height: high,
			Name: name(start(i)), Count: p.Number(int64(n)), Title: name(start(i)) + ": " + p.Number(int64(n)),
		})
	}
	for _, n := range slices.Compact([]int{0, most / 2, most}) {
		y := columnsHigh - n*(columnsHigh-12)/most
		c.Lines = append(c.Lines, tick{Y: y, TextY: y + 4, Text: p.Number(int64(n))})
	}
	for i, part := range []int{0, len(counts) / 2, len(counts) - 1} {
		t := tick{X: c.Bars[part].X + c.Bars[part].Width/2, Text: c.Bars[part].Name, Anchor: "middle"}
		switch i {
		case 0:
			t.X, t.Anchor = c.Bars[part].X, "start"
		case 2:
			t.X, t.Anchor = chartWidth, "end"
		}
		if n := len(c.Ticks); n > 0 && c.Ticks[n-1].Text == t.Text || i == 1 && len(counts) < 8 {
			continue
		}
		c.Ticks = append(c.Ticks, t)
	}
	return c
}

// monthOf numbers the months.
func monthOf(t time.Time) int { return t.Year()*12 + int(t.Month()) - 1 }

// short shortens a label. It also removes characters that can change the direction of
// the text around the label, because SVG has no bdi element.
func short(text string) string {
	var kept []rune
	for _, r := range text {
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case unicode.Is(unicode.Bidi_Control, r), !unicode.IsGraphic(r):
			continue
		}
		if len(kept) == labelRunes {
			return string(kept[:labelRunes-1]) + "…"
		}
		kept = append(kept, r)
	}
	return string(kept)
}
