package data

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

// Format is the name of the format, which tells that a file is a data.json of these types.
const Format = "labdsr-access-2"

// An Answer is a whole data.json.
type Answer struct {
	Head
	// Rows are the person's rows: those of virtual machines, then those of disks, each in
	// the order of the exports, files and rows.
	Rows []Row `json:"rows"`
}

// UnmarshalJSON sets the answer to a data.json. A member that these types do not have,
// another format, and a code that is none is [csvschema.ErrValue]. After an error the answer
// is as it was.
func (a *Answer) UnmarshalJSON(data []byte) error {
	type plain Answer // without this method
	var answer plain
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if d.Decode(&answer) != nil || answer.Format != Format {
		return csvschema.ErrValue // an error of package json may hold a part of the text
	}
	*a = Answer(answer)
	return nil
}

// A Head is all of a data.json but the rows.
type Head struct {
	// Format is the name of the format.
	Format string `json:"format"`
	// Made is the time of the answer. It is zero, and absent in JSON, if nobody said it.
	Made time.Time `json:"made,omitzero"`
	// Identifiers are what the person was searched by: addresses, object IDs, and whole
	// texts of owners.
	Identifiers []Text `json:"identifiers"`
	// Searched is what was searched. The answer is about that and nothing else.
	Searched Scope `json:"searched"`
	// Undecided says that a human must still decide about further rows, which are left out.
	Undecided bool `json:"undecided"`
	// Hidden is the number of places in the rows where text that names others is hidden.
	Hidden int64 `json:"hidden"`
	// Columns are the documented columns of each kind of file, and what they mean, in the
	// language of the report.
	Columns Columns `json:"columns"`
}

// A Scope is what was searched.
type Scope struct {
	// Exports is the number of exports.
	Exports int `json:"exports"`
	// Files are the files of the exports.
	Files []File `json:"files"`
	// Labs are the labs in them.
	Labs []Lab `json:"labs"`
	// First is the earliest date in all rows that were searched. It is zero, and absent in
	// JSON, if there is none.
	First time.Time `json:"first,omitzero"`
	// Last is the latest date in all rows that were searched. It is zero, and absent in JSON,
	// if there is none.
	Last time.Time `json:"last,omitzero"`
	// DanglingDisks is the number of disks of virtual machines that are in no export. They
	// may be anybody's.
	DanglingDisks int64 `json:"danglingDisks"`
	// NotRead are the names of files that may be exports and were not read.
	NotRead []Text `json:"notRead,omitempty"`
}

// A File is a file of an export.
type File struct {
	// Export is the number of the export, from 1.
	Export int `json:"export"`
	// File is the number of the file among those of its kind in the export, from 1.
	File int `json:"file"`
	// Kind is the kind of the file.
	Kind csvschema.Role `json:"kind"`
	// Made is when the export was made. It is zero, and absent in JSON, if that is not known.
	Made time.Time `json:"made,omitzero"`
	// Rows is the number of rows of everybody.
	Rows int64 `json:"rows"`
	// Yours is the number of rows of the person.
	Yours int64 `json:"yours"`
}

// A Lab is a lab that was searched.
type Lab struct {
	// LabUId is the ID of the lab, and "[hidden]" if it is none and may name others.
	LabUId Text `json:"labUId"`
	// VirtualMachines is the number of rows of virtual machines of everybody.
	VirtualMachines int64 `json:"virtualMachines"`
	// Disks is the number of rows of disks of everybody.
	Disks int64 `json:"disks"`
	// WithoutDisksFile says that the lab was searched without a file of its disks.
	WithoutDisksFile bool `json:"withoutDisksFile"`
}

// Columns are the documented columns.
type Columns struct {
	// VirtualMachines are those of virtual machines.
	VirtualMachines []Column `json:"virtualmachines"`
	// Disks are those of disks.
	Disks []Column `json:"disks"`
}

// A Column is a documented column.
type Column struct {
	// Column is the name of the column.
	Column csvschema.Column `json:"column"`
	// Meaning is what the column means, in the language of the report.
	Meaning string `json:"meaning"`
}

// A Row is a row of the person.
type Row struct {
	// Kind is the kind of the file that has the row.
	Kind csvschema.Role `json:"kind"`
	// Export is the number of the export, from 1.
	Export int `json:"export"`
	// File is the number of the file among those of its kind in the export, from 1.
	File int `json:"file"`
	// Row is the number of the row in the file, from 1.
	Row int64 `json:"row"`
	// Why is the rule by which the row is the person's.
	Why dsr.Rule `json:"why"`
	// Cells are the cells of the row, in the order of the file. A name of a column may occur
	// more than once, which the names of an object may not.
	Cells Cells `json:"cells"`
}

// Cells are the cells of a row.
type Cells []Cell

// MarshalJSON returns what package json makes of a slice, in less time.
func (c Cells) MarshalJSON() ([]byte, error) {
	out := append(make([]byte, 0, 64*len(c)+2), '[')
	for i, cell := range c {
		if i > 0 {
			out = append(out, ',')
		}
		out = cell.Column.append(append(out, `{"column":`...))
		out = append(cell.Value.append(append(out, `,"value":`...)), '}')
	}
	return append(out, ']'), nil
}

// A Cell is a cell of a row.
type Cell struct {
	// Column is the name of the column: the documented one, or that of the file.
	Column Text `json:"column"`
	// Value is the text of the cell, in which what names others is "[hidden]".
	Value Text `json:"value"`
}

const hidden = "[data of a person redacted]"

// LogValue returns a text that is no data.
func (Answer) LogValue() slog.Value { return slog.StringValue(hidden) }

// LogValue returns a text that is no data.
func (Head) LogValue() slog.Value { return slog.StringValue(hidden) }

// LogValue returns a text that is no data.
func (Scope) LogValue() slog.Value { return slog.StringValue(hidden) }

// LogValue returns a text that is no data.
func (Lab) LogValue() slog.Value { return slog.StringValue(hidden) }

// LogValue returns a text that is no data.
func (Row) LogValue() slog.Value { return slog.StringValue(hidden) }

// LogValue returns a text that is no data.
func (Cell) LogValue() slog.Value { return slog.StringValue(hidden) }
