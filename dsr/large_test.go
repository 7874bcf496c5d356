package dsr_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"os"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
)

// peakReader samples the heap while it is read.
type peakReader struct {
	r    io.Reader
	read int
	peak *atomic.Uint64
}

func (p *peakReader) Read(buf []byte) (int, error) {
	n, err := p.r.Read(buf)
	if p.read += n; p.read > 1<<20 {
		p.read = 0
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		for {
			peak := p.peak.Load()
			if m.HeapAlloc <= peak || p.peak.CompareAndSwap(peak, m.HeapAlloc) {
				break
			}
		}
	}
	return n, err
}

// peakOf filters a large export and returns the bytes of heap that were in use,
// garbage included, at any time, besides those before.
func peakOf(t *testing.T, size int64) (peak uint64) {
	t.Helper()
	large := csvschematest.NewLarge(1, size, &csvschematest.LargeOptions{Subjects: 2})
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	var high atomic.Uint64
	sources := func(role csvschema.Role) []csvschema.Source {
		return []csvschema.Source{{Open: func() (io.ReadCloser, error) {
			return io.NopCloser(&peakReader{r: large.Reader(role), peak: &high}), nil
		}}}
	}
	export := csvschema.Export{VirtualMachines: sources(csvschema.VirtualMachines), Disks: sources(csvschema.Disks)}
	matches := make([][2]int64, len(large.Subjects()))
	report, err := dsr.Filter(t.Context(), []csvschema.Export{export}, subjectsOf(t, large.Subjects()), func(m dsr.Match) error {
		matches[m.Subject][m.Key.Role()-1]++
		return nil
	}, nil)
	require.NoError(t, err)
	assert.Equal(t, large.Rows(), report.Scope.VirtualMachines)
	assert.Equal(t, [][2]int64{{6, 6}, {6, 6}}, matches)
	assert.Empty(t, report.Findings)
	return high.Load() - min(before.HeapAlloc, high.Load())
}

// Not parallel: it looks at the heap of the whole process.
func TestMemoryDoesNotGrowWithTheFileButForAHashOfEachDisk(t *testing.T) {
	const limit = 64 << 20
	size := int64(64 << 20)
	if os.Getenv("LABDSR_BIG") == "1" {
		size = 1 << 30
	}
	if testing.Short() {
		size = 16 << 20
	}
	peak := peakOf(t, size)
	t.Logf("%d MiB of virtual machines: peak %.1f MiB", size>>20, float64(peak)/(1<<20))
	assert.Less(t, peak, uint64(limit))
	if size <= 64<<20 {
		assert.Less(t, peak, uint64(24<<20))
	}
}

// BenchmarkFilter compares the filter with the least that a program with
// encoding/csv would do: look at the owner of every row.
func BenchmarkFilter(b *testing.B) {
	large := csvschematest.NewLarge(1, 64<<20, nil)
	read := func(role csvschema.Role) []byte {
		data, err := io.ReadAll(large.Reader(role))
		require.NoError(b, err)
		return data
	}
	machines, disks := read(csvschema.VirtualMachines), read(csvschema.Disks)
	source := func(data []byte) []csvschema.Source {
		return []csvschema.Source{{Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}}
	}
	subject, err := dsr.ParseSubject(large.Subjects()[0].Identifiers...)
	require.NoError(b, err)
	filter := func(b *testing.B, export csvschema.Export, want, workers int) {
		b.Helper()
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			_, err := dsr.Filter(b.Context(), []csvschema.Export{export}, []dsr.Subject{subject}, func(dsr.Match) error {
				n++
				return nil
			}, &dsr.Options{Workers: workers})
			require.NoError(b, err)
			require.Equal(b, want, n)
		}
	}
	b.Run("encoding-csv/machines", func(b *testing.B) {
		owner := large.Subjects()[0].Identifiers[0]
		b.SetBytes(int64(len(machines)))
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			r := csv.NewReader(bytes.NewReader(machines))
			r.ReuseRecord = true
			for {
				record, err := r.Read()
				if err == io.EOF {
					break
				}
				require.NoError(b, err)
				if record[10] == owner {
					n++
				}
			}
			require.Equal(b, 6, n)
		}
	})
	for _, workers := range []int{1, 0} {
		name := map[int]string{1: "one-worker", 0: "all-workers"}[workers]
		b.Run("machines/"+name, func(b *testing.B) {
			b.SetBytes(int64(len(machines)))
			filter(b, csvschema.Export{VirtualMachines: source(machines)}, 6, workers)
		})
		b.Run("machines-and-disks/"+name, func(b *testing.B) {
			b.SetBytes(int64(len(machines) + len(disks)))
			filter(b, csvschema.Export{VirtualMachines: source(machines), Disks: source(disks)}, 12, workers)
		})
	}
}
