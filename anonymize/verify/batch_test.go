package verify_test

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"runtime"
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
	"github.com/labdsr/labdsr/csvschema/identity"
)

// requireSame holds that batches of several sizes and any number of workers give what
// reading record by record gives.
func requireSame(t *testing.T, p *anonymize.Policy, now time.Time, before, after []csvschema.Export) *verify.Verification {
	t.Helper()
	want, wantErr := verify.ExportsIn(t.Context(), p, now, before, after, 0)
	sizes, numbers := []int{700, 3000, 128 << 10}, []int{1, 2, 5}
	if isRace {
		sizes, numbers = sizes[:1], numbers[2:]
	}
	for _, size := range sizes {
		for _, workers := range numbers {
			policy := *p
			policy.Workers = workers
			got, err := verify.ExportsIn(t.Context(), &policy, now, before, after, size)
			require.Equal(t, wantErr, err, "%d bytes, %d workers", size, workers)
			require.Equal(t, want, got, "%d bytes, %d workers", size, workers)
		}
	}
	return want
}

// hostile returns a text that was changed in some places: bytes, cells and rows.
func hostile(random *rand.Rand, text string, changes int) string {
	for range changes {
		lines := strings.SplitAfter(text, "\n")
		i, j := random.IntN(len(lines)), random.IntN(len(lines))
		at := random.IntN(len(text))
		switch random.IntN(10) {
		case 0: // a row is missing
			lines[i] = ""
		case 1: // a row was added
			lines[i] += lines[j]
		case 2: // rows changed places
			lines[i], lines[j] = lines[j], lines[i]
		case 3: // an empty line
			lines[i] += "\n"
		case 4: // a cell of several lines
			lines[i] = strings.Replace(lines[i], `"`, "\"\n", 1)
		case 5: // cells of another row
			a, b := strings.Split(lines[i], `","`), strings.Split(lines[j], `","`)
			k := random.IntN(len(a))
			a[k] = b[min(k, len(b)-1)]
			lines[i] = strings.Join(a, `","`)
		case 6: // a name of somebody
			lines[i] = strings.Replace(lines[i], `","`, `","alice@contoso.com of `, 1)
		default:
			text = text[:at] + string(" \",\n\rAz0@%\x00\x80"[random.IntN(12)]) + text[at+1:]
			continue
		}
		text = strings.Join(lines, "")
	}
	return text
}

// TestAnyNumberOfWorkersFindsTheSame verifies outputs, and inputs, that somebody tampered
// with.
func TestAnyNumberOfWorkersFindsTheSame(t *testing.T) {
	t.Parallel()
	runs := uint64(20)
	switch {
	case isRace:
		runs = 2
	case testing.Short():
		runs = 5
	}
	failed := 0
	for seed := range runs {
		random := rand.New(rand.NewPCG(seed, 3))
		set := csvschematest.New(seed, &csvschematest.Options{ExtraColumns: seed%2 == 0, EmptyLines: seed%3 == 0})
		exports := set.Exports()
		if seed%4 > 0 { // one file of a role
			exports = []csvschema.Export{{VirtualMachines: exports[0].VirtualMachines[:1], Disks: exports[0].Disks[:min(1, len(exports[0].Disks))]}}
		}
		p := &anonymize.Policy{
			Replacement: identity.ReplacementKind(seed%3 + 1), Key: secretKey(t, "k"), Names: seed%5 == 0, DeleteStale: seed%7 == 0, KeepUnreadableDates: true,
		}
		if seed%2 == 0 {
			p.Requests = []anonymize.Request{{Kind: anonymize.Erase, Identifier: identifier(t, set.People[0].Identifiers[0]), At: set.Now, Existing: true}}
		}
		_, after := written(t, p, set.Now, exports...)
		require.True(t, requireSame(t, p, set.Now, exports, after).OK())
		for range 4 {
			tampered := hostileExports(t, random, after)
			if v := requireSame(t, p, set.Now, exports, tampered); v.Failed > 0 {
				failed++
			}
			if random.IntN(2) == 0 {
				requireSame(t, p, set.Now, hostileExports(t, random, exports), after)
			}
		}
	}
	assert.Greater(t, failed, int(runs))
}

