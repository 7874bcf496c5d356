package csvschema_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// An opened is a reader of a source, and knows whether it was closed.
type opened struct {
	io.Reader
	closed   int
	closeErr error
}

func (o *opened) Close() error {
	o.closed++
	return o.closeErr
}

// A script is a source whose n-th opening returns the n-th reader.
type script struct{ readers []*opened }

func scriptOf(texts ...string) *script {
	s := &script{}
	for _, text := range texts {
		s.readers = append(s.readers, &opened{Reader: strings.NewReader(text)})
	}
	return s
}

func (s *script) source() csvschema.Source {
	next := 0
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
		next++
		return s.readers[next-1], nil
	}}
}

func (s *script) assertClosed(t *testing.T, n int) {
	t.Helper()
	for i, r := range s.readers {
		want := 0
		if i < n {
			want = 1
		}
		assert.Equal(t, want, r.closed, "opening %d", i)
	}
}

// fileOptions read small files in small chunks.
func fileOptions(workers int) csvschema.FileOptions {
	return csvschema.WithFileChunkBytes(csvschema.FileOptions{
		Required: func(csvschema.Role) []csvschema.Column { return labOnly.Required },
		Workers:  workers,
	}, 50)
}

// secondDisks returns the second disks file of the second export, read from the source.
func secondDisks(t *testing.T, source csvschema.Source, o csvschema.FileOptions) *csvschema.File {
	t.Helper()
	files, err := csvschema.Files([]csvschema.Export{{}, {Disks: []csvschema.Source{{}, source}}}, o)
	require.NoError(t, err)
	require.Len(t, files, 2)
	return files[1]
}

var idOfSecondDisks = csvschema.FileID{Export: 2, File: 2, Role: csvschema.Disks}

// recordsOf makes a pass over the file and returns the records that Emit got.
func recordsOf(ctx context.Context, f *csvschema.File, skip func(int) bool) (records []string, err error) {
	err = csvschema.ForEachChunk(ctx, f, csvschema.Pass[[]string]{
		Skip: skip,
		Work: func(c *csvschema.Chunk) (records []string) {
			for i := range c.Len() {
				records = append(records, string(c.Record(i).Raw()))
			}
			return records
		},
		Emit: func(_ *csvschema.Chunk, more []string) error {
			records = append(records, more...)
			return nil
		},
	})
	return records, err
}

func rowsText(from, to int) string {
	var b strings.Builder
	for i := range to - from {
		fmt.Fprintf(&b, "lab,%05d\n", from+i)
	}
	return b.String()
}

func TestFilesAreNumberedInTheirOrder(t *testing.T) {
	t.Parallel()
	made := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	files, err := csvschema.Files([]csvschema.Export{
		{Disks: make([]csvschema.Source, 1), VirtualMachines: make([]csvschema.Source, 2), Made: made},
		{},
		{Disks: make([]csvschema.Source, 2)},
		{VirtualMachines: make([]csvschema.Source, 1)},
	}, csvschema.FileOptions{})
	require.NoError(t, err)
	type file struct {
		csvschema.FileID
		made time.Time
	}
	var got []file
	for _, f := range files {
		got = append(got, file{f.FileID, f.Made})
	}
	vms, disks := csvschema.VirtualMachines, csvschema.Disks
	assert.Equal(t, []file{
		{csvschema.FileID{Export: 1, File: 1, Role: vms}, made},
		{csvschema.FileID{Export: 1, File: 2, Role: vms}, made},
		{csvschema.FileID{Export: 1, File: 1, Role: disks}, made},
		{csvschema.FileID{Export: 3, File: 1, Role: disks}, time.Time{}},
		{csvschema.FileID{Export: 3, File: 2, Role: disks}, time.Time{}},
		{csvschema.FileID{Export: 4, File: 1, Role: vms}, time.Time{}},
	}, got)

	for _, none := range [][]csvschema.Export{nil, {}, {{}, {Made: made}}} {
		files, err := csvschema.Files(none, csvschema.FileOptions{})
		assert.Equal(t, csvschema.ErrNoFiles, err)
		assert.Empty(t, files)
	}
}

