package dsr_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
)

// trial is a source that returns another text each time, and counts.
type trial struct {
	texts         []string // of each opening; the last is used again
	openErr       error    // at the last opening
	readErr       error    // after the text of the last opening
	closeErr      error    // at the last opening
	opens, closes int
}

func (s *trial) source() csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
		last := s.opens >= len(s.texts)-1
		text := s.texts[min(s.opens, len(s.texts)-1)]
		if last && s.openErr != nil {
			return nil, s.openErr
		}
		s.opens++
		o := &opened{trial: s, r: strings.NewReader(text)}
		if last && s.readErr != nil {
			o.r = io.MultiReader(o.r, iotest.ErrReader(s.readErr))
		}
		if last {
			o.closeErr = s.closeErr
		}
		return o, nil
	}}
}

type opened struct {
	trial    *trial
	r        io.Reader
	closeErr error
	closed   bool
}

func (o *opened) Read(p []byte) (int, error) {
	if o.closed {
		return 0, errors.New("read after close")
	}
	return o.r.Read(p)
}

func (o *opened) Close() error {
	if !o.closed {
		o.closed = true
		o.trial.closes++
	}
	return o.closeErr
}

// linked returns an export whose disks are linked to a machine of alice. One of its
// IDs is also that of bob's machine, so that all passes are made.
func linked(t testing.TB) (machines, disks string) {
	t.Helper()
	return string(machinesText(t, []machine{{id: vm1, compute: comp1, uid: uid1, owner: alice}, {id: vm2, compute: comp1, uid: uid2, owner: bob}})),
		string(disksText(t, []disk{{lease: vm1}, {lease: comp1}, {lease: vm2}}))
}

// wantError filters two exports, of which the second holds the trials, and checks the
// error.
func wantError(t *testing.T, machines, disks *trial, want error, role csvschema.Role) *csvschema.Error {
	t.Helper()
	m, d := linked(t)
	exports := []csvschema.Export{
		{VirtualMachines: sources(m), Disks: sources(d)},
		{VirtualMachines: []csvschema.Source{sources(m)[0], machines.source()}, Disks: []csvschema.Source{sources(d)[0], disks.source()}},
	}
	var last *csvschema.Error
	for _, workers := range []int{1, 2} {
		*machines, *disks = trial{texts: machines.texts, openErr: machines.openErr, readErr: machines.readErr, closeErr: machines.closeErr},
			trial{texts: disks.texts, openErr: disks.openErr, readErr: disks.readErr, closeErr: disks.closeErr}
		report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice)}, ignore, &dsr.Options{Workers: workers})
		require.ErrorIs(t, err, want)
		assert.Nil(t, report, "nothing that looks complete")
		require.ErrorAs(t, err, &last)
		assert.Equal(t, 2, last.Export)
		assert.Equal(t, 2, last.File)
		assert.Equal(t, role, last.Role)
		csvschematest.AssertNoLeak(t, err, alice, vm1, uid1, oneLab)
		assert.Equal(t, machines.opens, machines.closes, "all that was opened is closed")
		assert.Equal(t, disks.opens, disks.closes, "all that was opened is closed")
	}
	return last
}

