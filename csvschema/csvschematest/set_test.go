package csvschematest_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

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
		assert.True(t, planted(s, "due-exactly")[0].Due(s.Now, s.Retention))
		assert.False(t, planted(s, "due-exactly")[0].Due(s.Now.Add(-1), s.Retention))
		assert.False(t, planted(s, "due-in-a-second")[0].Due(s.Now, s.Retention))
		assert.True(t, planted(s, "due-in-a-second")[0].Due(s.Now.Add(time.Second), s.Retention))
		assert.Equal(t, unreadable > 0, planted(s, "unreadable-deleted") != nil)
	})
}

func TestSourcesOpenAgainAndAgain(t *testing.T) {
	t.Parallel()
	s := csvschematest.New(1, nil)
	exports := s.Exports()
	require.Len(t, exports, 3)
	assert.Len(t, exports[0].VirtualMachines, 2)
	assert.Len(t, exports[0].Disks, 1)
	assert.Len(t, exports[1].VirtualMachines, 1)
	assert.Len(t, exports[1].Disks, 2)
	assert.Len(t, exports[2].VirtualMachines, 1)
	assert.Empty(t, exports[2].Disks, "an export without a disks file")
	for _, f := range s.Files {
		sources := exports[f.Export-1].VirtualMachines
		if f.Role == csvschema.Disks {
			sources = exports[f.Export-1].Disks
		}
		for range 2 {
			r, err := sources[f.Number-1].Open(t.Context())
			require.NoError(t, err)
			data, err := io.ReadAll(r)
			require.NoError(t, err)
			assert.Equal(t, f.Data, data)
			assert.NoError(t, r.Close())
		}
	}
}

func TestAnonymizedFileReplacesDueRowsOnly(t *testing.T) {
	t.Parallel()
	for name, o := range layouts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := csvschematest.New(9, o)
			for _, f := range s.Files {
				after := f.Anonymized(s.Now, s.Retention)
				csvschematest.AssertConserved(t, f.Data, after, func(row int) bool {
					r := f.Rows[row-1]
					return r.Due(s.Now, s.Retention) && len(r.Identifiers) > 0
				})
				rest := after[len(f.Header):]
				for _, r := range f.Rows {
					raw := r.Raw
					if r.Due(s.Now, s.Retention) {
						raw = r.Anonymized()
						for _, id := range r.Identifiers {
							csvschematest.AssertNoIdentifiers(t, raw, id.Text)
						}
					}
					rest = bytes.TrimLeft(rest, "\r\n")
					assert.True(t, bytes.HasPrefix(rest, raw))
					rest = rest[len(raw):]
				}
				assert.Equal(t, f.Data, f.Anonymized(day0, s.Retention), "nothing is due before all deletions")
			}
		})
	}
}

func TestPersonPanicsWithoutOne(t *testing.T) {
	t.Parallel()
	s := csvschematest.New(1, nil)
	assert.Equal(t, "ann@example.com", s.Person("ann").Identifiers[0])
	assert.Panics(t, func() { s.Person("no such person") })
}

func TestVerdictsAndRulesHaveNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for v := csvschematest.NotTheirs; v <= csvschematest.Dangling; v++ {
		seen[v.String()] = true
	}
	for r := csvschematest.RuleOwner; r <= csvschematest.RuleResource; r++ {
		seen[r.String()] = true
	}
	assert.Len(t, seen, 9)
	assert.Empty(t, csvschematest.Verdict(99).String())
	assert.Empty(t, csvschematest.Rule(0).String())
}
