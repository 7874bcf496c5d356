package dsr_test

import (
	"cmp"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NOTE. A cell is decoded to pieces, which know where in the cell they come from. What is
// found in the text of the pieces is a place in the cell.

// A refPiece is a character of a cell, decoded: cell[from:to].
type refPiece struct {
	text     string
	from, to int
}

func refPiecesOf(cell string) (all []refPiece) {
	for i, r := range cell {
		all = append(all, refPiece{string(r), i, i + utf8.RuneLen(r)})
	}
	return all
}

// refDecode decodes the escapes in the pieces once.
func refDecode(pieces []refPiece, escapes *regexp.Regexp) (decoded []refPiece) {
	var text strings.Builder
	var at []int // index of the piece at each byte
	for i, p := range pieces {
		text.WriteString(p.text)
		for range len(p.text) {
			at = append(at, i)
		}
	}
	at = append(at, len(pieces))
	done := 0
	add := func(found string, from, to int) {
		decoded = append(decoded, refPiece{found, pieces[from].from, pieces[to-1].to})
		done = to
	}
	for _, m := range escapes.FindAllStringSubmatchIndex(text.String(), -1) {
		found := text.String()[m[0]:m[1]]
		from, to := at[m[0]], at[m[1]]
		decoded = append(decoded, pieces[done:from]...)
		done = from
		switch {
		case m[2] >= 0:
			plain, err := url.PathUnescape(found)
			if err != nil || !utf8.ValidString(plain) {
				continue
			}
			for _, r := range plain {
				add(string(r), from, from+3*utf8.RuneLen(r))
				from += 3 * utf8.RuneLen(r)
			}
		case m[4] >= 0:
			number, err := strconv.ParseUint(found[len(found)-4:], 16, 32)
			if err == nil {
				add(string(rune(number)), from, to)
			}
		case m[6] >= 0:
			add("/", from, to)
		case len(m) > 10 && m[10] >= 0:
			add("@", from, to)
		default:
			if plain := html.UnescapeString(found); plain != found {
				add(plain, from, to)
			}
		}
	}
	return append(decoded, pieces[done:]...)
}

// refRounds returns the pieces of a cell after none, one, two and three rounds, each once.
var refRounds = refOnce(func(cell string) (all [][]refPiece) {
	all = append(all, refPiecesOf(cell))
	for range 3 {
		all = append(all, refDecode(all[len(all)-1], refEscapes))
		if n := len(all); slices.Equal(all[n-1], all[n-2]) {
			return all[:n-1]
		}
	}
	return all
})

// A refText is a text that was made of pieces: for each byte, where it comes from.
type refText struct {
	text     string
	from, to []int
}

// refTextOf makes a text of pieces. Each character with its marks is folded.
func refTextOf(pieces []refPiece, fold func(string) string) (t refText) {
	for i := 0; i < len(pieces); {
		end := i + 1
		cluster := pieces[i].text
		for end < len(pieces) && fold != nil && unicode.IsMark([]rune(pieces[end].text)[0]) {
			cluster += pieces[end].text
			end++
		}
		if fold != nil {
			cluster = fold(cluster)
		}
		t.text += cluster
		for range len(cluster) {
			t.from = append(t.from, pieces[i].from)
			t.to = append(t.to, pieces[end-1].to)
		}
		i = end
	}
	return t
}

// refFolded returns the texts of a cell in all rounds, folded, and refComposedTexts in the
// form of normal forms.
var (
	refFolded        = refOnce(func(cell string) []refText { return refTextsOf(cell, refFold) })
	refComposedTexts = refOnce(func(cell string) []refText { return refTextsOf(cell, refComposed) })
)

func refTextsOf(cell string, fold func(string) string) (all []refText) {
	for _, pieces := range refRounds(cell) {
		all = append(all, refTextOf(pieces, fold))
	}
	return all
}

func refComposed(text string) string {
	return norm.NFC.String(refToLower.String(norm.NFC.String(refUnseens.ReplaceAllString(text, ""))))
}

// A refPlace is cell[start:end].
type refPlace struct {
	start, end int
	isAddress  bool
}

func (t refText) place(start, end int) refPlace {
	return refPlace{start: t.from[start], end: t.to[end-1]}
}

// find returns the places of a text that ok accepts, by what is before and after it.
func (t refText) find(wanted string, ok func(before, after string) bool) (all []refPlace) {
	for i := range len(t.text) {
		if strings.HasPrefix(t.text[i:], wanted) && ok(t.text[:i], t.text[i+len(wanted):]) {
			all = append(all, t.place(i, i+len(wanted)))
		}
	}
	return all
}

// findObjectID returns the places of an object ID, however its digits are separated, and
// of its SID.
func (t refText) findObjectID(id string) (all []refPlace) {
	for _, m := range refDigits(id).FindAllStringIndex(t.text, -1) {
		all = append(all, t.place(m[0], m[1]))
	}
	for _, m := range refSIDs.FindAllStringSubmatchIndex(t.text, -1) {
		if refNormal(t.text[m[0]:m[1]]) == id {
			all = append(all, t.place(m[0], m[1]))
		}
	}
	return all
}

var refDigits = refOnce(func(id string) *regexp.Regexp {
	return regexp.MustCompile(strings.Join(strings.Split(strings.ReplaceAll(id, "-", ""), ""), "-*"))
})

var (
	refMayPrecede  = regexp.MustCompile("(?:^|[^" + refLocalClass + "@]|[=?|{}*]|(?:^|[^" + refWord + `\pM])[\p{Pi}\p{Pf}\p{Ps}])$`)
	refRelative    = regexp.MustCompile("(?:^|[^/" + refLocalClass + "])[" + refLocalClass + "][/" + refLocalClass + "]*/$")
	refUsersEnds   = regexp.MustCompile("(?:^|[^" + refLocalClass + "])users/+$")
	refContinues   = regexp.MustCompile(`^(?:-*\.?[` + refWord + `]|\pM)`)
	refWordEnds    = regexp.MustCompile(`[` + refWord + `]$`)
	refWordBegins  = regexp.MustCompile(`^[` + refWord + `]`)
	refUnspaced    = regexp.MustCompile(`[\p{Han}]`)
	refAnyWord     = regexp.MustCompile(`[` + refWord + `]`)
	refInGUIDs     = regexp.MustCompile(refHyphened)
	refQuoted      = regexp.MustCompile(`(?:[` + refWord + `]|')'$`)
	refFirstGUID   = regexp.MustCompile(`^` + refLowerGUIDs)
	refNoWord      = regexp.MustCompile(`[^` + refWord + `]`)
	refBareGUID    = regexp.MustCompile(`(?:^|[^0-9a-f])(` + refLowerGUIDs + `)(?:$|[^0-9a-f])`)
	refThreeDigits = regexp.MustCompile(`^[0-9]{3}$`)
)

// isWhole reports whether an address is no part of a longer one.
func isWhole(before, after string) bool {
	if refContinues.MatchString(after) {
		return false
	}
	if strings.HasSuffix(before, "'") {
		return strings.HasPrefix(after, "'") && !refQuoted.MatchString(before)
	}
	if refRelative.MatchString(before) && !refUsersEnds.MatchString(before) {
		return false
	}
	return refMayPrecede.MatchString(before)
}

// refMerge sorts places and makes one of those that overlap or touch.
func refMerge(places []refPlace) (merged []refPlace) {
	places = slices.Clone(places)
	slices.SortFunc(places, func(a, b refPlace) int { return cmp.Or(a.start-b.start, a.end-b.end) })
	for _, p := range places {
		if n := len(merged); n > 0 && p.start <= merged[n-1].end {
			last := &merged[n-1]
			last.end, last.isAddress = max(last.end, p.end), last.isAddress && p.isAddress
			continue
		}
		merged = append(merged, p)
	}
	return merged
}

func refPlain(cell string) string {
	var plain strings.Builder
	for _, p := range refRounds(cell)[len(refRounds(cell))-1] {
		plain.WriteString(p.text)
	}
	return plain.String()
}
