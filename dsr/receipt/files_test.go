package receipt_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// reading returns a source of what the function returns.
func reading(open func() io.Reader) csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(open()), nil }}
}

func TestFilesAreDigestedByteForByte(t *testing.T) {
	t.Parallel()
	machines := "LabUId,ResourceOwner\nl,alice@example.com\n\nl,\"a\nb\"" // no line end
	disks := "\xff\xfeL\x00a\x00b\x00U\x00I\x00d\x00,\x00D\x00i\x00s\x00k\x00T\x00y\x00p\x00e\x00\n\x00l\x00,\x000\x00\n\x00"
	large := "LabUId,DiskType\n" + strings.Repeat("l,0\n", 300_000)
	source := func(text string) csvschema.Source {
		return reading(func() io.Reader { return iotest.DataErrReader(strings.NewReader(text)) })
	}
	exports := []csvschema.Export{
		{Disks: []csvschema.Source{source(disks), source(large)}},
		{VirtualMachines: []csvschema.Source{source(machines)}, Disks: []csvschema.Source{source(disks)}},
	}
	key := secretKey(t, 1)
	file := func(export, number int, role csvschema.Role, text string, rows int64) receipt.File {
		digest := receipt.NewFileHash(key)
		_, _ = digest.Write([]byte(text))
		return receipt.File{Export: export, File: number, Role: role, Bytes: int64(len(text)), Rows: rows, Digest: identity.Digest(digest.Sum(nil))}
	}
	files, err := receipt.Files(t.Context(), key, exports)
	require.NoError(t, err)
	assert.Equal(t, []receipt.File{
		file(1, 1, csvschema.Disks, disks, 1),
		file(1, 2, csvschema.Disks, large, 300_000),
		file(2, 1, csvschema.VirtualMachines, machines, 2),
		file(2, 1, csvschema.Disks, disks, 1),
	}, files)
}

func TestFilesRefusesWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	good := reading(func() io.Reader { return strings.NewReader("LabUId,DiskType\nl,0\n") })
	for _, test := range []struct {
		name   string
		source csvschema.Source
		want   error
	}{
		{"breaks off", reading(func() io.Reader {
			return io.MultiReader(strings.NewReader("LabUId,DiskType\nl,0\n"), iotest.ErrReader(io.ErrNoProgress))
		}), io.ErrNoProgress},
		{"other role", reading(func() io.Reader { return strings.NewReader("LabUId,ResourceOwner\nl,\n") }), csvschema.ErrWrongRole},
		{"no header", reading(func() io.Reader { return bytes.NewReader(nil) }), csvschema.ErrNoHeader},
		{"no source", csvschema.Source{}, csvschema.ErrNoFiles},
		{"opens nothing", csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return nil, nil }}, csvschema.ErrNoFiles},
		{"cannot be opened", csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return nil, io.ErrClosedPipe }}, io.ErrClosedPipe},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files, err := receipt.Files(t.Context(), secretKey(t, 1), []csvschema.Export{{}, {Disks: []csvschema.Source{good, test.source}}})
			require.ErrorIs(t, err, test.want)
			var e *csvschema.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, csvschema.FileID{Export: 2, File: 2, Role: csvschema.Disks}, e.FileID)
			assert.Nil(t, files)
		})
	}
	_, err := receipt.Files(t.Context(), secretKey(t, 1), []csvschema.Export{{}})
	require.ErrorIs(t, err, csvschema.ErrNoFiles)
	assert.Panics(t, func() {
		_, _ = receipt.Files(t.Context(), identity.SecretKey{}, []csvschema.Export{{Disks: []csvschema.Source{good}}})
	})
}
