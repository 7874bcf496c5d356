package identity

import (
	"bytes"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
	"github.com/labdsr/labdsr/csvschema/internal/guids"
	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// AppendARM appends the normal form of an ARM ID, such as a ResourceId, to dst and
// returns the extended buffer. Two IDs are of one resource exactly when their normal
// forms are equal. The normal form is made in five steps:
//
//   - Percent-escapes of UTF-8 are decoded, those that this makes too, and slashes that
//     are escaped as in JSON or HTML.
//   - A query that begins with the version of the API is removed.
//   - The scheme and the host of a URL ("https://management.azure.com") are removed, and
//     the host alone before "subscriptions".
//   - Several slashes in a row become one; blanks, slashes and pairs of quotes are removed
//     from both ends.
//   - The rest is brought into the form of [AppendNormal].
//
// So "/subscriptions/S/" and "https://management.azure.com//Subscriptions/%73" are both
// "subscriptions/s". The normal form of a normal form is the same text. It is for
// comparison: in a percent-encoded segment it does not tell a slash from one that
// separates segments. A text in ASCII causes no allocation if dst has room for it. The
// text must not overlap the free part of dst.
func AppendARM(dst, id []byte) []byte {
	start := len(dst)
	// Of what nearly all IDs are, the first slash alone is to be trimmed, and they are
	// neither a GUID nor a SID and have no host.
	if n := len(id); n > len("/"+root) && id[0] == '/' && id[n-1] != '/' && id[n-1] > ' ' && !mayBeDecoded(id) {
		var plain bool
		if dst, plain = swar.AppendLowerPath(dst, id[1:]); plain && string(dst[start:start+len(root)]) == root {
			return dst
		}
		dst = dst[:start]
	}
	if isPlainARM(id) {
		return withoutHost(AppendNormal(dst, trimARM(id)), start)
	}
	dst = escape.AppendPercentDecoded(dst, id)
	decoded := dst[start:]
	if !swar.IsASCII(decoded) {
		decoded = AppendNormal(nil, decoded) // which can make ASCII
	}
	path := trimARM(plainSlashes(decoded))
	path = trimARM(afterHost(trimARM(withoutVersion(path))))
	n := 0
	for i, c := range path {
		if c != '/' || path[i-1] != '/' { // the path does not begin with a slash
			decoded[n] = c
			n++
		}
	}
	if path = decoded[:n]; !swar.IsASCII(path) || guids.Is(path) {
		return withoutHost(append(dst[:start], AppendNormal(nil, path)...), start)
	}
	dst = dst[:start]
	for _, c := range path {
		dst = append(dst, swar.LowerASCII(c))
	}
	return withoutHost(dst, start)
}

const root = "subscriptions/" // how the normal forms of nearly all ARM IDs begin

// isPlainARM reports whether an ID has nothing to be decoded or removed within.
func isPlainARM(id []byte) bool { return !mayBeDecoded(id) && swar.IndexPair(id, 0, '/', 1) < 0 }

// mayBeDecoded reports whether an ID may hold an escape or a query.
func mayBeDecoded(id []byte) bool {
	for _, c := range []byte(`%\&?`) {
		if bytes.IndexByte(id, c) >= 0 {
			return true
		}
	}
	return false
}

// trimARM removes blanks, slashes and pairs of quotes from both ends.
func trimARM(id []byte) []byte {
	for {
		id = trimSegment(id)
		last := len(id) - 1
		if last < 1 || id[0] != id[last] || id[0] != '"' && id[0] != '\'' {
			return id
		}
		id = id[1:last]
	}
}

// plainSlashes replaces the slashes that are escaped as in JSON or HTML, in place.
func plainSlashes(text []byte) []byte {
	n := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '&' {
			for _, entity := range []string{"&#47;", "&#x2f;", "&sol;"} {
				if rest := text[i:]; len(rest) >= len(entity) && bytes.EqualFold(rest[:len(entity)], []byte(entity)) {
					c, i = '/', i+len(entity)-1
					break
				}
			}
		}
		for c == '/' && n > 0 && text[n-1] == '\\' {
			n--
		}
		text[n] = c
		n++
	}
	return text[:n]
}

// withoutVersion removes a query that begins with the version of the API. Any other may
// be part of a name.
func withoutVersion(id []byte) []byte {
	const query = "?api-version="
	for i, c := range id {
		if c == '?' && len(id)-i >= len(query) && bytes.EqualFold(id[i:i+len(query)], []byte(query)) {
			return id[:i]
		}
	}
	return id
}

// withoutHost removes a host without a scheme from the normal form that begins at start.
func withoutHost(dst []byte, start int) []byte {
	host, path, _ := bytes.Cut(dst[start:], []byte("/"))
	isHost := bytes.IndexByte(host, '.') > 0 && len(bytes.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789.-:")) == 0
	if isHost && bytes.HasPrefix(path, []byte("subscriptions/")) {
		return append(dst[:start], path...)
	}
	return dst
}

// afterHost returns what follows the scheme and the host of a URL, and a text that is no
// URL as it is.
func afterHost(text []byte) []byte {
	scheme, rest, found := bytes.Cut(text, []byte("://"))
	if !found || !bytes.EqualFold(scheme, []byte("https")) && !bytes.EqualFold(scheme, []byte("http")) {
		return text
	}
	if slash := bytes.IndexByte(rest, '/'); slash >= 0 {
		return rest[slash:]
	}
	return nil
}
