// Package objectid finds object IDs in texts. It knows no column.
package objectid

import (
	"bytes"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// Is reports whether a value in normal form is a GUID, the nil GUID included.
func Is(normal []byte) bool {
	return csvschema.Identifies(csvschema.ResourceUId, normal) || string(normal) == identity.NilObjectID
}

// Digits is how many digits a GUID has.
const Digits = 32

// Cut returns the first GUID in a text that is no part of a longer number, and
// what is after it; nil if there is none. One with hyphens may have letters of an
// address after it.
func Cut(text []byte) (guid, rest []byte) {
	for i := range text {
		if !isHexDigit(text[i]) || i > 0 && isHexDigit(text[i-1]) {
			continue
		}
		for _, n := range [...]int{len(identity.ReplacementObjectID), Digits} {
			if i+n > len(text) || n == Digits && i+n < len(text) && isHexDigit(text[i+n]) {
				continue
			}
			if guid = text[i : i+n]; Is(identity.AppendNormal(nil, guid)) {
				return guid, text[i+n:]
			}
		}
	}
	return nil, nil
}

func isHexDigit(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f'
}

// replacementNumber is the first number of the SID of every replacement of an object ID: its
// first eight digits.
var replacementNumber = []byte("1634627438")

// MayHoldReplacement reports, at little cost, whether a text of ASCII without escapes may
// hold a replacement of an object ID or the SID of one: the first three digits, with any
// hyphens between them, or the first number.
func MayHoldReplacement(text []byte) bool {
	const begins = identity.ReplacementObjectID
	for i := 0; ; {
		n := bytes.IndexByte(text[i:], begins[0])
		if n < 0 {
			return bytes.Contains(text, replacementNumber)
		}
		i += n + 1
		second := bytes.TrimLeft(text[i:], "-")
		if len(second) > 0 && second[0] == begins[1] {
			if third := bytes.TrimLeft(second[1:], "-"); len(third) > 0 && third[0] == begins[2] {
				return true
			}
		}
	}
}
