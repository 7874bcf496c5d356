// Package quiet tells, at little cost, of which texts nothing can be a part of what identifies
// somebody, whatever the address. It knows no column, and finds nothing.
package quiet

import "bytes"

// NOTE. A text is quiet if the grammar of identifiers finds nothing in it, whatever the
// address: it has no at sign, nothing that may begin an escape, and is all ASCII; no word
// users before a slash or parenthesis; no underscore in a path, as personal folders have; no
// GUID that is a pseudonym, and no SID.
//
// Cells are like those of the row before. Of an ARM ID only what differs is looked at, from
// a slash on:
//
//	before   /subscriptions/…/labs/lab/virtualmachines/box
//	cell     /subscriptions/…/labs/lab/virtualmachines/web
//	                                                  ^ from here on

// The numbers of bytes of a GUID: of its digits, and with hyphens.
const (
	guidDigits = 32
	guidLength = 36
)

// The classes of bytes that may be a part of what identifies somebody.
const (
	escaping   uint8 = 1 << iota // begins an escape, or is not ASCII
	at                           // @
	slash                        // /
	bracket                      // (
	underscore                   // _
	six                          // 6, the first digit of a pseudonym
	hyphen                       // -
	letter                       // u, the first of users
)

var classOf = func() (classes [256]uint8) {
	for class, bytes := range map[uint8]string{escaping: "%&\\=", at: "@", slash: "/", bracket: "(", underscore: "_", six: "6", hyphen: "-", letter: "uU"} {
		for _, c := range []byte(bytes) {
			classes[c] = class
		}
	}
	for c := 0x80; c < len(classes); c++ {
		classes[c] = escaping
	}
	return classes
}()

// classesOf returns the classes of all bytes of a text.
func classesOf(text []byte) (all uint8) {
	for ; len(text) >= 8; text = text[8:] {
		b := (*[8]byte)(text)
		all |= classOf[b[0]] | classOf[b[1]] | classOf[b[2]] | classOf[b[3]] | classOf[b[4]] | classOf[b[5]] | classOf[b[6]] | classOf[b[7]]
	}
	for _, c := range text {
		all |= classOf[c]
	}
	return all
}

// Is reports whether a text is quiet.
func Is(text []byte) bool {
	classes := classesOf(text)
	switch {
	case classes&(escaping|at) != 0:
		return false
	case classes&underscore != 0 && (classes&slash != 0 || hasPair(text, '_', 'x')):
		return false
	case classes&letter != 0 && classes&(slash|bracket) != 0 && hasUsers(text):
		return false
	}
	return (classes&six == 0 || !MayHold(text, Pseudonym)) && (classes&hyphen == 0 || !bytes.Contains(text, sidDigits))
}

// hasPair reports whether a text holds a byte before a letter, in any case.
func hasPair(text []byte, first, letter byte) bool {
	for i := bytes.IndexByte(text, first); i >= 0 && i+1 < len(text); {
		if text[i+1]|0x20 == letter {
			return true
		}
		n := bytes.IndexByte(text[i+1:], first)
		if n < 0 {
			return false
		}
		i += 1 + n
	}
	return false
}

// hasUsers reports whether the word users is in a text before a slash or parenthesis.
func hasUsers(text []byte) bool {
	for _, c := range []byte("/(") {
		for i := 0; ; i++ {
			n := bytes.IndexByte(text[i:], c)
			if n < 0 {
				break
			}
			i += n
			if endsWithUsers(text[:i]) {
				return true
			}
		}
	}
	return false
}

// endsWithUsers reports whether a text ends with the word users.
func endsWithUsers(text []byte) bool {
	n := len(text) - len("users")
	return n >= 0 && text[n]|0x20 == 'u' && bytes.EqualFold(text[n:], []byte("users"))
}

// Pseudonym has the first digits of the object IDs that are replacements.
var Pseudonym = []byte("616e6f6e")

// sidDigits are in every SID of Entra.
var sidDigits = []byte("-1-12-1-")

// MayHoldPseudonym reports whether a text may hold an object ID that is a pseudonym, in any
// spelling.
func MayHoldPseudonym(text []byte) bool {
	return classesOf(text)&escaping != 0 || hasPair(text, '_', 'x') || MayHold(text, Pseudonym) || bytes.Contains(text, sidDigits)
}

// MayHold reports whether a text of ASCII may hold an object ID with these first digits, in
// any case, with any hyphens between them. Of every 16 bytes it looks at one, because two of
// these are in an object ID.
func MayHold(text, digits []byte) bool {
	const step = guidDigits / 2
	for i := step - 1; i+step < len(text); i += step {
		if !inGUID[text[i]] || !inGUID[text[i+step]] {
			continue
		}
		start, end := i, i+1
		for start > 0 && inGUID[text[start-1]] {
			start--
		}
		for end < len(text) && inGUID[text[end]] {
			end++
		}
		if end-start >= guidDigits && mayHold(text[start:end], digits) {
			return true
		}
		i += (end - 1 - i) / step * step
	}
	return false
}

