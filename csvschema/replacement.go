package csvschema

import (
	"bytes"
	"strings"
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
	// replacements; the last digit is the version.
	replacementGUIDPrefix = "616e6f6e-796d-8"

	tokenDigits = 32                                                  // hexadecimal digits of a token or pseudonym
	tokenLength = len("t-") + tokenDigits + len("@"+AnonymizedDomain) // the longest replacement
)

// IsReplacement reports whether the value as a whole is a replacement of ours,
// by its normal form (see [AppendNormal]): [ReplacementAddress]; "t-" or "p-"
// and 32 hexadecimal digits at [AnonymizedDomain]; or an object ID of version 8
// that begins like [ReplacementObjectID]. What only contains a replacement is
// none. It does not allocate.
func IsReplacement(value []byte) bool {
	value = trimBlanks(value)
	if len(value) > tokenLength || !isASCII(value) {
		return false // the normal form of nothing else is ASCII and this short
	}
	var buf [tokenLength]byte
	normal := AppendNormal(buf[:0], value)
	if isGUID(normal) {
		return isReplacementGUID(normal)
	}
	local, domain, found := bytes.Cut(normal, []byte("@"))
	if !found || string(domain) != AnonymizedDomain {
		return false
	}
	if string(local) == strings.TrimSuffix(ReplacementAddress, "@"+AnonymizedDomain) {
		return true
	}
	if len(local) != 2+tokenDigits || local[0] != 't' && local[0] != 'p' || local[1] != '-' {
		return false
	}
	for _, c := range local[2:] {
		if !isHex(c) {
			return false
		}
	}
	return true
}

// isReplacementGUID reports whether a GUID in normal form is one of those
// reserved for replacements: prefix, version 8, and the variant of RFC 9562
// (the two bits 10).
func isReplacementGUID(normal []byte) bool {
	return string(normal[:len(replacementGUIDPrefix)]) == replacementGUIDPrefix &&
		bytes.IndexByte([]byte("89ab"), normal[19]) >= 0
}
