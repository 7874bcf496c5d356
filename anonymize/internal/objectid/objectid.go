// Package objectid finds object IDs in texts. It knows no column.
package objectid

import (
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
