package csvschematest

import (
	"bytes"
	"context"
	"io"
	"iter"
	"slices"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A Set is several small exports with every trap that real exports hold, and
// beside each row what is true of it. It is not changed by its methods, and is
// safe for concurrent use as long as nobody changes its fields.
type Set struct {
	// Now is an instant at which some rows of deleted resources are due, some
	// not yet, one is due exactly and one is due a second later.
	Now time.Time
	// Retention is the period that Now is meant for, 30 days.
	Retention time.Duration
	// People are all who can be asked for. Rows may name others besides.
	People []Person
	// Files are all files of all exports, in the order of their export, role
	// and number.
	Files []*File
}

// A Person is somebody whose rows are asked for, by a set of identifiers. A
// person of near identifiers (a guest account, a full-width spelling) is a
// person of its own: only the controller knows whether two are one.
type Person struct {
	Name        string   // a short name for test output, such as "alice"; it stands in derived names, too
	Identifiers []string // addresses and object IDs, as an operator types them
}

// A File is one CSV file of an export.
type File struct {
	Export int            // number of the export, from 1
	Number int            // number of the file among those of its role in its export, from 1
	Role   csvschema.Role // kind of file
	Header []byte         // with a byte-order mark if there is one, and the line end
	Data   []byte         // the whole file
	Rows   []*Row         // all rows in order

	columns []csvschema.Column // 0 for an unknown column
}

// A Row is one row of a file and what is true of it.
type Row struct {
	Export int            // number of the export, from 1
	File   int            // number of the file among those of its role in its export, from 1
	Role   csvschema.Role // kind of file
	Number int            // number of the data row in its file, from 1
	Line   int64          // physical line on which the row begins, from 1
	Raw    []byte         // the row as it stands, with its line end if it has one
	Cells  []string       // the cells in the order of the file, without quotes

	// Trap says for which trap the row was planted, such as "owner-mixed-case".
	// Copies of a resource in other exports have the same. It is "ordinary" for
	// rows without one.
	Trap string
	// Dangling says of a disk that no virtual machine of any export is the one
	// that it refers to.
	Dangling bool
	// Deleted is the instant of DeletedDate in UTC. It is zero while the
	// resource exists: such a row is never due.
	Deleted time.Time
	// Unreadable says that DeletedDate is neither empty nor a date.
	Unreadable bool
	// Identifiers are all places in the row that name a person, in the order of
	// the cells: what has to go once the row is due.
	Identifiers []Identifier

	start   int // byte offset in the file
	columns []csvschema.Column
	quoted  []bool
	lineEnd string
	truths  map[string]Truth
}

// An Identifier is a place in a cell that names a person.
type Identifier struct {
	Field       int              // index of the cell in Row.Cells, from 0
	Column      csvschema.Column // documented column, 0 for an unknown one
	Start       int              // byte offset in the cell, without quotes
	Text        string           // what stands there, exactly
	Replacement string           // what stands there after constant replacement
}

// A Truth is what is true of one row for one person.
type Truth struct {
	Verdict    Verdict
	Rule       Rule // why the row is theirs; 0 unless it is
	Near       bool // the row is not theirs, but its owner's identifier is nearly one of theirs
	Alias      bool // the row suggests another identifier of the person
	ThirdParty bool // the disk is theirs although its path names somebody else
}

// A Verdict says whether a row is a person's.
type Verdict uint8

// The verdicts. Dangling is that of a dangling disk for everybody whose disk it
// is not by its path.
const (
	NotTheirs Verdict = iota
	Theirs
	Undetermined
	Dangling
)

// String returns the verdict in lower case.
func (v Verdict) String() string {
	switch v {
	case NotTheirs:
		return "not theirs"
	case Theirs:
		return "theirs"
	case Undetermined:
		return "undetermined"
	case Dangling:
		return "dangling"
	}
	return ""
}

// A Rule says why a row is a person's.
type Rule uint8

// The rules: the first two for virtual machines, the others for disks.
const (
	RuleOwner       Rule = iota + 1 // ResourceOwner is the person
	RuleEnvironment                 // there is no owner, and EnvironmentId holds the person's identifier
	RuleUserPath                    // ResourceId holds /users/{the person}/
	RuleLease                       // LeasedByVmId names the person's virtual machine
	RuleResource                    // ResourceUId or ResourceId is that of the person's virtual machine
)

// String returns the rule in lower case.
func (r Rule) String() string {
	switch r {
	case RuleOwner:
		return "owner"
	case RuleEnvironment:
		return "environment"
	case RuleUserPath:
		return "user path"
	case RuleLease:
		return "lease"
	case RuleResource:
		return "resource"
	}
	return ""
}

// Exports returns the exports, whose sources open from memory as often as they
// are asked to.
func (s *Set) Exports() []csvschema.Export {
	var exports []csvschema.Export
	for _, f := range s.Files {
		for len(exports) < f.Export {
			exports = append(exports, csvschema.Export{})
		}
		e := &exports[f.Export-1]
		if f.Role == csvschema.Disks {
			e.Disks = append(e.Disks, f.Source())
		} else {
			e.VirtualMachines = append(e.VirtualMachines, f.Source())
		}
	}
	return exports
}

// Person returns the person of that name, and panics if there is none.
func (s *Set) Person(name string) Person {
	for _, p := range s.People {
		if p.Name == name {
			return p
		}
	}
	panic("csvschematest: no person of that name")
}

// Rows returns all rows of all files in order.
func (s *Set) Rows() iter.Seq[*Row] {
	return func(yield func(*Row) bool) {
		for _, f := range s.Files {
			for _, r := range f.Rows {
				if !yield(r) {
					return
				}
			}
		}
	}
}

// Trap returns the rows that were planted for a trap.
func (s *Set) Trap(name string) []*Row {
	var rows []*Row
	for r := range s.Rows() {
		if r.Trap == name {
			rows = append(rows, r)
		}
	}
	return rows
}

// Source returns a source that opens the file from memory.
func (f *File) Source() csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(f.Data)), nil
	}}
}

