package azure_test

import (
	"bytes"
	"context"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

// isRead reports whether a request reads a blob.
func isRead(r *http.Request) bool {
	return r.Method == http.MethodGet && r.URL.Query().Get("comp") == ""
}

// isList reports whether a request lists blobs.
func isList(r *http.Request) bool { return r.URL.Query().Get("comp") == "list" }

// blobsOf returns all blobs of a container.
func blobsOf(t testing.TB, c *azure.Container) (all []azure.Blob) {
	t.Helper()
	for b, err := range c.Blobs(t.Context()) {
		require.NoError(t, err)
		all = append(all, b)
	}
	return all
}

// readAll reads a blob by one pass.
func readAll(ctx context.Context, c *azure.Container, b azure.Blob) ([]byte, error) {
	r, err := c.Open(ctx, b)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(r)
	if closeErr := r.Close(); err == nil {
		err = closeErr
	}
	return data, err
}

// A fault answers the n-th request, from 1, that reads the blob.
type fault func(f *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, n int)

// A faulty test is what a fault works with.
type faulty struct {
	t    *testing.T
	blob *container.Client
	text string
}

func (f *faulty) overwrite() {
	azuretest.Put(f.t, f.blob, "a.csv", strings.Repeat("x", len(f.text)))
}

func always(status int, code string, headers ...string) fault {
	return func(_ *faulty, w http.ResponseWriter, _ *http.Request, _ http.Handler, _ int) {
		azuretest.Refuse(w, status, code, headers...)
	}
}

// first answers the first n requests, and lets the service answer the others.
func first(times int, answer fault) fault {
	return func(f *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, n int) {
		if n > times {
			next.ServeHTTP(w, r)
			return
		}
		answer(f, w, r, next, n)
	}
}

// cut passes on so many bytes, and then breaks the connection.
func cut(after int) fault {
	return func(_ *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, _ int) {
		azuretest.Cut(w, r, next, after, azuretest.Reset)
	}
}

func TestReadingUnderFaults(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	text := strings.Repeat("0123456789abcdef", 20_000)
	for _, test := range []struct {
		name   string
		fault  fault
		want   error  // nil if all is read
		code   string // of the error
		status int
		tries  int           // 0 if it does not matter
		lasts  time.Duration // at least
		stall  time.Duration // 0 if nothing stalls
	}{
		{name: "none", fault: first(0, nil), tries: 1},
		{name: "503 at first", fault: first(2, always(503, "ServerBusy")), tries: 3},
		{name: "500 at first", fault: first(1, always(500, "InternalError")), tries: 2},
		{name: "500", fault: always(500, "InternalError"), code: "InternalError", status: 500, tries: 4},
		{name: "429 with Retry-After", fault: first(1, always(429, "TooManyRequests", "Retry-After", "1")), tries: 2, lasts: time.Second},
		{name: "429 for an hour", fault: always(429, "TooManyRequests", "Retry-After", "3600"), code: "TooManyRequests", status: 429, tries: 1},
		{name: "403", fault: always(403, "AuthorizationPermissionMismatch"), want: fs.ErrPermission, code: "AuthorizationPermissionMismatch", status: 403, tries: 1},
		{name: "404", fault: always(404, "BlobNotFound"), want: csvschema.ErrSourceChanged, code: "BlobNotFound", status: 404, tries: 1},
		{name: "archived", fault: always(409, "BlobArchived"), code: "BlobArchived", status: 409, tries: 1},
		{name: "code that is none", fault: always(400, "ann@contoso.com"), status: 400, tries: 1},
		{name: "404 between list and read", fault: func(f *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, _ int) {
			_, err := f.blob.NewBlobClient("a.csv").Delete(f.t.Context(), nil)
			if err != nil {
				f.t.Error(err)
			}
			next.ServeHTTP(w, r)
		}, want: csvschema.ErrSourceChanged, status: 412, code: "ConditionNotMet", tries: 1}, // Azurite does not say 404 then
		{name: "412 in the middle", fault: first(1, func(f *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, _ int) {
			azuretest.Cut(w, r, next, len(f.text)/2, func(w http.ResponseWriter, b []byte) {
				f.overwrite()
				azuretest.Reset(w, b)
			})
		}), want: csvschema.ErrSourceChanged, status: 412, code: "ConditionNotMet", tries: 2},
		{name: "changed between list and read", fault: func(f *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, n int) {
			f.overwrite()
			next.ServeHTTP(w, r)
		}, want: csvschema.ErrSourceChanged, status: 412, code: "ConditionNotMet", tries: 1},
		{name: "other ETag", fault: func(_ *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, _ int) {
			next.ServeHTTP(changedHeader{w, "ETag", `"0x1"`}, r)
		}, want: csvschema.ErrSourceChanged, tries: 1},
		{name: "no ETag", fault: func(_ *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, _ int) {
			next.ServeHTTP(changedHeader{w, "ETag", ""}, r)
		}, tries: 1, code: "-"},
		{name: "other range", fault: func(_ *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, _ int) {
			next.ServeHTTP(changedHeader{w, "Content-Range", "bytes 1-319999/320000"}, r)
		}, tries: 1, code: "-"},
		{name: "no range where one was asked for", fault: func(f *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, n int) {
			if n == 1 {
				cut(1000)(f, w, r, next, n)
			}
			next.ServeHTTP(changedHeader{w, "Content-Range", ""}, r)
		}, tries: 2, code: "-"},
		{name: "reset in the middle", fault: first(1, cut(100_000)), tries: 2},
		{name: "reset again and again, after a while", fault: first(20, cut(10_000)), tries: 21},
		{name: "reset before the first byte", fault: cut(0), tries: 4, code: "-"},
		{name: "reset before the answer", fault: func(*faulty, http.ResponseWriter, *http.Request, http.Handler, int) {
			panic(http.ErrAbortHandler)
		}, code: "-"},
		{name: "short body", fault: first(1, func(_ *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, _ int) {
			next.ServeHTTP(&shortened{ResponseWriter: w, left: 5000}, r)
		}), tries: 2},
		{name: "short body each time", fault: func(_ *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, _ int) {
			next.ServeHTTP(&shortened{ResponseWriter: w}, r)
		}, tries: 4, code: "-"},
		{name: "slow body", fault: func(_ *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, _ int) {
			azuretest.Cut(w, r, next, 0, func(w http.ResponseWriter, rest []byte) {
				for i := 0; i < len(rest); i += 40_000 {
					time.Sleep(30 * time.Millisecond)
					_, _ = w.Write(rest[i:min(len(rest), i+40_000)])
					_ = http.NewResponseController(w).Flush()
				}
			})
		}, tries: 1, lasts: 240 * time.Millisecond, stall: 200 * time.Millisecond},
		{name: "stalled body", fault: first(2, func(_ *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, _ int) {
			azuretest.Cut(w, r, next, 70_000, func(http.ResponseWriter, []byte) { <-r.Context().Done() })
		}), tries: 3, stall: 200 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := &faulty{t, s.Container(t), text}
			azuretest.Put(t, f.blob, "a.csv", text)
			var tries atomic.Int32
			proxy := s.Proxy(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if !isRead(r) {
					next.ServeHTTP(w, r)
					return
				}
				test.fault(f, w, r, next, int(tries.Add(1)))
			})
			c := openStalling(t, proxy, f.blob, "", test.stall)
			listed := blobsOf(t, open(t, proxy, f.blob, ""))
			require.Len(t, listed, 1)
			begun := time.Now()
			data, err := readAll(t.Context(), c, listed[0])
			for again := 0; test.stall > 0 && int(tries.Load()) != test.tries && again < 10; again++ { // this machine stalled, too
				tries.Store(0)
				begun = time.Now()
				data, err = readAll(t.Context(), c, listed[0])
			}
			if test.tries > 0 {
				assert.EqualValues(t, test.tries, tries.Load())
			}
			assert.GreaterOrEqual(t, time.Since(begun), test.lasts)
			if test.want == nil && test.code == "" && test.status == 0 {
				require.NoError(t, err)
				assert.Equal(t, text, string(data))
				return
			}
			require.Error(t, err)
			var e *azure.Error
			require.ErrorAs(t, err, &e)
			assert.Contains(t, err.Error(), "blob 1 a.csv")
			assert.NotContains(t, err.Error(), "127.0.0.1")
			if test.want != nil {
				require.ErrorIs(t, err, test.want)
			}
			assert.Equal(t, test.status, e.Status)
			if test.code != "-" {
				assert.Equal(t, test.code, e.Code)
			}
			assert.True(t, strings.HasPrefix(text, string(data)), "what came before the error is of the blob")
		})
	}
}

