package azure_test

import (
	"crypto/md5"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

// text returns a function that writes a text.
func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	opened := open(t, s, c, "")
	for _, test := range []struct {
		name string
		size int
	}{{"empty.zip", 0}, {"small.zip", 10}, {"one block.zip", 4 << 20}, {"large.zip", 9<<20 + 1}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			want := strings.Repeat("0123456789abcde\n", test.size/16+1)[:test.size]
			b, err := opened.Create(t.Context(), test.name, text(want))
			require.NoError(t, err)
			assert.EqualValues(t, test.size, b.Size)
			assert.Equal(t, want, azuretest.Get(t, c, test.name))
			data, err := readAll(t.Context(), opened, b)
			require.NoError(t, err)
			assert.Len(t, data, test.size)
			p, err := c.NewBlobClient(test.name).GetProperties(t.Context(), nil)
			require.NoError(t, err)
			sum := md5.Sum([]byte(want))
			assert.Equal(t, sum[:], p.ContentMD5)
			assert.Equal(t, "application/zip", *p.ContentType)
			_, err = opened.Create(t.Context(), test.name, text("other"))
			require.ErrorIs(t, err, fs.ErrExist)
			assert.Equal(t, want, azuretest.Get(t, c, test.name))
		})
	}
}

func TestCreateThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	stop := errors.New("stop")
	_, err := open(t, s, c, "").Create(t.Context(), "a", func(w io.Writer) error {
		_, err := w.Write(make([]byte, 9<<20))
		require.NoError(t, err)
		return stop
	})
	assert.Equal(t, stop, err)
	assert.Empty(t, blobsOf(t, open(t, s, c, "")))
}

func TestCreateRefusesAPublicContainer(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	for _, test := range []struct {
		name   string
		access *container.PublicAccessType
		want   error
	}{
		{"private", nil, nil},
		{"blobs", new(container.PublicAccessTypeBlob), azure.ErrPublic},
		{"container", new(container.PublicAccessTypeContainer), azure.ErrPublic},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := s.Container(t)
			_, err := c.SetAccessPolicy(t.Context(), &container.SetAccessPolicyOptions{Access: test.access})
			require.NoError(t, err)
			bySAS, err := azure.Open(s.URL+"/"+nameOf(c), azure.Credentials{SAS: s.SAS(t, c, sas.ContainerPermissions{Read: true, Create: true, Write: true}, time.Now().Add(time.Hour))},
				&azure.ClientOptions{Retry: azuretest.Impatient})
			require.NoError(t, err)
			for name, opened := range map[string]*azure.Container{"key": open(t, s, c, ""), "SAS": bySAS} {
				_, err := opened.Create(t.Context(), name, text("x"))
				if test.want == nil {
					require.NoError(t, err, name)
					continue
				}
				require.ErrorIs(t, err, test.want, name)
			}
			if test.want != nil {
				assert.Empty(t, blobsOf(t, open(t, s, c, "")))
			}
		})
	}
}

// TestAPageForPeopleIsNoPrivateContainer has a proxy that answers each question about a
// container with a page of its own.
func TestAPageForPeopleIsNoPrivateContainer(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	_, err := c.SetAccessPolicy(t.Context(), &container.SetAccessPolicyOptions{Access: new(container.PublicAccessTypeBlob)})
	require.NoError(t, err)
	proxy := s.Proxy(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if q := r.URL.Query(); q.Get("comp") == "properties" || q.Get("restype") == "container" && q.Get("comp") == "" {
			_, _ = io.WriteString(w, "<html><body>Welcome</body></html>")
			return
		}
		next.ServeHTTP(w, r)
	})
	opened := open(t, proxy, c, "")
	_, err = opened.Create(t.Context(), "a.csv", text("x"))
	require.Error(t, err)
	assert.Empty(t, blobsOf(t, open(t, s, c, "")))
	copies, err := opened.Copies(t.Context())
	require.NoError(t, err)
	assert.False(t, copies.Retention.AccountKnown)
	assert.False(t, copies.Retention.ContainerKnown)
}

// isStage and isCommit report what a request does.
func isStage(r *http.Request) bool {
	return r.Method == http.MethodPut && r.URL.Query().Get("comp") == "block"
}

func isCommit(r *http.Request) bool {
	return r.Method == http.MethodPut && r.URL.Query().Get("comp") == "blocklist"
}

// isCommitOrAsked also reports whether a request asks what a blob is made of.
func isCommitOrAsked(r *http.Request) bool { return r.URL.Query().Get("comp") == "blocklist" }

