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
	if dst, usual := appendUsualARM(dst, id); usual {
		return dst
	}
	if !mayBeDecoded(id) && swar.IndexPair(id, 0, '/', 1) < 0 { // nothing within it is removed
		return withoutHost(AppendNormal(dst, trimARM(id)), start)
	}
	dst = escape.AppendPercentDecoded(dst, id)
	decoded := dst[start:]
	if !swar.IsASCII(decoded) {
		decoded = AppendNormal(nil, decoded) // which can make ASCII
	}
	path := trimARM(escape.PlainSlashes(decoded))
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

// appendUsualARM appends the normal form of an ID that is as nearly all are, and reports
// whether it is: the first slash alone is removed, and the rest is made lower case.
func appendUsualARM(dst, id []byte) (_ []byte, usual bool) {
	if len(id) <= len("/"+root) || id[0] != '/' || !isEndOfUsualARM(id[len(id)-1]) {
		return dst, false
	}
	start := len(dst)
	all, plain := swar.AppendLowerPath(dst, id[1:])
	if !plain || string(all[start:start+len(root)]) != root {
		return dst, false
	}
	return all, true
}

func isEndOfUsualARM(last byte) bool { return last > ' ' && last != '/' }

// ARMForms returns a function that does what [AppendARM] does, for one ID after the other. Of
// an ID in the same folder as the one before it, as those of one lab are, it looks only at the
// name. It also returns where the last segment of the form begins in the extended buffer, and
// whether the form before that is known to be that of the call before. It holds one ID. Only
// one goroutine may use it.
func ARMForms() func(dst, id []byte) (form []byte, last int, repeats bool) {
	return new(armForms).append
}

type armForms struct {
	folder, form []byte // of the last usual ID, up to the last slash, and its form
}

const maxARMForm = 1 << 10 // the longest ID that armForms holds

// append does what the function of ARMForms does.
func (f *armForms) append(dst, id []byte) (_ []byte, last int, repeats bool) {
	start := len(dst)
	if name, found := bytes.CutPrefix(id, f.folder); found && len(f.folder) > 0 && len(name) > 0 && isEndOfUsualARM(id[len(id)-1]) {
		dst = append(dst, f.form...)
		if all, plain := swar.AppendLowerPath(dst, name); plain && bytes.IndexByte(name, '/') < 0 {
			return all, len(dst), true
		}
	}
	dst, usual := appendUsualARM(dst[:start], id)
	if f.folder = f.folder[:0]; !usual {
		dst = AppendARM(dst, id)
	}
	last = start + bytes.LastIndexByte(dst[start:], '/') + 1
	if usual && len(id) <= maxARMForm {
		f.form = append(f.form[:0], dst[start:last]...)
		f.folder = append(f.folder, id[:1+len(f.form)]...) // with the first slash
	}
	return dst, last, false
}

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
