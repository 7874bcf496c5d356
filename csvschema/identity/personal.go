package identity

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/guids"
	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// NOTE: how personal folders are found.
//
// SharePoint names the folder of an account after its address, with an underscore for what
// is no letter or digit: /personal/alice_b_contoso_com. The name does not tell the address:
// an underscore may have been any such character, and a hyphen may be kept. So it is a user
// segment by its form, and an occurrence of every address that it may be made of.

const personal = "personal" // the parent of all personal folders in SharePoint, in lower case

// hasPersonal reports whether a text may hold a personal folder. The slashes around it may
// differ.
func hasPersonal(text []byte) bool {
	const apart = len(personal) + 1
	has := swar.IndexPair(text, 0, '/', apart) >= 0 || len(text) > len(personal) && isSlash(text[len(personal)])
	if !has && bytes.IndexByte(text, '\\') >= 0 {
		for i := apart; i < len(text) && !has; i++ {
			has = isSlash(text[i]) && isSlash(text[i-apart])
		}
	}
	return has
}

// mayHoldPersonal reports whether a text may hold the name of a personal folder, or a user
// of a path with backslashes.
func mayHoldPersonal(text []byte) bool {
	return bytes.IndexByte(text, '_') >= 0 && hasPersonal(text) || bytes.IndexByte(text, '\\') >= 0 && swar.IndexPair(text, 0, '\\', len(usersSegment)) >= 0
}

func isSlash(c byte) bool { return c == '/' || c == '\\' }

// appendPersonal appends the spans of the personal folders of an address. SharePoint
// names them after the address, with an underscore for what is no letter or digit.
func (c *canonicalText) appendPersonal(dst []Span, address []byte) []Span {
	for i := 0; ; {
		n := bytes.Index(c.text[i:], []byte(personal))
		if n < 0 {
			return dst
		}
		before := i + n
		i = before + len(personal)
		start := i
		for start < len(c.text) && isSlash(c.text[start]) {
			start++
		}
		end := start + len(address)
		if start == i || before > 0 && !isSlash(c.text[before-1]) || end > len(c.text) || !endsFolder(c.text, end) {
			continue
		}
		same := true
		for k, a := range address {
			r := c.text[start+k]
			same = same && (r == a || r == '_' && !isLetterOrDigit(rune(a)))
		}
		if same {
			dst = append(dst, c.span(start, end, TextSpan))
		}
	}
}

// endsFolder reports whether the name of a folder in a path or URL ends before text[i]. A
// dot is the end of a sentence if no letter or digit is after it.
func endsFolder(text []byte, i int) bool {
	if i == len(text) {
		return true
	}
	if text[i] == '.' {
		after, _ := utf8.DecodeRune(text[i+1:])
		return !isLetterOrDigit(after)
	}
	return endsSegment[text[i]] || bytes.IndexByte([]byte(" '),:;&|]}"), text[i]) >= 0
}

// appendPersonalUsers adds to dst[first:], which is sorted, the names of all personal folders
// and the users of paths with backslashes in the view, and reports whether there is one.
func appendPersonalUsers(dst []Span, first int, view []byte) (_ []Span, found bool) {
	n := len(dst)
	for start, end := nextPersonal(view, 0); start >= 0; start, end = nextPersonal(view, end) {
		dst = append(dst, Span{start, end, UserSpan})
	}
	for start, end := nextBackslashUser(view, 0); start >= 0; start, end = nextBackslashUser(view, end) {
		dst = append(dst, Span{start, end, UserSpan})
	}
	if len(dst) == n {
		return dst, false
	}
	return mergeSpans(dst, first), true
}

// nextPersonal returns the place of the first name of a personal folder from view[i:] on; -1
// if there is none.
func nextPersonal(view []byte, i int) (start, end int) {
	if bytes.IndexByte(view[i:], '_') < 0 {
		return -1, -1
	}
	for ; i+len(personal) < len(view); i++ {
		start = i + len(personal)
		if view[i]|0x20 != personal[0] || !isSlash(view[start]) || i > 0 && !isSlash(view[i-1]) || !bytes.EqualFold(view[i:start], []byte(personal)) {
			continue
		}
		for start < len(view) && isSlash(view[start]) {
			start++
		}
		end = start
		for end < len(view) && (view[end] == '_' || view[end] == '-' || isAlphanumeric(view[end]) || view[end] >= utf8.RuneSelf) {
			end++
		}
		if name := view[start:end]; endsFolder(view, end) && isPersonalName(name) {
			return start, end
		}
	}
	return -1, -1
}

// nextBackslashUser returns the place of the first object ID that is the x of \users\{x} from
// view[i:] on; -1 if there is none. Windows joins the parts of paths with backslashes. Other
// names there are those of accounts of a machine.
func nextBackslashUser(view []byte, i int) (start, end int) {
	for {
		at := swar.IndexPair(view, i, '\\', len(usersSegment))
		if at < 0 {
			return -1, -1
		}
		i = at + len(usersSegment)
		if !bytes.EqualFold(view[at+1:i], []byte(usersSegment[:len(usersSegment)-1])) {
			i = at + 1
			continue
		}
		for start = i; start < len(view) && view[start] == '\\'; {
			start++
		}
		for end = start; end < len(view) && !endsSegment[view[end]]; {
			end++
		}
		if guids.Is(view[start:end]) {
			return start, end
		}
		i = max(i, end-1)
	}
}

// isPersonalName reports whether a name has the form of a local part, a label and a
// top-level domain, with underscores between them.
func isPersonalName(name []byte) bool {
	last := bytes.LastIndexByte(name, '_')
	if last < 0 || len(name)-last <= 2 || bytes.IndexByte(name[:last], '_') <= 0 {
		return false
	}
	for _, c := range name[last+1:] {
		if c < utf8.RuneSelf && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}

// folderName returns the name of the personal folder of an address, with underscores for
// hyphens, too.
func folderName(address string) string {
	return strings.Map(func(r rune) rune {
		if isLetterOrDigit(r) || unicode.IsMark(r) {
			return r
		}
		return '_'
	}, address)
}

func isAlphanumeric(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z' }
