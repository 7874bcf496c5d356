package dsr_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

// Access and anonymization share no code but csvschema. This is what ties them:
// what access shows about a person in a row that is due is gone from that row.
func TestNoIdentifierThatAccessShowsInADueRowIsLeftAfterAnonymizing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(seeds) {
		for _, o := range variants[:3] { // a date that cannot be read fails a run
			set := csvschematest.New(seed, &o)
			after := map[place][]byte{}
			var anonymized []csvschema.Export
			for _, f := range set.Files {
				var out bytes.Buffer
				_, err := new(anonymize.Policy).Copy(t.Context(), set.Now, f.Role, &out, bytes.NewReader(f.Data))
				require.NoError(t, err)
				raw, _ := records(t, out.Bytes(), f.Role)
				require.Len(t, raw, len(f.Rows))
				for i, r := range f.Rows {
					after[placeOf(r)] = []byte(raw[i])
				}
				for len(anonymized) < f.Export {
					anonymized = append(anonymized, csvschema.Export{})
				}
				e := &anonymized[f.Export-1]
				if f.Role == csvschema.Disks {
					e.Disks = append(e.Disks, source(out.Bytes()))
				} else {
					e.VirtualMachines = append(e.VirtualMachines, source(out.Bytes()))
				}
			}
			due := map[place]bool{}
			for r := range set.Rows() {
				due[placeOf(r)] = r.Due(set.Now, set.Retention)
			}
			subjects := subjectsOf(t, set.People)
			shown := 0
			for m, err := range matches(t.Context(), set.Exports(), subjects, nil) {
				require.NoError(t, err)
				at := place{m.Key.Role(), m.Export, m.File, int(m.Row)}
				if due[at] {
					shown++
					csvschematest.AssertNoIdentifiers(t, after[at], set.People[m.Subject].Identifiers...)
				} else {
					assert.Equal(t, string(m.Record.Raw()), string(after[at]))
				}
			}
			assert.Greater(t, shown, 50, "rows that are due are shown")
			// Nobody is found in a due row any more by what is in it.
			for m, err := range matches(t.Context(), anonymized, subjects, nil) {
				require.NoError(t, err)
				if m.Rule != dsr.RuleLease && m.Rule != dsr.RuleResource {
					assert.False(t, due[place{m.Key.Role(), m.Export, m.File, int(m.Row)}], m.Rule)
				}
			}
		}
	}
}

// The same for a whole request: whatever access shows of a person in any row, also
// of what exists, is gone when all their identifiers are erased; what is due by the
// policy alone, too. Nobody else's row that is not due changes but for that person.
func TestWhatAccessShowsIsGoneAfterErasure(t *testing.T) {
	t.Parallel()
	for seed := range uint64(seeds) {
		for _, o := range variants[:3] {
			set := csvschematest.New(seed, &o)
			for i, person := range set.People[:2] {
				policy := &anonymize.Policy{}
				for _, text := range person.Identifiers {
					id, err := identity.Parse(text)
					require.NoError(t, err)
					policy.Requests = append(policy.Requests, anonymize.Request{Kind: anonymize.Erase, Identifier: id, At: set.Now, Existing: true})
				}
				plan, err := policy.Plan(t.Context(), set.Now, set.Exports())
				require.NoError(t, err)
				after := make([]csvschema.Export, len(set.Exports()))
				rows := map[place][]byte{}
				for _, f := range plan.Report().Files {
					var out bytes.Buffer
					_, err := plan.Apply(t.Context(), f.FileID, &out)
					require.NoError(t, err)
					e := &after[f.Export-1]
					if f.Role == csvschema.Disks {
						e.Disks = append(e.Disks, source(out.Bytes()))
					} else {
						e.VirtualMachines = append(e.VirtualMachines, source(out.Bytes()))
					}
					raw, _ := records(t, out.Bytes(), f.Role)
					for n := range raw {
						rows[place{f.Role, f.Export, f.File, n + 1}] = []byte(raw[n])
					}
				}
				subject := subjectsOf(t, []csvschematest.Person{person})
				shown := 0
				for m, err := range matches(t.Context(), set.Exports(), subject, nil) {
					require.NoError(t, err)
					shown++
					csvschematest.AssertNoIdentifiers(t, rows[place{m.Key.Role(), m.Export, m.File, int(m.Row)}], person.Identifiers...)
				}
				assert.Positive(t, shown, "person %d", i)
				for m, err := range matches(t.Context(), after, subject, nil) {
					require.NoError(t, err)
					require.Failf(t, "found again", "%v in %v", m.Rule, m.Key)
				}
				for _, raw := range rows {
					csvschematest.AssertNoIdentifiers(t, raw, person.Identifiers...)
				}
			}
		}
	}
}
