package anonymize_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// A speller writes an identifier in one of the ways in which it still says who
// it is.
type speller func(string) string

// wide writes letters and digits in full width.
func wide(s string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7F {
			return r + 0xFEE0
		}
		return r
	}, s)
}

// escaped percent-encodes every byte.
func escaped(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02x", s[i])
	}
	return b.String()
}

// insert puts a text after the first n characters.
func insert(s string, n int, text string) string {
	runes := []rune(s)
	return string(runes[:n]) + text + string(runes[n:])
}

var (
	addressSpellers = map[string]speller{
		"as it is":      func(s string) string { return s },
		"upper case":    strings.ToUpper,
		"MIME":          func(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "@", "=40"), ".", "=2E") },
		"name of XML":   func(s string) string { return strings.NewReplacer("@", "_x0040_", "+", "_x002B_").Replace(s) },
		"at sign":       func(s string) string { return strings.ReplaceAll(s, "@", "%40") },
		"query":         url.QueryEscape,
		"twice encoded": func(s string) string { return url.QueryEscape(url.QueryEscape(s)) },
		"every byte":    escaped,
		"decomposed":    norm.NFD.String,
		"full width":    wide,
		"no width":      func(s string) string { return insert(s, 2, "\u200b") },
		"soft hyphen":   func(s string) string { return insert(s, 4, "\u00ad") },
		"encoded, wide": func(s string) string { return url.QueryEscape(wide(s)) },
	}
	objectIDSpellers = map[string]speller{
		"as it is":   func(s string) string { return s },
		"upper case": strings.ToUpper,
		"braces":     func(s string) string { return "{" + s + "}" },
		"no hyphens": func(s string) string { return strings.ReplaceAll(s, "-", "") },
		"every byte": escaped,
		"full width": wide,
		"no width":   func(s string) string { return insert(s, 9, "\u200b") },
		"encoded":    func(s string) string { return strings.ReplaceAll(s, "-", "%2D") },
		"braces, encoded": func(s string) string {
			return "%7B" + strings.ToUpper(s) + "%7d"
		},
	}
	// around is what may be before and after an identifier: what ends it,
	// and what makes an address longer.
	around = []string{"", " ", "(", ")", "/", ",", ";", ":", `"`, "\n", "image ", " v2", "=", "[", "|x| ", "<", ">", "-", "vm-", "-01", "_", ".", "'", "@", "%2F", "100%"}
)

// freeColumns are columns whose cells may hold any text.
var freeColumns = []csvschema.Column{
	csvschema.LabName, csvschema.ResourceGroupName, csvschema.ResourceId, csvschema.Name, csvschema.PricingTier,
	csvschema.ComputeResourceId, csvschema.EnvironmentId, csvschema.GalleryImageReferenceOffer, csvschema.CustomImageId,
}