// A changedHeader is an answer with another value of a header.
type changedHeader struct {
	http.ResponseWriter
	name, value string
}

func (c changedHeader) WriteHeader(status int) {
	if c.value == "" {
		c.Header().Del(c.name)
	} else {
		c.Header().Set(c.name, c.value)
	}
	c.ResponseWriter.WriteHeader(status)
}

// A shortened answer says nothing of its length, and ends too early.
type shortened struct {
	http.ResponseWriter
	left int
}

func (s *shortened) WriteHeader(status int) {
	s.Header().Del("Content-Length")
	s.ResponseWriter.WriteHeader(status)
}

func (s *shortened) Write(p []byte) (int, error) {
	n := min(len(p), s.left)
	s.left -= n
	_, err := s.ResponseWriter.Write(p[:n])
	return len(p), err
}

func TestListingUnderFaults(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	for _, test := range []struct {
		name         string
		status       int
		code         string
		times, tries int
		want         error
	}{
		{"busy at first", 503, "ServerBusy", 2, 3, nil},
		{"busy", 503, "ServerBusy", 99, 4, nil},
		{"refused", 403, "AuthorizationFailure", 99, 1, fs.ErrPermission},
		{"no container", 404, "ContainerNotFound", 99, 1, fs.ErrNotExist},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := s.Container(t)
			azuretest.Put(t, c, "a.csv", "x")
			var tries atomic.Int32
			proxy := s.Proxy(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if isList(r) && int(tries.Add(1)) <= test.times {
					azuretest.Refuse(w, test.status, test.code)
					return
				}
				next.ServeHTTP(w, r)
			})
			var err error
			n := 0
			for _, err = range open(t, proxy, c, "").Blobs(t.Context()) {
				n++
			}
			assert.EqualValues(t, test.tries, tries.Load())
			assert.Equal(t, 1, n, "a blob, or an error")
			if test.times < test.tries {
				require.NoError(t, err)
				return
			}
			var e *azure.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, test.status, e.Status)
			assert.Equal(t, test.code, e.Code)
			if test.want != nil {
				require.ErrorIs(t, err, test.want)
			}
		})
	}
}

