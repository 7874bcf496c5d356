package identity

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"unicode"
	"unicode/utf8"
	"unique"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// identifierText is what stands for an identifier wherever it is printed,
// logged or marshalled.
const identifierText = "[redacted]"

// An Kind says what an [Identifier] is.
type Kind uint8

// The kinds of identifier that exports hold.
const (
	Address  Kind = iota + 1 // an e-mail address or user principal name
	ObjectID                 // the GUID of a person or service principal in one tenant
)

// String returns "address" or "object ID", and "" for any other value.
func (k Kind) String() string {
	switch k {
	case Address:
		return "address"
	case ObjectID:
		return "object ID"
	}
	return ""
}

// An Identifier is an e-mail address, a user principal name or an object ID in
// its normal form (see [AppendNormal]). Two identifiers are the same account
// exactly when they are equal by ==. An Identifier can be a map key. The zero
// Identifier equals nobody's.
//
// It redacts itself: every verb of package fmt, both handlers of log/slog and
// the encoders of text and JSON give "[redacted]". [Identifier.Reveal] is the
// only way out. It is safe for concurrent use.
type Identifier struct {
	kind Kind

	// normal is a handle, not a string, because fmt prints the fields of a
	// value by reflection, past its Format method, where that value is an
	// unexported field of something else or the verb is %p. What it finds here
	// is a pointer.
	normal unique.Handle[string]
}

// Parse returns the identifier that the text stands for as a whole.
// What is neither an address nor a GUID ("*", "alice", "contoso.com", "") is
// [ErrIdentifier]; a replacement that anonymization left (see [IsReplacement])
// is [ErrReplacement], because it stands for nobody. The error does not hold
// the text, and the Identifier beside it is zero.
func Parse(text string) (Identifier, error) {
	normal := AppendNormal(nil, []byte(text))
	if IsReplacement(normal) {
		return Identifier{}, ErrReplacement
	}
	kind := Address
	switch {
	case isGUID(normal):
		kind = ObjectID
	case !isAddress(normal):
		return Identifier{}, ErrIdentifier
	}
	return Identifier{kind, unique.Make(string(normal))}, nil
}

// Kind returns what the identifier is, and 0 for the zero Identifier.
func (id Identifier) Kind() Kind { return id.kind }

// IsZero reports whether the identifier is the zero Identifier.
func (id Identifier) IsZero() bool { return id == Identifier{} }

// Reveal returns the identifier in its normal form, and "" for the zero
// Identifier. Whoever calls it takes care of where the text goes.
func (id Identifier) Reveal() string {
	if id.IsZero() {
		return ""
	}
	return id.normal.Value()
}

// String returns "[redacted]".
func (id Identifier) String() string { return identifierText }

// GoString returns "[redacted]".
func (id Identifier) GoString() string { return identifierText }

// Format writes "[redacted]", whatever the verb and its flags are.
func (id Identifier) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, identifierText) // fmt keeps what it writes in memory
}

// LogValue returns "[redacted]".
func (id Identifier) LogValue() slog.Value { return slog.StringValue(identifierText) }

// MarshalText returns "[redacted]".
func (id Identifier) MarshalText() ([]byte, error) { return []byte(identifierText), nil }

// MarshalJSON returns "[redacted]" as a JSON string.
func (id Identifier) MarshalJSON() ([]byte, error) { return []byte(`"` + identifierText + `"`), nil }

