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

// A Set is several small exports with every trap of real exports. Each row comes with
// the truth about it. The methods do not change a Set. It is safe for concurrent use as
// long as nobody changes its fields.
type Set struct {
	// Now is an instant at which some rows of deleted resources are due and some are
	// not. One is due at exactly this instant, and one a second later.
	Now time.Time
	// Retention is the retention period that goes with Now: 30 days.
	Retention time.Duration
	// People lists the people for whom the rows have a [Truth]. Rows may name others.
	People []Person
	// Files lists the files of all exports, in the order of export, role and number.
	Files []*File
}

// A Person is a data subject with a set of identifiers. Near identifiers, such as a
// guest account or full-width characters, belong to a Person of their own: only the
// controller knows whether the two are one.
type Person struct {
	Name        string   // a short name for test output, such as "alice"; names of resources may hold it
	Identifiers []string // addresses and object IDs, as an operator types them
}

// A File is one CSV file of an export.
type File struct {
	Export int            // number of the export, from 1
	Number int            // number of the file among those of its role in its export, from 1
	Role   csvschema.Role // kind of file
	Header []byte         // the header with its line end and, if there is one, the byte-order mark
	Data   []byte         // the whole file
	Rows   []*Row         // all rows in order

	columns []csvschema.Column // 0 for an unknown column
}

// A Row is one row of a file and the truth about it.
type Row struct {
	Export int            // number of the export, from 1
	File   int            // number of the file among those of its role in its export, from 1
	Role   csvschema.Role // kind of file
	Number int            // number of the data row in its file, from 1
	Line   int64          // physical line on which the row begins, from 1
	Raw    []byte         // the bytes of the row, with its line end if it has one
	Cells  []string       // the cells in the order of the file, without quotes

	// Trap is the name of the trap for which the row was planted, such as
	// "owner-mixed-case". Copies of a resource in other exports have the same Trap. It
	// is "ordinary" for rows without a trap.
	Trap string
	// Dangling says that the row is a disk, and that no export has the virtual machine
	// that it refers to.
	Dangling bool
	// Deleted is the instant of DeletedDate in UTC. It is zero if DeletedDate is empty
	// or cannot be read; such a row is never due.
	Deleted time.Time
	// Unreadable says that DeletedDate is neither empty nor a date.
	Unreadable bool
	// Identifiers lists the places in the row that name a person, in the order of the
	// cells. They must go once the row is due.
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
	Column      csvschema.Column // documented column; 0 for an unknown one
	Start       int              // byte offset in the cell, without quotes
	Text        string           // the exact text of the identifier
	Replacement string           // the text after constant replacement
}

// A Truth is the truth about one row and one person.
type Truth struct {
	Verdict    Verdict
	Rule       Rule // why the row is theirs; 0 unless it is
	Near       bool // the row is not theirs, but its owner's identifier is near to one of theirs
	Alias      bool // the row suggests another identifier of the person
	ThirdParty bool // the disk is theirs although its path names somebody else
}

// A Verdict says whether a row belongs to a person.
type Verdict uint8

// The verdicts.
const (
	NotTheirs    Verdict = iota
	Theirs               // the row is the person's
	Undetermined         // a machine of the disk may be the person's, but nobody can tell
	Dangling             // the disk is dangling, and its path does not make it the person's
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

// A Rule says why a row belongs to a person.
type Rule uint8

// The rules: the first two for virtual machines, the others for disks.
const (
	RuleOwner       Rule = iota + 1 // ResourceOwner is the person
	RuleEnvironment                 // there is no owner, and EnvironmentId holds an identifier of the person
	RuleUserPath                    // ResourceId holds /users/{x}/, and x is the person
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

// Exports returns the exports. Their sources read from memory and can be opened any
// number of times.
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

// Source returns a source that reads the file from memory.
func (f *File) Source() csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(f.Data)), nil
	}}
}

// Anonymized returns the expected file after anonymizing with constant replacement at
// an instant. The identifiers of due rows are replaced. All other bytes are the same.
// Rows whose DeletedDate cannot be read are unchanged.
func (f *File) Anonymized(now time.Time, retention time.Duration) []byte {
	out := make([]byte, 0, len(f.Data))
	end := 0 // end of the last row that was copied
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

// Truth returns the truth about the row and the person with that name. It is the zero
// Truth, or Dangling, for a name that the set does not have.
func (r *Row) Truth(person string) Truth {
	t := r.truths[person]
	if r.Dangling && t.Verdict != Theirs {
		t.Verdict = Dangling
	}
	return t
}

// Value returns the cell of a documented column, and "" if the file does not have it.
func (r *Row) Value(c csvschema.Column) string {
	for i, column := range r.columns {
		if column == c {
			return r.Cells[i]
		}
	}
	return ""
}

// Due reports whether the row is due at an instant: whether at least the retention has
// passed since the deletion. It is false if the resource exists or DeletedDate cannot
// be read.
func (r *Row) Due(now time.Time, retention time.Duration) bool {
	return !r.Deleted.IsZero() && !now.Before(r.Deleted.Add(retention))
}

// Anonymized returns the expected row after anonymizing with constant replacement. Each
// identifier is replaced. A quoted cell is still quoted, and all other bytes are the
// same.
func (r *Row) Anonymized() []byte {
	cells := make([]string, len(r.Cells))
	copy(cells, r.Cells)
	for _, id := range slices.Backward(r.Identifiers) {
		cell := cells[id.Field]
		cells[id.Field] = cell[:id.Start] + id.Replacement + cell[id.Start+len(id.Text):]
	}
	return appendRow(nil, cells, r.quoted, r.lineEnd)
}
