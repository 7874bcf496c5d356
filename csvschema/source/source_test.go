package source_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"mime/multipart"
	"strings"
	"testing"
	"testing/fstest"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/internal/leaktest"
	"github.com/labdsr/labdsr/csvschema/source"
)

// upload returns the file of a form that was sent. The server keeps it in memory if it has
// no more bytes than that.
func upload(t *testing.T, data string, memory int64) (*multipart.FileHeader, *multipart.Form) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", leaktest.Canary+".csv")
	require.NoError(t, err)
	_, err = io.WriteString(part, data)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	form, err := multipart.NewReader(&b, w.Boundary()).ReadForm(memory)
	require.NoError(t, err)
	t.Cleanup(func() { _ = form.RemoveAll() })
	return form.File["file"][0], form
}

// sources returns sources of the bytes, by what they were made of.
func sources(t *testing.T, data string) map[string]csvschema.Source {
	t.Helper()
	inMemory, _ := upload(t, data, 100<<20)
	onDisk, _ := upload(t, data, 0)
	return map[string]csvschema.Source{
		"file":           source.FromFS(files("a.csv", data), "a.csv"),
		"entry of a ZIP": source.FromFS(zipped(t, "a.csv", data), "a.csv"),
		"bytes":          source.FromBytes([]byte(data)),
		"upload":         source.FromUpload(inMemory),
		"upload on disk": source.FromUpload(onDisk),
		"another":        source.Gunzip(sourceOf(func() io.Reader { return strings.NewReader(data) })),
		"one byte":       source.Gunzip(sourceOf(func() io.Reader { return iotest.OneByteReader(strings.NewReader(data)) })),
		"data with EOF":  source.Gunzip(sourceOf(func() io.Reader { return iotest.DataErrReader(strings.NewReader(data)) })),
	}
}

func TestSourcesTellHowManyBytesTheyGive(t *testing.T) {
	t.Parallel()
	sizeOf := func(s csvschema.Source) int64 {
		in, err := s.Open(t.Context())
		require.NoError(t, err)
		defer func() { require.NoError(t, in.Close()) }()
		return in.(interface{ Size() int64 }).Size()
	}
	unknown := map[string]bool{"another": true, "one byte": true, "data with EOF": true}
	for name, s := range sources(t, "abc\n") {
		want := int64(4)
		if unknown[name] {
			want = 0
		}
		assert.Equal(t, want, sizeOf(s), name)
	}
	for name, s := range sources(t, gzipped(t, "abc\n")) {
		assert.Zero(t, sizeOf(s), name)
	}
}

func TestSourcesAreReadPlainAsOftenAsWanted(t *testing.T) {
	t.Parallel()
	long := machinesHeader + strings.Repeat(row, 3000)
	for _, test := range []struct{ name, data, want string }{
		{"plain", long, long},
		{"gzip", gzipped(t, long), long},
		{"gzip of several members", gzipped(t, long[:50]) + gzipped(t, long[50:]), long},
		{"gzip of nothing that is one of several", gzipped(t, "") + gzipped(t, long) + gzipped(t, ""), long},
		{"gzip with zeros after it", gzipped(t, long) + "\x00", long},
		{"gzip with a block of zeros after it", gzipped(t, long) + strings.Repeat("\x00", 1<<16), long},
		{"gzip of nothing", gzipped(t, ""), ""},
		{"empty", "", ""},
		{"one byte", "\x1f", "\x1f"},
		{"one byte in gzip", gzipped(t, "\x1f"), "\x1f"},
	} {
		for name, s := range sources(t, test.data) {
			t.Run(test.name+", "+name, func(t *testing.T) {
				for range 3 {
					have, err := read(t.Context(), s)
					require.NoError(t, err)
					require.Equal(t, test.want, have)
				}
			})
		}
	}
}

func TestDamagedGzipIsAnError(t *testing.T) {
	t.Parallel()
	whole := gzipped(t, machinesHeader+strings.Repeat(row, 3000))
	spoilt := []byte(whole)
	spoilt[len(spoilt)-6] ^= 1
	for _, test := range []struct {
		name, data string
		want       error
	}{
		{"cut off in its header", whole[:5], source.ErrGzip},
		{"cut off in its text", whole[:len(whole)/2], source.ErrGzip},
		{"cut off in its sum", whole[:len(whole)-3], source.ErrGzip},
		{"cut off in the next member", whole + whole[:3], source.ErrGzip},
		{"another sum", string(spoilt), source.ErrGzip},
		{"text after zeros", whole + "\x00\x00\x00" + row, source.ErrGzip},
		{"member after zeros", whole + strings.Repeat("\x00", 512) + whole, source.ErrGzip},
		{"text after it", whole + row, source.ErrGzip},
		{"gzip in gzip", gzipped(t, whole), source.ErrPackedTwice},
	} {
		for name, s := range sources(t, test.data) {
			t.Run(test.name+", "+name, func(t *testing.T) {
				_, err := read(t.Context(), s)
				require.ErrorIs(t, err, test.want)
				require.ErrorIs(t, err, csvschema.ErrInput)
				require.NotErrorIs(t, err, io.EOF)
				leaktest.AssertErrorHidesCanary(t, err)
			})
		}
	}
}

// TestFailureOfTheSourceIsNoDamage lets the reader fail, which says nothing about the file.
func TestFailureOfTheSourceIsNoDamage(t *testing.T) {
	t.Parallel()
	failure := errors.New("the network is down")
	for name, data := range map[string]string{"plain": machinesHeader, "gzip": gzipped(t, machinesHeader), "empty": ""} {
		for n := range len(data) + 1 {
			s := source.Gunzip(sourceOf(func() io.Reader { return io.MultiReader(strings.NewReader(data[:n]), iotest.ErrReader(failure)) }))
			_, err := read(t.Context(), s)
			require.ErrorIs(t, err, failure, "%s, after %d bytes", name, n)
			require.NotErrorIs(t, err, csvschema.ErrInput)
		}
	}
	s := source.Gunzip(csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return nil, failure }})
	_, err := s.Open(t.Context())
	assert.Equal(t, failure, err)
}

