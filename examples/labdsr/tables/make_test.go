package tables_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// A row has the values of a row of a table as texts, by column; one that is null is not there.
type row map[string]string

// made is what Make made.
type made struct {
	*tables.Report
	rows map[tables.Table][]row
}

func (m *made) column(t tables.Table, name string) []string {
	var all []string
	for _, r := range m.rows[t] {
		all = append(all, r[name])
	}
	return all
}

func makeTables(t *testing.T, exports []csvschema.Export, o tables.Options) *made {
	t.Helper()
	m, err := tryMake(t, exports, o)
	require.NoError(t, err)
	return m
}

func tryMake(t *testing.T, exports []csvschema.Export, o tables.Options) (m *made, err error) {
	t.Helper()
	m = &made{rows: map[tables.Table][]row{}}
	m.Report, err = tables.Make(t.Context(), exports, o, func(_ context.Context, table tables.Table, batch arrow.RecordBatch) error {
		s := tables.Schema(table, arrow.Metadata{})
		if !assert.True(t, s.Equal(batch.Schema())) {
			return nil
		}
		for i := range int(batch.NumRows()) {
			r := row{}
			for j, f := range s.Fields() {
				if column := batch.Column(j); column.IsValid(i) {
					r[f.Name] = column.ValueStr(i)
				} else {
					assert.True(t, f.Nullable, f.Name)
				}
			}
			m.rows[table] = append(m.rows[table], r)
		}
		return nil
	})
	return m, err
}

// anonymized returns exports as a policy leaves them.
func anonymized(t *testing.T, policy *anonymize.Policy, at time.Time, exports []csvschema.Export) []csvschema.Export {
	t.Helper()
	plan, err := policy.Plan(t.Context(), at, exports)
	require.NoError(t, err)
	after := make([]csvschema.Export, len(exports))
	for i := range exports {
		after[i].Made = exports[i].Made
	}
	for _, f := range plan.Report().Files {
		var text bytes.Buffer
		_, err := plan.Apply(t.Context(), f.FileID, &text)
		require.NoError(t, err)
		e := &after[f.Export-1]
		if f.Role == csvschema.Disks {
			e.Disks = append(e.Disks, source.FromBytes(text.Bytes()))
		} else {
			e.VirtualMachines = append(e.VirtualMachines, source.FromBytes(text.Bytes()))
		}
	}
	return after
}

// dueBy returns Options.Due by a plan over exports.
func dueBy(t *testing.T, policy *anonymize.Policy, at time.Time, exports []csvschema.Export) func(csvschema.Key) bool {
	t.Helper()
	plan, err := policy.Plan(t.Context(), at, exports)
	require.NoError(t, err)
	return func(key csvschema.Key) bool { return plan.Keeping(key).Fate == fate.GoesNow }
}

// dated gives exports their dates, of which some are equal and some unknown.
func dated(exports []csvschema.Export, now time.Time, seed uint64) []csvschema.Export {
	exports = slices.Clone(exports)
	for i := range exports {
		switch (uint64(i) + seed) % 4 {
		case 0:
			exports[i].Made = time.Time{}
		case 1, 2:
			exports[i].Made = now.Add(-20 * 24 * time.Hour)
		default:
			exports[i].Made = now.Add(-time.Duration(i) * 24 * time.Hour)
		}
	}
	return exports
}

func policies(t *testing.T) map[string]*anonymize.Policy {
	t.Helper()
	key, err := identity.NewSecretKey(bytes.Repeat([]byte{7}, identity.MinSecretKeyBytes))
	require.NoError(t, err)
	all := map[string]*anonymize.Policy{}
	for kind := identity.ConstantReplacement; kind <= identity.PseudonymReplacement; kind++ {
		for _, names := range []bool{false, true} {
			all[fmt.Sprintf("%v, names %v", kind, names)] = &anonymize.Policy{Replacement: kind, Key: key, Names: names}
		}
	}
	return all
}

func TestMonthsAndKeysAreTheSameBeforeAndAfterAnonymizing(t *testing.T) {
	t.Parallel()
	seeds := uint64(8)
	if testing.Short() {
		seeds = 2
	}
	for seed := range seeds {
		set := csvschematest.New(seed, &csvschematest.Options{CRLF: seed%2 == 1, ShuffledColumns: seed%3 == 1})
		for name, policy := range policies(t) {
			t.Run(fmt.Sprintf("seed %d, %s", seed, name), func(t *testing.T) {
				t.Parallel()
				exports := dated(set.Exports(), set.Now, seed)
				before := makeTables(t, exports, tables.Options{At: set.Now, WithOwners: true})
				exports = anonymized(t, policy, set.Now, exports)
				after := makeTables(t, exports, tables.Options{
					At: set.Now, Due: dueBy(t, policy, set.Now, exports), Pseudonyms: policy.Replacement == identity.PseudonymReplacement,
				})
				assert.NotEmpty(t, before.rows[tables.Months])
				assert.Equal(t, before.rows[tables.Months], after.rows[tables.Months])
				assert.Equal(t, before.column(tables.Machines, tables.ResourceKey), after.column(tables.Machines, tables.ResourceKey))
				if !policy.Names { // the names of a disk are a part of its key
					assert.Equal(t, before.column(tables.Disks, tables.ResourceKey), after.column(tables.Disks, tables.ResourceKey))
				}
				assert.Zero(t, before.Machines.Hidden+before.Disks.Hidden)
				assert.Positive(t, after.Machines.Hidden)
			})
		}
	}
}
