package redact

import (
	"context"
	"fmt"
	"slices"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

// A Match is a row that belongs to a subject, as the subject may get it.
type Match struct {
	csvschema.FileID               // the file; its role is that of the resource
	Subject          int           // index in the redactors of the request, from 0
	Row              int64         // number of the row in its file, from 1, not counting the header
	Rule             dsr.Rule      // why the row belongs to the subject
	Key              csvschema.Key // the resource
	Record           Record        // valid until emit returns
}

// A Report is a [dsr.Report] and what was hidden in the rows that were emitted.
type Report struct {
	*dsr.Report
	Hidden []*Summary // one for each redactor, in their order
}

// Records is [dsr.Filter] for the rows that the subjects get: the subject of each
// redactor. It emits the same rows in the same order, and hides third parties in them.
// A nil redactor is [dsr.ErrNoIdentifier]; the other errors are those of Filter. It
// works on copies of the redactors, so their own summaries do not change, and several
// calls may share a redactor. It holds buffers as large as the largest row, what Filter
// holds, and the report.
func Records(ctx context.Context, exports []csvschema.Export, redactors []*Redactor, emit func(Match) error, o *dsr.Options) (*Report, error) {
	subjects, copies := make([]dsr.Subject, len(redactors)), make([]*Redactor, len(redactors))
	in := &room{}
	for i, r := range redactors {
		if r == nil || r.state == nil {
			return nil, fmt.Errorf("labdsr: %w", dsr.ErrNoIdentifier)
		}
		subjects[i], copies[i] = r.Subject(), r.clone(in)
	}
	var options dsr.Options
	if o != nil {
		options = *o
	}
	options.CopyOwners = true
	found, err := dsr.Filter(ctx, exports, subjects, func(m dsr.Match) error {
		return emit(Match{m.FileID, m.Subject, m.Row, m.Rule, m.Key, copies[m.Subject].Record(m.Record, m.CopyOwners...)})
	}, &options)
	if err != nil {
		return nil, err
	}
	report := &Report{Report: found}
	for _, r := range copies {
		report.Hidden = append(report.Hidden, r.Summary())
	}
	return report, nil
}

// Rows returns the rows of [dsr.FilterRows] as the subject may get them, and what was
// hidden in them. The rows and the redactor that were given do not change. The error
// is nil for all rows that FilterRows returned.
func Rows(redactor *Redactor, rows *dsr.Rows) (*dsr.Rows, *Summary, error) {
	own := redactor.clone(&room{})
	redacted := *rows
	redacted.VirtualMachineOwners, redacted.DiskOwners = nil, nil
	var err error
	if redacted.VirtualMachines, err = redactRows(own, rows.VirtualMachines, rows.VirtualMachineOwners); err != nil {
		return nil, nil, err
	}
	if redacted.Disks, err = redactRows(own, rows.Disks, rows.DiskOwners); err != nil {
		return nil, nil, err
	}
	return &redacted, own.Summary(), nil
}

// redactRows returns copies of the rows, redacted. Owners are those of the copies of the
// row with the same index; there may be fewer of them.
func redactRows[T csvschema.Row](r *Redactor, rows []T, owners [][]csvschema.PersonalText) ([]T, error) {
	redacted := slices.Clone(rows)
	for i, row := range rows {
		var of []csvschema.PersonalText
		if i < len(owners) {
			of = owners[i]
		}
		var err error
		if redacted[i], err = redactRow(r.state(), row, of); err != nil {
			return nil, err
		}
	}
	return redacted, nil
}
