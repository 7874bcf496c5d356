package identity

import (
	"bytes"
	"encoding/hex"
	"strings"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// What anonymization leaves in the place of an identifier. A replacement is
// valid for its column and is recognised by [IsReplacement], so that a second
// run leaves it alone and nobody is ever found by it.
const (
	// AnonymizedDomain is the domain of every replacement of an address. The
	// top-level domain .invalid is reserved by RFC 2606: no such address can
	// ever be delivered to, or be given to a person.
	AnonymizedDomain = "anonymized.invalid"

	// ReplacementAddress stands in the place of an e-mail address.
	ReplacementAddress = "removed@" + AnonymizedDomain

	// ReplacementObjectID stands in the place of an object ID. It is a UUID of
	// version 8, which RFC 9562 leaves to private schemes: directories give
	// random object IDs of version 4, which no value of version 8 can equal.
	// Its first six bytes are "anonym" in ASCII.
	ReplacementObjectID = replacementGUIDPrefix + "000-8000-000000000000"
)

const (
	// replacementGUIDPrefix begins every UUID that is reserved for
	// replacements; the last digit is the version, and the next one says of which
	// kind the replacement is.
	replacementGUIDPrefix = "616e6f6e-796d-8"

	tokenDigits = 32                                                  // hexadecimal digits of a token or pseudonym
	tokenLength = len("t-") + tokenDigits + len("@"+AnonymizedDomain) // the longest replacement
)

// A ReplacementKind says what a replacement tells whoever reads it.
type ReplacementKind uint8

// The kinds of replacement.
const (
	ConstantReplacement  ReplacementKind = iota + 1 // the same for all, "removed@…": tells nothing
	TokenReplacement                                // "t-" and 32 hexadecimal digits at AnonymizedDomain: the same person in one run
	PseudonymReplacement                            // "p-" and as many: the same person for ever, to whoever has the key
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

// UnmarshalText reads what MarshalText returns. Anything else is [ErrReplacementKind].
func (k *ReplacementKind) UnmarshalText(text []byte) error {
	for kind := ConstantReplacement; kind <= PseudonymReplacement; kind++ {
		if kind.String() == string(text) {
			*k = kind
			return nil
		}
	}
	return ErrReplacementKind
}

// Marks of the kinds: the local part begins with the one, the digit behind the
// version of a UUID is the other. A UUID with any other digit there was left by
// something that is not known yet, and counts as a constant.
const (
	tokenLetter, tokenDigit         = 't', '1'
	pseudonymLetter, pseudonymDigit = 'p', '2'
)

// IsReplacement reports whether the value as a whole is a replacement of ours,
// by its normal form (see [AppendNormal]): [ReplacementAddress]; "t-" or "p-"
// and 32 hexadecimal digits at [AnonymizedDomain]; or an object ID of version 8
// that begins like [ReplacementObjectID]. What only contains a replacement is
// none. It does not allocate.
func IsReplacement(value []byte) bool { return ReplacementKindOf(value) != 0 }

// ReplacementKindOf returns the kind of a value that [IsReplacement], and 0 for
// every other. It does not allocate.
func ReplacementKindOf(value []byte) ReplacementKind {
	value = trimBlanks(value)
	if len(value) > tokenLength || !swar.IsASCII(value) {
		return 0 // the normal form of nothing else is ASCII and this short
	}
	var buf [tokenLength]byte
	normal := AppendNormal(buf[:0], value)
	if isGUID(normal) {
		return replacementKindOfGUID(normal)
	}
	local, domain, found := bytes.Cut(normal, []byte("@"))
	if !found || string(domain) != AnonymizedDomain {
		return 0
	}
	if string(local) == strings.TrimSuffix(ReplacementAddress, "@"+AnonymizedDomain) {
		return ConstantReplacement
	}
	if len(local) != 2+tokenDigits || local[1] != '-' {
		return 0
	}
	for _, c := range local[2:] {
		if !isHex(c) {
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

// replacementKindOfGUID is ReplacementKindOf for a GUID in normal form. One is
// reserved for replacements by its prefix, version 8, and the variant of RFC 9562
// (the two bits 10).
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

// isReplacementGUID reports whether a GUID in normal form is reserved for
// replacements.
func isReplacementGUID(normal []byte) bool { return replacementKindOfGUID(normal) != 0 }

// AppendReplacementAddress appends the replacement of the kind that stands for an
// address; the first 16 bytes of sum say which token or pseudonym, and are of no
// matter to a constant.
func AppendReplacementAddress(dst []byte, kind ReplacementKind, sum *[32]byte) []byte {
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
	return append(dst, "@"+AnonymizedDomain...)
}

// AppendReplacementObjectID is [AppendReplacementAddress] for an object ID. Of sum
// it takes 70 bits of the last 16 bytes.
func AppendReplacementObjectID(dst []byte, kind ReplacementKind, sum *[32]byte) []byte {
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
