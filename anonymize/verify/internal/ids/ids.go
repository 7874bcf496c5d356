// Package ids tells which texts identify something, and which say that there is nothing: an
// opinion of package verify's own. It knows no column.
package ids

import (
	"bytes"
	"regexp"
	"strings"
)

// noID are texts that programs write where there is no ID, or make of one.
var noID = regexp.MustCompile(`^(?s:#.*|(system|microsoft)\.[^/]*|[^\pL]*|[^\pLe]*(e[^\pLe]*)+|[()<>\[\]{}"'\\ ]*(null|dbnull|nil|none|n|n/a|na|nan|undefined|unknown|empty|true|false)[()<>\[\]{}"'\\ ]*)$`)

// IsHex reports whether a text in normal form is a GUID.
func IsHex[T string | []byte](normal T) bool {
	if len(normal) != len(Nil) {
		return false
	}
	for i := range len(Nil) {
		if ofNil[normal[i]] != Nil[i] {
			return false
		}
	}
	return true
}

// Nil is the nil GUID.
const Nil = "00000000-0000-0000-0000-000000000000"

// ofNil maps each byte of a GUID to the byte that the nil GUID has in its place.
var ofNil = func() (set [256]byte) {
	for _, c := range []byte("0123456789abcdef") {
		set[c] = '0'
	}
	set['-'] = '-'
	return set
}()

// IsUID reports whether a ResourceUId in normal form identifies a resource: a GUID that
// is not nil.
func IsUID[T string | []byte](normal T) bool { return IsHex(normal) && string(normal) != Nil }

// IsText reports whether a LabUId or an ARM ID in normal form is one: a GUID that is not
// nil, or another text that does not say that there is none.
func IsText(normal string) bool {
	switch {
	case IsHex(normal):
		return normal != Nil
	case strings.HasPrefix(normal, "/"):
		return true
	}
	return !noID.MatchString(normal)
}

// nobody are what databases and programs write where there is no owner, in normal form and
// without brackets.
var nobody = map[string]bool{
	"null": true, "dbnull": true, "nil": true, "none": true, "empty": true, "n/a": true, "#n/a": true, "na": true, "nan": true,
	"undefined": true, "unknown": true, `\n`: true, "-": true, "--": true, "–": true, "—": true, Nil: true,
}

// IsNobody reports whether an owner or user in normal form says that there is none.
func IsNobody(normal []byte) bool { return nobody[string(bytes.Trim(normal, "()<>[]"))] }

// inText matches a GUID that does not begin in the middle of a number, nor, without hyphens,
// ends there.
var inText = regexp.MustCompile(`(?:^|[^0-9a-f])(?:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})|([0-9a-f]{32})(?:$|[^0-9a-f]))`)

// Each calls do with each GUID in an owner or user in normal form.
func Each(normal []byte, do func(id []byte)) {
	for at := inText.FindSubmatchIndex(normal); at != nil; at = inText.FindSubmatchIndex(normal) {
		start, end := max(at[2], at[4]), max(at[3], at[5])
		do(normal[start:end])
		normal = normal[end:]
	}
}