// hostileExports returns exports of which one file or two were changed.
func hostileExports(t *testing.T, random *rand.Rand, exports []csvschema.Export) []csvschema.Export {
	t.Helper()
	var changed []csvschema.Export
	i := random.IntN(len(exports))
	for j, e := range exports {
		if i == j {
			changing := func(all []csvschema.Source) []csvschema.Source {
				all = append([]csvschema.Source{}, all...)
				if len(all) > 0 {
					k := random.IntN(len(all))
					all[k] = source([]byte(hostile(random, textOf(t, all[k]), 1+random.IntN(4))))
				}
				return all
			}
			e.VirtualMachines = changing(e.VirtualMachines)
			if random.IntN(2) == 0 {
				e.Disks = changing(e.Disks)
			}
		}
		changed = append(changed, e)
	}
	return changed
}

// TestACopyThatSaysMoreIsHeard has rows of one resource that differ, far from each other.
func TestACopyThatSaysMoreIsHeard(t *testing.T) {
	t.Parallel()
	first := machine("zoe@contoso.com", cells{"DeletedDate": ""})
	for name, last := range map[string]cells{
		"a date":             machine("zoe@contoso.com", nil),
		"no date that it is": machine("zoe@contoso.com", cells{"DeletedDate": "soon"}),
		"another ResourceId": machine("zoe@contoso.com", cells{"ResourceId": "/labs/lab/virtualmachines/other"}),
	} {
		rows := []cells{first}
		for range 200 {
			rows = append(rows, machine("bob@contoso.com", cells{"ResourceUId": "none"}))
		}
		e := exportOf(csvschema.VirtualMachines, []byte(file(csvschema.VirtualMachines, append(rows, last)...)))
		p := &anonymize.Policy{KeepUnreadableDates: true}
		_, after := written(t, p, later, e)
		assert.True(t, requireSame(t, p, later, []csvschema.Export{e}, after).OK(), name)
		v := requireSame(t, p, later, []csvschema.Export{e}, []csvschema.Export{e})
		assert.Equal(t, int64(200)+map[string]int64{"a date": 2}[name], v.Failed, name)
	}
}

// TestTheRestOfAnInputIsRead has an input that cannot be read to its end, and a copy that
// says more, after a place of the output from which on nothing is compared.
func TestTheRestOfAnInputIsRead(t *testing.T) {
	t.Parallel()
	active, deleted := machine("zoe@contoso.com", cells{"DeletedDate": ""}), machine("zoe@contoso.com", nil)
	other := machine("bob@contoso.com", cells{"DeletedDate": "", "ResourceUId": "00000000-0000-4000-8000-000000000002"})
	text := file(csvschema.VirtualMachines, active, other, deleted)
	_, after := written(t, &anonymize.Policy{}, later, exportOf(csvschema.VirtualMachines, []byte(text)))
	lines := strings.SplitAfter(textOf(t, after[0].VirtualMachines[0]), "\n")
	short := exportOf(csvschema.VirtualMachines, []byte(lines[0]+lines[1]))
	v := requireSame(t, &anonymize.Policy{}, later, []csvschema.Export{exportOf(csvschema.VirtualMachines, []byte(text))}, []csvschema.Export{short})
	require.Len(t, v.Failures, 1)
	assert.Equal(t, verify.RowMissing, v.Failures[0].Kind)
	_, err := verify.Exports(t.Context(), nil, later, []csvschema.Export{exportOf(csvschema.VirtualMachines, []byte(text+"x,y\n"))}, []csvschema.Export{short})
	require.ErrorIs(t, err, csvschema.ErrFieldCount)
}