// spelledRow returns a row of a deleted machine, and the identifiers of the two
// people in it, in spellings and places that depend on the seed.
func spelledRow(t *testing.T, r *rand.Rand) (row csvschema.VirtualMachineRow, identifiers []string) {
	t.Helper()
	pick := func(list []string) string { return list[r.IntN(len(list))] }
	owners := []string{
		"zoe@contoso.com", "zoë.müller@contoso.com", "o'neil_9@fabrikam.com", "+ops@contoso.com",
		"alice_contoso.com#EXT#@fabrikam.onmicrosoft.com", "1f0e4b3a-9c61-4d9b-8f0e-2f6d1c8b7a55", `CONTOSO\zoe.smith`, "Zoë Straße",
	}
	owner, user := pick(owners), "7c9e6679-7425-40de-944b-e07fc1f90ae7"
	identifiers = []string{owner, user}
	spell := func(id string) string {
		spellers := addressSpellers
		switch {
		case len(id) == 36 && id[8] == '-':
			spellers = objectIDSpellers
		case !strings.Contains(id, "@"):
			spellers = map[string]speller{"": strings.ToUpper, "n": norm.NFD.String, "e": escaped, "w": wide}
		}
		names := slices.Sorted(maps.Keys(spellers)) // the row has to follow from the seed
		return spellers[pick(names)](id)
	}
	cells := csvschema.CellsOf(&row)
	set := func(c csvschema.Column, text string) { require.NoError(t, cells.SetCell(c, text)) }
	set(csvschema.LabUId, "86545712-aadf-4172-bba2-5c738050417e")
	set(csvschema.ResourceUId, "0dd2f8ae-8267-47c5-8cda-484792e203ee")
	set(csvschema.DeletedDate, "2/4/2017 9:02:11 AM")
	set(csvschema.Claimable, "False")
	set(csvschema.ResourceOwner, owner)
	set(csvschema.LabResourceId, "/subscriptions/s/labs/lab/users/"+user+"/environments/e")
	for range 1 + r.IntN(4) {
		var text strings.Builder
		for range 1 + r.IntN(2) {
			text.WriteString(pick(around) + spell(identifiers[r.IntN(2)]) + pick(around))
			text.WriteString(pick([]string{" ", "; ", "/", "\n"}))
		}
		set(freeColumns[r.IntN(len(freeColumns))], text.String())
	}
	return row, identifiers
}

// TestNoSpellingIsLeftInADueRow writes people into rows in many spellings and
// places, alone and side by side, and looks for them with an assertion that
// shares nothing with the finder. Typed rows and files must become the same.
func TestNoSpellingIsLeftInADueRow(t *testing.T) {
	t.Parallel()
	for seed := range worlds(1500) {
		r := rand.New(rand.NewPCG(seed, 1))
		row, identifiers := spelledRow(t, r)
		var file bytes.Buffer
		w := csvschema.NewWriter[csvschema.VirtualMachineRow](&file, &csvschema.WriterOptions{QuoteAll: seed%2 == 0})
		require.NoError(t, w.Write(row))
		require.NoError(t, w.Close())

		out, stats := copyOf(t, nil, later, csvschema.VirtualMachines, file.Bytes())
		csvschematest.AssertNoIdentifiers(t, out, identifiers...)
		csvschematest.AssertConserved(t, file.Bytes(), out, func(int) bool { return true })
		again, second := copyOf(t, nil, later, csvschema.VirtualMachines, out)
		assert.Equal(t, string(out), string(again))
		assert.Zero(t, second.Changed)

		rows := []csvschema.VirtualMachineRow{row}
		typedStats, err := (&anonymize.Policy{}).Rows(later, rows, nil)
		require.NoError(t, err)
		assert.Equal(t, typed[csvschema.VirtualMachineRow](t, out), rows)
		assert.Equal(t, stats, typedStats)
		if t.Failed() {
			t.Fatalf("seed %d\n%s\n%s", seed, file.String(), out)
		}
	}
}

// TestCallersPredicateKeepsErasureIdempotent keeps some of the values that are
// in the rows, as a service that anonymized them itself would ask for.
func TestCallersPredicateKeepsErasureIdempotent(t *testing.T) {
	t.Parallel()
	p := &anonymize.Policy{Anonymous: func(value string) bool {
		return strings.Contains(strings.ToLower(norm.NFKC.String(value)), "fabrikam")
	}}
	kept := int64(0)
	for seed := range worlds(300) {
		r := rand.New(rand.NewPCG(seed, 2))
		row, _ := spelledRow(t, r)
		var file bytes.Buffer
		w := csvschema.NewWriter[csvschema.VirtualMachineRow](&file, nil)
		require.NoError(t, w.Write(row))
		require.NoError(t, w.Close())
		out, stats := copyOf(t, p, later, csvschema.VirtualMachines, file.Bytes())
		again, second := copyOf(t, p, later, csvschema.VirtualMachines, out)
		require.Equal(t, string(out), string(again), "seed %d", seed)
		require.Zero(t, second.Changed)
		kept += stats.Anonymous
	}
	assert.Positive(t, kept)
}