// UnmarshalText does what [Parse] does, so that configuration files
// can hold identifiers. The redacted text is [ErrRedacted]: what was marshalled
// is gone. On an error the identifier stays as it was.
func (id *Identifier) UnmarshalText(text []byte) error {
	if string(text) == identifierText {
		return ErrRedacted
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// UnmarshalJSON does what [Identifier.UnmarshalText] does with a JSON string.
// Anything else, null included, is [ErrIdentifier].
func (id *Identifier) UnmarshalJSON(data []byte) error {
	var text *string
	if json.Unmarshal(data, &text) != nil || text == nil {
		return ErrIdentifier // the error of package json could hold the text
	}
	return id.UnmarshalText([]byte(*text))
}

// AppendNormal appends the normal form of the value to dst and returns it. This
// is the one rule by which identifiers, ARM IDs and the parts of keys are
// equal:
//
//   - blanks (White_Space of Unicode) and characters without width (U+180E,
//     U+200B to U+200F, U+202A to U+202E, U+2060 to U+2064, U+2066 to U+2069,
//     U+FEFF) go from both ends;
//   - the rest is composed (NFC), lower-cased without regard to language or
//     place in the word, and composed again;
//   - what is then a GUID as a whole, with or without hyphens or braces, is
//     written with hyphens and without braces.
//
// The form of a form is the form itself. Letters that agree only under full
// case folding or by compatibility (ſ and s, ß and ss, full-width letters)
// stay apart: see [Near]. A value in ASCII costs no allocation beyond dst.
// The value must not overlap the free part of dst.
func AppendNormal(dst, value []byte) []byte {
	value = trimBlanks(value)
	start := len(dst)
	dst, ascii := swar.AppendLower(dst, value)
	if !ascii {
		return append(dst[:start], normalNonASCII(value)...)
	}
	switch len(value) {
	case 32, 34, 38: // a GUID of 36 characters is in lower case now
		if isGUID(value) {
			return appendGUID(dst[:start], value)
		}
	}
	return dst
}

// Normal returns the normal form of the value; see [AppendNormal].
func Normal(value string) string {
	return string(AppendNormal(nil, []byte(value)))
}

// lowerCasers holds what cases.Lower returns, which takes long to make and
// must not be shared between goroutines.
var lowerCasers = sync.Pool{New: func() any {
	caser := cases.Lower(language.Und, cases.HandleFinalSigma(false))
	return &caser
}}

// normalNonASCII returns the normal form of a trimmed value that is not all
// ASCII, and so is no GUID: nothing that NFC or lower case turns into a hex
// digit, a hyphen or a brace is not one already.
func normalNonASCII(value []byte) []byte {
	caser := lowerCasers.Get().(*cases.Caser)
	defer lowerCasers.Put(caser)
	return norm.NFC.Bytes(caser.Bytes(norm.NFC.Bytes(value)))
}

// trimBlanks returns the value without the blanks and zero-width characters at
// its ends.
func trimBlanks(value []byte) []byte {
	if n := len(value); n > 0 && isSeen(value[0]) && isSeen(value[n-1]) {
		return value
	}
	for len(value) > 0 {
		r, size := utf8.DecodeRune(value)
		if !isBlank(r) {
			break
		}
		value = value[size:]
	}
	for len(value) > 0 {
		r, size := utf8.DecodeLastRune(value)
		if !isBlank(r) {
			break
		}
		value = value[:len(value)-size]
	}
	return value
}

// isSeen reports whether a byte is a character of ASCII that is no blank.
func isSeen(c byte) bool { return ' ' < c && c < utf8.RuneSelf }

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

// isHex reports whether a byte is a hexadecimal digit.
func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// isGUID reports whether the value is, as a whole, 32 hexadecimal digits, with
// or without hyphens after 8, 12, 16 and 20 of them, with or without braces.
func isGUID(value []byte) bool {
	if n := len(value); (n == 34 || n == 38) && value[0] == '{' && value[n-1] == '}' {
		value = value[1 : n-1]
	}
	switch len(value) {
	case 32:
		for _, c := range value {
			if !isHex(c) {
				return false
			}
		}
		return true
	case 36:
		for i, c := range value {
			if i == 8 || i == 13 || i == 18 || i == 23 {
				if c != '-' {
					return false
				}
			} else if !isHex(c) {
				return false
			}
		}
		return true
	}
	return false
}

// appendGUID appends the digits of a GUID in lower case, with hyphens.
func appendGUID(dst, value []byte) []byte {
	digits := 0
	for _, c := range value {
		if !isHex(c) {
			continue
		}
		switch digits {
		case 8, 12, 16, 20:
			dst = append(dst, '-')
		}
		dst = append(dst, swar.LowerASCII(c))
		digits++
	}
	return dst
}