func TestBlobsAreListedByPages(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	for i := range 7 {
		azuretest.Put(t, c, string(rune('a'+i))+".csv", "x")
	}
	pages := atomic.Int32{}
	proxy := s.Proxy(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if isList(r) {
			pages.Add(1)
			q := r.URL.Query()
			q.Set("maxresults", "3")
			r.URL.RawQuery = q.Encode()
		}
		next.ServeHTTP(w, r)
	})
	sasOf := s.SAS(t, c, sas.ContainerPermissions{Read: true, List: true}, time.Now().Add(time.Hour)) // a key would sign the query
	opened, err := azure.Open(proxy.URL+"/"+nameOf(c), azure.Credentials{SAS: sasOf}, &azure.ClientOptions{Retry: azuretest.Impatient})
	require.NoError(t, err)
	assert.Len(t, blobsOf(t, opened), 7)
	assert.EqualValues(t, 3, pages.Load())
}

func TestPassesAreOfTheSameBlob(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	azuretest.Put(t, c, "a.csv", "first")
	opened := open(t, s, c, "")
	b := blobsOf(t, opened)[0]
	source := opened.Source(b)
	for range 2 {
		r, err := source.Open(t.Context())
		require.NoError(t, err)
		data, err := io.ReadAll(r)
		require.NoError(t, err)
		assert.Equal(t, "first", string(data))
		assert.EqualValues(t, 5, r.(interface{ Size() int64 }).Size())
		require.NoError(t, r.Close())
	}
	azuretest.Put(t, c, "a.csv", "other")
	_, err := source.Open(t.Context())
	require.ErrorIs(t, err, csvschema.ErrSourceChanged)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	_, err = source.Open(stopped)
	require.ErrorIs(t, err, context.Canceled)
}

