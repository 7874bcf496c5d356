package anonymize_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// twoChunks returns a file of more than a chunk, with a row that is due at each end.
func twoChunks(t *testing.T) (header string, rows []string) {
	t.Helper()
	head, due, _ := strings.Cut(vm("2/4/2017", "zoe@contoso.com", nil), "\n")
	_, kept, _ := strings.Cut(vm("", "ann@contoso.com", map[csvschema.Column]string{csvschema.ResourceUId: uid("kept")}), "\n")
	rows = []string{due}
	for range 1500 {
		rows = append(rows, kept)
	}
	return head + "\n", append(rows, strings.Replace(due, "zoe@", "joe@", 1), kept)
}

// changingSource opens the texts one after the other, the last for ever.
func changingSource(texts ...string) csvschema.Source {
	opened := 0
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
		opened++
		return io.NopCloser(strings.NewReader(texts[min(opened, len(texts))-1])), nil
	}}
}

// TestASourceThatChangedIsRefused changes a file between passes of a plan, and
// between plan and output. Whatever was written by then, the call fails.
func TestASourceThatChangedIsRefused(t *testing.T) {
	t.Parallel()
	header, rows := twoChunks(t)
	n := len(rows)
	file := header + strings.Join(rows, "")
	with := func(i int, row string) string {
		return header + strings.Join(rows[:i], "") + row + strings.Join(rows[i+1:], "")
	}
	for name, changed := range map[string]string{
		"empty":                      "",
		"header only":                header,
		"first chunk only":           header + strings.Join(rows[:900], ""),
		"shorter by the last row":    header + strings.Join(rows[:n-1], ""),
		"shorter by a byte":          file[:len(file)-1],
		"cut in quotes":              file[:len(file)-3],
		"longer by a row":            file + rows[n-1],
		"longer by an empty line":    file + "\n",
		"longer by a ragged row":     file + "x\n",
		"one byte of a due row":      with(0, strings.Replace(rows[0], "zoe@", "zoa@", 1)),
		"one byte of a kept row":     with(700, strings.Replace(rows[700], "ann@", "anm@", 1)),
		"one byte of the last row":   with(n-1, strings.Replace(rows[n-1], "ann@", "anm@", 1)),
		"one byte of the header":     strings.Replace(file, "LabName", "labName", 1),
		"due rows changed about":     header + rows[n-2] + strings.Join(rows[1:n-2], "") + rows[0] + rows[n-1],
		"kept and due changed about": header + rows[1] + rows[0] + strings.Join(rows[2:], ""),
		"no CSV":                     with(1, "\"x"+rows[1]),
		"NUL":                        with(1, strings.Replace(rows[1], "ann@", "ann\x00", 1)),
		"unreadable date":            with(n-1, strings.Replace(rows[n-2], "2/4/2017", "2/4", 1)),
		"a mark":                     "\uFEFF" + file,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.NotEqual(t, file, changed)
			for _, policy := range []*anonymize.Policy{{Workers: 1}, {Workers: 3}, {Preview: true}, {Names: true}} {
				passes := 1
				switch {
				case policy.Preview:
					passes = 2
				case policy.Names:
					passes = 3
				}
				for before := 1; before <= passes; before++ {
					texts := append(slices.Repeat([]string{file}, before), changed)
					e := csvschema.Export{VirtualMachines: []csvschema.Source{source([]byte(file)), changingSource(texts...)}}
					plan, err := policy.Plan(t.Context(), later, []csvschema.Export{e})
					if before == passes {
						require.NoError(t, err)
						_, err = plan.Apply(t.Context(), fileID(1, 2, csvschema.VirtualMachines), io.Discard)
					}
					require.ErrorIs(t, err, csvschema.ErrSourceChanged)
					var place *csvschema.Error
					require.ErrorAs(t, err, &place)
					assert.Equal(t, []any{1, 2, csvschema.VirtualMachines}, []any{place.Export, place.File, place.Role})
					csvschematest.AssertNoLeak(t, err, "zoe@contoso.com", "ann@contoso.com")
				}
			}
		})
	}
}

// TestAPlanThatFailedOnceCanBeAppliedAgain gives the file back as it was.
func TestAPlanThatFailedOnceCanBeAppliedAgain(t *testing.T) {
	t.Parallel()
	header, rows := twoChunks(t)
	file := header + strings.Join(rows, "")
	e := csvschema.Export{VirtualMachines: []csvschema.Source{changingSource(file, header, file)}}
	plan, err := (&anonymize.Policy{}).Plan(t.Context(), later, []csvschema.Export{e})
	require.NoError(t, err)
	_, err = plan.Apply(t.Context(), fileID(1, 1, csvschema.VirtualMachines), io.Discard)
	require.ErrorIs(t, err, csvschema.ErrSourceChanged)
	var out bytes.Buffer
	stats, err := plan.Apply(t.Context(), fileID(1, 1, csvschema.VirtualMachines), &out)
	require.NoError(t, err)
	assert.Equal(t, int64(2), stats.Changed)
	want, _ := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(file))
	assert.True(t, bytes.Equal(want, out.Bytes()))
}

