// Package redact hides what names other people in the rows that a data subject
// receives: the right to a copy must not harm the rights of others (Article 15(4)
// GDPR; EDPB Guidelines 01/2022, section 6.2).
//
//	redactor, err := redact.New(subject, nil)
//	if err != nil {
//		return err
//	}
//	report, err := redact.Records(ctx, exports, []*redact.Redactor{redactor}, func(m redact.Match) error {
//		return write(m.Record.AppendTo(nil))
//	}, nil)
//
// [Records] finds rows as [dsr.Filter] does and hides third parties in them. [Rows]
// hides them in the typed rows of [dsr.FilterRows]. The [Summary] of each subject
// counts what was hidden and lists the values as candidates. The controller looks at
// them and decides which of them the subject may see ([Shown]).
//
// # Errors
//
// The errors are those of package dsr. After an error, what was emitted must be thrown
// away.
//
// # Personal data
//
// A [Redactor] prints, logs and marshals nothing that it holds. The records and rows
// that it returns name nobody but the subject, and who is shown; they are the
// subject's personal data. Candidates name third parties. They print redacted, and
// their Reveal methods are the only way to the text.
//
// # Concurrency
//
// Only one goroutine at a time may use a Redactor, except that several calls of
// [Records] and [Rows], which work on copies, may share one. A Summary and a Report
// that nobody changes are safe for concurrent use.
package redact
