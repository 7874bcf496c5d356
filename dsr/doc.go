// Package dsr tells whose data it is: which rows of usage exports are those of
// the person who asks, by which rule, and what a person must decide.
//
//	subject, err := dsr.ParseSubject("alice@example.com", "0a11ce00-0000-4000-8000-000000000001")
//	if err != nil {
//		return err
//	}
//	report, err := dsr.Filter(ctx, exports, []dsr.Subject{subject}, func(m dsr.Match) error {
//		return write(m.Record.Raw())
//	}, nil)
//
// [Filter] reads any number of exports, for any number of subjects at once, and
// emits each matching row as it stands in its file. [Matches] is the same as a
// sequence. [Collect] returns typed rows; [FilterRows] and [FilterSeq] take rows
// that a service holds already.
//
// A row is handed out only if it is certain whose it is, by one of five rules
// ([Rule]). A virtual machine is its owner's; one without an owner is that of the
// user of its environment. A disk has no owner: it is that of the user in its
// path, or of the person whose are all the virtual machines that it may have
// belonged to at the time. What is not certain is listed in [Report.Findings] for
// a person to decide (Article 15 GDPR gives a right to one's own data, and
// paragraph 4 protects everybody else's).
//
// What [Filter] emits is for internal work: it is the row as it stands, which may
// name others. For what the person gets there is [Redact], with a [Redactor] for each
// subject:
//
//	redactor, err := dsr.NewRedactor(subject, nil)
//	if err != nil {
//		return err
//	}
//	report, err := dsr.Redact(ctx, exports, []*dsr.Redactor{redactor}, func(m dsr.Redacted) error {
//		return write(m.Record.AppendTo(nil))
//	}, nil)
//
// It hides third parties (Article 15(4) GDPR; EDPB Guidelines 01/2022, section 6.2)
// and counts them. The report offers what was hidden as candidates, which a
// controller can look at and have shown ([Shown]). [Redactor.Rows] does so for
// typed rows.
//
// That no data is held is an answer, not an error: [Report.NoDataHeld] says so,
// and [Report.Scope] of what.
//
// # Errors
//
// An error means that what was handed out is not complete and must be thrown
// away. It is a [csvschema.Error] that names the file by its number, the line and
// the column.
//
// # Personal data
//
// A [Subject] and a [Redactor] print, log and marshal redacted. Errors hold no cell
// and no identifier. A [Report] names resources by their keys, which are linkable
// but show no address and no object ID of a person; candidates in it print redacted,
// and their Reveal methods are the only way out. Records and rows of Filter and its
// like are handed out as they stand, and may name third parties besides the subject.
//
// # Concurrency
//
// The functions may be called from several goroutines at the same time. Each
// calls emit in the caller's goroutine, and has ended all others when it returns.
// A Subject and a Report that is not changed may be shared; a Redactor may not, but
// for the calls of Redact, which work on copies.
package dsr