func TestASourceThatDiffersWhenItIsReadAgainIsAnError(t *testing.T) {
	t.Parallel()
	m, d := linked(t)
	for _, c := range []struct{ name, change string }{
		{"longer", "LAST,,,,,,,\n"},
		{"an empty line", "\n"},
		{"a ragged record", "x\n"},
		{"a quote", `"`},
		{"not UTF-8", "\xff"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_ = wantError(t, &trial{texts: []string{m, m + c.change}}, &trial{texts: []string{d}}, csvschema.ErrSourceChanged, csvschema.VirtualMachines)
		})
	}
	t.Run("of the same length", func(t *testing.T) {
		t.Parallel()
		_ = wantError(t, &trial{texts: []string{m, strings.Replace(m, alice, "alicf@example.com", 1)}}, &trial{texts: []string{d}}, csvschema.ErrSourceChanged, csvschema.VirtualMachines)
	})
	t.Run("only in the header", func(t *testing.T) {
		t.Parallel()
		swapped := strings.Replace(m, "CreatedTime,DeletedDate", "DeletedDate,CreatedTime", 1)
		require.NotEqual(t, m, swapped)
		_ = wantError(t, &trial{texts: []string{m, swapped}}, &trial{texts: []string{d}}, csvschema.ErrSourceChanged, csvschema.VirtualMachines)
	})
	t.Run("shorter", func(t *testing.T) {
		t.Parallel()
		header := m[:strings.Index(m, "\n")+1]
		_ = wantError(t, &trial{texts: []string{m, header}}, &trial{texts: []string{d}}, csvschema.ErrSourceChanged, csvschema.VirtualMachines)
		_ = wantError(t, &trial{texts: []string{m, ""}}, &trial{texts: []string{d}}, csvschema.ErrSourceChanged, csvschema.VirtualMachines)
	})
}

func TestASourceThatFailsIsTheCallersError(t *testing.T) {
	t.Parallel()
	m, d := linked(t)
	for _, c := range []struct {
		name string
		with func(texts ...string) *trial
	}{
		{"open", func(texts ...string) *trial { return &trial{texts: texts, openErr: errTest} }},
		{"read", func(texts ...string) *trial { return &trial{texts: texts, readErr: errTest} }},
		{"close", func(texts ...string) *trial { return &trial{texts: texts, closeErr: errTest} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_ = wantError(t, c.with(m), &trial{texts: []string{d}}, errTest, csvschema.VirtualMachines)
			_ = wantError(t, c.with(m, m), &trial{texts: []string{d}}, errTest, csvschema.VirtualMachines)
			_ = wantError(t, &trial{texts: []string{m}}, c.with(d), errTest, csvschema.Disks)
		})
	}
}

func TestABadFileIsAnErrorThatSaysWhere(t *testing.T) {
	t.Parallel()
	m, d := linked(t)
	without := func(column string) string { return strings.Replace(m, column, "Other", 1) }
	for _, c := range []struct {
		name, machines string
		want           error
		line           int64
		column         csvschema.Column
	}{
		{"missing LabUId", without("LabUId"), csvschema.ErrMissingColumn, 1, csvschema.LabUId},
		{"missing ResourceUId", without("ResourceUId"), csvschema.ErrMissingColumn, 1, csvschema.ResourceUId},
		{"missing ResourceId", without("ResourceId"), csvschema.ErrMissingColumn, 1, csvschema.ResourceId},
		{"missing owner", without("ResourceOwner"), csvschema.ErrMissingColumn, 1, csvschema.ResourceOwner},
		{"repeated header", strings.Replace(m, "EnvironmentId", " resourceowner ", 1), csvschema.ErrRepeatedColumn, 1, csvschema.ResourceOwner},
		{"the other kind", d, csvschema.ErrWrongRole, 1, csvschema.ResourceOwner},
		{"no header", m[strings.Index(m, "\n")+1:], csvschema.ErrNoHeader, 1, csvschema.LabUId},
		{"empty", "", csvschema.ErrNoHeader, 1, 0},
		{"semicolons", strings.ReplaceAll(m, ",", ";"), csvschema.ErrMissingColumn, 1, csvschema.LabUId},
		{"ragged", m + "x,y\n", csvschema.ErrFieldCount, 4, 0},
		{"bare quote", m + `x,y"z,,,,,,` + "\n", csvschema.ErrBareQuote, 4, csvschema.ResourceId},
		{"cut inside quotes", m + `"x,y`, csvschema.ErrQuote, 4, csvschema.LabUId},
		{"cut inside a record", m + "x,y", csvschema.ErrFieldCount, 4, 0},
		{"UTF-16 without mark", string(utf16LE(m)), csvschema.ErrNUL, 1, 0},
		{"CR alone", strings.ReplaceAll(m, "\n", "\r"), csvschema.ErrNoHeader, 1, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := wantError(t, &trial{texts: []string{c.machines}}, &trial{texts: []string{d}}, c.want, csvschema.VirtualMachines)
			assert.Equal(t, c.line, e.Line)
			if c.column != 0 {
				assert.Equal(t, c.column, e.Column)
			}
		})
	}
	lease := strings.Replace(d, "LeasedByVmId", "Lease", 1)
	e := wantError(t, &trial{texts: []string{m}}, &trial{texts: []string{lease}}, csvschema.ErrMissingColumn, csvschema.Disks)
	assert.Equal(t, csvschema.LeasedByVmId, e.Column)
}

