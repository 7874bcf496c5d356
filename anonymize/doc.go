// Package anonymize takes the identifiers of people out of exports of Azure
// DevTest Labs when their time is over: by the documented policy, 30 days after
// the resource was deleted.
//
//	var policy anonymize.Policy
//	stats, err := policy.Copy(ctx, now, csvschema.VirtualMachines, out, in)
//	if err != nil {
//		return err // what was written must be thrown away
//	}
//
// A row is due or not; that depends on its DeletedDate, the policy and the
// instant that the caller gives, and on nothing else. From a due row go, in
// every column, columns that are not documented included:
//
//   - the whole ResourceOwner, whatever its form;
//   - every e-mail address;
//   - every x of a /users/{x} path, except @me;
//   - every further occurrence of these in the row, in any letter case,
//     percent-encoding, Unicode form or form of a GUID.
//
// In their place stand [csvschema.ReplacementAddress] and
// [csvschema.ReplacementObjectID]. Nothing else changes, not even by a byte:
// other cells, their quotes, the order of rows and columns, the header, empty
// lines. Doing it again changes nothing, and a later instant only adds rows.
//
// What is escaped in other ways, as JSON writes \u0040 and HTML &#64;, is not seen
// through, nor a part of an identifier that is not an identifier itself. A row
// with more than 1000 identifiers is refused.
//
// Names of machines and disks that were derived from an address, such as
// alice042, stay. [Stats.DerivedNames] counts the rows that have one.
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
// Errors and [Stats] hold places and counts, no cell of a file. Rows that were
// anonymized keep LabUId and ResourceUId, so that whoever holds an older copy of
// the export can still tell whose they were: Recital 26 GDPR asks for all means
// reasonably likely to be used.
//
// # Concurrency
//
// A Policy may be used by several goroutines at the same time as long as nobody
// changes it.
package anonymize
