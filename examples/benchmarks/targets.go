package main

import (
	"fmt"
	"slices"
	"strings"
)

// A target compares what some measurements cost together with what others do. The cost is
// the median of seconds for each row of virtual machines.
type target struct {
	of, than []figure
	// atLeast is how many times as fast as than of has to be. If it is 0, atMost is how
	// many times the cost of than of may have.
	atLeast, atMost float64
}

// A figure names a measurement.
type figure struct{ task, shape, rival string }

// Shorthands for the targets.
func of(task, rival string) []figure    { return []figure{{task, "one-lab", rival}} }
func forty(task, rival string) []figure { return []figure{{task, "forty-labs", rival}} }

var targets = []target{
	{of: of("filter", "labdsr"), than: of("filter", "duckdb"), atLeast: 4},
	{of: of("filter", "labdsr"), than: of("filter", "wc"), atLeast: 0.5},
	{of: forty("filter", "labdsr"), than: forty("filter", "duckdb"), atLeast: 3.5},
	{of: of("filter-10000", "labdsr"), than: of("filter", "labdsr"), atMost: 1.5},
	{of: of("first-clean-up", "labdsr-command"), than: of("first-clean-up", "duckdb"), atLeast: 3},
	{of: of("next-clean-up", "labdsr-command"), than: of("next-clean-up", "duckdb"), atLeast: 4},
	{of: slices.Concat(of("first-clean-up", "labdsr-command"), of("verify", "labdsr-command")), than: of("first-clean-up", "duckdb"), atLeast: 1.2},
	{of: of("verify", "labdsr"), than: of("verify", "encoding/csv"), atLeast: 3},
	{of: of("plan", "labdsr"), than: of("filter", "labdsr"), atMost: 2},
	{of: of("disks", "labdsr"), than: of("disks", "duckdb"), atLeast: 2.5},
	{of: of("disks-10000", "labdsr"), than: of("disks-10000", "duckdb"), atLeast: 2.5},
	{of: of("read-rows", "labdsr-1"), than: of("read-rows", "csvutil"), atLeast: 1.5},
	{of: of("read-rows", "labdsr"), than: of("read-rows", "csvutil"), atLeast: 2.5},
	{of: of("write-rows", "labdsr"), than: of("write-rows", "csvutil"), atLeast: 1.5},
	{of: of("tables", "labdsr-command"), than: of("tables", "duckdb"), atMost: 1.5},
	{of: of("access", "labdsr"), than: of("filter", "labdsr"), atMost: 1.3},
	{of: of("access", "labdsr-command"), than: slices.Concat(of("filter", "labdsr-command"), of("plan", "labdsr-command")), atMost: 1},
}

// maxHeap is the target for the peak heap of labdsr, beside heapPerRow.
const maxHeap = 32 << 20

// maxTablesMemory is the target for the peak resident set of tables.
const maxTablesMemory = 256 << 20

// heapPerRow is what the documentation says that a task holds for each row of both files.
var heapPerRow = map[string]int64{
	"first-clean-up": 64, "next-clean-up": 64, "plan": 64, // anonymize.Plan
	"disks":  29, // dsr.Filter
	"verify": 24, // verify.Exports
}

// withoutHeapTarget are the tasks whose heap depends on what is asked for: the package,
// the owners and the rows to write.
var withoutHeapTarget = []string{"access", "filter-10000", "disks-10000", "write-rows"}

// targets prints whether each target is reached.
func (p *printer) targets(rep *report) {
	p.line("\n### targets\n")
	rows := [][]string{{"of", "compared with", "target", "measured", ""}}
	for _, t := range targets {
		cost, of := rep.cost(t.of), rep.cost(t.than)
		want, got, isReached := fmt.Sprintf("≥ %g× as fast", t.atLeast), of/cost, of/cost >= t.atLeast
		if t.atLeast == 0 {
			want, got, isReached = fmt.Sprintf("≤ %g× the time", t.atMost), cost/of, cost/of <= t.atMost
		}
		row := []string{names(t.of), names(t.than), want, "–", "not measured"}
		if cost > 0 && of > 0 {
			row[3], row[4] = digits(got)+"×", verdict(isReached)
		}
		rows = append(rows, row)
	}
	for pair := range slices.Chunk(rep.Linear, 2) {
		_, times := growth(pair)
		rows = append(rows, []string{pair[0].Task, "a quarter of the size", "3.6 to 4.4× the time", digits(times) + "×", verdict(times >= 3.6 && times <= 4.4)})
	}
	for _, m := range rep.Measurements {
		if m.Rival == "labdsr-command" && m.Task == "tables" && m.Memory > 0 {
			rows = append(rows, []string{names([]figure{{m.Task, m.Shape, m.Rival}}), "memory", "≤ " + mebibytes(maxTablesMemory), mebibytes(m.Memory), verdict(m.Memory <= maxTablesMemory)})
		}
		if m.Rival == "labdsr" && m.Heap > 0 && !slices.Contains(withoutHeapTarget, m.Task) {
			most := uint64(maxHeap + heapPerRow[m.Task]*m.Rows)
			rows = append(rows, []string{names([]figure{{m.Task, m.Shape, m.Rival}}), "Go heap", "≤ " + mebibytes(most), mebibytes(m.Heap), verdict(m.Heap <= most)})
		}
	}
	p.table(rows)
}

// cost returns the cost of all figures together, or 0 if one was not measured.
func (rep *report) cost(figures []figure) (sum float64) {
	for _, f := range figures {
		measured := rep.of(f.task, f.shape)
		i := slices.IndexFunc(measured, func(m measurement) bool { return m.Rival == f.rival })
		if i < 0 || len(measured[i].Seconds) == 0 {
			return 0
		}
		sum += measured[i].cost()
	}
	return sum
}

// names returns what the figures are of. The first shape is not named.
func names(figures []figure) string {
	var all []string
	for _, f := range figures {
		name := f.task + " of " + f.rival
		if f.shape != shapes[0].name {
			name += ", " + f.shape
		}
		all = append(all, name)
	}
	return strings.Join(all, " and ")
}

func verdict(reached bool) string {
	if reached {
		return "reached"
	}
	return "not reached"
}
