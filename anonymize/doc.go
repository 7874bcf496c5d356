// Package anonymize takes the identifiers of people out of exports of Azure
// DevTest Labs when their time is over: by the documented policy, 30 days after
// the resource was deleted.
//
//	plan, err := policy.Plan(ctx, now, exports)
//	if err != nil {
//		return err
//	}
//	for _, f := range plan.Report().Files {
//		if _, err := plan.Apply(ctx, f.FileID, outputs[f.FileID]); err != nil {
//			return err // what was written must be thrown away
//		}
//	}
//	verification, err := verify.Exports(ctx, policy, now, exports, written)
//	if err == nil && !verification.OK() {
//		err = errNotAsPlanned
//	}
//	return err
//
// Package anonymize/verify reads what was written, and knows nothing of how.
//
// # What goes
//
// From a row that is due these go, in every column, columns that are not documented
// included:
//
//   - the whole ResourceOwner, whatever its form;
//   - every e-mail address;
//   - every x of a /users/{x} path, except @me;
//   - every further occurrence of these in the row, in any letter case,
//     Unicode form or form of a GUID, percent-encoded or escaped as in JSON or HTML,
//     and of each object ID in an owner or x;
//   - every pseudonym, unless the run leaves pseudonyms itself.
//
// An owner or x that says that there is nobody, such as NULL, None, Unknown or the nil
// GUID, goes, but the word stays in other cells. In SubscriptionId, LabUId and ResourceUId
// an owner that is neither an address nor an object ID is not looked for: "8000" would be
// a part of a GUID.
//
// Each is replaced ([Policy.Replacement]). Nothing else changes, not even by a byte:
// other cells, their quotes, the order of rows and columns, the header, empty lines.
// Doing it again changes nothing, and a later instant only adds rows.
//
// A part of an identifier that is not an identifier itself is not found. A row with more
// than 1000 identifiers is refused. Names of machines and disks that were derived from an
// address, such as alice042, stay unless [Policy.Names] is set. [Stats.DerivedNames]
// counts the rows that keep one.
//
// # When it goes
//
// [Policy.Plan] reads all exports before anything is written, and decides once for
// all copies of a resource. A [Hold] keeps its rows; a [Request] takes a person's
// identifiers out earlier; a [Decision] says what the exports do not. Holds,
// requests and decisions are given at every run: nothing is remembered, so an old
// export that is imported again is cleaned again. Its [Report] says which of them met no
// row, as a mistyped hold does.
//
// [Policy.Copy] and [Policy.Rows] decide row by row, by the DeletedDate of the row:
// for a stream that comes once, and for a service that holds rows. Where exports do
// not contradict each other, the result is that of a plan.
//
// Disks have no owner column: whoever needs to know whose disks are whose must
// ask package dsr before the virtual machines are anonymized.
//
// # Errors
//
// Whatever is wrong with a file is an [csvschema.Error]. After any error what
// was written so far must be thrown away.
//
// # Personal data
//
// Errors, [Stats] and reports hold places, counts and keys, no cell of a file. Keys
// are linkable, and so are rows that were anonymized: they keep LabUId and
// ResourceUId, so that whoever holds an older copy of the export can still tell
// whose they were. Recital 26 GDPR asks for all means reasonably likely to be used.
// A Policy with requests holds identifiers; a [Plan] holds some, too, if names are
// replaced. Do not write either down.
//
// # Concurrency
//
// A Policy may be used by several goroutines at the same time as long as nobody
// changes it; so may a Plan.
package anonymize
