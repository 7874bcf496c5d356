package csvschema_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// parseParallel reads everything behind the header with forEachChunk.
func parseParallel(text []byte, chunkBytes, maxRecordBytes, workers int) (p parse, raw []byte) {
	rr := csvschema.NewDialectReader(bytes.NewReader(text), chunkBytes, maxRecordBytes)
	if header, err := rr.Header(); err == nil {
		raw = append(raw, header.Raw()...)
	}
	p.err = csvschema.ForEachChunkOf(context.Background(), rr, workers,
		func(c *csvschema.Chunk) (rows [][]string, err error) {
			for i := range c.Len() {
				rec := c.Record(i)
				var cells []string
				for j := range rec.Fields() {
					cells = append(cells, string(rec.Cell(j)))
					if rec.Repeats(j) && (i == 0 || cells[j] != rows[i-1][j]) {
						return nil, errors.New("repeats what it does not")
					}
				}
				rows = append(rows, cells)
			}
			return rows, nil
		},
		func(c *csvschema.Chunk, rows [][]string) error {
			raw = append(raw, c.Bytes()...)
			p.records = append(p.records, rows...)
			for i := range c.Len() {
				p.lines = append(p.lines, c.Record(i).Line())
			}
			return nil
		})
	return p, raw
}

// requireSameAsPlain holds the fast path, with any number of workers, to the
// plain one: same records, lines and bytes, same refusals in the same places.
func requireSameAsPlain(t *testing.T, text []byte, chunkBytes, maxRecordBytes int) {
	t.Helper()
	want := parsePlain(text, maxRecordBytes)
	for _, workers := range []int{1, 2, 5} {
		got, raw := parseParallel(text, chunkBytes, maxRecordBytes, workers)
		require.Empty(t, want.differs(got), "%d workers, chunks of %d bytes, records of up to %d: %q", workers, chunkBytes, maxRecordBytes, text)
		if want.err == nil && got.err == nil {
			require.Equal(t, string(text), string(raw))
		}
	}
}

// FuzzParallel holds the fast path to the plain one wherever chunks end.
func FuzzParallel(f *testing.F) {
	for _, seed := range dialectSeeds {
		f.Add([]byte(seed), 3, 0)
	}
	f.Add([]byte("a\n"+strings.Repeat("1\n", 50)+"\"\n"), 5, 40)
	f.Fuzz(func(t *testing.T, text []byte, chunkBytes, maxRecordBytes int) {
		if bytes.HasPrefix(text, []byte("\xFF\xFE")) || bytes.HasPrefix(text, []byte("\xFE\xFF")) {
			return // FuzzUTF16 has it
		}
		maxRecordBytes = abs(maxRecordBytes) % 100
		if 0 < maxRecordBytes && maxRecordBytes < 8 {
			maxRecordBytes = 0
		}
		requireSameAsPlain(t, text, 1+abs(chunkBytes)%20, maxRecordBytes)
		requireSameAsPlain(t, text, 1+abs(chunkBytes)%1000, maxRecordBytes)
	})
}

func TestParallelPathIsThePlainOne(t *testing.T) {
	t.Parallel()
	for _, seed := range dialectSeeds {
		for chunkBytes := 1; chunkBytes <= len(seed)+1; chunkBytes++ {
			requireSameAsPlain(t, []byte(seed), chunkBytes, 0)
		}
	}
}

// TestManyFormsOfRecords mixes rows with common cells in all ways of quoting, in
// sound files and in files with one byte changed.
func TestManyFormsOfRecords(t *testing.T) {
	t.Parallel()
	rows := []string{
		`lab,one,x,`, `lab,one,y,z`, `lab,two,,`, `lab,one,"x",""`, `"lab","one","",""`, `"lab","one","a,b","c"`,
		`"lab","one","q""q",""""`, "\"lab\",\"one\",\"two\nlines\",\"\"", `lab,"one",x,y`, `"l,ab","one",x,y`,
		"\"la\nb\",\"one\",x,y", "\"la\nb\",\"one\",z,y", `,,,`, `"","","",""`, `é,ü,ß,z`, "lab,one,x,\r", "",
		`lab,one,/a/b/c,x`, `lab,one,/a/b/d,y`, `"lab","one","/a/b/c","x"`, `"lab","one","/a/b/d",""`, `"lab","one","/a""/b/d","/"`,
		`lab,one,"/a/b",x`, `/a,b,c,d`, `/a/b,c,d,`, `"/a/b/c","","",""`, `"/a/b/d","","",""`,
		`"` + strings.Repeat("x", 58) + `","",",",""`, `"` + strings.Repeat("x", 60) + `","y","",""`, `"` + strings.Repeat("x", 61) + `",y,"",""`,
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		var b strings.Builder
		b.WriteString("a,b,c,d\n")
		row, end := rows[random.IntN(len(rows))], []string{"\n", "\r\n"}[random.IntN(2)]
		for range random.IntN(30) {
			if random.IntN(3) == 0 {
				row = rows[random.IntN(len(rows))]
			}
			b.WriteString(strings.ReplaceAll(row, "one", strings.Repeat("1", random.IntN(70))))
			b.WriteString(end)
		}
		text := []byte(b.String())
		chunkBytes, maxRecordBytes := 1+random.IntN(1200), 0
		if random.IntN(4) == 0 {
			maxRecordBytes = 8 + random.IntN(30)
		}
		requireSameAsPlain(t, text, chunkBytes, maxRecordBytes)
		text[random.IntN(len(text))] = "\",\n\r\x00\xffa"[random.IntN(7)]
		requireSameAsPlain(t, text, chunkBytes, maxRecordBytes)
		requireSameAsPlain(t, text[:random.IntN(len(text))], chunkBytes, maxRecordBytes)
	}
}

