package anonymize_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. This is a reference for requests that searches nothing: a cell is made of words
// of which a table says whether an identifier is whole in them.

// The people of requests. Of two, the addresses are equal by folding.
var requestPeople = []string{"ann@example.com", "josé@example.com", "strasse@example.com", "straße@example.com", "li@例え.jp", objectID, otherID}

var (
	opening = []string{"", "", "mail=", "?u=", "x&y=", "<", "(", "“", "SMTP:", "**", `"`, "x;", "»", "|", "[", "/a/"}
	growing = []string{"a/", "r&", "#", "@", "max.", "jo", "a-", "b_", "c+", "~", "é", "o'", "李", "live.com#"}
	closing = []string{"", "", "&y=1", ">", ")", ",", ".", "”", "*", "/x", "#top", "-", "%20x", "?", `"`, ":25"}
	longer  = []string{".au", "x", "é", "-x.org", "9", ".example"}
)

// A word is a text around a spelling of somebody's identifier.
type word struct {
	before, text, after string
	person              string
	whole               bool
}

func newWord(d *dice) word {
	w := word{person: one(d, requestPeople...), whole: true}
	isAddress := strings.Contains(w.person, "@")
	w.text = w.person
	switch d.n(6) {
	case 0:
		if isAddress {
			w.text = strings.ReplaceAll(w.text, "@", "%40")
		} else {
			w.text = strings.ReplaceAll(w.text, "-", "%2D")
		}
	case 1:
		w.text = norm.NFD.String(w.text)
	case 2:
		w.text = strings.ReplaceAll(strings.ToUpper(w.text), "STRASSE", "Strasse")
		if strings.Contains(w.person, "ß") {
			w.text = "STRAßE@Example.COM"
		}
	case 3:
		if !isAddress {
			w.text = strings.ReplaceAll(w.text, "-", "")
		}
	case 4:
		w.text = strings.ReplaceAll(w.text, "é", "%C3%A9")
	}
	w.before, w.after = one(d, opening...), one(d, closing...)
	if d.n(4) == 0 {
		w.before = one(d, growing...)
		w.whole = !isAddress
	}
	if d.n(5) == 0 {
		w.after = one(d, longer...)
		w.whole = w.whole && !isAddress
	}
	return w
}

// written returns the word, with its identifier replaced if it goes.
func (w word) written(goes bool) string {
	switch {
	case !goes:
		return w.before + w.text + w.after
	case strings.Contains(w.person, "@"):
		return w.before + identity.ReplacementAddress + w.after
	}
	return w.before + identity.ReplacementObjectID + w.after
}

// A requestRow is a row of a person who makes no request: two cells of words.
type requestRow struct{ name, image []word }

// file returns rows, each of its own machine, without whatever goes. Of all words the
// one with the given number is the other way round.
func requestFile(rows []requestRow, goes func(word) bool, odd int) []byte {
	var all strings.Builder
	n := 0
	cell := func(words []word) string {
		var texts []string
		for _, w := range words {
			texts = append(texts, w.written(goes(w) != (n == odd)))
			n++
		}
		return strings.Join(texts, " and ")
	}
	for i, r := range rows {
		text := vm("", "carol@example.org", map[csvschema.Column]string{
			csvschema.ResourceUId: "00000000-0000-4000-8000-00000000000" + string(rune('0'+i)), csvschema.Name: cell(r.name), csvschema.CustomImageId: cell(r.image),
		})
		header, row, _ := strings.Cut(text, "\n")
		if i == 0 {
			all.WriteString(header + "\n")
		}
		all.WriteString(row)
	}
	return []byte(all.String())
}

// requireRequests makes a world of requests, and holds plan, output and verification to
// the reference.
func requireRequests(t *testing.T, d *dice) {
	t.Helper()
	key := secretKey(t, "r")
	policy := &anonymize.Policy{Key: key, Workers: 1}
	asked := map[string]int{}
	for range 1 + d.n(3) {
		person := one(d, requestPeople...)
		if _, ok := asked[person]; ok {
			continue
		}
		asked[person] = len(policy.Requests)
		q := anonymize.Request{Kind: anonymize.Erase, Existing: true, At: noon, Identifier: identifier(t, person)}
		if d.n(3) == 0 {
			q.Digest, q.Identifier = anonymize.NewDigest(key, q.Identifier), identity.Identifier{}
		}
		policy.Requests = append(policy.Requests, q)
	}
	rows := make([]requestRow, 1+d.n(4))
	var words []word
	for i := range rows {
		for range d.n(3) {
			rows[i].name = append(rows[i].name, newWord(d))
		}
		for range 1 + d.n(3) {
			rows[i].image = append(rows[i].image, newWord(d))
		}
		words = append(words, append(append([]word{}, rows[i].name...), rows[i].image...)...)
	}
	stays := func(word) bool { return false }
	goes := func(w word) bool { _, ok := asked[w.person]; return ok && w.whole }
	before, want := requestFile(rows, stays, -1), requestFile(rows, goes, -1)
	exports := []csvschema.Export{exportOf(csvschema.VirtualMachines, before)}
	plan, after := planOf(t, policy, noon, exports...)
	require.Equal(t, string(want), string(textOf(t, after[0].VirtualMachines[0])))
	changed := int64(0)
	answers := make([]int64, len(policy.Requests))
	for _, r := range rows {
		gone := map[int]bool{}
		for _, w := range append(append([]word{}, r.name...), r.image...) {
			if goes(w) {
				gone[asked[w.person]] = true
			}
		}
		for q := range gone {
			answers[q]++
		}
		if len(gone) > 0 {
			changed++
		}
	}
	report := plan.Report()
	assert.Equal(t, changed, report.Total.Changed)
	assert.Equal(t, changed, report.Total.Parts)
	for q, rows := range answers {
		sum := int64(0)
		for _, a := range report.Requests[q].Answers {
			assert.Equal(t, fate.GoesNow, a.Fate)
			sum += a.Rows
		}
		assert.Equal(t, rows, sum)
	}
	again, _ := planOf(t, policy, noon, after...)
	assert.Zero(t, again.Report().Total.Changed)
	// One word more is taken, or one less.
	odd := d.n(len(words))
	v, err := verify.Exports(t.Context(), policy, noon, exports, []csvschema.Export{exportOf(csvschema.VirtualMachines, requestFile(rows, goes, odd))})
	require.NoError(t, err)
	require.False(t, v.OK(), "%+v", words[odd])
}

func TestRequestsAreThoseOfTheReference(t *testing.T) {
	t.Parallel()
	eachRoll(t, 2500, requireRequests)
}

// FuzzRequestsAreThoseOfTheReference lets a fuzzer make the worlds.
func FuzzRequestsAreThoseOfTheReference(f *testing.F) {
	addRolls(f)
	f.Fuzz(func(t *testing.T, data []byte) { requireRequests(t, &dice{data}) })
}
