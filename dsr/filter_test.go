package dsr_test

import (
	"iter"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

// truth returns what a set says about a person.
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

// TestTheRowsOfPeopleAreFound asks for people of sets and of large exports in one search,
// and compares with what the generator planted.
func TestTheRowsOfPeopleAreFound(t *testing.T) {
	t.Parallel()
	type world interface {
		Theirs(person string) iter.Seq[csvschematest.Place]
	}
	check := func(w world, exports []csvschema.Export, people []csvschematest.Person) {
		found := make([][]csvschematest.Place, len(people))
		_, err := dsr.Filter(t.Context(), exports, subjectsOf(t, people), func(m dsr.Match) error {
			found[m.Subject] = append(found[m.Subject], csvschematest.Place{FileID: m.FileID, Row: m.Row})
			return nil
		}, nil)
		require.NoError(t, err)
		for i, p := range people {
			csvschematest.AssertTheirs(t, w.Theirs(p.Name), found[i])
		}
	}
	for seed := range uint64(seeds) {
		set := csvschematest.New(seed, nil)
		check(set, set.Exports(), set.People)
		for _, o := range []*csvschematest.LargeOptions{nil, {Subjects: 40, Hits: 3}, {Hits: 100, ActiveEvery: -1}, {Subjects: 3, ActiveEvery: 1, CRLF: true}} {
			for _, size := range []int64{0, 1 << 20} {
				large := csvschematest.NewLarge(seed, size, o)
				check(large, []csvschema.Export{large.Export()}, large.Subjects())
			}
		}
	}
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
	numbers := []int{-1, 0, 2, 7}
	if isRace {
		numbers = numbers[3:]
	}
	for _, workers := range numbers {
		got, report := run(t, set.Exports(), subjects, &dsr.Options{Workers: workers})
		assert.Equal(t, want, got)
		assert.Equal(t, wantReport, report)
	}
	for i, p := range set.People {
		assert.Equal(t, truth(set, p.Name), want[i], p.Name)
	}
}

func TestFilterHandsOutTheBytesOfTheInput(t *testing.T) {
	t.Parallel()
	forEachSet(t, func(t *testing.T, set *csvschematest.Set) {
		want := map[place]string{}
		for r := range set.Rows() {
			want[placeOf(r)] = string(r.Raw)
		}
		for m, err := range matches(t.Context(), set.Exports(), subjectsOf(t, set.People), nil) {
			require.NoError(t, err)
			assert.Equal(t, want[place{m.Key.Role(), m.Export, m.File, int(m.Row)}], string(m.Record.Raw()))
		}
	})
}

// Decide is called for every finding about a subject, in order, and its answer is
// applied: an undetermined disk is emitted in its place, what is not theirs is no
// longer a finding, and nothing else changes.
func TestDecisionsAreCarriedOut(t *testing.T) {
	t.Parallel()
	decidedTheirs, dropped := 0, 0
	for seed := range uint64(seeds) {
		set := csvschematest.New(seed, nil)
		subjects := subjectsOf(t, set.People)
		type at struct {
			place
			subject int
		}
		atOf := func(m dsr.Match) at { return at{place{m.Key.Role(), m.Export, m.File, int(m.Row)}, m.Subject} }
		search := func(decide func(dsr.Finding) dsr.Decision) (order []at, rules map[at]dsr.Rule, report *dsr.Report) {
			rules = map[at]dsr.Rule{}
			report, err := dsr.Filter(t.Context(), set.Exports(), subjects, func(m dsr.Match) error {
				order = append(order, atOf(m))
				rules[atOf(m)] = m.Rule
				return nil
			}, &dsr.Options{Decide: decide})
			require.NoError(t, err)
			return order, rules, report
		}
		plainOrder, plainRules, plain := search(nil)
		var asked []dsr.Finding
		decision := func(f dsr.Finding) dsr.Decision { return takenBy(f, dsr.Decision((f.Row+int64(f.Subject))%3)) }
		order, rules, report := search(func(f dsr.Finding) dsr.Decision {
			asked = append(asked, f)
			return decision(f)
		})

		var want, left []dsr.Finding
		for _, f := range plain.Findings {
			if f.Subject == dsr.NoSubject {
				left = append(left, f)
				continue
			}
			want = append(want, f)
			where := at{place{f.Role, f.Export, f.File, int(f.Row)}, f.Subject}
			switch {
			case decision(f) == dsr.Theirs:
				assert.True(t, f.Kind == dsr.Undetermined || f.Kind == dsr.NearMatch)
				decidedTheirs++
				assert.Equal(t, dsr.RuleDecision, rules[where])
				plainRules[where] = dsr.RuleDecision
				plainOrder = append(plainOrder, where)
			case decision(f) == dsr.NotTheirs:
				dropped++
			default:
				left = append(left, f)
			}
		}
		assert.Equal(t, want, asked)
		assert.Equal(t, left, report.Findings)
		assert.Equal(t, plainRules, rules)
		assert.ElementsMatch(t, plainOrder, order)
		assert.True(t, slices.IsSortedFunc(order, func(a, b at) int {
			return slices.Compare([]int{int(a.role), a.export, a.file, a.row, a.subject}, []int{int(b.role), b.export, b.file, b.row, b.subject})
		}), "in the order of matches")
		for i, s := range report.Subjects {
			theirs := int64(0)
			for where := range rules {
				if where.subject == i {
					theirs++
				}
			}
			assert.Equal(t, theirs, s.VirtualMachines.Theirs()+s.Disks.Theirs())
			c := s.Disks
			assert.Equal(t, c.Rows, c.Theirs()+c.Undetermined+c.Dangling+c.NotTheirs)
		}
		_, _, all := search(func(dsr.Finding) dsr.Decision { return dsr.NotTheirs })
		for i := range subjects {
			assert.False(t, all.NeedsDecision(i), "everything is decided")
		}
	}
	assert.Greater(t, decidedTheirs, 3)
	assert.Greater(t, dropped, 10)
}

// TestOwnersThatAreNobodyLeaveTheRowToAPerson has machines whose environment names the
// subject. Only a row decides about whose machine it is, since no account can be given.
// A row may be found for two reasons, which a person decides about one by one.
func TestDecisionsAboutARowDoNotContradictEachOther(t *testing.T) {
	t.Parallel()
	both, err := dsr.NewSubject(append(subject(t, aliceID).Identifiers(), subject(t, alice).Identifiers()...)...)
	require.NoError(t, err)
	for _, test := range []struct {
		owner string
		near  dsr.Decision
		alias dsr.Decision
		want  int // matches; -1 is a contradiction
	}{
		{"NULL", dsr.Theirs, dsr.Theirs, 1},
		{"NULL", dsr.NotTheirs, dsr.NotTheirs, 0},
		{"NULL", dsr.Theirs, dsr.Undecided, 1},
		{"NULL", dsr.Theirs, dsr.NotTheirs, -1},
		{"NULL", dsr.NotTheirs, dsr.Theirs, -1},
		{bob, dsr.Theirs, dsr.NotTheirs, 1}, // the row is, and Bob's address is not another one of hers
	} {
		exports := build(t, export{machines: []machine{{id: vm1, uid: uid1, owner: test.owner, env: "/labs/l/users/xsip:" + alice + "/users/" + aliceID + "/environments/e"}}})
		matches := 0
		report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{both}, func(dsr.Match) error {
			matches++
			return nil
		}, &dsr.Options{Decide: func(f dsr.Finding) dsr.Decision {
			if f.Kind == dsr.NearMatch {
				return test.near
			}
			return test.alias
		}})
		if test.want < 0 {
			require.ErrorIs(t, err, dsr.ErrDecision)
			assert.Zero(t, matches)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, test.want, matches)
		assert.Equal(t, 1, report.Scope.Exports)
	}
}

