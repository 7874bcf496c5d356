package csvschema_test

import (
	"context"
	"errors"
	"fmt"
	"io"
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

// A parse is what is read of a file, up to its end or the first error.
type parse struct {
	records []string
	lines   []int64
	text    string // of the chunks
	err     error
}

// parseOne reads a file record by record.
func parseOne(text string, o *csvschema.RecordOptions) (p parse) {
	rr := csvschema.NewRecordReader(strings.NewReader(text), csvschema.Disks, o)
	for {
		rec, err := rr.Read()
		if err != nil {
			if err != io.EOF {
				p.err = err
			}
			return p
		}
		p.records, p.lines = append(p.records, string(rec.Raw())), append(p.lines, rec.Line())
	}
}

// parseParallel reads a file by forEachChunk.
func parseParallel(text string, o *csvschema.RecordOptions, workers int) (p parse) {
	rr := csvschema.NewRecordReader(strings.NewReader(text), csvschema.Disks, o)
	p.err = csvschema.ForEachChunkOf(context.Background(), rr, workers,
		func(c *csvschema.Chunk) (records []string) {
			for i := range c.Len() {
				if rec := c.Record(i); rec.Line() == 0 { // work does not know the line
					records = append(records, string(rec.Raw()))
				}
			}
			return records
		},
		func(c *csvschema.Chunk, records []string) error {
			p.text += string(c.Bytes())
			p.records = append(p.records, records...)
			for i := range c.Len() {
				p.lines = append(p.lines, c.Record(i).Line())
			}
			return nil
		})
	return p
}

// requireSameInParallel compares reading a file chunk by chunk with reading it record
// by record, with any number of workers.
func requireSameInParallel(t *testing.T, header, text string, chunkBytes, maxRecordBytes int) {
	t.Helper()
	o := labOnly
	o.MaxRecordBytes = maxRecordBytes
	options := csvschema.WithChunkBytes(o, chunkBytes)
	want := parseOne(header+text, options)
	for _, workers := range []int{1, 2, 5} {
		got := parseParallel(header+text, options, workers)
		if want.err == nil && got.err == nil {
			require.Equal(t, text, got.text)
		}
		got.text = ""
		require.Equal(t, want, got, "%d workers, chunks of %d bytes, records of up to %d: %q", workers, chunkBytes, maxRecordBytes, text)
	}
}

var parallelSeeds = []string{
	"", "\n", "1,2\n", "1,2", "1,2\r", "\n\n1,2\n\r\n\n3,4\n", "\"1\n2\",\"3\r\n4\"\n5,6\n", "1,2,3\n", "1,2\n3\n4,5\n",
	"1,2\n1,2\"3\n", "\"1\"2,3\n", "1,2\n\"1\",\"2\n3,4\n", "1,2\n1,\x002\n", "1,2\n\n1,\xff2\n", "1,ü\n3,\xc3",
	"1," + strings.Repeat("x", 100) + "\n1,2\n",
}

func TestChunksAreTheRecordsOfTheFile(t *testing.T) {
	t.Parallel()
	for _, seed := range parallelSeeds {
		for chunkBytes := 1; chunkBytes <= len(seed)+10; chunkBytes++ {
			requireSameInParallel(t, "LabUId,b\n", seed, chunkBytes, 0)
			requireSameInParallel(t, "LabUId,b\n", seed, chunkBytes, 40)
		}
	}
	for _, header := range []string{"", "\n", "a,b\n", "LabUId,\"b", "LabUId,LabUId\n"} {
		requireSameInParallel(t, header, "", 10, 0)
	}
}

// FuzzParallel compares the chunks of a file with its records, wherever chunks end.
func FuzzParallel(f *testing.F) {
	for _, seed := range parallelSeeds {
		f.Add(seed, 3, 0)
	}
	f.Add(strings.Repeat("1,2\n", 50)+"\"\n", 5, 40)
	f.Fuzz(func(t *testing.T, text string, chunkBytes, maxRecordBytes int) {
		maxRecordBytes = abs(maxRecordBytes) % 100
		if 0 < maxRecordBytes && maxRecordBytes < 8 {
			maxRecordBytes = 0
		}
		requireSameInParallel(t, "LabUId,b\n", text, 1+abs(chunkBytes)%20, maxRecordBytes)
		requireSameInParallel(t, "LabUId,b\n", text, 1+abs(chunkBytes)%1000, maxRecordBytes)
	})
}

func abs(n int) int { return max(n, -(n + 1)) }

// manyRows is a file of n rows whose second cell is the number of the row.
func manyRows(n int) string {
	var b strings.Builder
	b.WriteString("LabUId,b\n")
	for i := range n {
		fmt.Fprintf(&b, "x,%d\n", i)
	}
	return b.String()
}

// smallChunks returns a reader that cuts the file into chunks of about 100 bytes.
func smallChunks(r io.Reader) *csvschema.RecordReader {
	return csvschema.NewRecordReader(r, csvschema.Disks, csvschema.WithChunkBytes(labOnly, 100))
}

// TestFirstErrorOfTheFileIsReported lets a later chunk fail sooner than an
// earlier one.
func TestFirstErrorOfTheFileIsReported(t *testing.T) {
	t.Parallel()
	text := manyRows(301) + "x,\"\"early\n" + strings.Repeat("x,x\n", 50) + "x,late\x00\n"
	for range 20 {
		rr := smallChunks(strings.NewReader(text))
		emitted := 0
		err := csvschema.ForEachChunkOf(t.Context(), rr, 4, func(c *csvschema.Chunk) int {
			if string(c.Record(c.Len()-1).Cell(1)) == "300" {
				time.Sleep(time.Millisecond)
			}
			return c.Len()
		}, func(_ *csvschema.Chunk, rows int) error {
			emitted += rows
			return nil
		})
		require.ErrorIs(t, err, csvschema.ErrQuote)
		assert.Equal(t, int64(303), asError(t, err).Line)
		assert.Equal(t, 301, emitted)
	}
}

func TestEmitErrorStopsTheWork(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	for _, workers := range []int{1, 3} {
		rr := smallChunks(strings.NewReader(manyRows(100_000)))
		var worked atomic.Int64
		err := csvschema.ForEachChunkOf(t.Context(), rr, workers, func(*csvschema.Chunk) int {
			return int(worked.Add(1))
		}, func(*csvschema.Chunk, int) error { return full })
		require.Equal(t, full, err)
		assert.Less(t, worked.Load(), int64(20))
	}
}

func TestCancelStopsTheWork(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 3} {
		ctx, cancel := context.WithCancel(t.Context())
		rr := smallChunks(io.MultiReader(strings.NewReader("LabUId\n"), neverEndingRows{}))
		chunks := 0
		err := csvschema.ForEachChunkOf(ctx, rr, workers, func(*csvschema.Chunk) int { return 0 },
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
		parseParallel(text, csvschema.WithChunkBytes(labOnly, 64), 4)
		rr := smallChunks(strings.NewReader(text))
		_ = csvschema.ForEachChunkOf(t.Context(), rr, 4, func(*csvschema.Chunk) int { return 0 },
			func(*csvschema.Chunk, int) error { return io.ErrShortWrite })
		if strings.HasPrefix(text, "LabUId,b\n") {
			rr = smallChunks(strings.NewReader(text))
			assert.Panics(t, func() {
				_ = csvschema.ForEachChunkOf(t.Context(), rr, 4, func(*csvschema.Chunk) int { return 0 },
					func(*csvschema.Chunk, int) error { panic("emit") })
			})
		}
	}
	for range 10_000 { // a goroutine that has returned is counted for a moment
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// TestPanicInAWorkerReachesTheCaller has functions that panic, or end their goroutine, in
// a goroutine that is not the caller's.
func TestPanicInAWorkerReachesTheCaller(t *testing.T) {
	t.Parallel()
	text := manyRows(1000)
	for _, test := range []struct {
		name string
		end  func() // of the goroutine
		want string
	}{
		{"panic", func() { panic("ours") }, "ours"},
		{"goexit", runtime.Goexit, "labdsr: the goroutine of a worker was ended"},
	} {
		for _, inReader := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, in the reader %t", test.name, inReader), func(t *testing.T) {
				t.Parallel()
				caller := goroutine()
				end := func() {
					if goroutine() != caller {
						test.end()
					}
				}
				emitted := 0
				var caught any
				func() {
					defer func() { caught = recover() }()
					in := readerFunc(func(p []byte) (int, error) {
						if inReader {
							end()
						}
						time.Sleep(10 * time.Microsecond) // for the other workers
						return copy(p, "1,2\n"), nil
					})
					rr := smallChunks(io.MultiReader(strings.NewReader(text), in))
					_ = csvschema.ForEachChunkOf(t.Context(), rr, 3,
						func(c *csvschema.Chunk) int {
							if !inReader && c.Number() > 3 {
								end()
							}
							time.Sleep(10 * time.Microsecond)
							return 0
						},
						func(c *csvschema.Chunk, _ int) error {
							assert.Equal(t, emitted, c.Number(), "in order")
							emitted++
							return nil
						})
				}()
				assert.Equal(t, test.want, fmt.Sprint(caught))
				assert.Greater(t, emitted, 3, "what is before it")
			})
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// goroutine returns the number of the goroutine that calls it.
func goroutine() string {
	var stack [64]byte
	return strings.Fields(string(stack[:runtime.Stack(stack[:], false)]))[1]
}

// TestSkippedChunksCountTheirLines skips every second chunk. Records after it have the
// right line.
func TestSkippedChunksCountTheirLines(t *testing.T) {
	t.Parallel()
	var file strings.Builder
	file.WriteString("LabUId,Name\n")
	for i := range 1000 {
		fmt.Fprintf(&file, "%d,\"a\nb\"\n\n", i)
	}
	options := csvschema.WithChunkBytes(labOnly, 200)
	for _, workers := range []int{1, 3} {
		var text strings.Builder
		skipped, rows := 0, 0
		rr := csvschema.NewRecordReader(strings.NewReader(file.String()), csvschema.Disks, options)
		rr.Skip(func(number int, _ []byte) bool { return number%2 == 1 })
		err := csvschema.ForEachChunkOf(t.Context(), rr, workers,
			func(*csvschema.Chunk) (_ struct{}) { return },
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
