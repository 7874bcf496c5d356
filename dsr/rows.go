package dsr

import (
	"context"
	"errors"

	"github.com/labdsr/labdsr/csvschema"
)

// Rows are one subject's rows, typed. They are personal data; rows print
// redacted.
type Rows struct {
	VirtualMachines []csvschema.VirtualMachineRow
	Disks           []csvschema.DiskRow
	// VirtualMachineRules and DiskRules say why the row of the same index is the
	// subject's.
	VirtualMachineRules, DiskRules []Rule
	// Report is about all rows; the subject has index 0 in it.
	Report *Report
}

// FilterRows returns the subject's rows of the exports as typed rows, the same that
// [Filter] emits and in the same order. It holds all of them. They may name others:
// package redact hides these. A program that holds rows, such as those of a database,
// and not files gives them as [csvschema.RowSource].
//
// A row with a cell that its field cannot hold, such as a date that cannot be
// read, is an error, because it could not be handed out as it is. Filter hands it
// out.
func FilterRows(ctx context.Context, exports []csvschema.Export, subject Subject, o *Options) (*Rows, error) {
	rows := &Rows{}
	report, err := Filter(ctx, exports, []Subject{subject}, rows.add, o)
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
		r.DiskRules = append(r.DiskRules, m.Rule)
	} else {
		r.VirtualMachines, err = appendRow(r.VirtualMachines, m)
		r.VirtualMachineRules = append(r.VirtualMachineRules, m.Rule)
	}
	return err
}

// appendRow appends the row of a match. An error says where it is.
func appendRow[T csvschema.Row](rows []T, m Match) ([]T, error) {
	row, err := csvschema.DecodeRecord[T](m.Record)
	if e, ok := errors.AsType[*csvschema.Error](err); ok {
		e.FileID = m.FileID
	}
	return append(rows, row), err
}
