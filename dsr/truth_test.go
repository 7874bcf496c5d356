package dsr_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
)

// place is where a row stands.
type place struct {
	role              csvschema.Role
	export, file, row int
}

func placeOf(r *csvschematest.Row) place { return place{r.Role, r.Export, r.File, r.Number} }

func compare(a, b place) int {
	return cmp.Or(cmp.Compare(a.role, b.role), cmp.Compare(a.export, b.export), cmp.Compare(a.file, b.file), cmp.Compare(a.row, b.row))
}

// answer is what a request says about one subject, in a form to compare.
type answer struct {
	theirs       map[place]dsr.Rule
	undetermined []place
	dangling     []place
	near         []place
	aliases      []place
	third        int64
}

func newAnswer() answer { return answer{theirs: map[place]dsr.Rule{}} }

// truth is what a set says about a person.
func truth(set *csvschematest.Set, person string) answer {
	a := newAnswer()
	for r := range set.Rows() {
		t := r.Truth(person)
		switch t.Verdict {
		case csvschematest.NotTheirs:
		case csvschematest.Theirs:
			a.theirs[placeOf(r)] = dsr.Rule(t.Rule)
		case csvschematest.Undetermined:
			a.undetermined = append(a.undetermined, placeOf(r))
		case csvschematest.Dangling:
			a.dangling = append(a.dangling, placeOf(r))
		}
		if t.Near {
			a.near = append(a.near, placeOf(r))
		}
		if t.Alias {
			a.aliases = append(a.aliases, placeOf(r))
		}
		if t.ThirdParty {
			a.third++
		}
	}
	a.sort()
	return a
}

func (a *answer) sort() {
	for _, places := range [][]place{a.undetermined, a.dangling, a.near, a.aliases} {
		slices.SortFunc(places, compare)
	}
}

func subjectsOf(t *testing.T, people []csvschematest.Person) []dsr.Subject {
	t.Helper()
	var subjects []dsr.Subject
	for _, p := range people {
		s, err := dsr.ParseSubject(p.Identifiers...)
		require.NoError(t, err)
		subjects = append(subjects, s)
	}
	return subjects
}

// run filters, checks what must be so in every run, and returns what each
// subject is told.
func run(t *testing.T, exports []csvschema.Export, subjects []dsr.Subject, o *dsr.Options) ([]answer, *dsr.Report) {
	t.Helper()
	answers := make([]answer, len(subjects))
	for i := range answers {
		answers[i] = newAnswer()
	}
	var last place
	lastSubject := 0
	report, err := dsr.Filter(t.Context(), exports, subjects, func(m dsr.Match) error {
		at := place{m.Key.Role(), m.Export, m.File, int(m.Row)}
		order := cmp.Or(compare(last, at), cmp.Compare(lastSubject, m.Subject))
		assert.True(t, last == place{} || order < 0, "matches come in order, each once")
		last, lastSubject = at, m.Subject
		assert.Equal(t, m.Record.Key(), m.Key)
		answers[m.Subject].theirs[at] = m.Rule
		return nil
	}, o)
	require.NoError(t, err)
	for _, f := range report.Findings {
		at := place{f.Role, f.Export, f.File, int(f.Row)}
		switch f.Kind {
		case dsr.Undetermined:
			answers[f.Subject].undetermined = append(answers[f.Subject].undetermined, at)
		case dsr.NearMatch:
			answers[f.Subject].near = append(answers[f.Subject].near, at)
		case dsr.AliasCandidate:
			answers[f.Subject].aliases = append(answers[f.Subject].aliases, at)
		case dsr.Dangling:
			assert.Equal(t, dsr.NoSubject, f.Subject)
			handedOut := 0
			for i := range answers {
				if _, theirs := answers[i].theirs[at]; theirs {
					handedOut++
				} else {
					answers[i].dangling = append(answers[i].dangling, at)
				}
			}
			assert.Less(t, handedOut, len(subjects), "what everybody was handed does not dangle")
		}
	}
	for i := range answers {
		answers[i].sort()
		answers[i].third = report.Subjects[i].Disks.ThirdParties
		checkCounts(t, answers[i], report.Subjects[i], report.Scope)
	}
	return answers, report
}

