package dsr_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
)

// What a person decided is asked for every finding about a subject, in order, and
// done: an undetermined disk is handed out in its place, what is not theirs is no
// finding any more, and nothing else changes.
func TestDecisionsAreCarriedOut(t *testing.T) {
	t.Parallel()
	decidedTheirs, dropped := 0, 0
	for seed := range uint64(4) {
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
		decision := func(f dsr.Finding) dsr.Decision { return dsr.Decision((f.Row + int64(f.Subject)) % 3) }
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
			case decision(f) == dsr.Theirs && f.Kind == dsr.Undetermined:
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
			assert.False(t, all.NeedsDecision(i), "all is decided")
		}
	}
	assert.Greater(t, decidedTheirs, 3)
	assert.Greater(t, dropped, 10)
}
