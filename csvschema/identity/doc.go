// Package identity answers who is named in a text: what an identifier is, when
// two of them are the same, where they are inside a cell, and what replaces them.
//
//	var finder identity.Finder
//	for _, span := range finder.Find(nil, cell) {
//		if !identity.IsReplacement(cell[span.Start:span.End]) {
//			found(cell[span.Start:span.End])
//		}
//	}
//
// An [Identifier] is an e-mail address or an object ID in its normal form
// ([AppendNormal]). Two identifiers are the same account exactly when their normal
// forms are equal; [Near] tells which others only look alike. A [Finder] finds
// identifiers inside a cell, through percent-encoding. The package knows no file,
// column or row: package csvschema does.
//
// # Errors
//
// Functions return the sentinels of this package, such as [ErrIdentifier]. No error
// holds a text that was given.
//
// # Personal data
//
// An [Identifier] and a [SecretKey] print, log and marshal redacted. Finders and
// sets hold identifiers; do not print them.
//
// # Concurrency
//
// Identifiers, keys and replacements are values and may be shared. Only one
// goroutine at a time may use a [Finder] or [Values].
package identity
