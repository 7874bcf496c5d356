package csvschematest

import (
	"encoding/hex"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxPlaces is the number of places that an assertion reports one by one. It only
// counts the others.
const maxPlaces = 10

// AssertNoIdentifiers asserts that the output holds none of the identifiers. It
// reports each cell that holds one, by the number of the identifier (from 1), the row
// (the header is row 0) and the column (from 1). It never reports the identifier.
//
// It finds every form that still identifies the person: upper or lower case,
// percent-encoding up to three times, composed or decomposed characters, full-width
// characters, and zero-width characters in between. It finds an object ID also
// without hyphens or in braces. Such a form counts even if it may be another account.
// Part of a longer address does not count: joann@example.com does not hold
// ann@example.com. An object ID counts anywhere.
//
// The output need not be CSV. Other text is also split at its commas and line ends.
// Decode compressed, encrypted, HTML-escaped or JSON-escaped output first.
//
// An empty identifier is a failure, because nothing would be checked.
func AssertNoIdentifiers(tb testing.TB, output []byte, identifiers ...string) {
	tb.Helper()
	places := reporter{tb: tb}
	var wanted []needle
	for i, id := range identifiers {
		n := newNeedle(id)
		if n.text == "" {
			tb.Errorf("identifier %d is empty", i+1)
		}
		wanted = append(wanted, n)
	}
	found := make([]bool, len(wanted))
	records, _ := splitRecords(output)
	for row, record := range records {
		for column, cell := range record.cells {
			views := viewsOf(string(unquoted(cell)))
			for i, n := range wanted {
				if n.in(views) {
					found[i] = true
					places.add("identifier %d is in row %d (line %d), column %d", i+1, row, record.line, column+1)
				}
			}
		}
	}
	// An identifier with a comma or a line end can be split over several cells of text
	// that is not CSV.
	views := viewsOf(string(output))
	for i, n := range wanted {
		if !found[i] && n.in(views) {
			places.add("identifier %d is in the output across cells", i+1)
		}
	}
	places.done()
}

// A reporter reports up to maxPlaces places.
type reporter struct {
	tb testing.TB
	n  int // number of places
}

func (p *reporter) add(format string, args ...any) {
	p.tb.Helper()
	if p.n++; p.n <= maxPlaces {
		p.tb.Errorf(format, args...)
	}
}

func (p *reporter) done() {
	p.tb.Helper()
	if p.n > maxPlaces {
		p.tb.Errorf("and %d more places", p.n-maxPlaces)
	}
}

// A needle is an identifier to look for.
type needle struct {
	text string // folded; the 32 digits of an object ID
	kind needleKind
}

type needleKind uint8

const (
	otherNeedle needleKind = iota
	addressNeedle
	objectNeedle
)

// newNeedle folds an identifier.
func newNeedle(id string) needle {
	text := strings.TrimSpace(folded(id))
	digits := strings.ReplaceAll(strings.Trim(text, "{}"), "-", "")
	switch {
	case len(digits) == 32 && strings.Trim(digits, "0123456789abcdef") == "":
		return needle{digits, objectNeedle}
	case strings.Contains(text, "@"):
		return needle{text, addressNeedle}
	}
	return needle{text, otherNeedle}
}

// in reports whether one of the views holds the needle.
func (n needle) in(views []string) bool {
	if n.text == "" {
		return false
	}
	for _, view := range views {
		if n.kind == objectNeedle {
			if hasObjectID(view, n.text) {
				return true
			}
			continue
		}
		for from := 0; ; from++ {
			i := strings.Index(view[from:], n.text)
			if i < 0 {
				break
			}
			from += i
			before, after := view[:from], view[from+len(n.text):]
			if n.kind == addressNeedle && !addressGoesOn(before, after) ||
				n.kind == otherNeedle && !endsInWord(before) && !beginsWithWord(after) {
				return true
			}
		}
	}
	return false
}

// addressGoesOn reports whether an address between the two texts is part of a longer
// one. It is if a letter or digit touches it, directly or through characters that may
// occur inside an address. A quotation mark or a full stop around an address does not
// make it longer.
func addressGoesOn(before, after string) bool {
	return endsInWord(strings.TrimRight(before, "'.-_!#^~+")) ||
		beginsWithWord(strings.TrimLeft(after, ".-"))
}

func endsInWord(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func beginsWithWord(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// hasObjectID reports whether the text holds the 32 digits, with any hyphens between
// them.
func hasObjectID(text, digits string) bool {
	for from := 0; from < len(text); from++ {
		if text[from] != digits[0] {
			continue
		}
		at, n := from, 0
		for at < len(text) && n < len(digits) && (text[at] == digits[n] || text[at] == '-') {
			if text[at] != '-' {
				n++
			}
			at++
		}
		if n == len(digits) {
			return true
		}
	}
	return false
}

// viewsOf returns the folded text, without percent-decoding and after each of up to
// three decodings.
func viewsOf(text string) []string {
	views := []string{folded(text)}
	for range 3 {
		next := percentDecoded(text)
		if next == text {
			// The percent-encoding may be in full-width characters.
			if next = percentDecoded(norm.NFKC.String(text)); next == text || norm.NFKC.String(text) == next {
				break
			}
		}
		text = next
		views = append(views, folded(text))
	}
	return views
}

// folded removes differences in letter case and compatibility forms, and invisible
// characters.
func folded(text string) string {
	ascii := true
	for i := range len(text) {
		ascii = ascii && text[i] < utf8.RuneSelf
	}
	if ascii {
		return strings.ToLower(text)
	}
	text = norm.NFKC.String(cases.Fold().String(norm.NFKC.String(text)))
	return strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			return -1
		}
		return r
	}, text)
}

// percentDecoded decodes each valid %XX once.
func percentDecoded(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if c, err := hex.DecodeString(text[i+1 : i+3]); err == nil {
				b.Write(c)
				i += 2
				continue
			}
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