func TestUTF16WithAMarkIsRead(t *testing.T) {
	t.Parallel()
	m, d := linked(t)
	utf16 := []csvschema.Export{{VirtualMachines: sources("\xff\xfe" + string(utf16LE(m))), Disks: sources("\xff\xfe" + string(utf16LE(d)))}}
	plain := []csvschema.Export{{VirtualMachines: sources(m), Disks: sources(d)}}
	want, _ := run(t, plain, []dsr.Subject{subject(t, alice)}, nil)
	got, _ := run(t, utf16, []dsr.Subject{subject(t, alice)}, nil)
	assert.Equal(t, want, got)
	assert.Len(t, got[0].theirs, 2)
}

func TestARecordOverTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	m, _ := linked(t)
	exports := []csvschema.Export{{VirtualMachines: sources(m)}}
	_, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice)}, ignore, &dsr.Options{MaxRecordBytes: 100})
	require.ErrorIs(t, err, csvschema.ErrRecordTooLarge)
}

func TestARequestWithoutFilesIsAnError(t *testing.T) {
	t.Parallel()
	for _, exports := range [][]csvschema.Export{
		nil,
		{},
		{{}, {}},
		{{VirtualMachines: []csvschema.Source{{}}}},
		{{VirtualMachines: []csvschema.Source{{Open: func(context.Context) (io.ReadCloser, error) { return nil, nil }}}}},
	} {
		report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice)}, ignore, nil)
		require.ErrorIs(t, err, csvschema.ErrNoFiles)
		assert.Nil(t, report)
	}
	_, err := dsr.FilterRows(t.Context(), nil, subject(t, alice), nil)
	require.ErrorIs(t, err, csvschema.ErrNoFiles)
}

func TestAnErrorOfEmitStopsTheRun(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(1, nil)
	subjects := subjectsOf(t, set.People)
	total := 0
	_, err := dsr.Filter(t.Context(), set.Exports(), subjects, func(dsr.Match) error {
		total++
		return nil
	}, nil)
	require.NoError(t, err)
	for _, stop := range []int{1, 2, total / 2, total} {
		n := 0
		var at dsr.Match
		var line int64
		report, err := dsr.Filter(t.Context(), set.Exports(), subjects, func(m dsr.Match) error {
			if n++; n == stop {
				at, line = m, m.Record.Line()
				return errTest
			}
			return nil
		}, nil)
		require.ErrorIs(t, err, errTest)
		assert.Nil(t, report)
		assert.Equal(t, stop, n, "emit is not called again")
		var e *csvschema.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, csvschema.Error{FileID: at.FileID, Line: line, Err: errTest}, *e)
	}
}

// An error of emit that names a place in the same file is returned as it is. One that
// names another file, as an output of the caller may, says nothing about this file.
func TestAnErrorOfEmitIsPlacedUnlessItNamesAPlaceInTheFile(t *testing.T) {
	t.Parallel()
	m, _ := linked(t)
	exports := []csvschema.Export{{VirtualMachines: sources(m)}}
	own := csvschema.FileID{Export: 1, File: 1, Role: csvschema.VirtualMachines}
	other := csvschema.FileID{Export: 1, File: 1, Role: csvschema.Disks}
	at := func(id csvschema.FileID, line int64, err error) error {
		return &csvschema.Error{FileID: id, Line: line, Err: err}
	}
	for _, c := range []struct {
		name      string
		err, want error
	}{
		{"the same file", at(own, 7, errTest), at(own, 7, errTest)},
		{"another file", at(other, 7, errTest), at(own, 2, at(other, 7, errTest))},
		{"no file", errTest, at(own, 2, errTest)},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice)}, func(dsr.Match) error { return c.err }, nil)
			assert.Equal(t, c.want, err)
		})
	}
}