// TestAllShortRecords goes through all short lines of quotes, commas and letters: as
// a record with nothing known about it, and behind a beginning that the records
// before it have, within quotes.
func TestAllShortRecords(t *testing.T) {
	t.Parallel()
	const letters, longest = "\",a", 8
	long := strings.Repeat("x", 70) + ",y\n"
	inside := "a,b\n\"/1\",y\n\"/2\",y\n\"/"
	for _, end := range []string{"\n", "\r\n"} {
		all := []string{""}
		for len(all[0]) < longest {
			var longer []string
			for _, line := range all {
				for _, c := range letters {
					longer = append(longer, line+string(c))
				}
			}
			all = longer
			for _, line := range all {
				requireSameAsPlain(t, []byte("a,b\n"+line+end+long), 1000, 0)
				requireSameAsPlain(t, []byte(inside+line+end+long), 1000, 0)
			}
		}
	}
}

// TestBadBytesAnywhere puts bytes that no file may hold everywhere.
func TestBadBytesAnywhere(t *testing.T) {
	t.Parallel()
	for at := range 100 {
		for _, bad := range []string{"\x00", "\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x92\xa9", "ü", "\x01", "\x7f"} {
			text := []byte("a,b\n1," + strings.Repeat("x", 100) + "\n2,y\n")
			copy(text[6+at:], bad)
			requireSameAsPlain(t, text, 1000, 0)
			requireSameAsPlain(t, text, 50, 0)
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
		err := csvschema.ForEachChunkOf(t.Context(), rr, 4, func(c *csvschema.Chunk) (int, error) {
			first, err := strconv.Atoi(string(c.Record(0).Cell(1)))
			if err != nil || first > 400 {
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
		err := csvschema.ForEachChunkOf(t.Context(), rr, workers, func(c *csvschema.Chunk) (int, error) {
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
		err := csvschema.ForEachChunkOf(ctx, rr, workers, func(*csvschema.Chunk) (int, error) { return 0, nil },
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
		_ = csvschema.ForEachChunkOf(t.Context(), rr, 4, func(*csvschema.Chunk) (int, error) { return 0, nil },
			func(*csvschema.Chunk, int) error { return io.ErrShortWrite })
		if strings.HasPrefix(text, "a,b\n") {
			rr = csvschema.NewDialectReader(strings.NewReader(text), 64, 0)
			assert.Panics(t, func() {
				_ = csvschema.ForEachChunkOf(t.Context(), rr, 4, func(*csvschema.Chunk) (int, error) { return 0, nil },
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

// TestSkippedChunksCountTheirLines skips every second chunk: what stands behind it is
// on the line that it is on.
func TestSkippedChunksCountTheirLines(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("LabUId,Name\n")
	for i := range 1000 {
		fmt.Fprintf(&file, "%d,\"a\nb\"\n\n", i)
	}
	options := csvschema.WithChunkBytes(csvschema.RecordOptions{
		Required: []csvschema.Column{csvschema.LabUId},
	}, 200)
	for _, workers := range []int{1, 3} {
		var text strings.Builder
		skipped, rows := 0, 0
		rr := csvschema.NewRecordReader(strings.NewReader(file.String()), csvschema.Disks, options)
		rr.Skip(func(number int, _ []byte) bool { return number%2 == 1 })
		err := csvschema.ForEachChunkOf(t.Context(), rr, workers,
			func(*csvschema.Chunk) (struct{}, error) { return struct{}{}, nil },
			func(c *csvschema.Chunk, _ struct{}) error {
				text.Write(c.Bytes())
				if c.Skipped() {
					skipped++
					assert.Zero(t, c.Len())
					assert.Equal(t, 1, c.Number()%2)
				}
				for i := range c.Len() {
					n, err := strconv.Atoi(string(c.Record(i).Cell(0)))
					require.NoError(t, err)
					assert.Equal(t, int64(2+3*n), c.Record(i).Line())
					rows++
				}
				return nil
			})
		require.NoError(t, err)
		assert.Greater(t, skipped, 20)
		assert.Positive(t, rows)
		assert.Equal(t, strings.TrimPrefix(file.String(), "LabUId,Name\n"), text.String())
	}
}
