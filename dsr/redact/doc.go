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
// [Records] finds rows as [dsr.Filter] does and hides third parties in them; [Rows]
// does so for typed rows. The [Summary] of each subject counts what was hidden, and
// lists the values as candidates, which a controller can look at and have shown
// ([Shown]).
//
// # Errors
//
// Errors are those of package dsr.
//
// # Personal data
//
// A [Redactor] prints, logs and marshals nothing that it knows. Candidates print
// redacted, and their Reveal methods are the only way out.
//
// # Concurrency
//
// Only one goroutine at a time may use a Redactor, except that several calls of
// Records, which work on copies, may share one.
package redact