// inGUID holds the bytes of GUIDs.
var inGUID = func() (set [256]bool) {
	for _, c := range []byte("0123456789abcdefABCDEF-") {
		set[c] = true
	}
	return set
}()

// mayHold is MayHold for digits and hyphens.
func mayHold(text, digits []byte) bool {
	if len(text) == guidLength && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-' { // as most are: 32 digits at most
		return bytes.EqualFold(text[:len(digits)], digits)
	}
	for i, first := range text {
		if first|0x20 != digits[0] {
			continue
		}
		found := 1
		for j := i + 1; j < len(text) && found < len(digits); j++ {
			if text[j]|0x20 == digits[found] {
				found++
			} else if text[j] != '-' {
				break
			}
		}
		if found == len(digits) {
			return true
		}
	}
	return false
}

// After reports whether a text is quiet, of which so many bytes are the beginning of a text that
// is quiet.
func After(same int, text []byte) bool {
	if same == 0 {
		return Is(text)
	}
	same = max(0, bytes.LastIndexByte(text[:same], '/'))
	return !endsWithUsers(text[:same]) && Is(text[same:])
}

// MayHoldObjectID reports whether a text of ASCII without escapes may hold a GUID or SID, in
// any spelling.
func MayHoldObjectID(text []byte) bool {
	digits := 0
	for _, c := range text {
		if '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' {
			digits++
		}
	}
	return digits >= guidDigits || bytes.Contains(text, sidDigits)
}

// Owner reports whether all that identifies somebody in the text of an owner, decoded, holds
// an at sign or is an object ID or SID, and whether there is an at sign in it.
func Owner(text []byte) (hasAt, ok bool) {
	classes := classesOf(text)
	return classes&at != 0, classes&(escaping|slash|bracket) == 0 && !hasPair(text, '_', 'x')
}

// Address reports whether the text of an owner is an address as most are, in normal form:
// words of small letters and digits, with a dot between two of them in the local part, and a
// dot or hyphen in the domain, which ends with a word of letters. It is no replacement, and
// holds no GUID or SID. What is not as simple may be an address, too.
func Address(text []byte) bool {
	at, last, hasHyphen := 0, -1, false // where the domain begins, and the last mark
	for i, c := range text {
		kind := classOfAddress[c]
		if kind&word == 0 {
			if kind == 0 || i == last+1 || kind == inDomain && at == 0 || c == '@' && at > 0 {
				return false
			}
			if last = i; c == '@' {
				at = i + 1
			}
			hasHyphen = hasHyphen || c == '-'
		}
	}
	if at == 0 || last < at || at > guidDigits || len(text)-at >= guidDigits || text[last] != '.' {
		return false
	}
	for _, c := range text[last+1:] {
		if c < 'a' {
			return false
		}
	}
	return len(text)-last > 2 && !bytes.Contains(text, []byte("anonym")) && (!hasHyphen || !bytes.Contains(text, sidDigits))
}

// The classes of bytes of addresses.
const (
	word     uint8 = 1 << iota // a small letter or a digit
	mark                       // between words
	inDomain                   // between words of the domain
)

var classOfAddress = func() (classes [256]uint8) {
	for class, bytes := range map[uint8]string{word: "abcdefghijklmnopqrstuvwxyz0123456789", mark: ".@", inDomain: "-"} {
		for _, c := range []byte(bytes) {
			classes[c] = class
		}
	}
	return classes
}()

// User returns the place of a text as long as an object ID in a path that names a user by it,
// as in /users/{x}/ or /users('{x}'), and no other. All else in the path is quiet.
func User(path []byte) (place [2]int, ok bool) {
	const users = "/users"
	at := 0
	for ; ; at++ {
		n := bytes.IndexByte(path[at:], '/')
		if n < 0 || len(path) < at+n+len(users)+len("('')")+guidLength {
			return place, false
		}
		if at += n; endsWithUsers(path[at : at+len(users)]) {
			break
		}
	}
	start, end := at+len(users), 0
	switch {
	case path[start] == '/':
		start++
		end = start + guidLength
		ok = path[end] == '/'
	case bytes.HasPrefix(path[start:], []byte("('")):
		start += len("('")
		end = start + guidLength
		ok = bytes.HasPrefix(path[end:], []byte("')"))
	}
	if !ok {
		return place, false
	}
	before, after := path[:at], path[end:]
	return [2]int{start, end}, !endsWithUsers(before) && Is(before) && Is(after)
}
