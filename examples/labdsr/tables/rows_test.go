package tables_test

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// TestResourcesHaveOneRowWithTheirCells compares the tables of owners with what a program that
// holds all rows makes.
func TestResourcesHaveOneRowWithTheirCells(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		set := csvschematest.New(seed, &csvschematest.Options{
			Dialect: csvschematest.Dialect(seed % 2), CRLF: seed%3 == 1, ShuffledColumns: seed%4 == 1, EmptyLines: seed%5 == 1, ByteOrderMark: seed%6 == 1,
		})
		exports := dated(set.Exports(), set.Now, seed)
		m := makeTables(t, exports, tables.Options{At: set.Now, WithOwners: true, Workers: int(seed%3) + 1})
		for _, part := range []struct {
			table     tables.Table
			role      csvschema.Role
			resources tables.Resources
		}{{tables.Machines, csvschema.VirtualMachines, m.Machines}, {tables.Disks, csvschema.Disks, m.Disks}} {
			want, read := reference(t, set, exports, part.role)
			assert.ElementsMatch(t, want, withoutKeys(m.rows[part.table]), "seed %d, %v", seed, part.table)
			assert.Equal(t, read, part.resources.Read)
			assert.EqualValues(t, len(want), part.resources.Rows)
			assert.Positive(t, part.resources.Copies())
			keys := m.column(part.table, tables.ResourceKey)
			slices.Sort(keys)
			assert.Len(t, slices.Compact(keys), len(want), "each row has a key of its own")
		}
	}
}

func withoutKeys(rows []row) (all []row) {
	for _, r := range rows {
		one := row{}
		for name, value := range r {
			if name != tables.ResourceKey {
				one[name] = value
			}
		}
		all = append(all, one)
	}
	return all
}

// A copied is a copy of a resource.
type copied struct {
	cells   csvschema.Cells
	made    time.Time
	deleted time.Time
	given   int
}

// reference returns the rows of a table without keys, and how many rows were read.
func reference(t *testing.T, set *csvschematest.Set, exports []csvschema.Export, role csvschema.Role) (rows []row, read int64) {
	t.Helper()
	copies := map[csvschema.Key][]copied{}
	given := 0
	for _, f := range set.Files {
		if f.Role != role {
			continue
		}
		for _, cells := range cellsOf(t, f) {
			given++
			read++
			at, err := csvschema.ParseDateTime(cells.Cell(csvschema.DeletedDate))
			require.NoError(t, err)
			c := copied{cells, exports[f.Export-1].Made, at.In(nil), given}
			if cells.Key().Hash() == (csvschema.KeyHash{}) {
				rows = append(rows, rowOf(t, c))
				continue
			}
			copies[cells.Key()] = append(copies[cells.Key()], c)
		}
	}
	for _, all := range copies {
		rows = append(rows, rowOf(t, newest(all)))
	}
	return rows, read
}

func cellsOf(t *testing.T, f *csvschematest.File) (all []csvschema.Cells) {
	t.Helper()
	if f.Role == csvschema.Disks {
		for r, err := range csvschema.NewReader[csvschema.DiskRow](bytes.NewReader(f.Data), nil).All() {
			require.NoError(t, err)
			all = append(all, csvschema.CellsOf(&r))
		}
		return all
	}
	for r, err := range csvschema.NewReader[csvschema.VirtualMachineRow](bytes.NewReader(f.Data), nil).All() {
		require.NoError(t, err)
		all = append(all, csvschema.CellsOf(&r))
	}
	return all
}

// newest returns the copy that is taken: of those with a date the newest, and that one or one
// without a date.
func newest(copies []copied) copied {
	last := func(a, b copied) int { return cmp.Or(a.deleted.Compare(b.deleted), cmp.Compare(a.given, b.given)) }
	var dated, rest []copied
	for _, c := range copies {
		if c.made.IsZero() {
			rest = append(rest, c)
		} else {
			dated = append(dated, c)
		}
	}
	if len(dated) > 0 {
		rest = append(rest, slices.MaxFunc(dated, func(a, b copied) int { return cmp.Or(a.made.Compare(b.made), last(a, b)) }))
	}
	return slices.MaxFunc(rest, last)
}

func rowOf(t *testing.T, c copied) row {
	t.Helper()
	r := row{}
	put := func(name string, at time.Time) {
		if !at.IsZero() {
			r[name] = at.UTC().Format("2006-01-02T15:04:05.999999Z")
		}
	}
	for _, column := range c.cells.Role().Columns() {
		text, name := c.cells.Cell(column), column.String()
		switch column { //nolint:exhaustive // the others are text
		case csvschema.CreatedTime, csvschema.DeletedDate, csvschema.ExpirationDate:
			at, err := csvschema.ParseDateTime(text)
			require.NoError(t, err)
			put(name, at.In(nil))
			continue
		case csvschema.SubscriptionId, csvschema.LabUId, csvschema.ResourceUId:
			text = identity.Normal(text)
		case csvschema.Claimable:
			text = strings.ToLower(text)
		case csvschema.DiskSizeGB:
			if text != "" {
				text = cmp.Or(strings.TrimLeft(text, "0"), "0")
			}
		}
		if text != "" {
			r[name] = text
		}
	}
	put(tables.ExportedAt, c.made)
	return r
}

func TestTablesDoNotDependOnWorkersAndDialect(t *testing.T) {
	t.Parallel()
	var want *made
	for _, o := range []csvschematest.Options{{}, {Dialect: csvschematest.Plain, CRLF: true}, {EmptyLines: true}, {ByteOrderMark: true, NoFinalLineEnd: true}} {
		for _, workers := range []int{1, 4} {
			set := csvschematest.New(3, &o)
			exports := dated(set.Exports(), set.Now, 3)
			if workers == 4 {
				exports = inUTF16(t, set, exports)
			}
			m := makeTables(t, exports, tables.Options{At: set.Now, WithOwners: true, Workers: workers})
			if want == nil {
				want = m
			}
			assert.Equal(t, want.rows, m.rows)
			assert.Equal(t, want.Found, m.Found)
		}
	}
	assert.NotEmpty(t, want.Found)
}

func TestLargeExportsHaveTheirRowsAndMonths(t *testing.T) {
	t.Parallel()
	large := csvschematest.NewLarge(1, 3<<20, &csvschematest.LargeOptions{Labs: 3})
	at := time.Date(2024, time.September, 1, 12, 0, 0, 0, time.UTC)
	exports := []csvschema.Export{large.Export(), large.Export()}
	exports[0].Made = at.Add(-24 * time.Hour)
	exports[1].Made = at
	m := makeTables(t, exports, tables.Options{At: at, WithOwners: true})
	assert.Equal(t, 2*large.Rows(), m.Machines.Read)
	assert.Equal(t, large.Rows(), m.Machines.Rows)
	assert.Equal(t, large.Rows(), m.Disks.Rows)
	assert.Empty(t, m.Found)
	assert.Equal(t, monthsOf(t, m, at), m.rows[tables.Months])

	var policy *anonymize.Policy
	exports = anonymized(t, policy, at, exports)
	after := makeTables(t, exports, tables.Options{At: at, Due: dueBy(t, policy, at, exports)})
	assert.Equal(t, m.rows[tables.Months], after.rows[tables.Months])
	assert.Equal(t, m.column(tables.Machines, tables.ResourceKey), after.column(tables.Machines, tables.ResourceKey))
	assert.Equal(t, m.column(tables.Disks, tables.ResourceKey), after.column(tables.Disks, tables.ResourceKey))
}
