package anonymize_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
)

var errTest = errors.New("a failure of the test")

// manyRows returns a file of several chunks, of which every fifth row is due.
func manyRows() []byte { return rowsDue(func(i int) bool { return i%5 == 0 }) }

// rowsDue returns a file of several chunks, of which some rows are due.
func rowsDue(isDue func(i int) bool) []byte {
	var file strings.Builder
	for i := range 4000 {
		deleted := ""
		if isDue(i) {
			deleted = "2/4/2017"
		}
		uid := "0dd2f8ae-8267-47c5-8cda-" + strings.Repeat("0", 8) + string([]byte{byte('0' + i/1000%10), byte('0' + i/100%10), byte('0' + i/10%10), byte('0' + i%10)})
		header, row, _ := strings.Cut(vm(deleted, "alice@contoso.com", map[csvschema.Column]string{csvschema.ResourceUId: uid}), "\n")
		if i == 0 {
			file.WriteString(header + "\n")
		}
		file.WriteString(row)
	}
	return []byte(file.String())
}

// A source that is not what was planned is refused, wherever it differs.
func TestAFileThatChangedSinceThePlanIsRefused(t *testing.T) {
	t.Parallel()
	for name, isDue := range map[string]func(i int) bool{
		"due in each chunk": func(i int) bool { return i%5 == 0 },
		"due in one chunk":  func(i int) bool { return i == 2000 }, // others are only compared
		"none due":          func(int) bool { return false },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testChanged(t, rowsDue(isDue))
		})
	}
}

func testChanged(t *testing.T, file []byte) {
	t.Helper()
	require.Greater(t, len(file), 1<<20)
	lines := bytes.SplitAfter(file, []byte("\n"))
	join := func(lines ...[]byte) []byte { return bytes.Join(lines, nil) }
	for name, changed := range map[string][]byte{
		"first byte of a row":  bytes.Replace(file, []byte("45d48c25"), []byte("55d48c25"), 1),
		"last byte":            append(bytes.Clone(file[:len(file)-3]), 'X', '"', '\n'),
		"one byte in a middle": append(append(bytes.Clone(file[:len(file)/2]), file[len(file)/2]^1), file[len(file)/2+1:]...),
		"a row less":           join(file[:len(file)-len(lines[4000])]),
		"a row more":           append(bytes.Clone(file), lines[4000]...),
		"a row less at first":  append(bytes.Clone(lines[0]), bytes.Join(lines[2:], nil)...),
		"two rows in turn":     append(append(append(bytes.Clone(lines[0]), lines[2]...), lines[1]...), bytes.Join(lines[3:], nil)...),
		"another header":       bytes.Replace(file, []byte("LabName"), []byte("labname"), 1),
		"no line end":          file[:len(file)-1],
		"nothing":              {},
		"header alone":         lines[0],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, workers := range []int{1, 2} {
				current := file
				source := csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(current)), nil }}
				plan, err := (&anonymize.Policy{Workers: workers}).Plan(t.Context(), later, []csvschema.Export{{VirtualMachines: []csvschema.Source{source}}})
				require.NoError(t, err)
				current = changed
				_, err = plan.Apply(t.Context(), fileID(1, 1, csvschema.VirtualMachines), io.Discard)
				require.Error(t, err)
				var place *csvschema.Error
				require.ErrorAs(t, err, &place)
				if name != "nothing" {
					require.ErrorIs(t, err, csvschema.ErrSourceChanged)
				}
				current = file
				_, err = plan.Apply(t.Context(), fileID(1, 1, csvschema.VirtualMachines), io.Discard)
				require.NoError(t, err, "the plan is as good as before")
			}
		})
	}
}

// Failures reach the caller as they are, with the place; nothing is left running.
func TestFailuresOfAPlanReachTheCaller(t *testing.T) {
	t.Parallel()
	file := manyRows()
	pass := 0
	failing := func(at, after int) csvschema.Source {
		pass = 0
		return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
			if pass++; pass == at {
				return io.NopCloser(io.MultiReader(bytes.NewReader(file[:after]), iotest.ErrReader(errTest))), nil
			}
			return io.NopCloser(bytes.NewReader(file)), nil
		}}
	}
	for _, at := range []int{1, 2, 3} {
		for _, after := range []int{0, 10, 700_000, len(file)} {
			plan, err := (&anonymize.Policy{Preview: true}).Plan(t.Context(), later, []csvschema.Export{{}, {VirtualMachines: []csvschema.Source{failing(at, after)}}})
			if at == 3 {
				require.NoError(t, err)
				_, err = plan.Apply(t.Context(), fileID(2, 1, csvschema.VirtualMachines), io.Discard)
			}
			require.ErrorIs(t, err, errTest)
			var place *csvschema.Error
			require.ErrorAs(t, err, &place)
			assert.Equal(t, []int{2, 1}, []int{place.Export, place.File})
		}
	}
	plan, err := new(anonymize.Policy).Plan(t.Context(), later, []csvschema.Export{exportOf(csvschema.VirtualMachines, file)})
	require.NoError(t, err)
	_, err = plan.Apply(t.Context(), fileID(1, 1, csvschema.VirtualMachines), iotest.TruncateWriter(failingWriter{}, 1<<20))
	require.ErrorIs(t, err, errTest)
	for _, wrong := range [][2]int{{0, 1}, {2, 1}, {1, 0}, {1, 2}} {
		_, err = plan.Apply(t.Context(), fileID(wrong[0], wrong[1], csvschema.VirtualMachines), io.Discard)
		require.ErrorIs(t, err, anonymize.ErrNoSuchFile)
	}
	_, err = plan.Apply(t.Context(), fileID(1, 1, csvschema.Disks), io.Discard)
	require.ErrorIs(t, err, anonymize.ErrNoSuchFile)
	for _, exports := range [][]csvschema.Export{nil, {{}}, {{VirtualMachines: []csvschema.Source{{}}}}} {
		_, err = new(anonymize.Policy).Plan(t.Context(), later, exports)
		require.ErrorIs(t, err, csvschema.ErrNoFiles)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errTest }

// Not parallel: it counts goroutines.
func TestACancelledPlanLeavesNothingRunning(t *testing.T) {
	file := manyRows()
	before := runtime.NumGoroutine()
	for _, workers := range []int{1, 2, 5} {
		ctx, cancel := context.WithCancel(t.Context())
		opened := 0
		source := csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
			if opened++; opened == 2 {
				cancel()
			}
			return io.NopCloser(bytes.NewReader(file)), nil
		}}
		_, err := (&anonymize.Policy{Workers: workers, Preview: true}).Plan(ctx, later, []csvschema.Export{{VirtualMachines: []csvschema.Source{source}}})
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, 2, opened)

		plan, err := (&anonymize.Policy{Workers: workers}).Plan(t.Context(), later, []csvschema.Export{{VirtualMachines: []csvschema.Source{source}}})
		require.NoError(t, err)
		_, err = plan.Apply(ctx, fileID(1, 1, csvschema.VirtualMachines), io.Discard)
		require.ErrorIs(t, err, context.Canceled)
	}
	for range 10_000 { // a slow machine may take a while
		if runtime.NumGoroutine() <= before {
			break
		}
		time.Sleep(time.Millisecond)
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), before)
}