// TestWritingUnderFaults creates and replaces while a proxy does what it can.
func TestWritingUnderFaults(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	before, after := strings.Repeat("before\n", 1<<20), strings.Repeat("after!!\n", 1<<20)
	for _, test := range []struct {
		name    string
		on      func(*http.Request) bool
		fault   fault
		want    error
		status  int
		written bool // all is well, or the error came too late
		ok      bool
	}{
		{name: "500 for a block at first", on: isStage, fault: first(2, always(500, "InternalError")), ok: true},
		{name: "503 for a commit at first", on: isCommit, fault: first(2, always(503, "ServerBusy")), ok: true},
		{name: "503 for a commit", on: isCommit, fault: always(503, "ServerBusy"), status: 503},
		{name: "403 for a block", on: isStage, fault: always(403, "AuthorizationPermissionMismatch"), status: 403, want: fs.ErrPermission},
		{name: "403 for a commit", on: isCommit, fault: always(403, "AuthorizationPermissionMismatch"), status: 403, want: fs.ErrPermission},
		{name: "immutable", on: isCommit, fault: always(409, "BlobImmutableDueToPolicy"), status: 409, want: fs.ErrPermission},
		{name: "connection lost before a block", on: isStage, fault: first(1, lost), ok: true},
		{name: "connection lost before the commit", on: isCommit, fault: first(1, lost), ok: true},
		{name: "no connection for the commit", on: isCommit, fault: lost},
		{name: "answer of a commit lost", on: isCommit, fault: first(1, done), ok: true, written: true},
		{name: "all answers of a commit lost", on: isCommit, fault: done, ok: true, written: true},
		{name: "answer of a commit lost, and nobody tells", on: isCommitOrAsked, fault: func(f *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, n int) {
			switch {
			case n == 1:
				done(f, w, r, next, n)
			case r.Method == http.MethodGet:
				azuretest.Refuse(w, 500, "InternalError")
			default:
				next.ServeHTTP(w, r)
			}
		}, want: azure.ErrUnknown, status: 500, written: true},
		{name: "another blob is read again", on: isRead, fault: func(_ *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, n int) {
			next.ServeHTTP(spoilt{w}, r)
		}, want: azure.ErrNotAsWritten, written: true},
	} {
		for _, how := range []string{"create", "replace"} {
			t.Run(test.name+", "+how, func(t *testing.T) {
				t.Parallel()
				c := s.Container(t)
				if how == "replace" {
					azuretest.Put(t, c, "a.csv", before)
				}
				var n atomic.Int32
				proxy := s.Proxy(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					if !test.on(r) {
						next.ServeHTTP(w, r)
						return
					}
					test.fault(nil, w, r, next, int(n.Add(1)))
				})
				opened := open(t, proxy, c, "")
				var err error
				if how == "create" {
					_, err = opened.Create(t.Context(), "a.csv", text(after))
				} else {
					var b azure.Blob
					b, err = opened.Replace(t.Context(), blobsOf(t, opened)[0], text(after))
					if err == nil {
						assert.EqualValues(t, len(after), b.Size)
					}
				}
				left := blobsOf(t, open(t, s, c, ""))
				switch {
				case test.ok || test.written:
					assert.Equal(t, after, azuretest.Get(t, c, "a.csv"))
				case how == "create":
					assert.Empty(t, left)
				default:
					assert.Equal(t, before, azuretest.Get(t, c, "a.csv"))
				}
				if test.ok {
					require.NoError(t, err)
					return
				}
				var e *azure.Error
				require.ErrorAs(t, err, &e)
				assert.Equal(t, test.status, e.Status)
				if test.want != nil {
					require.ErrorIs(t, err, test.want)
				}
				if test.want != csvschema.ErrSourceChanged {
					require.NotErrorIs(t, err, csvschema.ErrSourceChanged)
				}
			})
		}
	}
}

// lost breaks the connection before the service hears of the request.
func lost(*faulty, http.ResponseWriter, *http.Request, http.Handler, int) {
	panic(http.ErrAbortHandler)
}

// done lets the service do it, and breaks the connection.
func done(_ *faulty, w http.ResponseWriter, r *http.Request, next http.Handler, _ int) {
	azuretest.Cut(discarded{w}, r, next, 0, azuretest.Reset)
}

// discarded is an answer that does not come.
type discarded struct{ http.ResponseWriter }

func (discarded) Header() http.Header         { return http.Header{} }
func (discarded) WriteHeader(int)             {}
func (discarded) Write(p []byte) (int, error) { return len(p), nil }

// spoilt is an answer with other bytes.
type spoilt struct{ http.ResponseWriter }

func (s spoilt) Write(p []byte) (int, error) {
	other := []byte(strings.ToUpper(string(p)))
	return s.ResponseWriter.Write(other)
}