func TestFileOptionsAreThoseOfTheRole(t *testing.T) {
	t.Parallel()
	o := csvschema.FileOptions{MaxRecordBytes: 20, Required: func(r csvschema.Role) []csvschema.Column {
		return map[csvschema.Role][]csvschema.Column{csvschema.VirtualMachines: {csvschema.LabUId}, csvschema.Disks: {csvschema.Name}}[r]
	}}
	source := func() csvschema.Source { return scriptOf("LabUId,a column more\n1,2\n").source() }
	files, err := csvschema.Files([]csvschema.Export{{VirtualMachines: []csvschema.Source{source()}, Disks: []csvschema.Source{source()}}}, o)
	require.NoError(t, err)
	assert.Equal(t, 20, files[0].MaxRecordBytes())
	_, err = recordsOf(t.Context(), files[0], nil)
	require.ErrorIs(t, err, csvschema.ErrRecordTooLarge, "the header has 21 bytes")
	assert.Equal(t, csvschema.FileID{Export: 1, File: 1, Role: csvschema.VirtualMachines}, asError(t, err).FileID)

	o.MaxRecordBytes = 0
	files, err = csvschema.Files([]csvschema.Export{{VirtualMachines: []csvschema.Source{source()}, Disks: []csvschema.Source{source()}}}, o)
	require.NoError(t, err)
	assert.Equal(t, 16<<20, files[0].MaxRecordBytes())
	records, err := recordsOf(t.Context(), files[0], nil)
	require.NoError(t, err)
	assert.Equal(t, []string{"1,2\n"}, records)
	_, err = recordsOf(t.Context(), files[1], nil)
	require.ErrorIs(t, err, csvschema.ErrMissingColumn)
	assert.Equal(t, csvschema.Name, asError(t, err).Column)
}

func TestPassCallsItsFunctionsInOrder(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 3} {
		script := scriptOf("LabUId,n\n"+rowsText(0, 100), "LabUId,n\n"+rowsText(0, 100))
		f := secondDisks(t, script.source(), fileOptions(workers))
		for pass := range 2 {
			var calls []string
			rows, chunks := 0, 0
			err := csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[int]{
				Header: func(h *csvschema.Header) error {
					calls = append(calls, "header")
					assert.Equal(t, csvschema.Disks, h.Role())
					return nil
				},
				Work: func(c *csvschema.Chunk) int { return c.Len() },
				Emit: func(c *csvschema.Chunk, n int) error {
					assert.Equal(t, c.Len(), n)
					assert.Equal(t, chunks, c.Number())
					for i := range n {
						assert.Equal(t, int64(2+rows), c.Record(i).Line())
						assert.Equal(t, fmt.Sprintf("lab,%05d\n", rows), string(c.Record(i).Raw()))
						rows++
					}
					chunks++
					calls = append(calls, "emit")
					return nil
				},
			})
			require.NoError(t, err)
			assert.Equal(t, 100, rows)
			assert.Greater(t, chunks, 10)
			assert.Equal(t, append([]string{"header"}, slices.Repeat([]string{"emit"}, chunks)...), calls)
			script.assertClosed(t, pass+1)
		}
	}
}

func TestSkippedChunksComeWithoutTheirRecords(t *testing.T) {
	t.Parallel()
	text := rowsText(0, 100)
	for _, workers := range []int{1, 3} {
		script := scriptOf("LabUId,n\n"+text, "LabUId,n\n"+text)
		f := secondDisks(t, script.source(), fileOptions(workers))
		all, err := recordsOf(t.Context(), f, func(int) bool {
			t.Error("asked in the first pass")
			return true
		})
		require.NoError(t, err)
		require.Len(t, all, 100)
		var bytes strings.Builder
		rows := 0
		err = csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[int]{
			Skip: func(n int) bool { return n%2 == 1 },
			Work: func(c *csvschema.Chunk) int { return c.Len() },
			Emit: func(c *csvschema.Chunk, n int) error {
				bytes.Write(c.Bytes())
				rows += n
				if c.Number()%2 == 1 {
					assert.Zero(t, c.Len())
					return nil
				}
				assert.Positive(t, c.Len())
				for i := range n {
					line, err := fmt.Sscanf(string(c.Record(i).Value(csvschema.LabUId))+" "+string(c.Record(i).Cell(1)), "lab %d", new(int))
					require.NoError(t, err)
					require.Equal(t, 1, line)
					assert.Equal(t, all[c.Record(i).Line()-2], string(c.Record(i).Raw()))
				}
				return nil
			},
		})
		require.NoError(t, err)
		assert.Equal(t, text, bytes.String())
		assert.Less(t, rows, 80)
		assert.Greater(t, rows, 20)
	}
}