// TestAMarkAfterTheHeaderIsNoPartOfARow has one, in files whose first batch is regular, and
// not.
func TestAMarkAfterTheHeaderIsNoPartOfARow(t *testing.T) {
	t.Parallel()
	text := strings.Replace(vm("2/4/2017", "zoe@contoso.com"), "\n", "\n\uFEFF", 1)
	output := strings.Replace(text, "zoe@contoso.com", identity.ReplacementAddress, 1)
	before := []csvschema.Export{exportOf(csvschema.VirtualMachines, []byte(text))}
	for more, failures := range map[string]int{"": 0, "\n": 1, "x": 1} {
		v := requireSame(t, &anonymize.Policy{}, later, before, []csvschema.Export{exportOf(csvschema.VirtualMachines, []byte(output+more))})
		assert.Len(t, v.Failures, failures, "%q", more)
		assert.Equal(t, int64(1), v.Changed)
	}
}

// TestALineEndAfterTheLastRowIsItsOwn has an output with a line end that the input lacks.
func TestALineEndAfterTheLastRowIsItsOwn(t *testing.T) {
	t.Parallel()
	for deleted, want := range map[string]verify.FailureKind{"": verify.RowChanged, "2/4/2017": verify.LineEndChanged} {
		e := exportOf(csvschema.VirtualMachines, []byte(strings.TrimSuffix(vm(deleted, "zoe@contoso.com"), "\n")))
		_, after := written(t, &anonymize.Policy{}, later, e)
		a := exportOf(csvschema.VirtualMachines, []byte(textOf(t, after[0].VirtualMachines[0])+"\n"))
		v := requireSame(t, &anonymize.Policy{}, later, []csvschema.Export{e}, []csvschema.Export{a})
		require.Len(t, v.Failures, 1)
		assert.Equal(t, want, v.Failures[0].Kind)
		assert.Equal(t, int64(2), v.Failures[0].Line)
	}
}

// TestSourcesThatStutterAreReadInBatches gives a byte at a time.
func TestSourcesThatStutterAreReadInBatches(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(1, nil)
	for _, f := range set.Files[:2] {
		e := exportOf(f.Role, f.Data)
		_, after := written(t, &anonymize.Policy{KeepUnreadableDates: true}, set.Now, e)
		slowly := func(s csvschema.Source) []csvschema.Source {
			return []csvschema.Source{{Open: func(ctx context.Context) (io.ReadCloser, error) {
				r, err := s.Open(ctx)
				return io.NopCloser(iotest.OneByteReader(r)), err
			}}}
		}
		e, a := exportOf(f.Role, f.Data), after[0]
		for _, side := range []*csvschema.Export{&e, &a} {
			if f.Role == csvschema.Disks {
				side.Disks = slowly(side.Disks[0])
			} else {
				side.VirtualMachines = slowly(side.VirtualMachines[0])
			}
		}
		v := requireSame(t, &anonymize.Policy{KeepUnreadableDates: true}, set.Now, []csvschema.Export{e}, []csvschema.Export{a})
		assert.True(t, v.OK())
	}
}

// TestAPanicOfTheCallerReachesTheCaller panics in a callback, which workers call. It is not
// parallel: it counts goroutines.
func TestAPanicOfTheCallerReachesTheCaller(t *testing.T) { //nolint:paralleltest // it counts goroutines
	before := runtime.NumGoroutine()
	fault := errors.New("no list")
	row := strings.SplitAfter(vm("2/4/2017", "zoe@contoso.com"), "\n")[1]
	e := []csvschema.Export{exportOf(csvschema.VirtualMachines, []byte(vm("", "")+strings.Repeat(row, 2000)))}
	for _, workers := range []int{1, 2, 5} {
		p := &anonymize.Policy{Workers: workers, Anonymous: func(string) bool { panic(fault) }}
		require.PanicsWithValue(t, fault, func() { _, _ = verify.Exports(t.Context(), p, later, e, e) })
	}
	for wait := 0; runtime.NumGoroutine() > before && wait < 10_000; wait++ { // a slow machine may take a while
		time.Sleep(time.Millisecond)
	}
	assert.LessOrEqual(t, runtime.NumGoroutine(), before)
}
