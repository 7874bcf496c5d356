// Package response makes what a person receives who asked "what do you hold on
// me?": a ZIP file with a report for people, tables for spreadsheets, and data for
// programs (Article 15 GDPR).
//
//	report, err := response.Write(ctx, out, exports, subject, &response.Options{
//		Language:   language.German,
//		Made:       now,
//		Controller: controller,
//	})
//	if err != nil {
//		return err // and throw away what was written
//	}
//	if report.NeedsDecision(0) {
//		// a person has to look at report.Findings before this goes out
//	}
//
// The package holds
//
//	index.html           the report: one file, no script, nothing is loaded
//	virtualmachines.csv  the person's rows, for a spreadsheet
//	disks.csv
//	machine/             the person's rows of each file of the exports, as they stand there
//	data.json            all of it, and what was searched
//	manifest.json        the SHA-256 of each of these files
//
// What names other people is hidden in all of them, see [redact.Redactor]. The tables
// for a spreadsheet are UTF-8 with a mark; an apostrophe stands before cells that a
// spreadsheet would take for a formula, as OWASP advises against CSV injection.
// Files in machine/ have neither: there every cell that is not hidden is as it is
// held, also for portability (Article 20).
//
// # The report
//
// It says whose data it is, what was found, until when it is kept, what was
// searched, what each column means, and what the rights of the person are. What
// only the controller knows is in [Controller]; without it the report says that it
// is a draft. It never says that nothing is held: only that these exports hold no
// row.
//
// It comes in the languages of [Languages]. It was written in English; the other
// texts are translations without a legal review.
//
// # Personal data
//
// The package is personal data from beginning to end, and names of its entries,
// their times and comments are not: they hold nothing of the exports. Identifiers
// of the person are in the content only.
//
// # Errors
//
// No error holds a cell of an input. What is wrong with a file is an
// [csvschema.Error] that names it by number, role, line and column.
//
// # Concurrency
//
// [Write] may be called from several goroutines at the same time.
package response