// Anonymized returns the file as it must be after anonymizing it with constant
// replacement at an instant: the identifiers of the rows that are due replaced,
// all else the same bytes. Rows whose DeletedDate cannot be read stay.
func (f *File) Anonymized(now time.Time, retention time.Duration) []byte {
	out := make([]byte, 0, len(f.Data))
	end := 0 // of the last row that was copied
	for _, r := range f.Rows {
		if !r.Due(now, retention) {
			continue
		}
		out = append(out, f.Data[end:r.start]...)
		out = append(out, r.Anonymized()...)
		end = r.start + len(r.Raw)
	}
	return append(out, f.Data[end:]...)
}

// Truth returns what is true of the row for the person of that name.
func (r *Row) Truth(person string) Truth {
	t := r.truths[person]
	if r.Dangling && t.Verdict != Theirs {
		t.Verdict = Dangling
	}
	return t
}

// Value returns the cell of a documented column, and "" if the file has none.
func (r *Row) Value(c csvschema.Column) string {
	for i, column := range r.columns {
		if column == c {
			return r.Cells[i]
		}
	}
	return ""
}

// Due reports whether the identifiers have to go at an instant: whether at least
// the retention has elapsed since the deletion. It is false while the resource
// exists and where DeletedDate cannot be read.
func (r *Row) Due(now time.Time, retention time.Duration) bool {
	return !r.Deleted.IsZero() && !now.Before(r.Deleted.Add(retention))
}

// Anonymized returns the row as it must be once it is due, after constant
// replacement: each identifier replaced, a quoted cell still quoted, all else
// the same bytes.
func (r *Row) Anonymized() []byte {
	cells := make([]string, len(r.Cells))
	copy(cells, r.Cells)
	for _, id := range slices.Backward(r.Identifiers) {
		cell := cells[id.Field]
		cells[id.Field] = cell[:id.Start] + id.Replacement + cell[id.Start+len(id.Text):]
	}
	return appendRow(nil, cells, r.quoted, r.lineEnd)
}
