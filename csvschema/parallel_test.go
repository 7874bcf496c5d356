package csvschema_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// parseParallel reads everything with ForEachChunk.
func parseParallel(text []byte, chunkBytes, maxRecordBytes, workers int) (p parse, raw []byte) {
	type row struct {
		line  int64
		cells []string
	}
	rr := csvschema.NewDialectReader(bytes.NewReader(text), chunkBytes, maxRecordBytes)
	p.err = csvschema.ForEachChunk(context.Background(), rr, workers,
		func(c *csvschema.Chunk) (rows []row, err error) {
			for i := range c.Len() {
				rec := c.Record(i)
				var cells []string
				for j := range rec.Fields() {
					cells = append(cells, string(rec.Cell(j)))
				}
				rows = append(rows, row{rec.Line(), cells})
			}
			return rows, nil
		},
		func(c *csvschema.Chunk, rows []row) error {
			raw = append(raw, c.Bytes()...)
			for _, r := range rows {
				p.records, p.lines = append(p.records, r.cells), append(p.lines, r.line)
			}
			return nil
		})
	return p, raw
}

// FuzzParallel holds the parallel path to the plain one: same records, lines,
// bytes and refusals.
func FuzzParallel(f *testing.F) {
	for _, seed := range dialectSeeds {
		f.Add([]byte(seed), 3, 0)
	}
	f.Add([]byte("a\n"+strings.Repeat("1\n", 50)+"\"\n"), 5, 40)
	f.Fuzz(func(t *testing.T, text []byte, chunkBytes, maxRecordBytes int) {
		chunkBytes = 1 + abs(chunkBytes)%20
		maxRecordBytes = abs(maxRecordBytes) % 100
		if 0 < maxRecordBytes && maxRecordBytes < 8 {
			maxRecordBytes = 0
		}
		want, wantRaw := parseParallel(text, 1<<20, maxRecordBytes, 1)
		for _, workers := range []int{2, 5} {
			got, raw := parseParallel(text, chunkBytes, maxRecordBytes, workers)
			assert.Equal(t, want, got)
			if want.err == nil { // else some of the empty lines before the fault may be there
				assert.Equal(t, string(wantRaw), string(raw))
			}
		}
	})
}

func TestParallelPathIsThePlainOne(t *testing.T) {
	t.Parallel()
	for _, seed := range dialectSeeds {
		want, wantRaw := parseParallel([]byte(seed), 1<<20, 0, 1)
		for chunkBytes := 1; chunkBytes <= len(seed)+1; chunkBytes++ {
			got, raw := parseParallel([]byte(seed), chunkBytes, 0, 3)
			assert.Equal(t, want, got)
			if want.err == nil {
				assert.Equal(t, string(wantRaw), string(raw))
			}
		}
	}
}

// manyRows is a file of n rows whose second cell is the number of the row.
func manyRows(n int) string {
	var b strings.Builder
	b.WriteString("a,b\n")
	for i := range n {
		fmt.Fprintf(&b, "x,%d\n", i)
	}
	return b.String()
}

// TestFirstErrorOfTheFileIsReported lets a later chunk fail sooner than an
// earlier one.
func TestFirstErrorOfTheFileIsReported(t *testing.T) {
	t.Parallel()
	early, late := errors.New("early"), errors.New("late")
	for range 20 {
		rr := csvschema.NewDialectReader(strings.NewReader(manyRows(1000)), 100, 0)
		var emitted int
		err := csvschema.ForEachChunk(t.Context(), rr, 4, func(c *csvschema.Chunk) (int, error) {
			first := c.Record(0).Line()
			if first > 400 {
				return 0, late
			}
			if first > 300 {
				time.Sleep(time.Millisecond)
				return 0, early
			}
			return c.Len(), nil
		}, func(_ *csvschema.Chunk, rows int) error {
			emitted += rows
			return nil
		})
		require.Equal(t, early, err)
		assert.Greater(t, emitted, 250)
	}
}

func TestEmitErrorStopsTheWork(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	for _, workers := range []int{1, 3} {
		rr := csvschema.NewDialectReader(strings.NewReader(manyRows(100_000)), 100, 0)
		var worked atomic.Int64
		err := csvschema.ForEachChunk(t.Context(), rr, workers, func(c *csvschema.Chunk) (int, error) {
			return int(worked.Add(1)), nil
		}, func(*csvschema.Chunk, int) error { return full })
		require.Equal(t, full, err)
		assert.Less(t, worked.Load(), int64(20))
	}
}

func TestCancelStopsTheWork(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 3} {
		ctx, cancel := context.WithCancel(t.Context())
		rr := csvschema.NewDialectReader(io.MultiReader(strings.NewReader("a\n"), neverEndingRows{}), 100, 0)
		chunks := 0
		err := csvschema.ForEachChunk(ctx, rr, workers, func(*csvschema.Chunk) (int, error) { return 0, nil },
			func(*csvschema.Chunk, int) error {
				if chunks++; chunks == 3 {
					cancel()
				}
				return nil
			})
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, 3, chunks)
	}
}

type neverEndingRows struct{}

func (neverEndingRows) Read(p []byte) (int, error) { return copy(p, "x\n"), nil }

// TestNoGoroutineIsLeft counts goroutines after good, faulty and stopped runs, and
// after one that panicked.
func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	for _, text := range []string{manyRows(1000), manyRows(1000) + "\"", "", "x\n", manyRows(5) + "1\n" + manyRows(1000)} {
		parseParallel([]byte(text), 64, 0, 4)
		rr := csvschema.NewDialectReader(strings.NewReader(text), 64, 0)
		_ = csvschema.ForEachChunk(t.Context(), rr, 4, func(*csvschema.Chunk) (int, error) { return 0, nil },
			func(*csvschema.Chunk, int) error { return io.ErrShortWrite })
		if strings.HasPrefix(text, "a,b\n") {
			rr = csvschema.NewDialectReader(strings.NewReader(text), 64, 0)
			assert.Panics(t, func() {
				_ = csvschema.ForEachChunk(t.Context(), rr, 4, func(*csvschema.Chunk) (int, error) { return 0, nil },
					func(*csvschema.Chunk, int) error { panic("emit") })
			})
		}
	}
	for range 1000 { // one that is through takes a moment to be gone
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}