func TestReadingEndsWithTheContext(t *testing.T) {
	t.Parallel()
	for _, data := range []string{strings.Repeat(row, 3000), gzipped(t, strings.Repeat(row, 100_000))} {
		for name, s := range sources(t, data) {
			ctx, cancel := context.WithCancel(t.Context())
			r, err := s.Open(ctx)
			require.NoError(t, err, name)
			_, err = io.ReadFull(r, make([]byte, 10))
			require.NoError(t, err, name)
			cancel()
			_, err = io.Copy(io.Discard, r)
			require.ErrorIs(t, err, context.Canceled, name)
			require.NoError(t, r.Close(), name)
			_, err = s.Open(ctx)
			require.ErrorIs(t, err, context.Canceled, name)
		}
	}
}

func TestSourcesOfNothingOpenNothing(t *testing.T) {
	t.Parallel()
	assert.Nil(t, source.FromUpload(nil).Open)
	assert.Nil(t, source.Gunzip(csvschema.Source{}).Open)
	nothing := csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return nil, nil }} //nolint:nilnil // a wrong source
	for _, s := range []csvschema.Source{source.FromUpload(nil), nothing, source.Gunzip(nothing)} {
		_, err := source.DetectRole(t.Context(), s)
		require.ErrorIs(t, err, csvschema.ErrNoFiles)
	}
}

func TestFormThatIsGoneIsAnErrorWithoutItsPath(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	header, form := upload(t, machinesHeader, 0)
	s := source.FromUpload(header)
	_, err := read(t.Context(), s)
	require.NoError(t, err)
	require.NoError(t, form.RemoveAll())
	_, err = read(t.Context(), s)
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.NotContains(t, err.Error(), dir)
}

// A brokenUpload is a temporary file on a disk that fails.
type brokenUpload struct{ multipart.File }

func (brokenUpload) Read([]byte) (int, error) {
	return 0, errOnDisk
}

func (brokenUpload) Close() error { return errOnDisk }

var errOnDisk = &fs.PathError{Op: "read", Path: "/home/" + leaktest.Canary, Err: fs.ErrPermission}

// A brokenFS has files about which nothing can be said, and which cannot be closed.
type brokenFS struct{}

func (brokenFS) Open(string) (fs.File, error) { return brokenFile{}, nil }

type brokenFile struct{ brokenUpload }

func (brokenFile) Stat() (fs.FileInfo, error) { return nil, errOnDisk }

func TestDiskThatFailsIsAnErrorWithoutAPath(t *testing.T) {
	t.Parallel()
	file := source.Uploaded(brokenUpload{})
	_, err := file.Read(nil)
	require.Equal(t, fs.ErrPermission, err)
	require.Equal(t, fs.ErrPermission, file.Close())
	_, err = source.FromFS(brokenFS{}, "a.csv").Open(t.Context())
	require.ErrorIs(t, err, fs.ErrPermission)
	leaktest.AssertErrorHidesCanary(t, err)
}

// A countingCloser counts what is not closed.
type countingCloser struct {
	io.Reader
	open *int
}

func (c countingCloser) Close() error {
	*c.open--
	return nil
}

func TestWhatCannotBeUnpackedIsClosed(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", whole, gzipped(t, whole), gzipped(t, whole)[:5], gzipped(t, gzipped(t, whole))} {
		open := 0
		_, _ = read(t.Context(), source.Gunzip(csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
			open++
			return countingCloser{strings.NewReader(text), &open}, nil
		}}))
		assert.Zero(t, open)
	}
}

// A growingFS has files that change while they are open.
type growingFS struct{ fstest.MapFS }

func (fsys growingFS) Open(name string) (fs.File, error) {
	file, err := fsys.MapFS.Open(name)
	return growingFile{file, fsys.MapFS[name]}, err
}

type growingFile struct {
	fs.File
	of *fstest.MapFile
}

func (f growingFile) Stat() (fs.FileInfo, error) {
	f.of.ModTime = f.of.ModTime.Add(time.Second)
	return fstest.MapFS{"x": &fstest.MapFile{Data: f.of.Data, ModTime: f.of.ModTime}}.Stat("x")
}

func TestFileThatChangesWhileItIsOpenIsAnError(t *testing.T) {
	t.Parallel()
	_, err := read(t.Context(), source.FromFS(growingFS{files("a.csv", machinesHeader)}, "a.csv"))
	require.ErrorIs(t, err, csvschema.ErrSourceChanged)
	_, err = source.Find(t.Context(), growingFS{files("a.txt", "a note that somebody writes")}, nil)
	require.ErrorIs(t, err, csvschema.ErrSourceChanged)
}

func TestErrorsOfAFileSystemNameNoPerson(t *testing.T) {
	t.Parallel()
	name := leaktest.Canary + "/vm.csv"
	_, err := read(t.Context(), source.FromFS(files("b.csv", ""), name))
	require.ErrorIs(t, err, fs.ErrNotExist)
	leaktest.AssertErrorHidesCanary(t, err)
	require.EqualError(t, err, "labdsr: [hidden]/vm.csv: file does not exist")
	_, err = read(t.Context(), source.FromFS(files(name, ""), leaktest.Canary)) // a folder
	require.Error(t, err)
	leaktest.AssertErrorHidesCanary(t, err)
}
