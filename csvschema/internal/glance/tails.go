package glance

import "bytes"

// NOTE. Most owners that are not plain are an address beside a few other characters, or a
// guest account. If one holds an address that is known, or one that is compared with it, the
// last bytes of a known local part are before an at sign or, in a guest account, before an
// underscore or number sign:
//
//	SMTP:robert.baker@fabrikam.com
//	             ↑↑↑↑
//	robert.baker_fabrikam.com#EXT#@contoso.onmicrosoft.com
//	        ↑↑↑↑         ↑↑↑↑    ↑
//
// So a text of certain bytes of ASCII, without an escape but that of the number sign, holds
// none of them if all of these places have other bytes before them. It may have spaces and
// punctuation, because it does not matter where an address begins.

// Tails holds the last bytes of texts. The zero Tails is empty and ready to use.
type Tails struct {
	set Set  // of hashes of tails
	any bool // a text was too short: each text may hold it
}

const tailSize = 4

// Add adds the last bytes of a text: of a local part, or of the text before an at sign, an
// underscore or a number sign.
func (t *Tails) Add(text string) {
	if len(text) < tailSize {
		t.any = true
		return
	}
	t.set.add(hash([]byte(text[len(text)-tailSize:])))
}

// AddParts adds what is before each underscore of a text.
func (t *Tails) AddParts(text string) {
	for i, c := range text {
		if c == '_' {
			t.Add(text[:i])
		}
	}
}

// endsText reports whether the last bytes of a text may have been added, also if a number
// sign in them is percent-encoded.
func (t *Tails) endsText(text []byte) bool {
	if len(text) < tailSize {
		return t.any
	}
	if t.set.has(hash(text[len(text)-tailSize:])) {
		return true
	}
	tail, ok := decodedTail(text)
	return ok && t.set.has(hash(tail[:]))
}

// decodedTail returns the last bytes of a text in which "%23" is a number sign; false if it
// is too short.
func decodedTail(text []byte) (tail [tailSize]byte, ok bool) {
	for n := tailSize - 1; n >= 0; n-- {
		rest, isEncoded := bytes.CutSuffix(text, []byte("%23"))
		switch {
		case isEncoded:
			tail[n], text = '#', rest
		case len(text) == 0:
			return tail, false
		default:
			tail[n], text = text[len(text)-1], text[:len(text)-1]
		}
	}
	return tail, true
}

// MayHold reports whether a text may hold, in any spelling, a text after which one of
// the added ones ends, and an at sign, an underscore or a number sign follows. It is false
// only for texts that hold an at sign, do not begin with one or with a number sign, and hold
// no escape, no name of a folder and, if withIDs, no GUID and no SID.
func (t *Tails) MayHold(text []byte, withIDs bool) bool {
	if t.any || len(text) > maxBeside {
		return true
	}
	isAddress, digits, hyphens := false, 0, 0 // isAddress: there is an at sign, and no underscore after the last one
	for i, c := range text {
		switch besides[c] {
		case isOther:
			return true
		case isDigit:
			digits++
		case isHyphen:
			hyphens++
		case isEnd:
			isEscape := c == '%' && !bytes.HasPrefix(text[i:], []byte("%23")) || c == '_' && i+1 < len(text) && text[i+1]|0x20 == 'x'
			if i == 0 || isEscape || t.endsText(text[:i]) {
				return true
			}
			isAddress = c == '@' || isAddress && c != '_'
		}
	}
	return !isAddress || withIDs && (digits >= guidDigits || hyphens >= sidHyphens)
}

// maxBeside is the length of the longest text that Tails looks at.
const maxBeside = 256

const (
	isOther  = iota // may be a part of an escape, of a path or of a quoted local part
	isBeside        // letters and digits that are no hexadecimal digits, spaces and punctuation
	isDigit         // hexadecimal digits
	isHyphen        //
	isEnd           // what follows a local part
)

// besides holds the kind of each byte.
var besides = func() (kinds [256]uint8) {
	for kind, bytes := range []string{
		isBeside: "ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ .,:;<>|", isDigit: "0123456789abcdefABCDEF", isHyphen: "-", isEnd: "@_#%",
	} {
		for _, c := range []byte(bytes) {
			kinds[c] = uint8(kind)
		}
	}
	return kinds
}()