// TestSourceThatChangedIsSeen reads another file in the second pass.
func TestSourceThatChangedIsSeen(t *testing.T) {
	t.Parallel()
	const header = "LabUId,n\n"
	text := header + rowsText(0, 100)
	half := header + rowsText(0, 50)
	for name, changed := range map[string]string{
		"header":                   "labuid,n\n" + rowsText(0, 100),
		"header without rows":      header,
		"header not acceptable":    "n,n\n" + rowsText(0, 100),
		"other kind":               "LabUId,ResourceOwner\n" + rowsText(0, 100),
		"first row":                header + "lab,x0000\n" + rowsText(1, 100),
		"row in the middle":        half + "lab,x0050\n" + rowsText(51, 100),
		"last row":                 header + rowsText(0, 99) + "lab,x0099\n",
		"two rows change places":   half + rowsText(51, 52) + rowsText(50, 51) + rowsText(52, 100),
		"row is missing":           half + rowsText(51, 100),
		"last row is missing":      header + rowsText(0, 99),
		"half is missing":          half,
		"cut within a row":         text[:len(text)-3],
		"cut inside quotes":        half + "lab,\"",
		"too few cells":            half + "lab\n" + rowsText(51, 100),
		"invalid byte":             half + "lab,\xff\n" + rowsText(51, 100),
		"one row more":             header + rowsText(0, 101),
		"many rows more":           header + rowsText(0, 1000),
		"empty line more":          text + "\n",
		"empty":                    "",
		"last line end is missing": strings.TrimSuffix(text, "\n"),
		"mark":                     "\uFEFF" + text,
		"UTF-16 that is invalid":   utf16Text(binary.BigEndian, true, half) + "\xD8\x00",
		"UTF-16 header, invalid":   utf16Text(binary.BigEndian, true, "LabU") + "\xD8\x00",
		"line ends":                strings.ReplaceAll(text, "\n", "\r\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, workers := range []int{1, 3} {
				for skips, skip := range map[string]func(int) bool{
					"none": nil, "all": func(int) bool { return true }, "odd": func(n int) bool { return n%2 == 1 }, "even": func(n int) bool { return n%2 == 0 },
				} {
					script := scriptOf(text, changed, text)
					f := secondDisks(t, script.source(), fileOptions(workers))
					all, err := recordsOf(t.Context(), f, nil)
					require.NoError(t, err)
					var seen []string // by Work or Emit
					var mu sync.Mutex
					see := func(c *csvschema.Chunk) {
						mu.Lock()
						defer mu.Unlock()
						for i := range c.Len() {
							seen = append(seen, string(c.Record(i).Raw()))
						}
					}
					err = csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[int]{
						Skip: skip,
						Work: func(c *csvschema.Chunk) int { see(c); return 0 },
						Emit: func(c *csvschema.Chunk, _ int) error { see(c); return nil },
					})
					require.ErrorIs(t, err, csvschema.ErrSourceChanged, "skips %s", skips)
					e := asError(t, err)
					assert.Equal(t, idOfSecondDisks, e.FileID)
					assert.Equal(t, csvschema.ErrSourceChanged, e.Err)
					for _, record := range seen {
						assert.Contains(t, all, record, "a record that the first pass did not have")
					}
					again, err := recordsOf(t.Context(), f, nil)
					require.NoError(t, err, "the first file is back")
					assert.Equal(t, all, again)
					script.assertClosed(t, 3)
				}
			}
		})
	}
}

