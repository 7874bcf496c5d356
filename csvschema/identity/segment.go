package identity

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema/internal/escape"
	"github.com/labdsr/labdsr/csvschema/internal/guids"
	"github.com/labdsr/labdsr/csvschema/internal/mailbox"
	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// NOTE: how user segments are found.
//
// Services join the parts of paths and URLs in several ways, and these name one user:
//
//	/labs/l/users/{x}/disks/d        /labs/l/users//{x}/        users/{x}/disks/d
//	…/v1.0/users('{x}')/manager      …/v1.0/users(id="{x}")
//
// In the last two, of OData, a quotation mark in x is doubled, and x may hold a slash. Such
// segments are looked for apart: what is between the quotation marks is known to end there,
// while an apostrophe is also a character of a local part. Their spans are settled (see
// settle.go). A GUID needs no quotation marks there, or has a word before them: users({x}),
// users(guid'{x}').

// UserSegments appends to dst the decoded user segments that [Finder.Find] finds in the
// cell, without blanks and slashes at their ends, and returns the extended slice: in
// order, but those of OData after the others. A span of Find may hold a user segment
// and more; this is the segment alone. Each one is a part of the cell or of a buffer of
// the Finder. So it is valid while the cell is, and until the next call of any method.
func (f *Finder) UserSegments(dst [][]byte, cell []byte) [][]byte {
	f.ready()
	view, from := cell, []int(nil)
	marks := escape.MarksOf(cell)
	if marks.HasEscape(cell) {
		view, from = f.decoder.Decode(cell)
		marks = escape.MarksOf(view)
	}
	for start, end, next := nextSegment(cell, view, from, 0); next >= 0; start, end, next = nextSegment(cell, view, from, next) {
		dst = append(dst, trimSegment(view[start:end]))
	}
	f.unquoted = f.unquoted[:0]
	for u, found := nextQuotedUser(view, 0); found; u, found = nextQuotedUser(view, u.end) {
		x := trimSegment(view[u.start:u.end])
		if len(x) == 0 || isMe(x) {
			continue
		}
		if u.quote != 0 && bytes.IndexByte(x, u.quote) >= 0 {
			n := len(f.unquoted)
			f.unquoted = appendUnquoted(f.unquoted, x, u.quote)
			x = f.unquoted[n:]
		}
		dst = append(dst, x)
	}
	for start, end := nextPersonal(view, 0); start >= 0; start, end = nextPersonal(view, end) {
		dst = append(dst, view[start:end])
	}
	if marks.Has(escape.Backslash) {
		for start, end := nextBackslashUser(view, 0); start >= 0; start, end = nextBackslashUser(view, end) {
			dst = append(dst, view[start:end])
		}
	}
	return dst
}

// mergeSegments is mergeSpans for spans of which some are user segments. A user
// segment that was merged with an address grows to the next end of a segment:
// otherwise its replacement and the rest would be another user segment. If isOdd, a number
// sign ends one, and the replacement of an address after it may make it longer.
func mergeSegments(dst []Span, first int, cell, view []byte, from []int) (_ []Span, isOdd bool) {
	grow := func(s *Span) {
		if s.Kind == UserSpan {
			s.End = segmentEnd(cell, view, from, s.Start, s.End)
		}
	}
	dst = mergeSpans(dst, first)
	merged := dst[:first]
	for _, span := range dst[first:] {
		grow(&span)
		merged = appendSpan(merged, first, span)
		grow(&merged[len(merged)-1])
	}
	for _, s := range merged[first:] {
		isOdd = isOdd || s.Kind == UserSpan && s.End < len(view) && view[s.End] == '#'
	}
	return merged, isOdd
}

const usersSegment = "users/" // what follows a slash, in lower case

// isUsers reports whether the text begins with "users/" in any case, with something
// after it.
func isUsers(text []byte) bool {
	return len(text) > len(usersSegment) && text[0]|0x20 == 'u' && text[5] == '/' &&
		text[1]|0x20 == 's' && text[2]|0x20 == 'e' && text[3]|0x20 == 'r' && text[4]|0x20 == 's'
}

// afterUsers returns the offset after the first "/users/" from text[i:] on, in any
// case, with something after it; -1 if there is none. At the beginning of the text
// "users/" is enough. Paths have many slashes, but few have two at the distance of
// those around users.
func afterUsers(text []byte, i int) int {
	if i == 0 && isUsers(text) {
		return len(usersSegment)
	}
	for {
		at := swar.IndexPair(text, i, '/', len(usersSegment))
		if at < 0 {
			return -1
		}
		if isUsers(text[at+1:]) {
			return at + 1 + len(usersSegment)
		}
		i = at + 1
	}
}

