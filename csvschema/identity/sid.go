package identity

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"math"
	"unicode/utf8"
)

// NOTE: how a SID holds an object ID.
//
// Windows names an account of Entra ID by a SID: S-1-12-1 and four numbers of 32 bits.
// These are the 16 bytes of the object ID in the order in which .NET writes a GUID, four
// at a time, little-endian. With the object ID d02677f7-9c06-5740-afd8-0a213ad58e72:
//
//	digits   d02677f7      9c06 5740     afd80a21      3ad58e72
//	number   0xd02677f7    0x57409c06    0x210ad8af    0x728ed53a
//	SID      S-1-12-1-3492182007-1463852038-554358959-1921963322

const sidPrefix = "s-1-12-1" // in canonical text

// nextSID returns the place of the first SID of an object ID in the canonical text from
// text[i:] on, and the digits of the object ID; -1 if there is none.
func nextSID(text []byte, i int) (start, end int, digits [guidDigitCount]byte) {
	for {
		n := bytes.Index(text[i:], []byte(sidPrefix))
		if n < 0 {
			return -1, -1, digits
		}
		start = i + n
		i = start + len(sidPrefix)
		if before, _ := utf8.DecodeLastRune(text[:start]); isLetterOrDigit(before) {
			continue
		}
		if end = sidDigits(&digits, text, i); end > 0 {
			return start, end, digits
		}
	}
}

// sidDigits sets the digits of the object ID that the four numbers at text[i:] encode,
// and returns the end of the numbers; 0 if they are none.
func sidDigits(digits *[guidDigitCount]byte, text []byte, i int) (end int) {
	var guid [guidDigitCount / 2]byte
	for k := range 4 {
		if i == len(text) || text[i] != '-' {
			return 0
		}
		i++
		number, first := uint64(0), i
		for i < len(text) && '0' <= text[i] && text[i] <= '9' && number <= math.MaxUint32 {
			number = number*10 + uint64(text[i]-'0')
			i++
		}
		if i == first || number > math.MaxUint32 {
			return 0
		}
		binary.LittleEndian.PutUint32(guid[4*k:], uint32(number)) //nolint:gosec // it fits
	}
	// .NET writes the first three groups of a GUID little-endian.
	guid[0], guid[1], guid[2], guid[3] = guid[3], guid[2], guid[1], guid[0]
	guid[4], guid[5] = guid[5], guid[4]
	guid[6], guid[7] = guid[7], guid[6]
	hex.Encode(digits[:], guid[:])
	return i
}