func TestACancelledContextStopsTheRun(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(1, &csvschematest.Options{Ordinary: 2000})
	subjects := subjectsOf(t, set.People)
	for _, workers := range []int{1, 4} {
		ctx, cancel := context.WithCancel(t.Context())
		n := 0
		_, err := dsr.Filter(ctx, set.Exports(), subjects, func(dsr.Match) error {
			if n++; n == 3 {
				cancel()
			}
			return nil
		}, &dsr.Options{Workers: workers})
		require.ErrorIs(t, err, context.Canceled)
		var e *csvschema.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, csvschema.VirtualMachines, e.Role)

		opens := 0
		_, err = dsr.Filter(ctx, []csvschema.Export{{VirtualMachines: []csvschema.Source{{Open: func(context.Context) (io.ReadCloser, error) {
			opens++
			return nil, errTest
		}}}}}, subjects, ignore, nil)
		require.ErrorIs(t, err, context.Canceled)
		assert.Zero(t, opens)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := dsr.FilterRows(ctx, rowExports(nil, nil), subjects[0], nil)
	require.ErrorIs(t, err, context.Canceled)
}

func TestFilesAreReadNoMoreOftenThanNeeded(t *testing.T) {
	t.Parallel()
	m, d := linked(t)
	apart := string(machinesText(t, []machine{{id: vm1, compute: comp1, uid: uid1, owner: alice}, {id: vm2, uid: uid2, owner: bob}}))
	for _, c := range []struct {
		name, machines, disks   string
		wantMachines, wantDisks int
	}{
		{"no disks file", m, "", 1, 0},
		{"no disks", apart, string(disksText(t, nil)), 1, 1},
		{"disks", apart, d, 1, 1},
		{"an ID of the subject's machine is that of another", m, d, 2, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			machines, disks := &trial{texts: []string{c.machines}}, &trial{texts: []string{c.disks}}
			exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{machines.source()}}}
			if c.disks != "" {
				exports[0].Disks = []csvschema.Source{disks.source()}
			}
			_, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice)}, ignore, nil)
			require.NoError(t, err)
			assert.Equal(t, c.wantMachines, machines.opens)
			assert.Equal(t, c.wantDisks, disks.opens)
		})
	}
}

// A result is used again for the next chunk. What it held must not be added again: here
// it would ask for another pass over the machines, in half of the runs.
func TestAResultIsEmptyBeforeItsNextUse(t *testing.T) {
	t.Parallel()
	for range 20 {
		machines := &trial{texts: []string{string(machinesText(t, []machine{{id: vm2, owner: bob}}))}}
		exports := build(t, export{[]machine{{id: vm1, owner: alice}}, []disk{{lease: vm1}, {lease: vm2}}})
		exports[0].VirtualMachines = append(exports[0].VirtualMachines, machines.source())
		report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice)}, ignore, &dsr.Options{Workers: 1})
		require.NoError(t, err)
		assert.Equal(t, int64(1), report.Subjects[0].Disks.Lease)
		assert.Equal(t, 1, machines.opens)
	}
}

// Not parallel: it counts the goroutines of the whole process.
func TestNoGoroutineIsLeft(t *testing.T) {
	set := csvschematest.New(1, &csvschematest.Options{Ordinary: 2000})
	subjects := subjectsOf(t, set.People)
	before := runtime.NumGoroutine()
	for _, stop := range []int{1, 20, 1 << 30} {
		n := 0
		for _, err := range matches(t.Context(), set.Exports(), subjects, &dsr.Options{Workers: 8}) {
			require.NoError(t, err)
			if n++; n == stop {
				break
			}
		}
	}
	for wait := 0; runtime.NumGoroutine() > before && wait < 10_000; wait++ { // a slow machine may take a while
		time.Sleep(time.Millisecond)
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), before)
}