// nextSegment returns the place in the view of the first user segment from view[i:]
// on, and where to search for the next one: -1 if there is no first. From is that
// of the view; nil if the view is the cell.
func nextSegment(cell, view []byte, from []int, i int) (start, end, next int) {
	for {
		if start = afterUsers(view, i); start < 0 {
			return 0, 0, -1
		}
		for start < len(view) && view[start] == '/' && !isDeeper(cell, from, start, start-1) {
			start++
		}
		end = segmentEnd(cell, view, from, start, start)
		if x := trimSegment(view[start:end]); len(x) > 0 && !isMe(x) {
			return start, end, end
		}
		i = end // the slash after the segment may begin the next "/users/"
		end = segmentEndBut("?#", cell, view, from, start, end)
		if mailbox.HasAt(view[i:end]) { // the replacement of an address there would make a user segment of the rest
			return start, end, end
		}
	}
}

// segmentEnd returns the end, not before i, of the user segment that begins at
// view[start]. A number sign does not end it where an at sign follows in the segment, as in
// the addresses of guests, or where it is that of "#EXT#".
func segmentEnd(cell, view []byte, from []int, start, i int) int {
	end := -1 // of the segment if no number sign ends it
	for ; i < len(view); i++ {
		if !endsSegment[view[i]] {
			continue
		}
		if n := len(guestSuffix); view[i] == '#' && i > start && len(view)-i >= n && bytes.EqualFold(view[i:i+n], []byte(guestSuffix)) {
			i += n - 1
			continue
		}
		if isDeeper(cell, from, i, start-1) {
			continue
		}
		if view[i] != '#' || end >= 0 {
			break
		}
		end = segmentEndBut("#", cell, view, from, start, i)
		at := bytes.LastIndexByte(view[i:end], '@')
		if at < 0 {
			break
		}
		i += at
	}
	return i
}

// segmentEndBut is segmentEnd where none of the bytes ends the segment.
func segmentEndBut(bytesInIt string, cell, view []byte, from []int, start, i int) int {
	for i < len(view) && (!endsSegment[view[i]] || strings.IndexByte(bytesInIt, view[i]) >= 0 || isDeeper(cell, from, i, start-1)) {
		i++
	}
	return i
}

// isDeeper reports whether the i-th byte of the view is percent-encoded more often than
// the byte at slash, if there is one. The escapes of JSON and HTML tell nothing: neither
// has to write a slash as an escape, but they do so with what surrounds a path.
func isDeeper(cell []byte, from []int, i, slash int) bool {
	if from == nil || slash < 0 || cell[from[i]] != '%' {
		return false
	}
	size := 1 // of the slash
	if cell[from[slash]] == '%' {
		size = from[slash+1] - from[slash]
	}
	return from[i+1]-from[i] > size
}

// endsSegment holds the bytes that end a user segment: a slash, what ends the path
// of a URL, and what neither a URL nor a name holds. A byte that isDeeper than the slash
// before the segment does not end it, nor a number sign before an at sign.
var endsSegment = func() (set [256]bool) {
	for c := range ' ' {
		set[c] = true
	}
	for _, c := range []byte("/?#\"<>\\") {
		set[c] = true
	}
	return set
}()

// isMe reports whether a user segment is "@me", which names the caller of the API.
func isMe(segment []byte) bool {
	return len(segment) == 3 && segment[0] == '@' && segment[1]|0x20 == 'm' && segment[2]|0x20 == 'e'
}

// trimSegment returns a user segment without blanks and slashes at its ends. A slash is
// there if it is percent-encoded more often than the one before the segment.
func trimSegment(segment []byte) []byte {
	for {
		trimmed := bytes.Trim(trimBlanks(segment), "/")
		if len(trimmed) == len(segment) {
			return segment
		}
		segment = trimmed
	}
}

// mayHoldQuotedUsers reports whether the text may hold the user segment of OData, or will
// when something in it is replaced.
func mayHoldQuotedUsers(text []byte) bool {
	open := bytes.IndexByte(text, '(')
	return open >= 0 && (bytes.IndexByte(text, '\'') >= 0 || bytes.IndexByte(text, '"') >= 0 || guids.MayHold(text[open:]))
}

