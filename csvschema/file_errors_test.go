package csvschema_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

func TestFaultsOfTheFirstPassHaveTheirPlace(t *testing.T) {
	t.Parallel()
	text := "LabUId,n\n" + rowsText(0, 50) + "lab,\"x\"y\n" + rowsText(51, 100)
	for _, workers := range []int{1, 3} {
		script := scriptOf(text, text, "LabUId,n\n"+rowsText(0, 100))
		f := secondDisks(t, script.source(), fileOptions(workers))
		for range 2 {
			records, err := recordsOf(t.Context(), f, nil)
			assert.Equal(t, csvschema.Error{FileID: idOfSecondDisks, Line: 52, Number: 2, Err: csvschema.ErrQuote}, asError(t, err))
			assert.Len(t, records, 50, "the records before it")
		}
		records, err := recordsOf(t.Context(), f, nil)
		require.NoError(t, err, "nothing is remembered of a pass that failed")
		assert.Len(t, records, 100)
	}
}

// TestErrorsOfCallbacksComeBackAsTheyAre in either pass, also if they are errors of
// this package.
func TestErrorsOfCallbacksComeBackAsTheyAre(t *testing.T) {
	t.Parallel()
	text := "LabUId,n\n" + rowsText(0, 100)
	for name, want := range map[string]error{
		"own":                errors.New("disk full"),
		"of another file":    &csvschema.Error{FileID: csvschema.FileID{Export: 7, Role: csvschema.VirtualMachines}, Line: 9, Err: csvschema.ErrQuote},
		"wrapped, of a file": fmt.Errorf("out: %w", &csvschema.Error{Err: csvschema.ErrSourceChanged}),
		"changed":            csvschema.ErrSourceChanged,
		"end of file":        io.EOF,
		"canceled":           context.Canceled,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, workers := range []int{1, 3} {
				for _, passes := range []int{0, 1} {
					script := scriptOf(text, text, text)
					for _, r := range script.readers[passes:] {
						r.closeErr = errors.New("close") // comes after the error
					}
					f := secondDisks(t, script.source(), fileOptions(workers))
					for range passes {
						_, err := recordsOf(t.Context(), f, nil)
						require.NoError(t, err)
					}
					emitted := 0
					work := func(*csvschema.Chunk) int { return 0 }
					err := csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[int]{
						Header: func(*csvschema.Header) error { return want },
						Work:   work,
						Emit: func(*csvschema.Chunk, int) error {
							emitted++
							return nil
						},
					})
					assert.Same(t, want, err)
					assert.Zero(t, emitted)
					err = csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[int]{
						Work: work,
						Emit: func(*csvschema.Chunk, int) error {
							if emitted++; emitted == 3 {
								return want
							}
							return nil
						},
					})
					assert.Same(t, want, err)
					assert.Equal(t, 3, emitted)
					script.assertClosed(t, passes+2)
				}
			}
		})
	}
}

func TestErrorsOfCloseAreReported(t *testing.T) {
	t.Parallel()
	broken := errors.New("close")
	script := scriptOf("LabUId\n1\n", "LabUId\n\"\n", "LabUId\n1\n")
	for _, r := range script.readers[:2] {
		r.closeErr = broken
	}
	f := secondDisks(t, script.source(), fileOptions(1))
	records, err := recordsOf(t.Context(), f, nil)
	assert.Equal(t, csvschema.Error{FileID: idOfSecondDisks, Err: broken}, asError(t, err))
	assert.Len(t, records, 1)
	_, err = recordsOf(t.Context(), f, nil)
	require.Error(t, err)
	require.NotErrorIs(t, err, broken, "what is wrong with the text says more")
	_, err = recordsOf(t.Context(), f, nil)
	require.NoError(t, err)
	script.assertClosed(t, 3)
}

func TestSourceThatOpensNothingIsAnError(t *testing.T) {
	t.Parallel()
	broken := errors.New("no such blob")
	for name, test := range map[string]struct {
		source csvschema.Source
		want   error
	}{
		"no Open":      {csvschema.Source{}, csvschema.ErrNoFiles},
		"nil reader":   {csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return nil, nil }}, csvschema.ErrNoFiles},
		"error":        {csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return nil, broken }}, broken},
		"end of file":  {csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return nil, io.EOF }}, io.EOF},
		"error beside": {csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return &opened{}, broken }}, broken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := recordsOf(t.Context(), secondDisks(t, test.source, fileOptions(1)), nil)
			assert.Equal(t, csvschema.Error{FileID: idOfSecondDisks, Err: test.want}, asError(t, err))
		})
	}
}

// TestSourceThatFailsLaterDidNotChange lets the second pass fail for another reason.
func TestSourceThatFailsLaterDidNotChange(t *testing.T) {
	t.Parallel()
	broken := errors.New("network gone")
	text := "LabUId,n\n" + rowsText(0, 100)
	for _, workers := range []int{1, 3} {
		for _, at := range []int{0, 4, len("LabUId,n\n"), 279, 289, 300, 305, 325, len(text) - 1, len(text)} {
			for want, reader := range map[error]io.Reader{
				broken:                iotest.ErrReader(broken),
				io.ErrUnexpectedEOF:   iotest.ErrReader(io.ErrUnexpectedEOF),
				io.ErrNoProgress:      stuckReader{},
				csvschema.ErrNUL:      iotest.ErrReader(&csvschema.Error{FileID: csvschema.FileID{Role: csvschema.VirtualMachines}, Err: csvschema.ErrNUL}),
				context.Canceled:      iotest.ErrReader(context.Canceled),
				csvschema.ErrNoHeader: iotest.ErrReader(fmt.Errorf("of another file: %w", csvschema.ErrNoHeader)),
			} {
				script := scriptOf(text, "", text)
				script.readers[1].Reader = io.MultiReader(strings.NewReader(text[:at]), reader)
				f := secondDisks(t, script.source(), fileOptions(workers))
				all, err := recordsOf(t.Context(), f, nil)
				require.NoError(t, err)
				seen, err := recordsOf(t.Context(), f, func(n int) bool { return n%3 == 0 })
				require.ErrorIs(t, err, want, "at %d", at)
				require.NotErrorIs(t, err, csvschema.ErrSourceChanged, "at %d", at)
				assert.Equal(t, idOfSecondDisks, asError(t, err).FileID)
				for _, record := range seen {
					assert.Contains(t, all, record)
				}
				_, err = recordsOf(t.Context(), f, nil)
				require.NoError(t, err, "the source is back")
				script.assertClosed(t, 3)
			}
		}
	}
}

