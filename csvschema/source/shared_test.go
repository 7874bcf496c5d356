package source_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// The headers have the columns that tell the two kinds of export apart, and no more.
const (
	machinesHeader = "LabUId,ResourceUId,ResourceId,ResourceOwner\n"
	disksHeader    = "LabUId,ResourceUId,ResourceId,LeasedByVmId\n"

	row = "36f675cc-81e7-4ef5-a8e2-5d940ed90475,0f21ddb6-6cad-4a26-8d11-6ece1738f7d9,/subscriptions/x/providers/microsoft.devtestlab/labs/y,ann\n"
)

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

func zipped(t *testing.T, entries ...string) *zip.Reader {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(entries); i += 2 {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: entries[i]})
		require.NoError(t, err)
		_, err = io.WriteString(entry, entries[i+1])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	r, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	require.NoError(t, err)
	return r
}

// files returns a file system of names and texts.
func files(entries ...string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i := 0; i < len(entries); i += 2 {
		fsys[entries[i]] = &fstest.MapFile{Data: []byte(entries[i+1])}
	}
	return fsys
}

// read opens a source and reads it to its end.
func read(ctx context.Context, s csvschema.Source) (string, error) {
	r, err := s.Open(ctx)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	if closeErr := r.Close(); err == nil {
		err = closeErr
	}
	return string(text), err
}

// sourceOf returns a source that opens a new reader of make each time.
func sourceOf(open func() io.Reader) csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(open()), nil }}
}
