package identity

import (
	"bytes"
	"encoding/hex"
	"strings"

	"github.com/labdsr/labdsr/csvschema/internal/guids"
	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// The constant replacements. A replacement is valid for its column, and
// [IsReplacement] recognizes it, so that a second anonymization does not change it and
// nobody is ever found by it.
const (
	// ReplacementAddress replaces an e-mail address. RFC 2606 reserves the top-level
	// domain .invalid, so no person can have such an address.
	ReplacementAddress = "removed@" + anonymizedDomain

	// ReplacementObjectID replaces an object ID. It is a UUID of version 8, which
	// RFC 9562 leaves to private use. Directories assign random object IDs of version
	// 4, so none of them equals it. Its first six bytes are "anonym" in ASCII.
	ReplacementObjectID = replacementGUIDPrefix + "000-8000-000000000000"
)

// A ReplacementKind says what a replacement reveals.
type ReplacementKind uint8

// The kinds of replacement.
const (
	// ConstantReplacement is the same for everybody and reveals nothing.
	ConstantReplacement ReplacementKind = iota + 1
	// TokenReplacement ("t-…") is the same for one identifier within one run.
	TokenReplacement
	// PseudonymReplacement ("p-…") is the same for one identifier for ever, and the
	// holder of the key can tell whose it is.
	PseudonymReplacement
)

// String returns "constant", "token", "pseudonym", and "" for any other value.
func (k ReplacementKind) String() string {
	switch k {
	case ConstantReplacement:
		return "constant"
	case TokenReplacement:
		return "token"
	case PseudonymReplacement:
		return "pseudonym"
	}
	return ""
}

// MarshalText returns the same as String.
func (k ReplacementKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what MarshalText returns. The error is [ErrReplacementKind] for
// any other text, and the kind does not change then.
func (k *ReplacementKind) UnmarshalText(text []byte) error {
	for kind := ConstantReplacement; kind <= PseudonymReplacement; kind++ {
		if kind.String() == string(text) {
			*k = kind
			return nil
		}
	}
	return ErrReplacementKind
}

const (
	anonymizedDomain = "anonymized.invalid" // of every replacement of an address

	// replacementGUIDPrefix begins every UUID that is a replacement. Its last digit
	// is the version; the digit after it marks the kind.
	replacementGUIDPrefix = "616e6f6e-796d-8"

	tokenDigits = 32                                                  // hexadecimal digits of a token or pseudonym
	tokenLength = len("t-") + tokenDigits + len("@"+anonymizedDomain) // of the longest replacement

	// The marks of the kinds: the letter that begins the local part, and the digit
	// after the version of a UUID. A UUID with another digit there is a constant:
	// a later release may have left it.
	tokenLetter, tokenDigit         = 't', '1'
	pseudonymLetter, pseudonymDigit = 'p', '2'
)

// IsReplacement reports whether the whole text is a replacement, by its normal form
// (see [AppendNormal]): [ReplacementAddress]; "t-" or "p-" and 32 hexadecimal digits
// at the same domain, anonymized.invalid; or a UUID of version 8 that begins like
// [ReplacementObjectID]. A text that only contains a replacement is none. It does not
// allocate.
func IsReplacement(text []byte) bool { return ReplacementKindOf(text) != 0 }

// ReplacementKindOf returns the kind of a replacement, and 0 if [IsReplacement] is
// false for the text. It does not allocate.
func ReplacementKindOf(text []byte) ReplacementKind {
	text = trimBlanks(text)
	if len(text) > tokenLength || !swar.IsASCII(text) {
		return 0 // it has not the normal form of any replacement
	}
	var buf [tokenLength]byte
	normal := AppendNormal(buf[:0], text)
	if bytes.HasPrefix(normal, []byte(replacementGUIDPrefix)) && guids.Is(normal) {
		return replacementKindOfGUID(normal)
	}
	local, domain, found := bytes.Cut(normal, []byte("@"))
	if !found || string(domain) != anonymizedDomain {
		return 0
	}
	if string(local) == strings.TrimSuffix(ReplacementAddress, "@"+anonymizedDomain) {
		return ConstantReplacement
	}
	if len(local) != 2+tokenDigits || local[1] != '-' {
		return 0
	}
	for _, c := range local[2:] {
		if !swar.IsHex(c) {
			return 0
		}
	}
	switch local[0] {
	case tokenLetter:
		return TokenReplacement
	case pseudonymLetter:
		return PseudonymReplacement
	}
	return 0
}

// replacementKindOfGUID is ReplacementKindOf for a GUID in normal form. A GUID is a
// replacement by its prefix, version 8, and the variant of RFC 9562 (the two bits 10).
func replacementKindOfGUID(normal []byte) ReplacementKind {
	switch {
	case string(normal[:len(replacementGUIDPrefix)]) != replacementGUIDPrefix,
		bytes.IndexByte([]byte("89ab"), normal[19]) < 0:
		return 0
	case normal[len(replacementGUIDPrefix)] == tokenDigit:
		return TokenReplacement
	case normal[len(replacementGUIDPrefix)] == pseudonymDigit:
		return PseudonymReplacement
	}
	return ConstantReplacement
}

// AppendReplacement appends, for package anonymize, a replacement of the given kind for an
// address, or else an object ID, to dst and returns the extended buffer. Of sum, the first
// 16 bytes identify a token or pseudonym for an address, and 70 bits of the last 16 bytes
// one for an object ID. A constant does not depend on sum.
func AppendReplacement(dst []byte, kind ReplacementKind, isAddress bool, sum *[32]byte) []byte {
	if isAddress {
		return appendReplacementAddress(dst, kind, sum)
	}
	return appendReplacementObjectID(dst, kind, sum)
}

func appendReplacementAddress(dst []byte, kind ReplacementKind, sum *[32]byte) []byte {
	switch kind {
	case TokenReplacement:
		dst = append(dst, tokenLetter, '-')
	case PseudonymReplacement:
		dst = append(dst, pseudonymLetter, '-')
	case ConstantReplacement:
		fallthrough
	default:
		return append(dst, ReplacementAddress...)
	}
	dst = hex.AppendEncode(dst, sum[:tokenDigits/2])
	return append(dst, "@"+anonymizedDomain...)
}

func appendReplacementObjectID(dst []byte, kind ReplacementKind, sum *[32]byte) []byte {
	digit := byte(tokenDigit)
	switch kind {
	case TokenReplacement:
	case PseudonymReplacement:
		digit = pseudonymDigit
	case ConstantReplacement:
		fallthrough
	default:
		return append(dst, ReplacementObjectID...)
	}
	var digits [32]byte
	hex.Encode(digits[:], sum[16:])
	dst = append(dst, replacementGUIDPrefix...)
	dst = append(append(dst, digit), digits[:2]...)
	dst = append(dst, '-', "89ab"[sum[17]>>6]) // the variant of RFC 9562
	dst = append(append(dst, digits[4:7]...), '-')
	return append(dst, digits[7:19]...)
}