// checkCounts checks that the report of a subject says what was handed out and
// listed, and that its counts add up to the rows that were read.
func checkCounts(t *testing.T, a answer, s dsr.SubjectReport, scope dsr.Scope) {
	t.Helper()
	type key struct {
		role csvschema.Role
		rule dsr.Rule
	}
	handedOut := map[key]int64{}
	for at, rule := range a.theirs {
		handedOut[key{at.role, rule}]++
	}
	count := func(places []place, role csvschema.Role) (n int64) {
		for _, p := range places {
			if p.role == role {
				n++
			}
		}
		return n
	}
	for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
		c := s.Role(role)
		var theirs int64
		for rule := dsr.RuleOwner; rule <= dsr.RuleResource; rule++ {
			assert.Equal(t, handedOut[key{role, rule}], c.ByRule(rule), "%v %v", role, rule)
			theirs += c.ByRule(rule)
		}
		assert.Equal(t, theirs, c.Theirs())
		assert.Equal(t, count(a.undetermined, role), c.Undetermined, role)
		assert.Equal(t, count(a.dangling, role), c.Dangling, role)
		assert.Equal(t, count(a.near, role), c.Near, role)
		assert.Equal(t, count(a.aliases, role), c.Aliases, role)
		assert.GreaterOrEqual(t, c.NotTheirs, int64(0))
		assert.Equal(t, c.Rows, c.Theirs()+c.Undetermined+c.Dangling+c.NotTheirs, "counts add up to the rows that were read")
	}
	assert.Equal(t, scope.VirtualMachines, s.VirtualMachines.Rows)
	assert.Equal(t, scope.Disks, s.Disks.Rows)
}

// variants are ways to write the same rows.
var variants = []csvschematest.Options{
	{},
	{Dialect: csvschematest.Plain, CRLF: true, ByteOrderMark: true, EmptyLines: true},
	{ShuffledColumns: true, ExtraColumns: true, NoFinalLineEnd: true},
	{UnreadableDates: true, Ordinary: 300},
}

const seeds = 4

// forEachSet calls test with sets of several seeds in all variants.
func forEachSet(t *testing.T, test func(t *testing.T, set *csvschematest.Set)) {
	t.Helper()
	for seed := range uint64(seeds) {
		for i, o := range variants {
			t.Run(fmt.Sprintf("seed %d, variant %d", seed, i), func(t *testing.T) {
				t.Parallel()
				test(t, csvschematest.New(seed, &o))
			})
		}
	}
}

func TestFilterHandsOutExactlyWhatIsTheirsForEveryPerson(t *testing.T) {
	t.Parallel()
	forEachSet(t, func(t *testing.T, set *csvschematest.Set) {
		for _, p := range set.People {
			answers, _ := run(t, set.Exports(), subjectsOf(t, []csvschematest.Person{p}), nil)
			assert.Equal(t, truth(set, p.Name), answers[0], p.Name)
		}
	})
}

func TestManySubjectsAtOnceGetWhatEachGetsAlone(t *testing.T) {
	t.Parallel()
	forEachSet(t, func(t *testing.T, set *csvschematest.Set) {
		answers, report := run(t, set.Exports(), subjectsOf(t, set.People), &dsr.Options{Workers: 1})
		dangling := map[place]bool{}
		for i, p := range set.People {
			assert.Equal(t, truth(set, p.Name), answers[i], p.Name)
			for _, at := range answers[i].dangling {
				dangling[at] = true
			}
		}
		assert.Len(t, dangling, int(report.Dangling))
		assert.Equal(t, report.Dangling, report.DanglingListed)
	})
}

func TestSubjectsThatShareAnIdentifierGetTheSameRows(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(1, nil)
	alice := set.Person("alice")
	twice := subjectsOf(t, []csvschematest.Person{alice, alice})
	answers, _ := run(t, set.Exports(), twice, nil)
	assert.Equal(t, truth(set, "alice"), answers[0])
	assert.Equal(t, answers[0], answers[1])
}

func TestTheAnswerDoesNotDependOnWorkersOrChunks(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(3, &csvschematest.Options{Ordinary: 4000, UnreadableDates: true}) // several chunks
	subjects := subjectsOf(t, set.People)
	want, wantReport := run(t, set.Exports(), subjects, &dsr.Options{Workers: 1})
	for _, workers := range []int{-1, 0, 2, 7} {
		got, report := run(t, set.Exports(), subjects, &dsr.Options{Workers: workers})
		assert.Equal(t, want, got)
		assert.Equal(t, wantReport, report)
	}
	for i, p := range set.People {
		assert.Equal(t, truth(set, p.Name), want[i], p.Name)
	}
}