// TestFailuresOfSourcesAndWritersReachTheCaller fails each pass of a plan in each
// way, and the writer at several bytes. All that was opened is closed.
func TestFailuresOfSourcesAndWritersReachTheCaller(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	header, rows := twoChunks(t)
	file := header + strings.Join(rows, "")
	for name, fail := range map[string]func() (io.ReadCloser, error){
		"open":       func() (io.ReadCloser, error) { return nil, broken },
		"first byte": func() (io.ReadCloser, error) { return io.NopCloser(iotest.ErrReader(broken)), nil },
		"in a row": func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(file[:len(file)-9]), iotest.ErrReader(broken))), nil
		},
		"between chunks": func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(header+strings.Join(rows[:800], "")), iotest.ErrReader(broken))), nil
		},
		"at the end": func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(strings.NewReader(file), iotest.ErrReader(broken))), nil
		},
		"close": func() (io.ReadCloser, error) { return failingCloser{strings.NewReader(file), broken}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for failing := range 3 { // two passes and one more
				opened, closed := 0, 0
				s := csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
					r, err := io.NopCloser(strings.NewReader(file)), error(nil)
					if opened == failing {
						r, err = fail()
					}
					if opened++; err != nil {
						closed++
						return nil, err
					}
					return &countingCloser{r, &closed}, nil
				}}
				plan, err := (&anonymize.Policy{Preview: true}).Plan(t.Context(), later, []csvschema.Export{{VirtualMachines: []csvschema.Source{s}}})
				if failing == 2 {
					require.NoError(t, err)
					var stats anonymize.Stats
					stats, err = plan.Apply(t.Context(), fileID(1, 1, csvschema.VirtualMachines), io.Discard)
					assert.Zero(t, stats)
				} else {
					assert.Nil(t, plan)
				}
				require.ErrorIs(t, err, broken)
				require.NotErrorIs(t, err, csvschema.ErrSourceChanged)
				assert.Equal(t, opened, closed)
				csvschematest.AssertNoLeak(t, err, "zoe@contoso.com", "ann@contoso.com")
			}
		})
	}
	plan, err := (&anonymize.Policy{}).Plan(t.Context(), later, []csvschema.Export{exportOf(csvschema.VirtualMachines, []byte(file))})
	require.NoError(t, err)
	for _, room := range []int{0, 5, len(header), len(header) + 1, 300_000, len(file)} {
		_, err = plan.Apply(t.Context(), fileID(1, 1, csvschema.VirtualMachines), &smallWriter{room: room, err: broken})
		require.ErrorIs(t, err, broken, "%d bytes", room)
		require.NotErrorIs(t, err, csvschema.ErrSourceChanged)
	}
	_, err = plan.Apply(t.Context(), fileID(1, 1, csvschema.VirtualMachines), shortWriter{})
	require.ErrorIs(t, err, io.ErrShortWrite)
}

// A shortWriter takes less than it is given, and says nothing.
type shortWriter struct{}

func (shortWriter) Write(p []byte) (int, error) { return len(p) - 1, nil }

// A failingCloser fails at the end.
type failingCloser struct {
	io.Reader
	err error
}

func (c failingCloser) Close() error { return c.err }

// A countingCloser counts that it is closed.
type countingCloser struct {
	io.ReadCloser
	closed *int
}

func (c *countingCloser) Close() error {
	*c.closed++
	return c.ReadCloser.Close()
}

// TestAnErrorOfAnotherFileStaysWhatItIs writes into a pipeline of the caller's, whose
// error is of a file of its own.
func TestAnErrorOfAnotherFileStaysWhatItIs(t *testing.T) {
	t.Parallel()
	plan, err := (&anonymize.Policy{}).Plan(t.Context(), later, []csvschema.Export{exportOf(csvschema.VirtualMachines, []byte(vm("2/4/2017", "zoe@contoso.com", nil)))})
	require.NoError(t, err)
	theirs := &csvschema.Error{FileID: fileID(7, 8, csvschema.Disks), Line: 9, Err: csvschema.ErrFieldCount}
	_, err = plan.Apply(t.Context(), fileID(1, 1, csvschema.VirtualMachines), &smallWriter{err: theirs})
	require.ErrorIs(t, err, csvschema.ErrFieldCount)
	assert.Equal(t, csvschema.Error{FileID: fileID(7, 8, csvschema.Disks), Line: 9, Err: csvschema.ErrFieldCount}, *theirs)
}

// TestNoGoroutineIsLeft cancels plans and outputs in the middle. Not parallel: it
// counts the goroutines of the whole process.
func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	large := csvschematest.NewLarge(1, 8<<20, nil)
	exports := []csvschema.Export{large.Export()}
	numbers := []int{1, 2, 5}
	if isRace {
		numbers = numbers[2:]
	}
	for _, workers := range numbers {
		policy := &anonymize.Policy{Workers: workers}
		plan, err := policy.Plan(t.Context(), later, exports)
		require.NoError(t, err)
		for _, at := range []int64{0, 1, 1 << 20, 7 << 20, 9 << 20, 15 << 20} {
			ctx, cancel := context.WithCancel(t.Context())
			source := func(role csvschema.Role) []csvschema.Source {
				return []csvschema.Source{{Open: func(context.Context) (io.ReadCloser, error) {
					return io.NopCloser(&countingReader{r: large.Reader(role), at: min(at, 6<<20), then: cancel}), nil
				}}}
			}
			_, err := policy.Plan(ctx, later, []csvschema.Export{{VirtualMachines: source(csvschema.VirtualMachines), Disks: source(csvschema.Disks)}})
			require.ErrorIs(t, err, context.Canceled)
			_, err = plan.Apply(ctx, fileID(1, 1, csvschema.VirtualMachines), io.Discard)
			require.ErrorIs(t, err, context.Canceled)
			_, err = verify.Exports(ctx, policy, later, exports, exports)
			require.ErrorIs(t, err, context.Canceled)
		}
		_, err = plan.Apply(t.Context(), fileID(1, 1, csvschema.VirtualMachines), &smallWriter{room: 1 << 20, err: io.ErrClosedPipe})
		require.ErrorIs(t, err, io.ErrClosedPipe)
	}
	for wait := 0; runtime.NumGoroutine() > before && wait < 10_000; wait++ { // a slow machine may take a while
		time.Sleep(time.Millisecond)
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), before)
}
