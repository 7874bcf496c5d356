package redact

import (
	"context"
	"fmt"
	"slices"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

// A Match is a row that is a subject's, as it may be handed out.
type Match struct {
	csvschema.FileID               // the file; its role is that of the resource
	Subject          int           // index of the redactor in the request
	Row              int64         // number of the row in its file, from 1, not counting the header
	Rule             dsr.Rule      // why the row is the subject's
	Key              csvschema.Key // the resource
	Record           Record        // valid until emit returns
}

// A Report is a [dsr.Report], and what was hidden of the rows that were handed out.
type Report struct {
	*dsr.Report
	Hidden []*Summary // one for each subject
}

// Records is [dsr.Filter] for what is handed out to the subjects: those of the
// redactors, one for each. It hides third parties. Emit is called for the same rows in
// the same order; what it gets is valid until it returns. The summaries of the
// redactors that were given do not change, so several calls may share a redactor.
func Records(ctx context.Context, exports []csvschema.Export, redactors []*Redactor, emit func(Match) error, o *dsr.Options) (*Report, error) {
	subjects, own := make([]dsr.Subject, len(redactors)), make([]*Redactor, len(redactors))
	for i, r := range redactors {
		if r == nil || r.of == nil {
			return nil, fmt.Errorf("labdsr: %w", dsr.ErrNoIdentifier)
		}
		subjects[i], own[i] = r.Subject(), r.fresh()
	}
	found, err := dsr.Filter(ctx, exports, subjects, func(m dsr.Match) error {
		return emit(Match{m.FileID, m.Subject, m.Row, m.Rule, m.Key, own[m.Subject].Record(m.Record)})
	}, o)
	if err != nil {
		return nil, err
	}
	report := &Report{Report: found}
	for _, r := range own {
		report.Hidden = append(report.Hidden, r.Summary())
	}
	return report, nil
}

// Rows returns the rows of [dsr.FilterRows] as they may be handed out, and what was
// hidden of them. The rows and the redactor that were given do not change. The error
// is always nil for rows that were read.
func Rows(redactor *Redactor, rows *dsr.Rows) (*dsr.Rows, *Summary, error) {
	own := redactor.fresh()
	redacted := *rows
	var err error
	if redacted.VirtualMachines, err = redactRows(own, rows.VirtualMachines); err != nil {
		return nil, nil, err
	}
	if redacted.Disks, err = redactRows(own, rows.Disks); err != nil {
		return nil, nil, err
	}
	return &redacted, own.Summary(), nil
}

func redactRows[T csvschema.Row](r *Redactor, rows []T) ([]T, error) {
	redacted := slices.Clone(rows)
	for i, row := range rows {
		var err error
		if redacted[i], err = redactRow(r.of(), row); err != nil {
			return nil, err
		}
	}
	return redacted, nil
}
