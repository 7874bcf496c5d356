package csvschematest_test

import (
	"encoding/binary"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE: The generator states the answers where it plants a row. The tests find the
// same answers from the cells alone, slowly and by the wording of the rules. Where the
// two disagree, one of them has the rules wrong.

// everySeed runs a test for sets of several seeds, with all traps. With the race detector,
// which makes the search for what is in a cell slow, there are two.
func everySeed(t *testing.T, test func(t *testing.T, s *csvschematest.Set)) {
	t.Helper()
	seeds := uint64(6)
	if csvschematest.IsRace {
		seeds = 2
	}
	for seed := range seeds {
		o := &csvschematest.Options{UnreadableDates: seed%2 == 1, ExtraColumns: seed%3 == 1}
		if seed%4 == 3 {
			o.Dialect = csvschematest.Plain
		}
		s := csvschematest.New(seed, o)
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			test(t, s)
		})
	}
}

// planted returns the rows of a trap.
func planted(s *csvschematest.Set, trap string) (rows []*csvschematest.Row) {
	for row := range s.Rows() {
		if row.Trap == trap {
			rows = append(rows, row)
		}
	}
	return rows
}

// found caches results by cell, because the rules look at the same cells many times.
var found sync.Map

// remember returns find(text). It calls find once for each text.
func remember[T any](text string, find func(string) T) T {
	type key struct{ text string } // another type for each T
	if v, ok := found.Load(key{text}); ok {
		return v.(T)
	}
	v := find(text)
	found.Store(key{text}, v)
	return v
}

var (
	mailPattern    = regexp.MustCompile(`[\p{L}\p{M}0-9._'#+~!^-]+@[\p{L}0-9-]+(\.[\p{L}0-9-]+)+`)
	hexPattern     = regexp.MustCompile(`^[0-9a-f]{32}$`)
	hexRun         = regexp.MustCompile(`[0-9a-f]{32}`)
	percentPattern = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	guidPattern    = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	userPattern    = regexp.MustCompile(`(?i)(?:^|/)users(?:/+|\(')([^/')]+)`)
	sidPattern     = regexp.MustCompile(`^s-1-12-1-(\d+)-(\d+)-(\d+)-(\d+)$`)
)

func TestIdentifiersOfARowAreWhatHasToGo(t *testing.T) {
	t.Parallel()
	everySeed(t, func(t *testing.T, s *csvschematest.Set) {
		for row := range s.Rows() {
			// The values that the rules remove.
			var values []string
			add := func(x string) {
				if x = canonical(x); x != "" && x != "@me" && !anonymous(x) {
					values = append(values, x)
				}
			}
			if row.Role == csvschema.VirtualMachines {
				add(row.Value(csvschema.ResourceOwner))
			}
			for _, cell := range row.Cells {
				for _, m := range mailPattern.FindAllString(decoded(cell), -1) {
					add(m)
				}
				for _, m := range userPattern.FindAllStringSubmatch(decoded(cell), -1) {
					add(m[1])
				}
			}
			planted := map[int]int{}
			for _, id := range row.Identifiers {
				planted[id.Field]++
				cell := row.Cells[id.Field]
				assert.Equal(t, id.Text, cell[id.Start:id.Start+len(id.Text)], row.Trap)
				assert.Equal(t, id.Column == 0, !slices.Contains(row.Role.Columns(), id.Column))
				if id.Column != 0 {
					assert.Equal(t, cell, row.Value(id.Column), row.Trap)
				}
				assert.Contains(t, values, canonical(id.Text), "%s: planted, but no rule asks for it", row.Trap)
				wantAddress := id.Column == csvschema.ResourceOwner || strings.Contains(canonical(id.Text), "@")
				wantUser := isGUID(normal(canonical(id.Text))) || strings.HasSuffix(strings.ToLower(decoded(cell[:id.Start])), "/users/")
				assert.Equal(t, wantUser || !wantAddress, id.Replacement == identity.ReplacementObjectID, row.Trap)
				assert.Contains(t, []string{identity.ReplacementAddress, identity.ReplacementObjectID}, id.Replacement, row.Trap)
			}
			// Every occurrence is planted, and replacing them leaves none.
			for i, cell := range row.Cells {
				assert.Equal(t, occurrences(cell, values), planted[i], "%s, cell %d", row.Trap, i)
			}
			after := parse(t, row.Anonymized())[0]
			require.Len(t, after, len(row.Cells), row.Trap)
			for i, cell := range after {
				assert.Zero(t, occurrences(cell, values), "%s, cell %d", row.Trap, i)
				if planted[i] == 0 {
					assert.Equal(t, newlines(row.Cells[i]), cell, row.Trap)
				}
			}
		}
	})
}

// occurrences counts the values in a cell that must go. Values that overlap count once.
func occurrences(cell string, values []string) (n int) {
	text := canonical(cell)
	values = slices.Clone(values)
	slices.Sort(values)
	values = slices.Compact(values)
	slices.SortFunc(values, func(a, b string) int { return len(b) - len(a) })
	for _, v := range values {
		for from := 0; ; {
			i := strings.Index(text[from:], v)
			if i < 0 {
				break
			}
			i += from
			from = i + len(v)
			before, after := lastRune(text[:i]), firstRune(text[from:])
			edge := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '\x00' }
			if !edge(before) && !edge(after) {
				text = text[:i] + "\x00" + text[from:] // hide it from shorter values
				from = i + 1
				n++
			}
		}
	}
	return n
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return ' '
}

func lastRune(s string) rune {
	r := ' '
	for _, c := range s {
		r = c
	}
	return r
}

