package identity

import (
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/mailbox"
)

// NOTE: how addresses are found in a decoded view of a cell.
//
// All characters of a domain may also be in a local part. So the view is split into
// runs of such characters and at signs, and each run into the pieces between its at
// signs. A piece that is not empty, an at sign and the domain at the beginning of
// the next piece are an address:
//
//	run      b o b @ f a b r i k a m . c o m - @ - x
//	pieces   [ bob ] [    fabrikam.com-     ] [ -x ]
//	address  [  bob @ fabrikam.com ]
//
// The last piece does not begin with a domain, so there is no second address. If it
// were "x", "fabrikam.com-@x" would be one too; the two overlap and are one span.
//
// Pieces before an address that at signs join to it are a part of its span. In
// "a@-b@x" only "-b@x" is an address, but with the replacement in its place,
// "a@removed@…" would hold another one.

// In place of a local part, RFC 5321 knows a quoted string, and in place of a domain an
// address literal: "first,last"@example.com and test@[192.0.2.1]. What is around these
// may continue a replacement, so spans must be settled if there is one (see settle.go).

// appendAddresses appends the spans of all addresses in the view, merged. If isOdd, one
// of them may have a quoted local part or an address literal.
func appendAddresses(dst []Span, view []byte) (_ []Span, isOdd bool) {
	first := len(dst)
	at, size := mailbox.NextAt(view, 0)
	for at >= 0 {
		piece := at // where the piece before the at sign begins
		for piece > 0 {
			r, n := utf8.DecodeLastRune(view[:piece])
			if !mailbox.IsLocal(r, n) {
				break
			}
			piece -= n
		}
		chain := piece // where the pieces begin that are joined to it
		for {
			after := at + size
			if piece == at { // an empty piece joins nothing
				chain = mailbox.QuotedStart(view, at)
				piece, isOdd = chain, isOdd || chain < at
			}
			if piece == at {
				chain = after
			} else if end := mailbox.HostEnd(view, after); end > after {
				dst = appendSpan(dst, first, Span{chain, end, AddressSpan})
				isOdd = isOdd || view[after] == '['
			}
			piece, at = after, after
			for at < len(view) {
				r, n := utf8.DecodeRune(view[at:])
				if !mailbox.IsLocal(r, n) {
					break
				}
				at += n
			}
			if size = mailbox.AtSize(view[at:]); size == 0 {
				break
			}
		}
		at, size = mailbox.NextAt(view, at)
	}
	return dst, isOdd
}