func TestAStutteringReaderGivesTheSameAnswer(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(2, &csvschematest.Options{Ordinary: -1})
	subjects := subjectsOf(t, set.People)
	want, wantReport := run(t, set.Exports(), subjects, nil)
	exports := set.Exports()
	for _, e := range exports {
		for _, sources := range [][]csvschema.Source{e.VirtualMachines, e.Disks} {
			for i, s := range sources {
				sources[i].Open = func(context.Context) (io.ReadCloser, error) {
					r, err := s.Open(context.Background())
					if err != nil {
						return nil, err
					}
					data, err := io.ReadAll(r)
					return io.NopCloser(iotest.OneByteReader(iotest.DataErrReader(bytes.NewReader(data)))), err
				}
			}
		}
	}
	got, report := run(t, exports, subjects, nil)
	assert.Equal(t, want, got)
	assert.Equal(t, wantReport, report)
}

func TestASequenceThatDiffersTheSecondTimeIsAnError(t *testing.T) {
	t.Parallel()
	row := func(id, owner string) csvschema.VirtualMachineRow {
		return csvschema.VirtualMachineRow{LabUId: "l", ResourceId: csvschema.NewPersonalText(id), ResourceOwner: csvschema.NewPersonalText(owner)}
	}
	// The ID of alice's machine was given out again when the disk was gone.
	disks := []csvschema.DiskRow{{LabUId: "l", LeasedByVmId: csvschema.NewPersonalText(vm1), DeletedDate: date(t, day2)}}
	filter := func(machines iter.Seq2[csvschema.VirtualMachineRow, error]) (*dsr.Rows, error) {
		exports := rowExports(nil, disks)
		exports[0].VirtualMachines = []csvschema.Source{csvschema.RowSource(machines)}
		return dsr.FilterRows(t.Context(), exports, subject(t, alice), nil)
	}
	bobs := row(vm1, bob)
	bobs.CreatedTime = date(t, day3)
	first := []csvschema.VirtualMachineRow{row(vm1, alice), bobs}
	later := bobs
	later.DeletedDate = date(t, day4)
	for _, second := range [][]csvschema.VirtualMachineRow{
		{row(vm1, alice), later},
		{row(vm1, alice)},
		{row(vm1, alice), bobs, bobs},
		{row(vm1, alice), row(vm1, alice)},
		{bobs, row(vm1, alice)},
		nil,
	} {
		times := 0
		rows, err := filter(func(yield func(csvschema.VirtualMachineRow, error) bool) {
			rows := first
			if times++; times > 1 {
				rows = second
			}
			csvschema.Rows(rows)(yield)
		})
		require.ErrorIs(t, err, csvschema.ErrSourceChanged)
		assert.Nil(t, rows)
		assert.Equal(t, 2, times)
	}
	rows, err := filter(csvschema.Rows(first))
	require.NoError(t, err)
	assert.Len(t, rows.Disks, 1)
}

// Rows that end with an error, as those of a database may, are never taken for all
// rows.
func TestRowsThatEndWithAnErrorAreNoAnswer(t *testing.T) {
	t.Parallel()
	rows := func(yield func(csvschema.VirtualMachineRow, error) bool) {
		if yield(csvschema.VirtualMachineRow{LabUId: "l"}, nil) {
			yield(csvschema.VirtualMachineRow{}, errTest)
		}
	}
	exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{csvschema.RowSource(rows)}}}
	got, err := dsr.FilterRows(t.Context(), exports, subject(t, alice), nil)
	require.ErrorIs(t, err, errTest)
	assert.Nil(t, got)
}

func TestAnErrorOfTheCallerIsWrappedAndNothingElse(t *testing.T) {
	t.Parallel()
	m, _ := linked(t)
	_, err := dsr.Filter(t.Context(), []csvschema.Export{{VirtualMachines: sources(m)}}, []dsr.Subject{subject(t, alice)}, func(dsr.Match) error { return errTest }, nil)
	assert.Equal(t, errTest, errors.Unwrap(err))
	assert.Equal(t, "labdsr: virtualmachines file 1 of export 1, line 2: some failure", err.Error())
}
