package main

import (
	"time"

	"github.com/labdsr/labdsr/anonymize"
)

// now is the instant of the first clean-up: the end of the dates of the generated exports.
// Nine of ten deleted resources are due. The next clean-up is a month later.
var (
	now       = time.Date(2024, time.September, 1, 12, 0, 0, 0, time.UTC)
	nextMonth = now.AddDate(0, 0, 30)
)

// dueBy returns the last instant of deletion at which a resource is due at an instant.
func dueBy(now time.Time) time.Time { return now.Add(-anonymize.DefaultRetention) }

// timeLayout is the layout of instants in the generated exports.
const timeLayout = "1/2/2006 3:04:05 PM"

// A task is a task that is measured.
type task struct {
	name     string
	says     string // what the task asks for
	kind     kind
	subjects int  // 1 with six rows, 100 with six each, or 10,000 with one each
	shapes   bool // measured in all shapes; otherwise in the first
	next     bool // cleans up what was cleaned up last month, with new rows
}

// A kind is what a rival must be able to do for a task.
type kind uint8

const (
	filter      kind = iota + 1 // return the virtual machines of the subjects
	filterDisks                 // return the disks that the virtual machines of the subjects lease
	cleaning                    // write the file without the owners and users of due rows, and sync it
	verifying                   // compare a file with what was written from it
	planning                    // count the rows that are due
	accessing                   // make the package that a subject receives
	reading                     // decode every row into a struct
	writing                     // encode rows
	tabling                     // write the file as Parquet with types, and sync it
)

var tasks = []task{
	{name: "filter", says: "the virtual machines of one owner", kind: filter, subjects: 1, shapes: true},
	{name: "filter-100", says: "the virtual machines of 100 owners", kind: filter, subjects: 100},
	{name: "filter-10000", says: "the virtual machines of 10,000 owners", kind: filter, subjects: 10_000},
	{name: "disks", says: "the disks that the machines of one owner lease", kind: filterDisks, subjects: 1, shapes: true},
	{name: "disks-10000", says: "the disks that the machines of 10,000 owners lease", kind: filterDisks, subjects: 10_000},
	{name: "first-clean-up", says: "a synced file without the people of rows deleted 30 days ago: eight of ten rows", kind: cleaning, subjects: 1, shapes: true},
	{name: "next-clean-up", says: "the same a month later, of what was written then and a tenth of new rows", kind: cleaning, subjects: 1, next: true},
	{name: "verify", says: "the first clean-up is checked: both files are read", kind: verifying, subjects: 1, shapes: true},
	{name: "plan", says: "how many rows are due", kind: planning, subjects: 1, shapes: true},
	{name: "access", says: "the package that one owner receives", kind: accessing, subjects: 1},
	{name: "read-rows", says: "a struct of every row", kind: reading, subjects: 1},
	{name: "write-rows", says: "as many rows, of 10,000 structs", kind: writing, subjects: 1},
	{name: "tables", says: "a synced Parquet file with instants and booleans, compressed by snappy", kind: tabling, subjects: 1},
}

// A shape is a shape of the generated exports.
type shape struct {
	name, says string
	labs       int
}

var shapes = []shape{
	{name: "one-lab", says: "one lab", labs: 1},
	{name: "forty-labs", says: "rows of forty labs in turn", labs: 40},
}
