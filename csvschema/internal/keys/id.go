package keys

import (
	"bytes"
	"strings"
	"unicode"
)

// Identifies reports whether a text in normal form is an ID: a GUID that is not nil or,
// unless onlyGUID is set, other text that does not say that there is no ID.
func Identifies(normal []byte, onlyGUID bool) bool {
	switch {
	case len(normal) == 0:
		return false
	case isGUID(normal):
		return string(normal) != nilGUID
	case onlyGUID:
		return false
	}
	return normal[0] == '/' || bytes.HasPrefix(normal, []byte("subscriptions/")) || !isPlaceholder(normal)
}

const nilGUID = "00000000-0000-0000-0000-000000000000"

// isGUID reports whether a text in normal form is a GUID.
func isGUID(normal []byte) bool {
	if len(normal) != len(nilGUID) {
		return false
	}
	for i, c := range normal {
		if ofNilID[c] != nilGUID[i] {
			return false
		}
	}
	return true
}

// ofNilID maps each byte of a GUID to the byte that the nil GUID has in its place. Without
// the table a hash of a key, which is made for every row, takes half as long again.
var ofNilID = func() (set [256]byte) {
	for _, c := range []byte("0123456789abcdef") {
		set[c] = '0'
	}
	set['-'] = '-'
	return set
}()

// isPlaceholder reports whether a text in normal form, which is no GUID, says that there
// is no ID or that a program lost it.
func isPlaceholder(normal []byte) bool {
	if normal[0] == '#' {
		return true
	}
	// Trim takes longer: it makes a set of its characters first.
	around := func(r rune) bool { return strings.ContainsRune("()<>[]{}\"'\\ ", r) }
	switch string(bytes.TrimFunc(normal, around)) {
	case "null", "dbnull", "nil", "none", "n", "n/a", "na", "nan", "undefined", "unknown", "empty", "true", "false":
		return true
	}
	if isTypeName(normal) {
		return true
	}
	// Only digits and signs: 0, -, 1.23E+31.
	return !bytes.ContainsFunc(normal, func(r rune) bool { return unicode.IsLetter(r) && r != 'e' })
}

// isTypeName reports whether a text in normal form is the name of a type of .NET, such as
// System.Object[], which PowerShell writes instead of what it cannot. An ARM ID has slashes.
func isTypeName(normal []byte) bool {
	return (bytes.HasPrefix(normal, []byte("system.")) || bytes.HasPrefix(normal, []byte("microsoft."))) && bytes.IndexByte(normal, '/') < 0
}
