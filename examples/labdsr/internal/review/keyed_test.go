package review_test

import (
	"bytes"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
)

// keyed are a search of one near machine, with a key, and what was found.
type keyed struct {
	search review.Search
	report *dsr.Report
}

// person returns a subject.
func person(t *testing.T, ids ...identity.Identifier) dsr.Subject {
	t.Helper()
	near, err := identity.Parse("ann@example.onmicrosoft.com") // near the owner of the machine
	require.NoError(t, err)
	subject, err := dsr.NewSubject(append(slices.Clone(ids), near)...)
	require.NoError(t, err)
	return subject
}

// search searches with a key, and decisions.
func search(t *testing.T, subject dsr.Subject, d *review.Decisions) (keyed, error) {
	t.Helper()
	key, err := identity.NewSecretKey(bytes.Repeat([]byte{7}, identity.MinSecretKeyBytes))
	require.NoError(t, err)
	e := found(t, t.TempDir())
	s, err := review.NewSearch(e, filepath.Base).WithKey(key, subject, d)
	if err != nil {
		return keyed{}, err
	}
	report, err := dsr.Filter(t.Context(), e.List, []dsr.Subject{subject}, func(dsr.Match) error { return nil }, &dsr.Options{Decide: s.Decide(d)})
	require.NoError(t, err)
	return keyed{s, report}, nil
}

// reviewOf returns the lines of a review, with the decision in each.
func reviewOf(t *testing.T, k keyed, decision string) []string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, review.Write(&b, k.search.Questions(k.report), review.Origin{}))
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	require.Greater(t, len(lines), 1)
	for i := range lines {
		if i > 0 {
			lines[i] += decision
		}
	}
	return lines
}

func TestDecisionsWithAKeyAreAboutTheRowAndThePerson(t *testing.T) {
	t.Parallel()
	many := manyOf(t, 33)
	for _, test := range []struct {
		name    string
		was, is []identity.Identifier
		want    string
	}{
		{"the same", many[:2], many[:2], ""},
		{"more identifiers since", many[:2], many[:4], ""},
		{"fewer", many[:4], many[:2], "another person, or one with more identifiers"},
		{"too many to list", many, many, ""},
		{"more than these", many[:32], many, "another person"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			asked, err := search(t, person(t, test.was...), nil)
			require.NoError(t, err)
			lines := reviewOf(t, asked, "other")
			require.Contains(t, lines[1], ",row-")
			d, err := review.Read(file(t, strings.Join(lines, "\n")+"\n"))
			require.NoError(t, err)
			assert.False(t, d.NeedsFiles())
			require.ErrorContains(t, d.CheckOrigin(review.Origin{}), "asked with a key", "before WithKey")
			require.ErrorContains(t, d.CheckOrigin(planOf(1, "vm.csv")), "not about a plan")
			answered, err := search(t, person(t, test.is...), d)
			if test.want != "" {
				require.ErrorContains(t, err, test.want)
				return
			}
			require.NoError(t, err)
			require.NoError(t, d.CheckOrigin(review.Origin{}))
			assert.Empty(t, answered.search.Questions(answered.report))
			used, unused := d.Count()
			assert.Equal(t, []int{1, 0}, []int{used, unused})
		})
	}
}

func TestDamagedDecisionsWithAKeyAreRefused(t *testing.T) {
	t.Parallel()
	subject := person(t, manyOf(t, 2)...)
	asked, err := search(t, subject, nil)
	require.NoError(t, err)
	lines := reviewOf(t, asked, "theirs")
	_, digest, _ := strings.Cut(lines[1], ",row-")
	people := strings.Fields(digest)[1]
	for _, test := range []struct{ name, from, to, want string }{
		{"digest", "row-", "row-0", "line 2, column of: no digest of a row"},
		{"people", people, strings.Repeat("0", len(people)), "line 2: the decision is about another person"},
	} {
		d, err := review.Read(file(t, lines[0]+"\n"+strings.Replace(lines[1], test.from, test.to, 1)+"\n"))
		require.NoError(t, err)
		_, err = search(t, subject, d)
		require.ErrorContains(t, err, test.want, test.name)
	}
	copied := strings.Replace(lines[1], ",2,row", ",9,row", 1)
	for _, test := range []struct{ name, line, want string }{
		{"another person", strings.Replace(copied, people+" ", "", 1), "line 3: the person has other identifiers than on line 2"},
		{"contradiction", strings.Replace(copied, ",theirs", ",other", 1), "line 3, column decision: line 2 decides otherwise"},
		{"the same again", copied, ""},
	} {
		d, err := review.Read(file(t, strings.Join([]string{lines[0], lines[1], test.line}, "\n")+"\n"))
		require.NoError(t, err)
		answered, err := search(t, subject, d)
		if test.want != "" {
			require.ErrorContains(t, err, test.want, test.name)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, int64(1), answered.report.Subjects[0].VirtualMachines.Decided)
	}
}