func TestEmptyBlobIsWatched(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	azuretest.Put(t, c, "a.csv", "")
	opened := open(t, s, c, "")
	b := blobsOf(t, opened)[0]
	data, err := readAll(t.Context(), opened, b)
	require.NoError(t, err)
	assert.Empty(t, data)
	azuretest.Put(t, c, "a.csv", "x")
	_, err = readAll(t.Context(), opened, b)
	require.ErrorIs(t, err, csvschema.ErrSourceChanged)
}

func TestReaderAt(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	text := strings.Repeat("0123456789", 1000)
	azuretest.Put(t, c, "a.zip", text)
	opened := open(t, s, c, "/a.zip")
	b := blobsOf(t, opened)[0]
	r, err := opened.Open(t.Context(), b)
	require.NoError(t, err)
	require.NoError(t, iotest.TestReader(io.NewSectionReader(r, 0, 50), []byte(text[:50])))
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			p := make([]byte, 10)
			n, err := r.ReadAt(p, int64(i)*10+5)
			if assert.Equal(t, 10, n, err) {
				assert.Equal(t, "5678901234", string(p))
			}
		})
	}
	wait.Wait()
	n, err := r.ReadAt(make([]byte, 10), 9995)
	assert.Equal(t, 5, n)
	assert.Equal(t, io.EOF, err)
	_, err = r.ReadAt(make([]byte, 1), 10_000)
	assert.Equal(t, io.EOF, err)
	_, err = r.ReadAt(make([]byte, 1), -1)
	require.ErrorIs(t, err, fs.ErrInvalid)
	azuretest.Put(t, c, "a.zip", strings.ToUpper(text))
	_, err = r.ReadAt(make([]byte, 1), 0)
	require.ErrorIs(t, err, csvschema.ErrSourceChanged)
	require.NoError(t, r.Close())
	_, err = r.Read(make([]byte, 1))
	require.ErrorIs(t, err, fs.ErrClosed)
}

// TestBytesAreThoseOfTheStore has a blob that says to be compressed: net/http would unpack it.
func TestBytesAreThoseOfTheStore(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	packed := gzipped(t, "LabUId\n")
	_, err := c.NewBlockBlobClient("a.csv").UploadBuffer(t.Context(), packed, &uploadOptions{HTTPHeaders: &blob.HTTPHeaders{BlobContentEncoding: new("gzip")}})
	require.NoError(t, err)
	opened := open(t, s, c, "")
	b := blobsOf(t, opened)[0]
	data, err := readAll(t.Context(), opened, b)
	require.NoError(t, err)
	assert.True(t, bytes.Equal(packed, data))
	r, err := opened.Source(b).Open(t.Context())
	require.NoError(t, err)
	data, err = io.ReadAll(r)
	require.NoError(t, err)
	assert.Equal(t, "LabUId\n", string(data))
}

func TestInterruptedReadingEnds(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	azuretest.Put(t, c, "a.csv", strings.Repeat("x", 1<<20))
	opened := open(t, s, c, "")
	b := blobsOf(t, opened)[0]
	ctx, stop := context.WithCancel(t.Context())
	r, err := opened.Open(ctx, b)
	require.NoError(t, err)
	_, err = r.Read(make([]byte, 10))
	require.NoError(t, err)
	stop()
	_, err = io.ReadAll(r)
	require.ErrorIs(t, err, context.Canceled)
}
