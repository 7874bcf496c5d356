package index_test

import (
	"cmp"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize/internal/index"
	"github.com/labdsr/labdsr/csvschema"
)

// A saying is what a row can say, and the fact that is to come of it.
type saying struct {
	status, date string

	deleted time.Time // zero: there is none
	flags   index.Flags
}

var (
	may  = time.Date(2024, 5, 1, 12, 0, 0, 1_234_500, time.UTC)
	june = time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)

	sayings = []saying{
		{},
		{status: "Active"},
		{status: " aCTIVE "},
		{status: "Inactive", flags: index.Inactive},
		{status: " inactive", flags: index.Inactive},
		{status: "Inactive", date: "2024-05-01T12:00:00.0012345Z", deleted: may},
		{status: "Inactive", date: "2024-06-01T12:00:00Z", deleted: june},
		{date: "2024-06-01T12:00:00Z", deleted: june},
		{status: "Active", date: "2024-06-01T12:00:00Z", deleted: june, flags: index.ActiveWithDate},
		{status: "Inactive", date: "soon", flags: index.UnreadableDate},
		{status: "Active", date: "soon", flags: index.UnreadableDate},
		{status: "Resting", flags: index.UnreadableStatus},
		{status: "Resting", date: "2024-05-01T12:00:00.0012345Z", deleted: may, flags: index.UnreadableStatus},
	}
	allFlags = []index.Flags{index.Inactive, index.ActiveWithDate, index.DifferentDates, index.UnreadableDate, index.UnreadableStatus}
)

// isPlain reports whether the fact is to be plain.
func (s saying) isPlain() bool { return s.deleted.IsZero() && s.flags == 0 }

// recordsOf reads a file that has not all columns.
func recordsOf(file string) *csvschema.RecordReader {
	return csvschema.NewRecordReader(strings.NewReader(file), csvschema.VirtualMachines, &csvschema.RecordOptions{Required: []csvschema.Column{}})
}

// factsOf reads the facts from a file, in the order of the sayings.
func factsOf(t *testing.T) (facts []index.Fact) {
	t.Helper()
	var file strings.Builder
	file.WriteString("ResourceStatus,DeletedDate\n")
	for _, s := range sayings {
		file.WriteString(`"` + s.status + `","` + s.date + "\"\n")
	}
	r := recordsOf(file.String())
	for {
		rec, err := r.Read()
		if err == io.EOF {
			require.Len(t, facts, len(sayings))
			return facts
		}
		require.NoError(t, err)
		facts = append(facts, index.NewFact(rec, time.UTC))
	}
}

// A copyOf is one row of a resource in an export that was made then.
type copyOf struct {
	saying int
	made   uint32
}

// requireEntry holds an entry to what all copies say, in the order in which they were
// added. It looks at all of them at once.
func requireEntry(t *testing.T, copies []copyOf, e *index.Entry) {
	t.Helper()
	newest := slices.MaxFunc(copies, func(a, b copyOf) int { return cmp.Compare(a.made, b.made) }).made
	knows := !slices.ContainsFunc(copies, func(c copyOf) bool { return c.made == 0 })
	var deleted time.Time
	var flags index.Flags
	for _, c := range copies {
		s := sayings[c.saying]
		says := s.flags
		if c.made != 0 && c.made < newest {
			says &^= index.Inactive
		}
		flags |= says
		if !s.deleted.IsZero() && !deleted.IsZero() && !s.deleted.Equal(deleted) {
			flags |= index.DifferentDates
		}
		if s.deleted.After(deleted) {
			deleted = s.deleted
		}
	}
	require.NotNil(t, e)
	require.Equal(t, !deleted.IsZero() && flags == 0, e.IsClear())
	at, ok := e.Deleted()
	require.Equal(t, deleted, at)
	require.Equal(t, !deleted.IsZero(), ok)
	for _, flag := range allFlags {
		require.Equal(t, flags&flag != 0, e.Has(flag), "flag %b of %v", flag, copies)
	}
	if knows {
		require.Equal(t, newest, e.Made())
	} else {
		require.Zero(t, e.Made())
	}
}

func TestAFactIsWhatTheRowSays(t *testing.T) {
	t.Parallel()
	for i, fact := range factsOf(t) {
		s := sayings[i]
		assert.Zero(t, fact.Key)
		assert.Equal(t, s.isPlain(), fact.IsPlain(), "%+v", s)
		for _, flag := range allFlags {
			assert.Equal(t, s.flags&flag != 0, fact.Has(flag), "%+v: %b", s, flag)
		}
		for made := range uint32(2) {
			requireEntry(t, []copyOf{{i, made}}, index.NewEntry(fact, made))
		}
	}
}

func TestDatesWithoutAZoneAreInTheZone(t *testing.T) {
	t.Parallel()
	rec, err := recordsOf("ResourceStatus,DeletedDate\n,2024-06-01 12:00:00\n").Read()
	require.NoError(t, err)
	at, ok := index.NewEntry(index.NewFact(rec, time.FixedZone("", 2*60*60)), 1).Deleted()
	assert.True(t, ok)
	assert.Equal(t, june.Add(-2*time.Hour), at)
}

// keyOf returns a key that is not zero. Keys that are near each other have one slot, and the
// same bits beside their numbers.
func keyOf(r *rand.Rand, isNear bool) (key csvschema.KeyHash) {
	binary.NativeEndian.PutUint64(key[:], r.Uint64()|1)
	binary.NativeEndian.PutUint64(key[8:], r.Uint64())
	if isNear {
		key = csvschema.KeyHash{4: byte(r.Uint32()), 5: byte(r.Uint32())}
		for i := range 4 {
			key[i] = 0xff // the last slot, from which the search goes on at the first
		}
	}
	return key
}