func TestOwnersThatAreNobodyLeaveTheRowToAPerson(t *testing.T) {
	t.Parallel()
	null, err := identity.Verbatim("NULL")
	require.NoError(t, err)
	both, err := dsr.NewSubject(append(subject(t, aliceID).Identifiers(), null)...)
	require.NoError(t, err)
	for _, test := range []struct {
		owner, user string
		subject     dsr.Subject
		takes       bool
	}{
		{"NULL", aliceID, subject(t, aliceID), true},
		{" n/a ", aliceID, subject(t, aliceID), true},
		{"####", aliceID, subject(t, aliceID), true},
		{"00000000-0000-0000-0000-000000000000", aliceID, subject(t, aliceID), true},
		{bob, aliceID, subject(t, aliceID), false},
		{"build agent", aliceID, subject(t, aliceID), false},
		{alice, bobID, subject(t, alice), false},
		{"", aliceID + "/x/users/" + bobID, subject(t, aliceID), false},
		{"NULL", bobID, both, false}, // a row of theirs
	} {
		t.Run(test.owner+" "+test.user, func(t *testing.T) {
			t.Parallel()
			exports := build(t, export{machines: []machine{{id: vm1, uid: uid1, owner: test.owner, env: "/labs/l/users/" + test.user + "/environments/e"}}})
			search := func(d dsr.Decision) (rules []dsr.Rule, report *dsr.Report, err error) {
				report, err = dsr.Filter(t.Context(), exports, []dsr.Subject{test.subject}, func(m dsr.Match) error {
					rules = append(rules, m.Rule)
					return nil
				}, &dsr.Options{Decide: func(dsr.Finding) dsr.Decision { return d }})
				return rules, report, err
			}
			_, open, err := search(dsr.Undecided)
			require.NoError(t, err)
			require.Len(t, open.Findings, 1)
			assert.Equal(t, dsr.AliasCandidate, open.Findings[0].Kind)
			assert.Equal(t, test.takes, open.Findings[0].TakesTheirs)
			after, decided, err := search(dsr.Theirs)
			if test.takes {
				require.NoError(t, err)
				assert.Equal(t, []dsr.Rule{dsr.RuleDecision}, after)
				assert.False(t, decided.NeedsDecision(0))
				return
			}
			require.ErrorIs(t, err, dsr.ErrDecision)
			assert.Nil(t, decided)
		})
	}
}
