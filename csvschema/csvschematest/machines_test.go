package csvschematest_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

func TestTruthOfVirtualMachinesFollowsTheRules(t *testing.T) {
	t.Parallel()
	everySeed(t, func(t *testing.T, s *csvschematest.Set) {
		machine := func(row *csvschematest.Row) [2]string {
			return [2]string{normal(row.Value(csvschema.LabUId)), normal(row.Value(csvschema.ResourceUId))}
		}
		owned := map[string]map[[2]string]bool{} // the machines that are a person's in some row
		for _, p := range s.People {
			owned[p.Name] = map[[2]string]bool{}
			for row := range s.Rows() {
				if row.Role == csvschema.VirtualMachines && isGUID(machine(row)[1]) && judgeMachine(row, p).Verdict == csvschematest.Theirs {
					owned[p.Name][machine(row)] = true
				}
			}
		}
		for row := range s.Rows() {
			if row.Role != csvschema.VirtualMachines {
				continue
			}
			for _, p := range s.People {
				want := judgeMachine(row, p)
				if want == (csvschematest.Truth{}) {
					want.Near = isNamesake(row, p)
					want.Alias = !want.Near && namesSomebody(row) && owned[p.Name][machine(row)]
				}
				assert.Equal(t, want, row.Truth(p.Name), "%s of %s, export %d file %d row %d", p.Name, row.Trap, row.Export, row.File, row.Number)
			}
			assert.False(t, row.Dangling, "%s, export %d file %d row %d", row.Trap, row.Export, row.File, row.Number)
		}
	})
}

// isNamesake reports whether a virtual machine without an owner is named after a person.
func isNamesake(row *csvschematest.Row, p csvschematest.Person) bool {
	return normal(row.Value(csvschema.ResourceOwner)) == "" && slices.ContainsFunc(p.Identifiers, func(id string) bool {
		local, _, isAddress := strings.Cut(normal(id), "@")
		digits, isNamed := strings.CutPrefix(normal(row.Value(csvschema.Name)), local)
		return isAddress && isNamed && strings.Trim(digits, "0123456789") == ""
	})
}

// namesSomebody reports whether a virtual machine has an owner or, without one, a user.
func namesSomebody(row *csvschematest.Row) bool {
	if owner := normal(row.Value(csvschema.ResourceOwner)); owner != "" {
		return !anonymous(owner)
	}
	return slices.ContainsFunc(users(row.Value(csvschema.EnvironmentId)), func(x string) bool { return !anonymous(x) })
}

// judgeMachine finds the truth about a virtual machine and a person, as far as the row
// says it.
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
			truth.Near = truth.Near || slices.ContainsFunc(named, func(x string) bool { return near(normal(id), decoded(x)) || beside(normal(id), x) })
		}
	}
	return truth
}

// names reports whether x is an identifier of the person.
func names(p csvschematest.Person, x string) bool {
	return slices.ContainsFunc(p.Identifiers, func(id string) bool { return normal(id) == normal(x) })
}

// isGUID reports whether a normal form is a GUID.
func isGUID(x string) bool {
	return guidPattern.MatchString(x)
}

// anonymous reports whether a normal form is a replacement.
func anonymous(x string) bool {
	return strings.HasSuffix(x, "@anonymized.invalid") || strings.HasPrefix(x, "616e6f6e-796d-8")
}

// beside reports whether an owner holds an identifier beside other text.
func beside(id, owner string) bool {
	before, after, found := strings.Cut(canonical(owner), canonical(id))
	if !found || id == owner {
		return false
	}
	isWord := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	return isGUID(canonical(id)) || !isWord(lastRune(before)) && !isWord(firstRune(strings.TrimLeft(after, ".-")))
}

// near reports whether two different normal forms may belong to one account.
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
