package verify

import (
	"bytes"
	"hash"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. Package anonymize looks for the identifiers of requests in each cell. Here it is
// the other way: each text in a cell that may be an address is looked up among the
// identifiers. An address begins at some character of the run before its at sign, and
// what is before that character says whether it does:
//
//	?mail=max.ann@example.com
//	          ^ no, it is after a dot, so the address goes on to the left
//	      ^ yes, it is after a character between parameters

// A wholeFinder finds the identifiers of requests in cells. It holds them.
type wholeFinder struct {
	asked   map[string][]int          // requests by the normal form of the identifier
	owners  map[string][]int          // requests for a whole owner, by its normal form
	digests map[identity.Digest][]int // requests by digest
	digest  hash.Hash                 // of identifiers; nil if no request has a digest
	whole   hash.Hash                 // of whole owners; as digest
	unusual []string                  // of asked, those that have characters which no ordinary address has
	sets    map[string]*identity.Set  // of one identifier each, by its normal form
	search  identity.Finder
	members identity.Finder
}

func newWholeFinder(p *anonymize.Policy) wholeFinder {
	w := wholeFinder{
		asked: map[string][]int{}, owners: map[string][]int{}, digests: map[identity.Digest][]int{},
		sets: map[string]*identity.Set{},
	}
	for i, q := range p.Requests {
		if q.Identifier.IsZero() {
			w.digests[q.Digest] = append(w.digests[q.Digest], i)
			w.digest, w.whole = p.Key.Hash(requestDigests), p.Key.Hash(ownerDigests)
			continue
		}
		normal := q.Identifier.Reveal()
		if q.Identifier.IsVerbatim() {
			w.owners[normal] = append(w.owners[normal], i)
			continue
		}
		if len(w.asked[normal]) == 0 && strings.ContainsAny(normal, `"'[]\&%`) {
			w.unusual = append(w.unusual, normal)
		}
		w.asked[normal] = append(w.asked[normal], i)
	}
	return w
}

// requestsOf returns the requests whose identifier is a value in normal form.
func (w *wholeFinder) requestsOf(normal []byte) []int {
	requests := w.asked[string(normal)]
	if w.digest == nil {
		return requests
	}
	return slices.Concat(requests, w.digests[keyed(w.digest, normal)])
}

// requestsOfOwner returns the requests whose verbatim identifier is an owner in normal
// form.
func (w *wholeFinder) requestsOfOwner(normal []byte) []int {
	requests := w.owners[string(normal)]
	if w.whole == nil || len(normal) == 0 {
		return requests
	}
	return slices.Concat(requests, w.digests[keyed(w.whole, normal)])
}

// membersOf returns the spans in a cell of an identifier in normal form.
func (w *wholeFinder) membersOf(normal, cell []byte) []identity.Span {
	id, err := identity.Parse(string(normal))
	if err != nil {
		return nil
	}
	set := w.sets[string(normal)]
	if set == nil {
		set = &identity.Set{}
		set.Add(id)
		w.sets[string(normal)] = set
	}
	return w.members.FindMembers(nil, cell, set)
}

// eachWhole calls do with the normal form of each identifier of a request that is a
// whole one in the cell. Guids says that a GUID that is by itself may be one.
func (w *wholeFinder) eachWhole(cell []byte, guids bool, do func(normal []byte)) {
	ask := func(text []byte) {
		if normal := identity.AppendNormal(nil, text); len(w.requestsOf(normal)) > 0 {
			do(normal)
		}
	}
	if len(w.asked)+len(w.digests) == 0 {
		return
	}
	decoded := w.search.AppendDecoded(nil, cell)
	eachAddress(decoded, ask)
	if !bytes.Equal(decoded, cell) {
		eachAddress(cell, func(text []byte) {
			if !bytes.Equal(w.search.AppendDecoded(nil, text), text) { // or else it is one in the decoded cell, too
				ask(text)
			}
		})
	}
	for _, normal := range w.unusual {
		if len(w.membersOf([]byte(normal), cell)) > 0 {
			do([]byte(normal))
		}
	}
	if !guids {
		return
	}
	for digits := range w.search.GUIDs(cell) {
		ask(digits[:])
	}
}

// eachTaken is eachWhole without identifiers that are only a part of somebody else's address.
func (w *wholeFinder) eachTaken(cell []byte, column column, do func(normal []byte)) {
	w.eachWhole(cell, column.content != guid, func(normal []byte) {
		if len(w.takenOf(normal, cell, column)) > 0 {
			do(normal)
		}
	})
}

// takenOf returns the spans in a cell of an identifier in normal form that go. Where an owner
// or a user of a path is a valid address, it is one account: no part of it is another's address.
func (w *wholeFinder) takenOf(normal, cell []byte, column column) []identity.Span {
	accounts := []identity.Span{{End: len(cell)}}
	if column.content != owner {
		accounts = slices.DeleteFunc(w.search.Find(nil, cell), func(s identity.Span) bool { return s.Kind != identity.UserSpan })
	}
	return slices.DeleteFunc(w.membersOf(normal, cell), func(s identity.Span) bool {
		return s.Kind != identity.ObjectIDSpan && slices.ContainsFunc(accounts, func(a identity.Span) bool {
			if s.End <= a.Start || a.End <= s.Start || !w.isAccount(cell[a.Start:a.End]) {
				return false
			}
			rest := string(cell[a.Start:max(a.Start, s.Start)]) + string(cell[min(a.End, s.End):a.End])
			return identity.Normal(rest) != "" || !w.isWritten(normal, cell, a)
		})
	})
}

// isWritten reports whether an account in a cell is an identifier in normal form: by one of the
// escapes of the Finder, or as a string of OData, which alone doubles apostrophes.
func (w *wholeFinder) isWritten(normal, cell []byte, account identity.Span) bool {
	text := string(cell[account.Start:account.End])
	if before := w.search.AppendDecoded(nil, cell[:account.Start]); len(before) > 0 && before[len(before)-1] == '\'' {
		return true
	}
	return identity.Normal(text) == string(normal) || identity.Normal(string(w.search.AppendDecoded(nil, []byte(text)))) == string(normal)
}

// isAccount reports whether a text is an address, as it is or decoded.
func (w *wholeFinder) isAccount(text []byte) bool {
	isAddress := func(text []byte) bool {
		id, err := identity.Parse(string(text))
		return err == nil && !id.IsObjectID()
	}
	return isAddress(text) || isAddress(w.search.AppendDecoded(nil, text))
}

// maxQuoted is how many bytes a quoted local part has at most; RFC 5321 allows 64 characters.
const maxQuoted = 320

// eachAddress calls ask with each address in a text that may be a whole one.
func eachAddress(text []byte, ask func(address []byte)) {
	for at := range text {
		n := isAt(text[at:])
		if n == 0 {
			continue
		}
		domain := domainLength(text[at+n:])
		if domain == 0 {
			continue
		}
		end := at + n + domain
		for quote := at - 1; quote > max(0, at-maxQuoted) && text[at-1] == '"'; { // the local part may hold blanks
			if quote = bytes.LastIndexByte(text[:quote], '"'); quote >= 0 && beginsAfter(text[:quote]) {
				ask(text[quote:end])
			}
		}
		for start := at; start > 0; {
			r, size := utf8.DecodeLastRune(text[:start])
			if unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("\"(),:;<>[]\\@", r) || isAt(text[start-size:]) > 0 {
				break
			}
			start -= size
			if beginsAfter(text[:start]) {
				ask(text[start:end])
			}
		}
	}
}

// isAt returns how long the at sign is that a text begins with, or 0.
func isAt(text []byte) int {
	for _, sign := range [...]string{"@", "\uFF20", "\uFE6B"} {
		if bytes.HasPrefix(text, []byte(sign)) {
			return len(sign)
		}
	}
	return 0
}

// domainLength returns how long the domain is that a text begins with, or 0.
func domainLength(text []byte) (length int) {
	if bytes.HasPrefix(text, []byte{'['}) { // the address of a computer
		return bytes.IndexByte(text, ']') + 1
	}
	last := '.' // what the character before is
	for i, r := range string(text) {
		folded := narrow(r)
		switch {
		case isUnseen(r):
			continue
		case unicode.IsLetter(r), unicode.IsNumber(r):
			last = 'a'
		case unicode.IsMark(r) && last == 'a':
		case folded == '-' && last != '.':
			last = '-'
			continue
		case folded == '.' && last == 'a':
			last = '.'
			continue
		default:
			return length
		}
		length = i + utf8.RuneLen(r)
	}
	return length
}

// beginsAfter reports whether an address may begin after a text: its local part does not go
// on to the left.
func beginsAfter(before []byte) bool {
	r, n := utf8.DecodeLastRune(before)
	for n > 0 && isUnseen(r) {
		before = before[:len(before)-n]
		r, n = utf8.DecodeLastRune(before)
	}
	if n == 0 {
		return true
	}
	switch r = narrow(r); {
	case r == '@':
		return false
	case isQuote(r):
		return true // whether it is a quotation mark, FindMembers tells
	case r == '/':
		return isPath(before)
	case unicode.IsSpace(r):
		return true
	case r < utf8.RuneSelf:
		return unicode.IsControl(r) || strings.ContainsRune("\"(),:;<>[]\\=?|{}*", r)
	case unicode.IsControl(r), unicode.In(r, unicode.Pi, unicode.Pf, unicode.Ps):
		return !endsWord(before[:len(before)-n])
	}
	return false
}

// isPath reports whether a text that ends with a slash ends with a path: it begins with a
// slash, or its last segment is users.
func isPath(text []byte) bool {
	begins := bytes.LastIndexFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("\"(),:;<>[]\\@", narrow(r))
	})
	_, n := utf8.DecodeRune(text[max(begins, 0):])
	if begins < 0 {
		n = 0
	}
	path := []rune(strings.ToLower(string(text[max(begins, 0)+n:])))
	if narrow(path[0]) == '/' {
		return true
	}
	segments := strings.FieldsFunc(string(path), func(r rune) bool { return narrow(r) == '/' })
	return segments[len(segments)-1] == "users"
}

// endsWord reports whether a letter, digit or mark ends the text, of a script with blanks
// between words.
func endsWord(text []byte) bool {
	r, _ := utf8.DecodeLastRune(text)
	return unicode.In(r, unicode.L, unicode.N, unicode.M) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

func isQuote(r rune) bool { return r == '\'' || r == '\u2018' || r == '\u2019' || r == '\u201B' }

// narrow returns the character of ASCII of which one is the full-width or small form, and
// any other as it is.
func narrow(r rune) rune {
	const small = ",、.\x00;:?!\x00(){}\x00\x00#&*+-<>=\x00\\$%@" // from U+FE50 on
	switch {
	case '\uFF01' <= r && r <= '\uFF5E':
		return r - '\uFF01' + '!'
	case r == '\u2024':
		return '.'
	case '\uFE50' <= r && r <= '\uFE6B':
		if c := []rune(small)[r-'\uFE50']; c != 0 {
			return c
		}
	}
	return r
}

// isUnseen reports whether a character has no width.
func isUnseen(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
