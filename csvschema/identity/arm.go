package identity

import (
	"bytes"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
	"github.com/labdsr/labdsr/csvschema/internal/guids"
	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// AppendARM appends the normal form of an ARM ID, such as a ResourceId, to dst and
// returns the extended buffer. Two IDs are of one resource exactly when their normal
// forms are equal. The normal form is made in four steps:
//
//   - Percent-escapes of UTF-8 are decoded, those that this makes too.
//   - The scheme and the host of a URL ("https://management.azure.com") are removed.
//   - Several slashes in a row become one; blanks and slashes are removed from both
//     ends.
//   - The rest is brought into the form of [AppendNormal].
//
// So "/subscriptions/S/" and "https://management.azure.com//Subscriptions/%73" are both
// "subscriptions/s". The normal form of a normal form is the same text. It is for
// comparison: in a percent-encoded segment it does not tell a slash from one that
// separates segments. A text in ASCII causes no allocation if dst has room for it. The
// text must not overlap the free part of dst.
func AppendARM(dst, id []byte) []byte {
	if bytes.IndexByte(id, '%') < 0 && swar.IndexPair(id, 0, '/', 1) < 0 {
		return AppendNormal(dst, trimSegment(id))
	}
	start := len(dst)
	dst = escape.AppendPercentDecoded(dst, id)
	decoded := dst[start:]
	path := trimSegment(afterHost(trimSegment(decoded)))
	n := 0
	for i, c := range path {
		if c != '/' || path[i-1] != '/' { // the path does not begin with a slash
			decoded[n] = c
			n++
		}
	}
	if path = decoded[:n]; !swar.IsASCII(path) || guids.Is(path) {
		return append(dst[:start], AppendNormal(nil, path)...)
	}
	for i, c := range path {
		path[i] = swar.LowerASCII(c)
	}
	return dst[:start+n]
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
