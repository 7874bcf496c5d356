package guids

import (
	"encoding/binary"
	"encoding/hex"
	"strconv"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
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

// SIDPrefix is what the SIDs of Entra begin with, in lower case. The four numbers after
// it are the object ID: 16 bytes, read as numbers of 32 bits, lowest byte first.
//
// https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers
const SIDPrefix = "s-1-12-1-"

// ParseSID returns the object ID, in normal form, of the SID that a text in lower case
// begins with, and the length of the SID.
func ParseSID(text []byte) (guid [Length]byte, size int, ok bool) {
	if len(text) < len(SIDPrefix) || string(text[:len(SIDPrefix)]) != SIDPrefix {
		return guid, 0, false
	}
	i := len(SIDPrefix)
	var numbers [4]uint32
	for n := range numbers {
		if n > 0 {
			if i == len(text) || text[i] != '-' {
				return guid, 0, false
			}
			i++
		}
		start := i
		for i < len(text) && '0' <= text[i] && text[i] <= '9' {
			i++
		}
		number, err := strconv.ParseUint(string(text[start:i]), 10, 32)
		if err != nil {
			return guid, 0, false
		}
		numbers[n] = uint32(number)
	}
	var b [16]byte
	binary.BigEndian.PutUint32(b[:], numbers[0])
	binary.BigEndian.PutUint16(b[4:], uint16(numbers[1]&0xFFFF))
	binary.BigEndian.PutUint16(b[6:], uint16(numbers[1]>>16))
	binary.LittleEndian.PutUint32(b[8:], numbers[2])
	binary.LittleEndian.PutUint32(b[12:], numbers[3])
	var digits [DigitCount]byte
	hex.Encode(digits[:], b[:])
	Append(guid[:0], digits[:])
	return guid, i, true
}

// NextSID returns the place of the first SID of an object ID in text[i:], a text in lower
// case, and the digits of the object ID; -1 if there is none.
func NextSID(text []byte, i int) (start, end int, digits [DigitCount]byte) {
	const mark = len("s-1-12") // before "-1-": few texts have two hyphens so near to each other
	for {
		at := swar.IndexPair(text, i+mark, '-', len("-1"))
		if at < 0 {
			return -1, -1, digits
		}
		start = at - mark
		i = start + 1
		if before, _ := utf8.DecodeLastRune(text[:start]); unicode.IsLetter(before) || unicode.IsDigit(before) {
			continue
		}
		if guid, size, ok := ParseSID(text[start:]); ok {
			rest := digits[:0]
			for _, c := range guid {
				if c != '-' {
					rest = append(rest, c)
				}
			}
			return start, start + size, digits
		}
	}
}