// normal returns the normal form of a whole cell.
func normal(s string) string { return remember(s, findNormal) }

func findNormal(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
	s = norm.NFC.String(cases.Lower(language.Und, cases.HandleFinalSigma(false)).String(norm.NFC.String(s)))
	if g := strings.ReplaceAll(strings.Trim(s, "{}"), "-", ""); hexPattern.MatchString(g) {
		return g[:8] + "-" + g[8:12] + "-" + g[12:16] + "-" + g[16:20] + "-" + g[20:]
	}
	if m := sidPattern.FindStringSubmatch(s); m != nil {
		var parts [4]uint32
		for i := range parts {
			n, _ := strconv.ParseUint(m[1+i], 10, 32)
			parts[i] = uint32(n)
		}
		swapped := func(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }
		return fmt.Sprintf("%08x-%04x-%04x-%x-%x%x", parts[0], parts[1]&0xffff, parts[1]>>16, swapped(parts[2])[:2], swapped(parts[2])[2:], swapped(parts[3]))
	}
	return s
}

// canonical returns the form in which further occurrences are found.
func canonical(s string) string {
	s = cases.Fold().String(norm.NFKC.String(decoded(s)))
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, strings.Trim(s, " {}"))
	return hexRun.ReplaceAllStringFunc(s, func(g string) string {
		return g[:8] + "-" + g[8:12] + "-" + g[12:16] + "-" + g[16:20] + "-" + g[20:]
	})
}

// decoded removes the escapes of JSON and HTML, and up to three levels of
// percent-encoding.
func decoded(s string) string {
	s = strings.NewReplacer(`\u0040`, "@", `\/`, "/", "&#39;", "'").Replace(s)
	for range 3 {
		s = percentPattern.ReplaceAllStringFunc(s, func(x string) string {
			return map[string]string{"%40": "@", "%25": "%", "%2F": "/", "%23": "#"}[strings.ToUpper(x)]
		})
	}
	return s
}

// users returns the normal forms of the x of /users/x.
func users(cell string) []string { return remember(cell, findUsers) }

func findUsers(cell string) (xs []string) {
	for _, m := range userPattern.FindAllStringSubmatch(decoded(cell), -1) {
		xs = append(xs, normal(m[1]))
	}
	return xs
}

func TestSetHasEveryTrap(t *testing.T) {
	t.Parallel()
	everySeed(t, func(t *testing.T, s *csvschematest.Set) {
		seen := map[csvschematest.Truth]bool{}
		owned := map[string]bool{}
		for row := range s.Rows() {
			for _, p := range s.People {
				truth := row.Truth(p.Name)
				seen[truth] = true
				if truth.Verdict == csvschematest.Theirs {
					owned[p.Name] = true
				}
			}
		}
		for _, p := range s.People {
			assert.Equal(t, p.Name != "nobody", owned[p.Name], p.Name)
		}
		for rule := csvschematest.RuleOwner; rule <= csvschematest.RuleResource; rule++ {
			assert.True(t, seen[csvschematest.Truth{Verdict: csvschematest.Theirs, Rule: rule}], rule.String())
		}
		assert.True(t, seen[csvschematest.Truth{Verdict: csvschematest.Undetermined}])
		assert.True(t, seen[csvschematest.Truth{Verdict: csvschematest.Dangling}])
		assert.True(t, seen[csvschematest.Truth{Near: true}])
		assert.True(t, seen[csvschematest.Truth{Alias: true}])
		assert.True(t, seen[csvschematest.Truth{Verdict: csvschematest.Theirs, Rule: csvschematest.RuleOwner, Alias: true}])
		assert.True(t, seen[csvschematest.Truth{Verdict: csvschematest.Theirs, Rule: csvschematest.RuleLease, ThirdParty: true}])
		for _, trap := range []string{
			"reused-known-end", "reused-unknown-end", "owner-changed", "transferred", "windowed", "created-equals-deleted", "anonymized",
			"owner-beside-text", "owner-sid", "environment-spelling", "resource-spelling", "two-resource-ids", "text-json", "text-html",
		} {
			assert.NotEmpty(t, planted(s, trap), trap)
		}
		assert.Empty(t, planted(s, "no such trap"))
	})
}

func TestResourceIDsAreReusedOnPurposeOnly(t *testing.T) {
	t.Parallel()
	everySeed(t, func(t *testing.T, s *csvschematest.Set) {
		traps := map[string]string{}
		for row := range s.Rows() {
			id := row.Value(csvschema.LabUId) + row.Value(csvschema.ResourceId)
			if row.Role != csvschema.VirtualMachines || row.Value(csvschema.ResourceId) == "" {
				continue
			}
			if trap, ok := traps[id]; ok {
				assert.Equal(t, trap, row.Trap, "two traps share a ResourceId")
				assert.NotEqual(t, "ordinary", row.Trap)
			}
			traps[id] = row.Trap
		}
	})
}

func TestPeopleLiveAtReservedDomains(t *testing.T) {
	t.Parallel()
	allowed := []string{"example.com", "contoso.com", "fabrikam.com", "example.test", ".onmicrosoft.com", "anonymized.invalid", "example.com.example.test"}
	for row := range csvschematest.New(5, &csvschematest.Options{ExtraColumns: true}).Rows() {
		for _, cell := range row.Cells {
			for _, m := range mailPattern.FindAllString(strings.ToLower(cell), -1) {
				assert.True(t, slices.ContainsFunc(allowed, func(d string) bool { return strings.HasSuffix(m, d) }))
			}
		}
	}
}
