package identity

import (
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/csvschema/internal/guids"
	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// AppendNormal appends the normal form of the text to dst and returns the extended
// buffer. Identifiers, ARM IDs and the parts of keys are equal exactly when their
// normal forms are. The normal form is made in three steps:
//
//   - Blanks (White_Space of Unicode) and characters without width (U+180E,
//     U+200B to U+200F, U+202A to U+202E, U+2060 to U+2064, U+2066 to U+2069,
//     U+FEFF) are removed from both ends.
//   - The rest is composed (NFC), lower-cased without regard to language or to
//     the place in the word, and composed again.
//   - If the result as a whole is a GUID, with or without hyphens or braces, it
//     is written with hyphens and without braces. A SID of Entra ("S-1-12-1-" and
//     four numbers) becomes the object ID that it encodes.
//
// The normal form of a normal form is the same text. Letters that are equal only
// under full case folding or by compatibility (ſ and s, ß and ss, full-width
// letters) remain different; see [Near]. A text in ASCII causes no allocation if
// dst has room for it. The text must not overlap the free part of dst.
func AppendNormal(dst, text []byte) []byte {
	text = trimBlanks(text)
	start := len(dst)
	dst, ascii := swar.AppendLower(dst, text)
	if !ascii {
		return append(dst[:start], normalNonASCII(text)...)
	}
	switch len(text) {
	case 32, 34, 38: // a GUID of 36 characters is normal already
		if guids.Is(text) {
			return guids.Append(dst[:start], text)
		}
	}
	if len(text) > len(guids.SIDPrefix) && text[1] == '-' && text[3] == '-' {
		if guid, size, ok := guids.ParseSID(dst[start:]); ok && size == len(text) {
			return append(dst[:start], guid[:]...)
		}
	}
	return dst
}

// Normal returns the normal form of the text; see [AppendNormal].
func Normal(text string) string {
	return string(AppendNormal(nil, []byte(text)))
}

// lowerCasers holds results of cases.Lower, which are slow to make and which
// goroutines must not share.
var lowerCasers = sync.Pool{New: func() any {
	caser := cases.Lower(language.Und, cases.HandleFinalSigma(false))
	return &caser
}}

// normalNonASCII returns the normal form of a trimmed text that is not all ASCII.
// The result is no GUID: NFC and lower case make a hexadecimal digit, a hyphen or
// a brace only from a character that is one already.
func normalNonASCII(text []byte) []byte {
	caser := lowerCasers.Get().(*cases.Caser)
	defer lowerCasers.Put(caser)
	return norm.NFC.Bytes(caser.Bytes(norm.NFC.Bytes(text)))
}

// trimBlanks returns the text without the blanks and the characters without width
// at its ends.
func trimBlanks(text []byte) []byte {
	if n := len(text); n > 0 && isVisibleASCII(text[0]) && isVisibleASCII(text[n-1]) {
		return text
	}
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		if !isBlank(r) {
			break
		}
		text = text[size:]
	}
	for len(text) > 0 {
		r, size := utf8.DecodeLastRune(text)
		if !isBlank(r) {
			break
		}
		text = text[:len(text)-size]
	}
	return text
}

// isVisibleASCII reports whether a byte is a character of ASCII and no blank.
func isVisibleASCII(c byte) bool { return ' ' < c && c < utf8.RuneSelf }

// isBlank reports whether a rune is white space or has no width.
func isBlank(r rune) bool {
	if r < utf8.RuneSelf {
		return r == ' ' || '\t' <= r && r <= '\r'
	}
	switch {
	case r == 0x180E, r == 0xFEFF,
		0x200B <= r && r <= 0x200F,
		0x202A <= r && r <= 0x202E,
		0x2060 <= r && r <= 0x2064,
		0x2066 <= r && r <= 0x2069:
		return true
	}
	return unicode.IsSpace(r)
}