func TestContextIsThatOfTheCaller(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 3} {
		ctx, cancel := context.WithCancel(t.Context())
		script := scriptOf("LabUId,n\n" + rowsText(0, 1000))
		source, opened := script.source(), 0
		open := source.Open
		source.Open = func(got context.Context) (io.ReadCloser, error) {
			assert.Equal(t, ctx, got)
			opened++
			return open(got)
		}
		f := secondDisks(t, source, fileOptions(workers))
		emitted := 0
		pass := csvschema.Pass[int]{
			Work: func(*csvschema.Chunk) int { return 0 },
			Emit: func(*csvschema.Chunk, int) error {
				if emitted++; emitted == 3 {
					cancel()
				}
				return nil
			},
		}
		err := csvschema.ForEachChunk(ctx, f, pass)
		assert.Equal(t, csvschema.Error{FileID: idOfSecondDisks, Err: context.Canceled}, asError(t, err))
		assert.Equal(t, 3, emitted)
		script.assertClosed(t, 1)

		err = csvschema.ForEachChunk(ctx, f, pass)
		assert.Equal(t, csvschema.Error{FileID: idOfSecondDisks, Err: context.Canceled}, asError(t, err))
		assert.Equal(t, 1, opened, "nothing is opened for a caller who is gone")
	}
}

func TestProgressIsToldAfterEveryChunkOfEveryPass(t *testing.T) {
	t.Parallel()
	text := "LabUId,n\n" + rowsText(0, 100)
	for _, workers := range []int{1, 3} {
		var told []csvschema.Progress
		chunks := 0
		o := fileOptions(workers)
		o.Progress = func(p csvschema.Progress) {
			told = append(told, p)
			assert.Len(t, told, chunks, "after the chunk, and no more often")
		}
		f := secondDisks(t, scriptOf(text, text).source(), o)
		for pass := range 2 {
			first := len(told)
			require.NoError(t, csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[struct{}]{
				Number: pass + 1, Of: 2,
				Skip: func(number int) bool { return number == 1 },
				Work: func(*csvschema.Chunk) struct{} { return struct{}{} },
				Emit: func(*csvschema.Chunk, struct{}) error { chunks++; return nil },
			}))
			before := int64(0)
			for _, p := range told[first:] {
				assert.Equal(t, f.FileID, p.FileID)
				assert.Equal(t, pass+1, p.Pass)
				assert.Equal(t, 2, p.Passes)
				assert.Equal(t, int64(pass*len(text)), p.Size, "the first pass counts what the source does not tell")
				assert.GreaterOrEqual(t, p.Bytes, before, "what is read ahead counts")
				before = p.Bytes
			}
			assert.Equal(t, int64(len(text)), before, "all of the file")
		}
		assert.Greater(t, chunks, 10)
	}
}

func TestSinglePassRemembersNothing(t *testing.T) {
	t.Parallel()
	o := fileOptions(2)
	o.SinglePass = true
	f := secondDisks(t, scriptOf("LabUId,n\n"+rowsText(0, 100), "LabUId,x\n"+rowsText(7, 9)).source(), o)
	records, err := recordsOf(t.Context(), f, nil)
	require.NoError(t, err)
	assert.Len(t, records, 100)
	records, err = recordsOf(t.Context(), f, func(int) bool { return true })
	require.NoError(t, err)
	assert.Equal(t, []string{"lab,00007\n", "lab,00008\n"}, records)
}

func TestFileIsReadBySeveralGoroutinesAfterItsFirstPass(t *testing.T) {
	t.Parallel()
	text := "LabUId,n\n" + rowsText(0, 300)
	f := secondDisks(t, csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}, fileOptions(2))
	want, err := recordsOf(t.Context(), f, nil)
	require.NoError(t, err)
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			got, err := recordsOf(context.Background(), f, func(int) bool { return false })
			assert.Equal(t, want, got)
			if err != nil {
				t.Error(err)
			}
		})
	}
	readers.Wait()
}
