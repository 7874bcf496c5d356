package dsr_test

import (
	"encoding/binary"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// NOTE. This is who is named in a cell, written a second time from the documents: with
// regular expressions, one text after the other, and nothing of package identity. It is
// slow, and knows no more than the worlds of reference_world_test.go hold.

// refID is an identifier in its normal form.
type refID struct {
	text     string
	verbatim bool
}

func (id refID) isObjectID() bool { return !id.verbatim && refGUID.MatchString(id.text) }

func (id refID) isAddress() bool { return !id.verbatim && strings.Contains(id.text, "@") }

const (
	refHyphened   = `[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`
	refUnseen     = `\x{180E}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2064}\x{2066}-\x{2069}\x{FEFF}`
	refNumbers    = `(\d+)-(\d+)-(\d+)-(\d+)`
	refWord       = `\pL\pN`
	refLabel      = `[` + refWord + `](?:[` + refWord + `\pM-]*[` + refWord + `\pM])?`
	refDomain     = refLabel + `(?:\.` + refLabel + `)*`
	refLocal      = "[" + refLocalClass + "]"
	refLocalClass = "a-zA-Z0-9!#$%&'*+\\-.=?^_`{|}~\\x{A1}-\\x{167F}\\x{1681}-\\x{1FFF}\\x{200B}-\\x{2027}\\x{202A}-\\x{202E}\\x{2030}-\\x{205E}\\x{2060}-\\x{2FFF}\\x{3001}-\\x{10FFFF}"
	refLowerGUIDs = `(?:` + refHyphened + `|[0-9a-f]{32})`
)

var (
	refGUID        = regexp.MustCompile(`^` + refHyphened + `$`)
	refAnyGUID     = regexp.MustCompile(`^\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?$`)
	refSID         = regexp.MustCompile(`^s-1-12-1-` + refNumbers + `$`)
	refSIDs        = regexp.MustCompile(`s-1-12-1-` + refNumbers)
	refEnds        = regexp.MustCompile(`^[\s\p{Z}\x{85}` + refUnseen + `]+|[\s\p{Z}\x{85}` + refUnseen + `]+$`)
	refUnseens     = regexp.MustCompile(`[` + refUnseen + `\x{AD}]`)
	refReplacement = regexp.MustCompile(`^(?:removed|[tp]-[0-9a-f]{32})@anonymized\.invalid$|^616e6f6e-796d-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	refAddress     = regexp.MustCompile(refLocal + `+@` + refDomain)
	refUsers       = regexp.MustCompile(`(?i)(?:^|/)users/+([^/?#"<>\\\x00-\x1f]*)`)
	refODataUsers  = regexp.MustCompile(`(?i)(?:^|[^` + refWord + `])users\('((?:[^']|'')*)'\)`)
	refTenant      = regexp.MustCompile(`\.(?:onmicrosoft\..+|onmschina\.cn)$`)

	refURL      = regexp.MustCompile(`(?i)^https?://[^/]*`)
	refSlashes  = regexp.MustCompile(`(?i)\\*(?:/|&#47;|&#x2f;|&sol;)`)
	refInQuotes = regexp.MustCompile(`^"(.*)"$`)
	refVersion  = regexp.MustCompile(`(?i)\?api-version=.*$`)
	refHostOnly = regexp.MustCompile(`(?i)^/*[a-z0-9:-]+\.[a-z0-9.:-]+/+subscriptions/+`)
	refLetter   = regexp.MustCompile(`[a-df-z]|[^\x00-\x7F\PL]`)

	refToLower = cases.Lower(language.Und, cases.HandleFinalSigma(false))
	refToFold  = cases.Fold()
)

// refSIDGUID returns the object ID of the four numbers of a SID: they are the bytes that
// .NET writes a GUID as, in which the first three groups are reversed.
func refSIDGUID(numbers []string) string {
	var b []byte
	for _, n := range numbers {
		number, err := strconv.ParseUint(n, 10, 32)
		if err != nil {
			return ""
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(number))
	}
	slices.Reverse(b[:4])
	slices.Reverse(b[4:6])
	slices.Reverse(b[6:8])
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// refOnce remembers what a function returned: the worlds have few different cells.
func refOnce[K comparable, V any](f func(K) V) func(K) V {
	var known sync.Map
	return func(k K) V {
		v, ok := known.Load(k)
		if !ok {
			v, _ = known.LoadOrStore(k, f(k))
		}
		return v.(V)
	}
}

var (
	refNormal       = refOnce(refMakeNormal)
	refARM          = refOnce(refMakeARM)
	refUserSegments = refOnce(refFindUserSegments)
	refContains     = refOnce(refFindIn)
)

// refMakeNormal returns the normal form.
func refMakeNormal(text string) string {
	for refEnds.MatchString(text) {
		text = refEnds.ReplaceAllString(text, "")
	}
	text = norm.NFC.String(refToLower.String(norm.NFC.String(text)))
	if m := refAnyGUID.FindStringSubmatch(text); m != nil {
		return strings.Join(m[1:], "-")
	}
	if m := refSID.FindStringSubmatch(text); m != nil {
		return refSIDGUID(m[1:])
	}
	return text
}

// refEscapes are percent-encoding, the escapes of JSON and those of HTML, and the at sign of
// names of XML.
var refEscapes = regexp.MustCompile(`(?i)((?:%[0-9a-f]{2})+)|\\+u([0-9a-f]{4})|\\+(/)|(&#?[0-9a-z]+;)|_x(0040)_`)

// refOuterEscapes are those of JSON and HTML, and refPercent is percent-encoding.
var (
	refOuterEscapes = regexp.MustCompile(`(?i)(never^)|\\+u([0-9a-f]{4})|\\+(/)|(&#?[0-9a-z]+;)`)
	refPercent      = regexp.MustCompile(`(?i)((?:%[0-9a-f]{2})+)|(never^)(never^)(never^)`)
)

// refMoreEscapes are also others of XML names and MIME, in which nobody is found, but nearly.
var refMoreEscapes = regexp.MustCompile(refEscapes.String() + `|_x([0-9a-f]{4})_|=([0-9a-f]{2})`)

// refUnescape decodes the escapes in a text once.
func refUnescape(text string, escapes *regexp.Regexp) string {
	return escapes.ReplaceAllStringFunc(text, func(found string) string {
		m := escapes.FindStringSubmatch(found)
		var hex strings.Builder
		hex.WriteString(m[2])
		switch {
		case m[1] != "":
			if decoded, err := url.PathUnescape(found); err == nil && utf8.ValidString(decoded) {
				return decoded
			}
			return found
		case m[3] != "":
			return "/"
		case m[4] != "":
			return html.UnescapeString(found)
		}
		for _, more := range m[5:] {
			hex.WriteString(more)
		}
		number, err := strconv.ParseUint(hex.String(), 16, 32)
		if err != nil {
			return found
		}
		return string(rune(number))
	})
}

// refViews returns a text, and what it is after one, two and three rounds of decoding.
func refViews(text string, escapes *regexp.Regexp) []string {
	views := []string{text}
	for range 3 {
		views = append(views, refUnescape(views[len(views)-1], escapes))
	}
	return views
}

// refFindUserSegments returns the x of every /users/{x} in a cell. The structure of the path
// is read in the first view that has it: what is escaped more often belongs to x.
func refFindUserSegments(cell string) (all []string) {
	views := refViews(cell, refEscapes)
	views[0] = refUnescape(cell, refOuterEscapes)
	add := func(x string) {
		x = refViews(x, refEscapes)[3]
		for trimmed := ""; trimmed != x; {
			trimmed, x = x, strings.Trim(refEnds.ReplaceAllString(x, ""), "/")
		}
		if x != "" && !strings.EqualFold(x, "@me") {
			all = append(all, x)
		}
	}
	for _, view := range views {
		found := refUsers.FindAllStringSubmatch(view, -1)
		for _, m := range found {
			add(m[1])
		}
		if found != nil {
			break
		}
	}
	for _, m := range refODataUsers.FindAllStringSubmatch(views[3], -1) {
		add(strings.ReplaceAll(m[1], "''", "'"))
	}
	return all
}

// refFold returns a text without differences that only a person can judge.
func refFold(text string) string {
	text = norm.NFKC.String(refToFold.String(norm.NFKC.String(refUnseens.ReplaceAllString(text, ""))))
	text = strings.NewReplacer("i\u0307", "i", "ı", "i").Replace(text)
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("\u2018\u2019\u201B\u02BC\u02B9\u02BB\u02C8\u2032", r):
			return '\''
		case unicode.Is(unicode.Pd, r) || r == '\u2212' || r == '\u2043':
			return '-'
		}
		return r
	}, text)
}

var (
	refBefore = regexp.MustCompile(`(?:^|[^` + refWord + `\pM._+'-]|(?:^|[^` + refWord + `])` + refLowerGUIDs + `)[._+'-]*$`)
	refAfter  = regexp.MustCompile(`^(?:-*\.?[` + refWord + `]|\pM)`)
	refHost   = regexp.MustCompile(`^` + refDomain)
)

// A refLook is a text, and an identifier to look for in it.
type refLook struct {
	text string
	id   refID
}

// refFindIn reports whether a text contains an identifier, or one that is near it.
func refFindIn(at refLook) bool {
	text, id := at.text, at.id
	if id.verbatim || refReplacement.MatchString(refNormal(text)) {
		return false
	}
	for _, view := range slices.Compact(append(refViews(text, refMoreEscapes), refViews(text, refEscapes)...)) {
		if refViewContains(refFold(view), id) {
			return true
		}
	}
	return false
}

func refViewContains(text string, id refID) bool {
	if id.isObjectID() {
		if strings.Contains(strings.ReplaceAll(text, "-", ""), strings.ReplaceAll(id.text, "-", "")) {
			return true
		}
		return slices.ContainsFunc(refSIDs.FindAllStringSubmatch(text, -1), func(m []string) bool { return refSIDGUID(m[1:]) == id.text })
	}
	own := refFold(id.text)
	local, domain := own[:strings.LastIndex(own, "@")], own[strings.LastIndex(own, "@")+1:]
	stem, isGuest := strings.CutSuffix(local, "#ext#")
	if !isGuest {
		stem = local + "_" + domain
	}
	isTenant := refTenant.MatchString("." + domain)
	// The beginnings of what is the address or near it, and what its domain must be.
	type begin struct {
		text string
		is   func(domain string) bool
	}
	anywhere := func(string) bool { return true }
	all := []begin{
		{local, func(d string) bool { return d == domain || isTenant || refTenant.MatchString("."+d) }},
		{stem + "#ext#", anywhere},
		{stem + "%23ext%23", anywhere},
	}
	for at := range len(text) { // a guest without its tenant
		if strings.HasPrefix(text[at:], stem+"#ext#") && refBefore.MatchString(text[:at]) {
			return true
		}
	}
	if i := strings.LastIndex(stem, "_"); isGuest && i >= 0 {
		all = append(all, begin{stem[:i], func(d string) bool { return d == stem[i+1:] }})
	}
	for at := range len(text) { // a guest, perhaps without its tenant
		if strings.HasPrefix(text[at:], stem+"#ext#") && refBefore.MatchString(text[:at]) {
			return true
		}
	}
	for _, b := range all {
		for at := range len(text) {
			rest, found := strings.CutPrefix(text[at:], b.text+"@")
			if !found {
				continue
			}
			host := refHost.FindString(rest)
			if refBefore.MatchString(text[:at]) && host != "" && b.is(host) && !refAfter.MatchString(rest[len(host):]) {
				return true
			}
		}
	}
	return false
}

// refMakeARM returns the normal form of an ARM ID, and "" for what is none.
func refMakeARM(id string) string {
	for last := ""; last != id; {
		last = id
		id = refUnescape(id, refPercent)
	}
	id = refInQuotes.ReplaceAllString(refSlashes.ReplaceAllString(id, "/"), "$1")
	id = refVersion.ReplaceAllString(id, "")
	id = refURL.ReplaceAllString(refEnds.ReplaceAllString(id, ""), "")
	id = refHostOnly.ReplaceAllString(id, "subscriptions/")
	var segments []string
	for s := range strings.SplitSeq(refEnds.ReplaceAllString(id, ""), "/") {
		if s != "" {
			segments = append(segments, s)
		}
	}
	return refPlaced(refNormal(strings.Join(segments, "/")))
}

// refUID returns the normal form of a ResourceUId, and "" for what is none.
func refUID(id string) string {
	if id = refPlaced(refNormal(id)); refGUID.MatchString(id) {
		return id
	}
	return ""
}

// refPlaced returns a text, or "" if it says that there is none.
func refPlaced(id string) string {
	if id == nilGUID || id == "null" || id == "n/a" || strings.HasPrefix(id, "#") || !refLetter.MatchString(id) && !refGUID.MatchString(id) {
		return ""
	}
	return id
}