// A failingReader closes failed when its text has ended, and then returns err.
type failingReader struct {
	io.Reader
	err    error
	failed chan struct{}
}

func (r *failingReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != io.EOF {
		return n, err
	}
	select {
	case <-r.failed:
	default:
		close(r.failed)
	}
	return n, r.err
}

// TestFirstErrorInTheOrderOfTheFileIsReturned lets the reader fail after a chunk that
// changed, before the chunk is emitted.
func TestFirstErrorInTheOrderOfTheFileIsReturned(t *testing.T) {
	t.Parallel()
	broken := errors.New("network gone")
	const header = "LabUId,n\n"
	text := header + rowsText(0, 100)
	for name, test := range map[string]struct {
		changed string // for the text from row 8 on
		want    error
	}{
		"row":                  {"lab,x0008\n" + rowsText(9, 20), csvschema.ErrSourceChanged},
		"text":                 {"lab,\"\"x8\n" + rowsText(9, 20), csvschema.ErrSourceChanged},
		"number of cells":      {"lab\n" + rowsText(9, 20), csvschema.ErrSourceChanged},
		"header again":         {header + rowsText(9, 20), csvschema.ErrSourceChanged},
		"text before the cut":  {rowsText(8, 18) + "lab,\"\"x8\nlab,0001", csvschema.ErrSourceChanged},
		"cells before the cut": {rowsText(8, 18) + "lab\nlab,0001", csvschema.ErrSourceChanged},
		"nothing":              {rowsText(8, 20), broken},
		"nothing, in a row":    {rowsText(8, 20) + "lab", broken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, workers := range []int{1, 3} {
				script := scriptOf(text, "")
				reader := &failingReader{strings.NewReader(header + rowsText(0, 8) + test.changed), broken, make(chan struct{})}
				script.readers[1].Reader = reader
				f := secondDisks(t, script.source(), fileOptions(workers))
				_, err := recordsOf(t.Context(), f, nil)
				require.NoError(t, err)
				err = csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[int]{
					Work: func(*csvschema.Chunk) int { return 0 },
					Emit: func(*csvschema.Chunk, int) error {
						if workers > 1 {
							<-reader.failed // in another goroutine
						}
						return nil
					},
				})
				assert.Equal(t, test.want, asError(t, err).Err, "%d workers", workers)
				assert.Equal(t, idOfSecondDisks, asError(t, err).FileID)
			}
		})
	}
}

// TestTextThatIsWrongBeforeTheReaderFailsChanged puts the two near to each other, also
// into one chunk.
func TestTextThatIsWrongBeforeTheReaderFailsChanged(t *testing.T) {
	t.Parallel()
	const header = "LabUId,n\n"
	test := func(text string) {
		t.Helper()
		for _, workers := range []int{1, 3} {
			script := scriptOf(header+rowsText(0, 100), "")
			script.readers[1].Reader = io.MultiReader(strings.NewReader(text), iotest.ErrReader(errors.New("network gone")))
			f := secondDisks(t, script.source(), fileOptions(workers))
			_, err := recordsOf(t.Context(), f, nil)
			require.NoError(t, err)
			_, err = recordsOf(t.Context(), f, nil)
			require.ErrorIs(t, err, csvschema.ErrSourceChanged, "%q", text)
		}
	}
	test("LabUId,n\"x\nlab")
	test("LabUId,LabUId\nlab")
	for rows := range 15 {
		for _, wrong := range []string{"lab,\"\"x\n", "lab\n", header, "lab,\x00\n"} {
			test(header + rowsText(0, rows) + wrong + "lab")
		}
	}
}

// TestSkipIsAskedForChunksOfTheFirstPass reads a longer file in the second pass.
func TestSkipIsAskedForChunksOfTheFirstPass(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 3} {
		script := scriptOf("LabUId,n\n"+rowsText(0, 10), "LabUId,n\n"+rowsText(0, 50))
		f := secondDisks(t, script.source(), fileOptions(workers))
		chunks := 0
		require.NoError(t, csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[int]{
			Work: func(*csvschema.Chunk) int { return 0 },
			Emit: func(*csvschema.Chunk, int) error { chunks++; return nil },
		}))
		_, err := recordsOf(t.Context(), f, func(n int) bool {
			assert.Less(t, n, chunks)
			return true
		})
		require.ErrorIs(t, err, csvschema.ErrSourceChanged)
	}
}

func TestPanicOfACallbackClosesTheSource(t *testing.T) {
	t.Parallel()
	script := scriptOf("LabUId,n\n" + rowsText(0, 100))
	f := secondDisks(t, script.source(), fileOptions(3))
	assert.Panics(t, func() {
		_ = csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[int]{
			Work: func(*csvschema.Chunk) int { return 0 },
			Emit: func(*csvschema.Chunk, int) error { panic("emit") },
		})
	})
	script.assertClosed(t, 1)
}
