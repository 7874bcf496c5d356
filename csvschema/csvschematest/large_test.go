package csvschematest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"runtime"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

var (
	day0  = time.Date(2023, time.January, 1, 0, 0, 0, 0, time.UTC)
	roles = []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks}
)

func TestLargeTruthAgreesWithItsRows(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		size int64
		o    *csvschematest.LargeOptions
	}{
		"default":     {3 << 20, nil},
		"plain, CRLF": {2 << 20, &csvschematest.LargeOptions{Dialect: csvschematest.Plain, CRLF: true}},
		"subjects":    {2 << 20, &csvschematest.LargeOptions{Subjects: 5, Hits: 7}},
		"many hits":   {1 << 20, &csvschematest.LargeOptions{Hits: 1100}},
		"labs":        {3 << 20, &csvschematest.LargeOptions{Labs: 40}},
		"odd labs":    {3 << 20, &csvschematest.LargeOptions{Labs: 7, Subjects: 9}},
		"next month":  {2 << 20, &csvschematest.LargeOptions{NextMonth: true}},
		"all deleted": {1 << 20, &csvschematest.LargeOptions{ActiveEvery: -1}},
		"none":        {1 << 20, &csvschematest.LargeOptions{ActiveEvery: 1}},
		"only hits":   {1, &csvschematest.LargeOptions{Subjects: 2, Hits: 3}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := csvschematest.NewLarge(11, tc.size, tc.o)
			assert.GreaterOrEqual(t, l.Size(csvschema.VirtualMachines), tc.size)
			var machines [][]string
			for _, role := range roles {
				data, err := io.ReadAll(l.Reader(role))
				require.NoError(t, err)
				assert.Len(t, data, int(l.Size(role)))
				rows := parse(t, data)
				assert.EqualValues(t, l.Rows(), len(rows)-1)
				assert.EqualValues(t, l.Rows()+1, bytes.Count(data, []byte("\n")), "each row is a line")
				for i, c := range role.Columns() {
					assert.Equal(t, c.String(), rows[0][i])
				}
				if role == csvschema.VirtualMachines {
					machines = rows
				}
				assert.Equal(t, largeHits(l, machines, rows), l.Hits())
				now := time.Date(2024, time.May, 3, 9, 30, 7, 0, time.UTC)
				var due int64
				for _, row := range rows[1:] {
					if deleted, _ := date(row[9]); !deleted.IsZero() && now.Sub(deleted) >= 30*24*time.Hour {
						due++
					}
				}
				assert.Equal(t, due, l.Due(role, now, 30*24*time.Hour))
				if name == "default" {
					assert.Positive(t, due)
				}
			}
		})
	}
}

// largeHits finds the rows of the subjects in rows, which are machines or disks. It
// finds disks by their leases. It returns nil unless all ResourceIds are unique.
func largeHits(l *csvschematest.Large, machines, rows [][]string) []csvschematest.Hit {
	const resourceID, owner, leasedBy = 5, 10, 14
	subjects := map[string]int{}
	for i, p := range l.Subjects() {
		subjects[p.Identifiers[0]] = i
	}
	owners, ids := map[string]string{}, map[string]bool{}
	for _, row := range machines[1:] {
		owners[row[resourceID]] = row[owner]
		ids[row[resourceID]] = true
	}
	var hits []csvschematest.Hit
	for i, row := range rows[1:] {
		who := row[owner]
		if rows[0][owner] != "ResourceOwner" {
			who = owners[row[leasedBy]]
		}
		if s, ok := subjects[who]; ok {
			hits = append(hits, csvschematest.Hit{Subject: s, Row: int64(i + 1)})
		}
	}
	if len(ids) != len(machines)-1 {
		return nil
	}
	return hits
}

func TestLargeIsOfTheSizeThatIsAsked(t *testing.T) {
	t.Parallel()
	for _, size := range []int64{1 << 20, 10<<20 + 17, 1 << 30, 100 << 30} {
		l := csvschematest.NewLarge(1, size, nil)
		assert.GreaterOrEqual(t, l.Size(csvschema.VirtualMachines), size)
		assert.Less(t, l.Size(csvschema.VirtualMachines), size+2000)
		assert.InDelta(t, 810, l.Size(csvschema.VirtualMachines)/l.Rows(), 60, "bytes in a row")
	}
}

func TestLargeReadersGiveTheSameBytesWhateverTheBuffer(t *testing.T) {
	t.Parallel()
	l := csvschematest.NewLarge(2, 200<<10, nil)
	for _, role := range roles {
		want, err := io.ReadAll(l.Reader(role))
		require.NoError(t, err)
		for _, r := range []io.Reader{
			iotest.OneByteReader(l.Reader(role)), iotest.HalfReader(l.Reader(role)), bufio.NewReaderSize(l.Reader(role), 1021),
		} {
			got, err := io.ReadAll(r)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
		require.NoError(t, iotest.TestReader(l.Reader(role), want))
		var open func(context.Context) (io.ReadCloser, error)
		if role == csvschema.Disks {
			open = l.Export().Disks[0].Open
		} else {
			open = l.Export().VirtualMachines[0].Open
		}
		for range 2 {
			r, err := open(t.Context())
			require.NoError(t, err)
			got, err := io.ReadAll(r)
			require.NoError(t, err)
			assert.Equal(t, want, got)
		}
	}
}

func TestLargeHoldsABoundedAmount(t *testing.T) { //nolint:paralleltest // measures the heap
	l := csvschematest.NewLarge(1, 1<<30, nil)
	r := csv.NewReader(l.Reader(csvschema.VirtualMachines))
	r.ReuseRecord = true
	for range 1000 {
		_, err := r.Read()
		require.NoError(t, err)
	}
	reader, buf := l.Reader(csvschema.Disks), make([]byte, 1<<16)
	allocs := testing.AllocsPerRun(1000, func() { _, _ = reader.Read(buf) })
	assert.Zero(t, allocs)
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	assert.Less(t, m.HeapAlloc, uint64(64<<20))
	runtime.KeepAlive(l)
}

func BenchmarkLarge(b *testing.B) {
	for _, role := range roles {
		b.Run(role.String(), func(b *testing.B) {
			l := csvschematest.NewLarge(1, 64<<20, nil)
			buf := make([]byte, 1<<16)
			b.SetBytes(l.Size(role))
			b.ReportAllocs()
			for b.Loop() {
				_, _ = io.CopyBuffer(struct{ io.Writer }{io.Discard}, l.Reader(role), buf)
			}
		})
	}
}