// TestTheIndexIsAMap adds copies of so many resources that the index grows several times,
// the exports in their order, and holds the index to a map of all copies.
func TestTheIndexIsAMap(t *testing.T) {
	t.Parallel()
	facts := factsOf(t)
	for _, isNear := range []bool{false, true} {
		r := rand.New(rand.NewPCG(1, 2))
		keys := make([]csvschema.KeyHash, 30_000)
		if isNear {
			keys = keys[:1000]
		}
		for i := range keys {
			keys[i] = keyOf(r, isNear)
		}
		var x index.Index
		reference := map[csvschema.KeyHash][]copyOf{}
		known, numbers := map[csvschema.KeyHash]bool{}, map[csvschema.KeyHash]index.Number{}
		for _, made := range []uint32{1, 2, 2, 3, 0} {
			keepPlain := made%2 == 1
			for range len(keys) {
				key, i := keys[r.IntN(len(keys))], r.IntN(len(facts))
				fact := facts[i]
				fact.Key = key
				x.Fetch([]index.Fact{fact}) // changes nothing
				n := x.Add(fact, made, keepPlain)
				require.Equal(t, key, x.At(n).Key())
				reference[key] = append(reference[key], copyOf{i, made})
				known[key] = known[key] || keepPlain || !sayings[i].isPlain()
				numbers[key] = n
			}
			for _, key := range keys {
				if !known[key] {
					require.Nil(t, x.Get(key))
				}
				copies, isAdded := reference[key]
				if !isAdded {
					continue
				}
				e := x.At(numbers[key])
				requireEntry(t, copies, e)
				require.Equal(t, known[key], e.IsKnown())
				if known[key] {
					require.Same(t, e, x.Get(key))
				}
			}
		}
		require.Nil(t, x.Get(csvschema.KeyHash{1: 1}))
	}
}

// TestRowsOfAnExportHaveNoOrder adds the rows of one export in both orders.
func TestRowsOfAnExportHaveNoOrder(t *testing.T) {
	t.Parallel()
	facts := factsOf(t)
	key := csvschema.KeyHash{15: 1}
	for i, a := range facts {
		for j, b := range facts {
			a.Key, b.Key = key, key
			var one, other index.Index
			one.Add(a, 1, true)
			one.Add(b, 1, true)
			other.Add(b, 1, true)
			other.Add(a, 1, true)
			assert.Equal(t, one.Get(key), other.Get(key), "%+v and %+v", sayings[i], sayings[j])
		}
	}
}

// TestTheNewestExportHasTheLastWord is about Inactive alone: a date stays, whatever newer
// exports say.
func TestTheNewestExportHasTheLastWord(t *testing.T) {
	t.Parallel()
	facts := factsOf(t)
	active, inactive, dated := facts[1], facts[3], facts[5]
	for _, test := range []struct {
		name                string
		first, then         index.Fact
		made                uint32 // of the second export
		isInactive, isDated bool
	}{
		{name: "active later", first: inactive, then: active, made: 2},
		{name: "active in the same export", first: inactive, then: active, made: 1, isInactive: true},
		{name: "active, nobody knows when", first: inactive, then: active, made: 0, isInactive: true},
		{name: "inactive later", first: active, then: inactive, made: 2, isInactive: true},
		{name: "active after its deletion", first: dated, then: active, made: 2, isDated: true},
	} {
		test.first.Key, test.then.Key = csvschema.KeyHash{1}, csvschema.KeyHash{1}
		var x index.Index
		x.Add(test.first, 1, true)
		x.Add(test.then, test.made, true)
		e := x.Get(csvschema.KeyHash{1})
		require.NotNil(t, e)
		_, isDated := e.Deleted()
		assert.Equal(t, test.isInactive, e.Has(index.Inactive), test.name)
		assert.Equal(t, test.isDated, isDated, test.name)
	}
}

func TestAnEmptyIndexHasNothing(t *testing.T) {
	t.Parallel()
	var x index.Index
	assert.Nil(t, x.Get(csvschema.KeyHash{1}))
}

// TestIDsAreThoseOfEachRecordAlone reads ResourceIds in turn, of which many begin as another one
// does.
func TestIDsAreThoseOfEachRecordAlone(t *testing.T) {
	t.Parallel()
	const person, other = "c02677f7-9c06-5740-afd8-0a213ad58e73", "0b4f4a5e-9f0a-4f0e-8f5c-3f1d2b7a6c51"
	ids := []string{
		"", "/", "NULL", "/labs", "/labs/l", "/labs/l/", "/labs/l/vm1", "/labs/l/vm2", "/LABS/l/vm1", "/labs/l/users", "/labs/l/users/" + person, "/labs/l/users/" + person + "/vm1",
		"/labs/l/users/" + other + "/vm1", "/labs/l/users('" + person + "')/vm1", "/labs/l/zoe", "/labs/l/zoe@contoso.com", "/labs/l/zoe@contoso.com/vm1", "/labs/l/t-0123456789abcdef0123456789abcdef",
	}
	random := rand.New(rand.NewPCG(5, 6))
	var file strings.Builder
	file.WriteString("ResourceId\n")
	for range 2000 {
		file.WriteString(`"` + ids[random.IntN(len(ids))] + "\"\n")
	}
	var inTurn index.IDs
	for r := recordsOf(file.String()); ; {
		rec, err := r.Read()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		require.Equal(t, new(index.IDs).Of(rec), inTurn.Of(rec), "%s", rec.Raw())
	}
}
