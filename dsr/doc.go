// Package dsr finds the rows of usage exports that belong to a data subject, says by
// which rule, and lists what a person must decide.
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
// emits each matching row as it is in its file. [FilterRows] returns the rows of one
// subject as typed rows. Both also read rows that a program holds, such as those of
// a database: see [csvschema.RowSource].
//
// A row is emitted only if it is certain whose it is, by one of five rules ([Rule]).
// A virtual machine belongs to its owner; one without an owner belongs to the user
// of its environment. A disk has no owner: it belongs to the user in its path, or to
// the person who owns all virtual machines that it may have belonged to at the time.
// What is not certain is listed in [Report.Findings], for a person to decide: Article
// 15(1) GDPR gives a right to one's own data, and Article 15(4) protects everybody
// else's. [Show] gives the rows that a person needs for that. [Options.Decide] takes the
// decisions in a later run, and [Decisions] those that a program stored by
// [Finding.Digest].
//
// The rows of Filter and FilterRows may name other people. They are for the
// controller's own work. Package redact hides third parties in the rows that the
// subject gets.
//
// That no data is held is an answer, not an error: [Report.NoDataHeld] gives it, and
// [Report.Scope] says what was read.
//
// # Errors
//
// After an error, what was emitted is not complete and must be thrown away. The error
// is a [csvschema.Error] that names the file by its number, the line and the column,
// except for a request without subjects ([ErrNoIdentifier]) or without files
// ([csvschema.ErrNoFiles]).
//
// # Personal data
//
// A [Subject] prints, logs and marshals redacted. Errors hold no cell and no
// identifier. A [Report] names resources by their keys: it shows no address and no
// object ID of a person, but whoever has the exports can link a key to one. Records
// and rows are personal data, of the subject and perhaps of third parties; they print
// and log redacted.
//
// # Concurrency
//
// The functions may be called from several goroutines at the same time. Each calls
// emit and [Options.Decide] in the caller's goroutine; when it returns, no other
// goroutine that it started is left. A Subject is safe for concurrent use, and so is
// a Report that nobody changes.
package dsr
