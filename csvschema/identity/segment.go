package identity

import "github.com/labdsr/labdsr/csvschema/internal/swar"

// UserSegments appends to dst, in order, the percent-decoded user segments that
// [Finder.Find] finds in the cell, and returns the extended slice. A span of Find
// may hold a user segment and more; this is the segment alone. Each one is a part of
// the cell or, if the cell is percent-encoded, of a buffer of the Finder. So it is
// valid while the cell is, and until the next call of any method.
func (f *Finder) UserSegments(dst [][]byte, cell []byte) [][]byte {
	view, from := cell, []int(nil)
	if hasEscape(cell) {
		view = f.decode(cell)
		from = f.from
	}
	for start, end, next := nextSegment(view, from, 0); next >= 0; start, end, next = nextSegment(view, from, next) {
		dst = append(dst, view[start:end])
	}
	return dst
}

// mergeSegments is mergeSpans for spans of which some are user segments. A user
// segment that was merged with an address grows to the next end of a segment:
// otherwise its replacement and the rest would be another user segment.
func mergeSegments(dst []Span, first int, view []byte, from []int) []Span {
	for grown := true; grown; {
		dst, grown = mergeSpans(dst, first), false
		for i, s := range dst[first:] {
			if s.Kind != UserSpan {
				continue
			}
			if end := segmentEnd(view, from, s.Start, s.End); end > s.End {
				dst[first+i].End, grown = end, true
			}
		}
	}
	return dst
}

const usersSegment = "users/" // what follows a slash, in lower case

// isUsers reports whether the text begins with "users/" in any case, with something
// after it.
func isUsers(text []byte) bool {
	return len(text) > len(usersSegment) && text[0]|0x20 == 'u' && text[5] == '/' &&
		text[1]|0x20 == 's' && text[2]|0x20 == 'e' && text[3]|0x20 == 'r' && text[4]|0x20 == 's'
}

// hasUsers reports whether the text holds "/users/", in any case, with something
// after it.
func hasUsers(text []byte) bool { return afterUsers(text, 0) >= 0 }

// afterUsers returns the offset after the first "/users/" from text[i:] on, in any
// case, with something after it; -1 if there is none. Paths have many slashes, but
// few have two at the distance of those around users.
func afterUsers(text []byte, i int) int {
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
// on, and where to search for the next one: -1 if there is no first. From is as in
// Finder; nil if the view is the cell.
func nextSegment(view []byte, from []int, i int) (start, end, next int) {
	for {
		if start = afterUsers(view, i); start < 0 {
			return 0, 0, -1
		}
		end = start
		if c := view[start]; c == '?' || c == '#' {
			end++ // an address may begin here, and its replacement would be a user segment
		}
		end = segmentEnd(view, from, start, end)
		if x := trimBlanks(view[start:end]); len(x) > 0 && !isMe(x) {
			return start, end, end
		}
		i = end // the slash after the segment may begin the next "/users/"
		for end < len(view) && (view[end] == '?' || view[end] == '#') {
			end = segmentEnd(view, from, start, end+1)
		}
		if hasAtSign(view[i:end]) { // the replacement of an address there would make a user segment of the rest
			return start, end, end
		}
	}
}

// segmentEnd returns the end, not before i, of the user segment that begins at
// view[start].
func segmentEnd(view []byte, from []int, start, i int) int {
	if from == nil {
		for i < len(view) && !endsSegment[view[i]] {
			i++
		}
		return i
	}
	for i < len(view) && (!endsSegment[view[i]] || width(from, i) > width(from, start-1)) {
		i++
	}
	return i
}

// width returns the number of bytes of the cell that the i-th byte of its view comes
// from.
func width(from []int, i int) int {
	return from[i+1] - from[i]
}

// endsSegment holds the bytes that end a user segment: a slash, what ends the path
// of a URL, and what neither a URL nor a name holds. A byte that is percent-encoded
// more often than the slash before the segment does not end it.
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
