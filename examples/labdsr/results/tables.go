package results

import (
	"time"

	"github.com/labdsr/labdsr/dsr/deadline"
)

// A Tables is the object of the command tables.
type Tables struct {
	Outcome
	Inputs
	// At is the instant up to which months are made.
	At time.Time `json:"at"`
	// PersonalData says that the tables hold personal data.
	PersonalData bool `json:"personalData"`
	// DeleteBy is the day by which the tables have to be deleted. It is absent if they hold no
	// personal data.
	DeleteBy deadline.Date `json:"deleteBy,omitzero"`
	// Out is the folder of the tables.
	Out string `json:"out"`
	// Outputs are the files in Out.
	Outputs []string `json:"outputs"`
	// Machines says what the table of machines was made of.
	Machines TableRows `json:"machines"`
	// Disks says what the table of disks was made of.
	Disks TableRows `json:"disks"`
	// Months is the number of rows of the table of months.
	Months int64 `json:"months"`
	// NoMonth is the number of machines that are in no month, because they have no CreatedTime.
	NoMonth int64 `json:"noMonth"`
	// NotYet is the number of machines that are in no month, because they were created at At or
	// later.
	NotYet int64 `json:"notYet"`
	// UntilAt is the number of machines that count until At, because they are not deleted and
	// nobody knows when their export was made.
	UntilAt int64 `json:"untilAt"`
	// Contradictions are the first of those between copies of a resource.
	Contradictions []Contradiction `json:"contradictions"`
	// Found counts all contradictions of each kind.
	Found []ContradictionCount `json:"found"`
}

// A TableRows counts what a table is made of.
type TableRows struct {
	// Files is the number of files.
	Files int `json:"files"`
	// Read is the number of rows in them.
	Read int64 `json:"read"`
	// Rows is the number of rows of the table.
	Rows int64 `json:"rows"`
	// Copies is the number of rows that are not in the table, because another copy of their
	// resource is.
	Copies int64 `json:"copies"`
	// NoResource is the number of rows of the table whose IDs identify nothing: each of them may
	// be a copy of another.
	NoResource int64 `json:"noResource"`
	// Hidden is the number of cells that were left out, because they name people or may.
	Hidden int64 `json:"hidden"`
	// Unreadable is the number of dates that were left out, because they cannot be read.
	Unreadable int64 `json:"unreadable"`
	// Cut is the number of instants that lost a decimal, or were after the year 9999.
	Cut int64 `json:"cut"`
}

// A Contradiction is two copies of a resource that say different things.
type Contradiction struct {
	Key
	// Kind is in what they differ.
	Kind ContradictionKind `json:"kind"`
	// Taken is the copy that was taken of the two.
	Taken Place `json:"taken"`
	// Other is the other one.
	Other Place `json:"other"`
}

// A ContradictionCount counts the contradictions of a kind.
type ContradictionCount struct {
	// Kind is in what copies differ.
	Kind ContradictionKind `json:"kind"`
	// Pairs is how many pairs of copies differ in it.
	Pairs int64 `json:"pairs"`
}

// A ContradictionKind is the code of a tables.ContradictionKind.
type ContradictionKind string
