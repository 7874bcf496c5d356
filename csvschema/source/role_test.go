package source_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/internal/leaktest"
	"github.com/labdsr/labdsr/csvschema/source"
)

func TestRoleIsThatOfTheHeader(t *testing.T) {
	t.Parallel()
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(disksHeader)
	require.NoError(t, err)
	for _, test := range []struct {
		name, text string
		want       csvschema.Role
	}{
		{"machines", machinesHeader, csvschema.VirtualMachines},
		{"disks", disksHeader + row, csvschema.Disks},
		{"mark", "\ufeff" + machinesHeader, csvschema.VirtualMachines},
		{"UTF-16", wide, csvschema.Disks},
		{"gzip", gzipped(t, disksHeader), csvschema.Disks},
		{"UTF-16 in gzip", gzipped(t, wide), csvschema.Disks},
		{"another order", "resourceowner,x, RESOURCEID ,ResourceUId,LabUId", csvschema.VirtualMachines},
		{"spoilt row", disksHeader + "a,b\n", csvschema.Disks},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			have, err := source.DetectRole(t.Context(), source.FromBytes([]byte(test.text)))
			require.NoError(t, err)
			assert.Equal(t, test.want, have)
		})
	}
	for _, export := range csvschematest.New(1, nil).Exports() {
		for role, sources := range map[csvschema.Role][]csvschema.Source{csvschema.VirtualMachines: export.VirtualMachines, csvschema.Disks: export.Disks} {
			for _, s := range sources {
				have, err := source.DetectRole(t.Context(), s)
				require.NoError(t, err)
				assert.Equal(t, role, have)
			}
		}
	}
}

func TestWhatIsNeitherRoleIsAnError(t *testing.T) {
	t.Parallel()
	const canary = leaktest.Canary
	failure := errors.New("the network is down")
	stopped, stop := context.WithCancel(t.Context())
	stop()
	bytes := func(text string) csvschema.Source { return source.FromBytes([]byte(text)) }
	for _, test := range []struct {
		name string
		ctx  context.Context
		s    csvschema.Source
		want error
		role csvschema.Role // of the error; 0 if it is unknown
	}{
		{"empty", t.Context(), bytes(""), csvschema.ErrNoHeader, 0},
		{"no header", t.Context(), bytes(canary + "," + canary + "\n"), csvschema.ErrNoHeader, 0},
		{"lists", t.Context(), bytes("LabUId," + canary + "\n"), csvschema.ErrMissingColumn, 0},
		{"missing column", t.Context(), bytes("LabUId,ResourceId,ResourceOwner," + canary + "\n"), csvschema.ErrMissingColumn, 0},
		{"missing column of disks", t.Context(), bytes("LabUId,ResourceId,LeasedByVmId," + canary + "\n"), csvschema.ErrMissingColumn, csvschema.Disks},
		{"repeated column", t.Context(), bytes("LabUId,LabUId," + disksHeader), csvschema.ErrRepeatedColumn, 0},
		{"both kinds", t.Context(), bytes(strings.TrimSpace(machinesHeader) + ", leasedbyvmid ," + canary + "\n"), csvschema.ErrWrongRole, 0},
		{"invalid UTF-8", t.Context(), bytes(canary + "\xff" + machinesHeader), csvschema.ErrUTF8, 0},
		{"damaged gzip", t.Context(), bytes(gzipped(t, machinesHeader)[:20]), source.ErrGzip, 0},
		{"failure", t.Context(), sourceOf(func() io.Reader { return io.MultiReader(strings.NewReader("LabUId,"), iotest.ErrReader(failure)) }), failure, 0},
		{"interrupted", stopped, bytes(machinesHeader), context.Canceled, 0},
		{"nothing to open", t.Context(), csvschema.Source{}, csvschema.ErrNoFiles, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			role, err := source.DetectRole(test.ctx, test.s)
			assert.Zero(t, role)
			require.ErrorIs(t, err, test.want)
			isFailure := test.want == failure || test.want == context.Canceled || test.want == csvschema.ErrNoFiles
			assert.Equal(t, !isFailure, errors.Is(err, csvschema.ErrInput))
			e, ok := errors.AsType[*csvschema.Error](err)
			require.True(t, ok)
			assert.Equal(t, test.role, e.Role)
			leaktest.AssertErrorHidesCanary(t, err)
		})
	}
}

// TestRoleNeedsTheBeginningOnly fails if more than the beginning of the file is read, or if
// it is not closed.
func TestRoleNeedsTheBeginningOnly(t *testing.T) {
	t.Parallel()
	n, opened := 0, 0
	endless := csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
		opened++
		return &endlessReader{strings.NewReader(disksHeader), &n, &opened}, nil
	}}
	role, err := source.DetectRole(t.Context(), endless)
	require.NoError(t, err)
	assert.Equal(t, csvschema.Disks, role)
	assert.Less(t, n, 2<<20)
	assert.Zero(t, opened, "something is left open")
}

// An endlessReader counts what is read of it.
type endlessReader struct {
	head   io.Reader
	n      *int
	opened *int
}

func (r *endlessReader) Read(p []byte) (int, error) {
	if n, _ := r.head.Read(p); n > 0 {
		return n, nil
	}
	n := copy(p, row)
	*r.n += n
	return n, nil
}

func (r *endlessReader) Close() error {
	*r.opened--
	return nil
}
