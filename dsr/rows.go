package dsr

import (
	"context"
	"errors"

	"github.com/labdsr/labdsr/csvschema"
)

// Rows are the rows of one subject, as typed rows. They are personal data; they print
// redacted.
type Rows struct {
	VirtualMachines []csvschema.VirtualMachineRow
	Disks           []csvschema.DiskRow
	// VirtualMachineRules and DiskRules say why the row with the same index belongs
	// to the subject.
	VirtualMachineRules, DiskRules []Rule
	// VirtualMachineOwners and DiskOwners are the [Match.CopyOwners] of the row with the
	// same index.
	VirtualMachineOwners, DiskOwners [][]csvschema.PersonalText
	// Report is the report of the search. The subject has index 0 in it.
	Report *Report
}

// FilterRows returns the subject's rows of the exports as typed rows: the rows that
// [Filter] emits, in the same order. It holds all of them in memory. The rows may name
// other people: package redact hides them. A program that has rows and no files, such
// as those of a database, gives them as [csvschema.RowSource].
//
// A cell that the field of its row cannot hold, such as a date that cannot be read,
// is an error, because the row could not be returned as it is. Filter emits such a
// row.
func FilterRows(ctx context.Context, exports []csvschema.Export, subject Subject, o *Options) (*Rows, error) {
	rows := &Rows{}
	var options Options
	if o != nil {
		options = *o
	}
	options.CopyOwners = true
	report, err := Filter(ctx, exports, []Subject{subject}, rows.add, &options)
	if err != nil {
		return nil, err
	}
	rows.Report = report
	return rows, nil
}

// add adds a match.
func (r *Rows) add(m Match) error {
	var err error
	if m.Role == csvschema.Disks {
		r.Disks, err = appendRow(r.Disks, m)
		r.DiskRules, r.DiskOwners = append(r.DiskRules, m.Rule), append(r.DiskOwners, m.CopyOwners)
	} else {
		r.VirtualMachines, err = appendRow(r.VirtualMachines, m)
		r.VirtualMachineRules, r.VirtualMachineOwners = append(r.VirtualMachineRules, m.Rule), append(r.VirtualMachineOwners, m.CopyOwners)
	}
	return err
}

// appendRow appends the row of a match. An error names the file of the match.
func appendRow[T csvschema.Row](rows []T, m Match) ([]T, error) {
	row, err := csvschema.DecodeRecord[T](m.Record)
	if e, ok := errors.AsType[*csvschema.Error](err); ok {
		e.FileID = m.FileID
	}
	return append(rows, row), err
}
