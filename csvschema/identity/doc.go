// Package identity answers who is named in a text: what an identifier is, when two
// identifiers are the same account, where identifiers are in a cell, and what
// replaces them. It knows no file, column or row; package csvschema does.
//
//	var finder identity.Finder
//	for _, span := range finder.Find(nil, cell) {
//		if text := cell[span.Start:span.End]; !identity.IsReplacement(text) {
//			report(text)
//		}
//	}
//
// # Terms
//
//   - An identifier is the address or the object ID of one account. [Identifier]
//     holds it in its normal form ([AppendNormal]); equal normal forms are the same
//     account. Addresses of different accounts that may belong to one person are
//     near ([Near]).
//   - A user segment is the x in a path that holds /users/{x}, whatever x is.
//   - A span is a part of a cell that a [Finder] found.
//   - A member is an identifier in a [Set]. [Finder.FindMembers] finds only texts
//     with exactly the normal form of a member.
//   - A value is a text that identifies somebody in one row: the owner, an address, a
//     user segment. [Values] holds those of a row. An occurrence is a place in a cell
//     where a value is, in any spelling; [Finder.FindValues] finds occurrences.
//   - A derived name is a name that somebody made from the local part of an address,
//     such as that of a machine. [Finder.FindNames] finds derived names.
//   - A replacement is what anonymization writes in the place of a span. It
//     identifies nobody, or, as a pseudonym, only to the holder of a key.
//   - A digest is a keyed hash, made with a [SecretKey].
//
// # Errors
//
// Functions return the bare sentinels of this package, such as [ErrIdentifier]. No
// error holds a text from the input.
//
// # Personal data
//
// [Identifier], [SecretKey], [Finder], [Set], [Values], [LocalParts] and [NearIndex]
// redact themselves when they are printed, logged or marshalled.
//
// # Concurrency
//
// [Identifier], [SecretKey] and [Digest] are safe for concurrent use. Several
// goroutines may search for one [Set] or one [LocalParts], or in one [NearIndex],
// while none adds to it. Only one goroutine at a time may use a [Finder] or a
// [Values].
package identity