// A quotedUser is the place of the x of users('x'): text[start:end].
type quotedUser struct {
	open       int // after the parenthesis
	start, end int
	quote      byte // 0 for a GUID without quotation marks
}

// nextQuotedUser returns the first x of users('x'), users("x") or users(name='x') from
// text[i:] on, blank or not, and of users(x) where x is a GUID; false if there is none. No
// letter or digit is before the word users.
func nextQuotedUser(text []byte, i int) (u quotedUser, found bool) {
	const word = len("users")
	for {
		at := bytes.IndexByte(text[i:], '(')
		if at < 0 {
			return quotedUser{}, false
		}
		at += i
		i = at + 1
		if at < word || !bytes.EqualFold(text[at-word:at], []byte("users")) {
			continue
		}
		if before, _ := utf8.DecodeLastRune(text[:at-word]); isWordRune(before) {
			continue
		}
		u = quotedUser{open: i, start: afterKey(text, i)}
		isEscaped := bytes.HasPrefix(text[u.start:], []byte(`\"`)) // as in JSON
		if isEscaped {
			u.start++
		}
		if u.start == len(text) || text[u.start] != '\'' && text[u.start] != '"' {
			const longest = guids.Length + len("{}") + 8 // with blanks
			near := text[u.start:min(len(text), u.start+longest)]
			x := trimBlanks(near[:max(0, bytes.IndexAny(near, "),"))])
			if u.end = u.start + len(x); guids.Is(x) {
				return u, true
			}
			continue
		}
		u.quote = text[u.start]
		u.start++
		for u.end = u.start; u.end < len(text); u.end++ {
			if text[u.end] != u.quote {
				continue
			}
			if u.end+1 == len(text) || text[u.end+1] != u.quote {
				break
			}
			u.end++ // it is doubled
		}
		after := skipBlanks(text, u.end+1)
		if isEscaped && u.end > u.start && text[u.end-1] == '\\' {
			u.end--
		}
		if after < len(text) && (text[after] == ')' || text[after] == ',') {
			return u, true
		}
	}
}

// afterKey returns the offset after blanks, the name of a key, such as "id=", and the word
// guid, which may be at text[i:].
func afterKey(text []byte, i int) int {
	i = skipBlanks(text, i)
	end := i
	for end < len(text) && isAlphanumeric(text[end]) {
		end++
	}
	if equals := skipBlanks(text, end); end > i && equals < len(text) && text[equals] == '=' {
		i = skipBlanks(text, equals+1)
	}
	if word := len("guid"); len(text)-i > word && text[i+word] == '\'' && bytes.EqualFold(text[i:i+word], []byte("guid")) {
		i += word
	}
	return i
}

// skipBlanks returns the offset of the first character from text[i:] on that is no blank.
func skipBlanks(text []byte, i int) int {
	for i < len(text) && text[i] == ' ' {
		i++
	}
	return min(i, len(text))
}

// appendQuotedUsers adds to dst[first:], which is sorted, the user segments of OData in
// the view. What is before a segment, as in id=', may begin an address; it stays.
func appendQuotedUsers(dst []Span, first int, view []byte) []Span {
	n, next := len(dst), first
	for u, found := nextQuotedUser(view, 0); found; u, found = nextQuotedUser(view, u.end) {
		x := trimSegment(view[u.start:u.end])
		for next < n && dst[next].Start < u.open {
			next++
		}
		goes := next > first && dst[next-1].End > u.open-len("users(") // the word is in an address
		if !goes && next < n && dst[next].Start < u.start && dst[next].Kind == AddressSpan {
			dst[next].Start = u.start
			if isMe(x) && dst[next].End <= u.end {
				dst[next].End = dst[next].Start
			}
		}
		if len(x) > 0 && !isMe(x) {
			dst = append(dst, Span{u.start, u.end, UserSpan})
		}
	}
	kept := dst[:first]
	for _, span := range dst[first:] {
		if span.End > span.Start {
			kept = append(kept, span)
		}
	}
	return mergeSpans(kept, first)
}

// appendUnquoted appends the x of OData to dst, with single quotation marks.
func appendUnquoted(dst, x []byte, quote byte) []byte {
	for i := 0; i < len(x); i++ {
		dst = append(dst, x[i])
		if x[i] == quote && i+1 < len(x) && x[i+1] == quote {
			i++
		}
	}
	return dst
}
