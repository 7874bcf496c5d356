package main

import (
	"bytes"
	"cmp"
	"errors"
	"image/color"
	"maps"
	"os"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// The panels of the chart, from left to right, and the series of bars in each.
var (
	panels = []struct{ task, title string }{
		{"filter", "Find one owner's virtual machines"},
		{"first-clean-up", "Clean up for the first time, and sync"},
	}
	series = []struct {
		shape, label string
		color        color.Color
	}{
		{"one-lab", "one lab", color.RGBA{R: 0x1f, G: 0x5f, B: 0xa8, A: 0xff}},
		{"forty-labs", "rows of forty labs in turn", color.RGBA{R: 0x86, G: 0xb8, B: 0xe6, A: 0xff}},
	}
	// uncharted has no bars: the limits, whose bars would make all others tiny, and a
	// rival that differs from another only in an option.
	uncharted = []string{"wc", "cat", "labdsr-1"}
)

// The layout in points, the unit of vg.Length.
const (
	barWidth    vg.Length = 11
	panelWidth  vg.Length = 360
	panelHeight vg.Length = 270
)

// slack is added to a text on the left of something, so that the two do not overlap
// if the reader's font is wider.
const slack = "   "

// writeChart draws the medians of two tasks as bars.
func writeChart(name string, rep *report) error {
	var row []*plot.Plot
	for i, panel := range panels {
		p, err := chartPanel(rep, panel.task, i == len(panels)-1)
		if err != nil {
			return err
		}
		if p != nil {
			p.Title.Text = panel.title
			row = append(row, p)
		}
	}
	if len(row) == 0 {
		return errors.New("no measurement for the chart")
	}
	c := vgsvg.New(panelWidth*vg.Length(len(row)), panelHeight)
	dc := draw.New(c)
	dc.SetColor(color.White) // also where the page is dark
	dc.Fill(dc.Path())
	tiles := draw.Tiles{
		Rows: 1, Cols: len(row), PadX: 14,
		PadTop: 8, PadBottom: 8, PadLeft: 8, PadRight: 8,
	}
	for i, canvas := range plot.Align([][]*plot.Plot{row}, tiles, dc)[0] {
		row[i].Draw(canvas)
	}
	var svg bytes.Buffer
	if _, err := c.WriteTo(&svg); err != nil {
		return err
	}
	// Few machines have Liberation Sans. The other fonts have the same widths.
	out := bytes.ReplaceAll(svg.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
	return os.WriteFile(name, out, 0o644)
}

// chartPanel returns the bars of one task, fastest rival first. It returns nil if the
// task was not measured.
func chartPanel(rep *report, task string, legend bool) (*plot.Plot, error) {
	order := charted(rep, task)
	if len(order) == 0 {
		return nil, nil
	}
	p := plot.New()
	labels := make([]string, len(order))
	var most float64
	for s, in := range series {
		measured := rep.of(task, in.shape)
		values := make(plotter.Values, len(order))
		for i, rival := range order {
			labels[len(order)-1-i] = rival + slack // the axis goes upwards
			values[len(order)-1-i] = speedOf(measured, rival)
		}
		if len(measured) == 0 {
			continue
		}
		bars, err := plotter.NewBarChart(values, barWidth)
		if err != nil {
			return nil, err
		}
		bars.Horizontal, bars.Color, bars.LineStyle.Width = true, in.color, 0
		bars.Offset = barWidth * vg.Length(float64(len(series)-1)/2-float64(s))
		p.Add(bars)
		if legend {
			p.Legend.Add(in.label+slack+slack, bars)
		}
		figures, err := barFigures(values, bars.Offset)
		if err != nil {
			return nil, err
		}
		p.Add(figures)
		most = max(most, slices.Max(values))
	}
	p.NominalY(labels...)
	p.X.Label.Text = "GB/s (more is better)"
	p.X.Label.Padding = 3
	p.X.Min, p.X.Max = 0, most*1.15 // room for the figure of the longest bar
	p.Y.Min, p.Y.Max = -0.6, float64(len(order))-0.4
	p.X.Color, p.X.Tick.Color = color.Gray{Y: 0xa0}, color.Gray{Y: 0xa0}
	p.Y.Width, p.Y.Padding, p.X.Padding = 0.5, 0, 0
	p.Legend.YOffs, p.Legend.Padding, p.Legend.ThumbnailWidth = 12, 3, 14
	p.Title.Padding = 8
	for style, size := range map[*text.Style]vg.Length{
		&p.Title.TextStyle: 13, &p.X.Label.TextStyle: 10, &p.X.Tick.Label: 10, &p.Y.Tick.Label: 11, &p.Legend.TextStyle: 10,
	} {
		style.Font.Variant, style.Font.Size = "Sans", size
	}
	return p, nil
}

// charted returns the rivals with bars, fastest first.
func charted(rep *report, task string) []string {
	fastest := map[string]float64{}
	for _, in := range series {
		for _, m := range rep.of(task, in.shape) {
			if !slices.Contains(uncharted, m.Rival) {
				_, median, _ := m.speeds()
				fastest[m.Rival] = max(fastest[m.Rival], median)
			}
		}
	}
	return slices.SortedFunc(maps.Keys(fastest), func(a, b string) int { return cmp.Compare(fastest[b], fastest[a]) })
}

// barFigures returns the labels with the numbers at the ends of the bars.
func barFigures(values plotter.Values, offset vg.Length) (*plotter.Labels, error) {
	at := plotter.XYLabels{XYs: make(plotter.XYs, len(values)), Labels: make([]string, len(values))}
	for i, v := range values {
		at.XYs[i] = plotter.XY{X: v, Y: float64(i)}
		if v > 0 {
			at.Labels[i] = digits(v)
		}
	}
	figures, err := plotter.NewLabels(at)
	if err != nil {
		return nil, err
	}
	figures.Offset = vg.Point{X: 3, Y: offset}
	for i := range figures.TextStyle {
		figures.TextStyle[i].Font.Variant, figures.TextStyle[i].Font.Size = "Sans", 9
		figures.TextStyle[i].YAlign = text.YCenter
	}
	return figures, nil
}
