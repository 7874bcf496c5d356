package csvschematest_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
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

// NOTE. The generator states the answers where it plants a row. This file finds
// the same answers from nothing but the cells, slowly and by the letter of the
// rules: where the two disagree, one of them is wrong about the rules.

// everySeed tests a claim for some seeds, with all traps.
func everySeed(t *testing.T, test func(t *testing.T, s *csvschematest.Set)) {
	t.Helper()
	for seed := range uint64(6) {
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

func TestTruthFollowsTheRules(t *testing.T) {
	t.Parallel()
	everySeed(t, func(t *testing.T, s *csvschematest.Set) {
		for row := range s.Rows() {
			for _, p := range s.People {
				want, dangling := judge(s, row, p)
				assert.Equal(t, want, row.Truth(p.Name), "%s of %s, export %d file %d row %d", p.Name, row.Trap, row.Export, row.File, row.Number)
				assert.Equal(t, dangling, row.Dangling, "%s, export %d file %d row %d", row.Trap, row.Export, row.File, row.Number)
			}
		}
	})
}

// known remembers what was found of a cell: rules ask for the same again and again.
var known sync.Map

// remember returns find(text), found once.
func remember[T any](text string, find func(string) T) T {
	type key struct{ text string } // a type of its own for each T
	if v, ok := known.Load(key{text}); ok {
		return v.(T)
	}
	v := find(text)
	known.Store(key{text}, v)
	return v
}

// judge finds what is true of a row for a person.
func judge(s *csvschematest.Set, row *csvschematest.Row, p csvschematest.Person) (truth csvschematest.Truth, dangling bool) {
	if row.Role == csvschema.VirtualMachines {
		return judgeMachine(row, p), false
	}
	return judgeDisk(s, row, p)
}

func judgeMachine(row *csvschematest.Row, p csvschematest.Person) (truth csvschematest.Truth) {
	owner := normal(row.Value(csvschema.ResourceOwner))
	users := users(row.Value(csvschema.EnvironmentId))
	mine := func(x string) bool { return names(p, x) }
	named := []string{owner}
	switch {
	case owner != "" && mine(owner):
		truth.Verdict, truth.Rule = csvschematest.Theirs, csvschematest.RuleOwner
		truth.Alias = slices.ContainsFunc(users, func(x string) bool { return isGUID(x) && !mine(x) && !anonymous(x) })
	case owner == "" && slices.ContainsFunc(users, mine):
		truth.Verdict, truth.Rule = csvschematest.Theirs, csvschematest.RuleEnvironment
	case owner == "":
		named = users
	case !anonymous(owner):
		truth.Alias = slices.ContainsFunc(users, func(x string) bool { return isGUID(x) && mine(x) })
	}
	if truth.Verdict != csvschematest.Theirs {
		for _, id := range p.Identifiers {
			truth.Near = truth.Near || slices.ContainsFunc(named, func(x string) bool { return near(normal(id), x) })
		}
	}
	return truth
}

func judgeDisk(s *csvschematest.Set, row *csvschematest.Row, p csvschematest.Person) (truth csvschematest.Truth, dangling bool) {
	lab := normal(row.Value(csvschema.LabUId))
	uid, id, lease := normal(row.Value(csvschema.ResourceUId)), normal(row.Value(csvschema.ResourceId)), normal(row.Value(csvschema.LeasedByVmId))
	path := users(row.Value(csvschema.ResourceId))
	var candidates []*csvschematest.Row
	rule := csvschematest.RuleLease
	collect := func(match func(vm *csvschematest.Row) bool) {
		for _, own := range []bool{true, false} {
			for vm := range s.Rows() {
				if vm.Role == csvschema.VirtualMachines && (vm.Export == row.Export) == own && lab != "" && normal(vm.Value(csvschema.LabUId)) == lab && match(vm) {
					candidates = append(candidates, vm)
				}
			}
			if candidates != nil {
				return
			}
		}
	}
	if lease != "" {
		collect(func(vm *csvschematest.Row) bool {
			return normal(vm.Value(csvschema.ResourceId)) == lease || normal(vm.Value(csvschema.ComputeResourceId)) == lease
		})
	} else {
		rule = csvschematest.RuleResource
		if uid != "" {
			collect(func(vm *csvschematest.Row) bool { return normal(vm.Value(csvschema.ResourceUId)) == uid })
		}
		if candidates == nil && id != "" {
			collect(func(vm *csvschematest.Row) bool { return normal(vm.Value(csvschema.ResourceId)) == id })
		}
	}
	dangling = candidates == nil && (lease != "" || !slices.ContainsFunc(path, func(x string) bool { return x != "@me" && !anonymous(x) }))

	owns := func(vm *csvschematest.Row) bool { return judgeMachine(vm, p).Verdict == csvschematest.Theirs }
	remaining, readable := remaining(row, candidates)
	switch {
	case slices.ContainsFunc(path, func(x string) bool { return names(p, x) }):
		truth.Verdict, truth.Rule = csvschematest.Theirs, csvschematest.RuleUserPath
	case dangling:
		truth.Verdict = csvschematest.Dangling
	case !slices.ContainsFunc(candidates, owns):
	case !readable || len(remaining) == 0:
		truth.Verdict = csvschematest.Undetermined
	case !slices.ContainsFunc(remaining, func(vm *csvschematest.Row) bool { return !owns(vm) }):
		truth.Verdict, truth.Rule = csvschematest.Theirs, rule
	case slices.ContainsFunc(remaining, owns):
		truth.Verdict = csvschematest.Undetermined
	}
	truth.ThirdParty = truth.Verdict == csvschematest.Theirs &&
		slices.ContainsFunc(path, func(x string) bool { return x != "@me" && !names(p, x) && !anonymous(x) })
	return truth, dangling
}

// remaining returns the candidates that time does not exclude, and whether all
// dates can be read.
func remaining(disk *csvschematest.Row, candidates []*csvschematest.Row) (rest []*csvschematest.Row, readable bool) {
	born, gone, readable := lifetime(disk)
	for _, vm := range candidates {
		created, deleted, ok := lifetime(vm)
		readable = readable && ok
		endKnown := !created.IsZero() && deleted.After(created)
		tooLate := !created.IsZero() && !gone.IsZero() && !created.Before(gone)
		tooEarly := endKnown && !born.IsZero() && !deleted.After(born)
		if !tooLate && !tooEarly {
			rest = append(rest, vm)
		}
	}
	return rest, readable
}

func lifetime(row *csvschematest.Row) (created, deleted time.Time, readable bool) {
	created, a := date(row.Value(csvschema.CreatedTime))
	deleted, b := date(row.Value(csvschema.DeletedDate))
	return created, deleted, a && b
}

func date(cell string) (time.Time, bool) {
	switch cell {
	case "", "0001-01-01", "1/1/0001 12:00:00 AM":
		return time.Time{}, true
	}
	for _, layout := range []string{"1/2/2006 3:04:05 PM", "1/2/2006 15:04", "1/2/2006", time.RFC3339Nano, time.DateTime} {
		if t, err := time.Parse(layout, cell); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

func TestDueFollowsDeletedDate(t *testing.T) {
	t.Parallel()
	everySeed(t, func(t *testing.T, s *csvschematest.Set) {
		var due, later, never, unreadable int
		for row := range s.Rows() {
			at, ok := date(row.Value(csvschema.DeletedDate))
			assert.Equal(t, !ok, row.Unreadable, row.Trap)
			assert.True(t, at.Equal(row.Deleted), row.Trap)
			isDue := ok && !at.IsZero() && s.Now.Sub(at) >= 30*24*time.Hour
			assert.Equal(t, isDue, row.Due(s.Now, s.Retention), row.Trap)
			switch {
			case isDue:
				due++
			case !ok:
				unreadable++
			case at.IsZero():
				never++
			default:
				later++
			}
		}
		assert.Greater(t, due, 20)
		assert.Greater(t, later, 3)
		assert.Greater(t, never, 20)
		assert.True(t, s.Trap("due-exactly")[0].Due(s.Now, s.Retention))
		assert.False(t, s.Trap("due-exactly")[0].Due(s.Now.Add(-1), s.Retention))
		assert.False(t, s.Trap("due-in-a-second")[0].Due(s.Now, s.Retention))
		assert.True(t, s.Trap("due-in-a-second")[0].Due(s.Now.Add(time.Second), s.Retention))
		assert.Equal(t, unreadable > 0, s.Trap("unreadable-deleted") != nil)
	})
}

var (
	mailPattern    = regexp.MustCompile(`[\p{L}\p{M}0-9._'#+~!^-]+@[\p{L}0-9-]+(\.[\p{L}0-9-]+)+`)
	hexPattern     = regexp.MustCompile(`^[0-9a-f]{32}$`)
	hexRun         = regexp.MustCompile(`[0-9a-f]{32}`)
	percentPattern = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	guidPattern    = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	userPattern    = regexp.MustCompile(`(?i)/users/([^/]+)`)
)

func TestIdentifiersOfARowAreWhatHasToGo(t *testing.T) {
	t.Parallel()
	everySeed(t, func(t *testing.T, s *csvschematest.Set) {
		for row := range s.Rows() {
			// The values that have to go, by the rules.
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
				wantUser := isGUID(canonical(id.Text)) || strings.HasSuffix(strings.ToLower(decoded(cell[:id.Start])), "/users/")
				assert.Equal(t, wantUser || !wantAddress, id.Replacement == identity.ReplacementObjectID, row.Trap)
				assert.Contains(t, []string{identity.ReplacementAddress, identity.ReplacementObjectID}, id.Replacement, row.Trap)
			}
			// Every occurrence is planted, and replacing leaves none.
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

// occurrences counts what has to go from a cell: of values that overlap, one.
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
				text = text[:i] + "\x00" + text[from:] // counted: shorter values do not see it
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

// normal is the normal form of a whole cell.
func normal(s string) string { return remember(s, findNormal) }

func findNormal(s string) string {
	s = strings.TrimFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) })
	s = norm.NFC.String(cases.Lower(language.Und, cases.HandleFinalSigma(false)).String(norm.NFC.String(s)))
	if g := strings.ReplaceAll(strings.Trim(s, "{}"), "-", ""); hexPattern.MatchString(g) {
		return g[:8] + "-" + g[8:12] + "-" + g[12:16] + "-" + g[16:20] + "-" + g[20:]
	}
	return s
}

// canonical is the form in which further occurrences are looked for.
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

// decoded takes percent-encodings off.
func decoded(s string) string {
	for range 3 {
		s = percentPattern.ReplaceAllStringFunc(s, func(x string) string {
			return map[string]string{"%40": "@", "%25": "%", "%2F": "/"}[strings.ToUpper(x)]
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

// names reports whether x is the person.
func names(p csvschematest.Person, x string) bool {
	return slices.ContainsFunc(p.Identifiers, func(id string) bool { return normal(id) == normal(x) })
}

func isGUID(x string) bool {
	return guidPattern.MatchString(x)
}

// anonymous reports whether a normal form is a replacement.
func anonymous(x string) bool {
	return strings.HasSuffix(x, "@anonymized.invalid") || strings.HasPrefix(x, "616e6f6e-796d-8")
}

// near reports whether two different normal forms may be one account.
func near(a, b string) bool {
	if a == b || a == "" || b == "" {
		return false
	}
	fold := func(s string) string { return cases.Fold().String(norm.NFKC.String(s)) }
	if fold(a) == fold(b) {
		return true
	}
	half := func(a, b string) bool {
		localA, domainA, _ := strings.Cut(a, "@")
		localB, domainB, ok := strings.Cut(b, "@")
		tenant := ok && strings.HasSuffix(domainB, ".onmicrosoft.com")
		return strings.HasPrefix(b, localA+"_"+domainA+"#ext#@") || tenant && localA == localB
	}
	return half(a, b) || half(b, a)
}
