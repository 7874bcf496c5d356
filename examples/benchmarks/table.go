package main

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// A printer writes lines until a write fails.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// report prints a Markdown table for each task and shape.
func (p *printer) report(rep *report) {
	p.line("%s, %s, GOMAXPROCS %d; medians of %d rounds; an idle child process uses %s.",
		rep.Go, rep.Platform, rep.GOMAXPROCS, rep.Rounds, mebibytes(rep.IdleMemory))
	rest := rep.Measurements
	for len(rest) > 0 {
		n := 1
		for n < len(rest) && rest[n].Task == rest[0].Task && rest[n].Shape == rest[0].Shape {
			n++
		}
		p.task(rest[:n])
		rest = rest[n:]
	}
	if len(rep.Linear) > 0 {
		p.line("\n### linear\n")
	}
	for pair := range slices.Chunk(rep.Linear, 2) {
		_, small, _ := pair[0].speeds()
		_, large, _ := pair[1].speeds()
		sizes, times := growth(pair)
		p.line("- %s: %.2f times the size takes %.2f times as long (%s and %s GB/s)", pair[0].Task, sizes, times, digits(small), digits(large))
	}
}

// growth returns how many times as large the second input is, and how many times as long
// it takes.
func growth(pair []measurement) (sizes, times float64) {
	_, small, _ := pair[0].speeds()
	_, large, _ := pair[1].speeds()
	sizes = float64(pair[1].Bytes) / float64(pair[0].Bytes)
	return sizes, sizes * small / large
}

// task prints the table of one task in one shape.
func (p *printer) task(measured []measurement) {
	first := measured[0]
	p.line("\n### %s, %s: %s\n", first.Task, first.Shape, says(first.Task))
	sizes := map[bool]int64{} // by Slow
	for _, m := range measured {
		sizes[m.Slow] = m.Bytes
	}
	rows := [][]string{{"rival", "GB/s", "min to max", "of labdsr", "labdsr is", "of wc -l", "memory", "Go heap"}}
	for _, m := range measured {
		least, median, most := m.speeds()
		name := m.Rival
		if m.Slow && sizes[true] != sizes[false] {
			name += " *"
		}
		ofLabdsr, labdsrIs, ofWC := "–", "–", "–"
		if labdsr := speedOf(measured, "labdsr"); labdsr > 0 {
			ofLabdsr, labdsrIs = digits(median/labdsr), digits(labdsr/median)+"×"
		}
		if wc := speedOf(measured, "wc"); wc > 0 {
			ofWC = digits(median / wc)
		}
		rows = append(rows, []string{
			name, digits(median), digits(least) + " to " + digits(most), ofLabdsr, labdsrIs, ofWC, mebibytes(m.Memory), mebibytes(m.Heap),
		})
	}
	p.table(rows)
	if sizes[true] > 0 && sizes[false] > 0 && sizes[true] != sizes[false] {
		p.line("\n%s GB; *: %s GB of the same kind of rows", digits(float64(sizes[false])/1e9), digits(float64(sizes[true])/1e9))
	}
}

// says returns the description of a task.
func says(name string) string {
	i := slices.IndexFunc(tasks, func(t task) bool { return t.name == name })
	if i < 0 {
		return name
	}
	return tasks[i].says
}

// speedOf returns the median speed of a rival, or 0 if it was not measured.
func speedOf(measured []measurement, rival string) float64 {
	i := slices.IndexFunc(measured, func(m measurement) bool { return m.Rival == rival })
	if i < 0 {
		return 0
	}
	_, median, _ := measured[i].speeds()
	return median
}

// of returns the measurements of a task in a shape.
func (rep *report) of(task, shape string) []measurement {
	var found []measurement
	for _, m := range rep.Measurements {
		if m.Task == task && m.Shape == shape {
			found = append(found, m)
		}
	}
	return found
}

// table prints a header and rows. Columns are as wide as needed. All but the first are
// aligned to the right.
func (p *printer) table(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for i, row := range rows {
		var line strings.Builder
		for j, cell := range row {
			blanks := strings.Repeat(" ", widths[j]-len([]rune(cell)))
			if j == 0 {
				line.WriteString("| " + cell + blanks + " |")
			} else {
				line.WriteString(" " + blanks + cell + " |")
			}
		}
		p.line("%s", line.String())
		if i > 0 {
			continue
		}
		line.Reset()
		line.WriteString("|")
		for j, width := range widths {
			line.WriteString(strings.Repeat("-", width+1))
			line.WriteString(map[bool]string{true: "-|", false: ":|"}[j == 0])
		}
		p.line("%s", line.String())
	}
}

// digits formats a positive number with two or three significant digits.
func digits(x float64) string {
	switch {
	case x >= 99.5:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case x >= 9.95:
		return strconv.FormatFloat(x, 'f', 1, 64)
	case x >= 0.0995:
		return strconv.FormatFloat(x, 'f', 2, 64)
	}
	return strconv.FormatFloat(x, 'f', 3, 64)
}

// mebibytes formats a size in MiB, and 0 as a dash.
func mebibytes(bytes uint64) string {
	if bytes == 0 {
		return "–"
	}
	return digits(float64(bytes)/(1<<20)) + " MiB"
}
