// Package response makes the answer to an access request (Article 15 GDPR). It is a ZIP
// file with a report for people, tables for spreadsheets, and data for programs.
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
// [WriteAll] makes the packages of many people with one search.
//
// The package holds
//
//	index.html           the report: one file, no script, nothing is loaded
//	virtualmachines.csv  the person's rows, for a spreadsheet
//	disks.csv
//	machine/             the person's rows of each file of the exports, with the cells unchanged
//	data.json            all of it, and what was searched; package data has its types
//	manifest.json        the SHA-256 of each of these files
//
// Text that names other people is hidden in all of these files; see [redact.Redactor]. The
// tables for a spreadsheet are UTF-8 with a byte-order mark. They have an apostrophe
// before each cell that a spreadsheet would treat as a formula, as OWASP recommends
// against CSV injection. The files in machine/ have no such apostrophes. Their cells,
// except the hidden ones, are those of the export, also for portability (Article 20).
//
// # The report
//
// The report says whose data it shows, what was found, until when it is kept, what was
// searched, what each column means, and which rights the person has. A [Controller]
// adds the facts that only the controller knows. Without them the report says that it
// is a draft. The report never says that nothing is held. It says that these exports
// hold no row.
//
// It is available in the languages of [Languages]. It was written in English. The other
// texts are translations without a legal review.
//
// # Personal data
//
// The content of the ZIP file is personal data. The names, times and comments of its
// entries hold nothing of the exports and no identifier of the person.
//
// # Errors
//
// No error holds a cell of an input. An error about a file is a [csvschema.Error] that
// gives its number, role, line and column. [ErrLanguage], [ErrNoSpool] and [ErrSpool] are
// about the options.
//
// # Concurrency
//
// [Write] and [WriteAll] are safe for concurrent use, with a [Spool] for each call.
package response
