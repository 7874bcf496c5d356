package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/fsouza/fake-gcs-server/fakestorage"
	"github.com/stretchr/testify/require"
)

// fakeGCS starts a fake of Google Cloud Storage, with a bucket. The front knows what the fake
// does not: it reads on the condition of a generation.
func fakeGCS(t *testing.T) testRoot {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	host := l.Addr().String()
	fake, err := fakestorage.NewServerWithOptions(fakestorage.Options{NoListener: true, Scheme: "http", ExternalURL: "http://" + host, PublicHost: host})
	require.NoError(t, err)
	fake.CreateBucketWithOpts(fakestorage.CreateBucketOpts{Name: "labs"})
	f := &front{Handler: fake.HTTPHandler()}
	f.knows = func(w http.ResponseWriter, r *http.Request) bool {
		name, isRead := strings.CutPrefix(r.URL.EscapedPath(), "/labs/")
		switch {
		case strings.HasSuffix(r.URL.Path, "/o") && r.Method == http.MethodGet:
			f.counts("list")
			query := r.URL.Query()
			query.Set("maxResults", strconv.Itoa(pageSize))
			r.URL.RawQuery = query.Encode()
		case isRead && r.Method == http.MethodGet:
			match, err := strconv.ParseInt(r.Header.Get("X-Goog-If-Generation-Match"), 10, 64)
			if err != nil {
				f.counts("get without a condition")
				return false
			}
			name, _ = url.PathUnescape(name)
			o, err := fake.GetObject("labs", name)
			if err == nil && o.Generation != match {
				f.counts("get refused")
				w.WriteHeader(http.StatusPreconditionFailed)
				_, _ = w.Write([]byte("<Error><Code>PreconditionFailed</Code><Message>canary</Message></Error>"))
				return true
			}
		}
		return false
	}
	server := httptest.NewUnstartedServer(f)
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
	t.Setenv(emulatorVariable, host)
	return testRoot{
		name: "GCS", root: "gs://labs/in", whole: "in/", front: f, scheme: schemeGCS,
		write: func(t *testing.T, name, text string) {
			t.Helper()
			attrs := fakestorage.ObjectAttrs{BucketName: "labs", Name: name}
			if strings.HasPrefix(name, "in/gzip/") {
				attrs.ContentEncoding = "gzip"
			}
			fake.CreateObject(fakestorage.Object{ObjectAttrs: attrs, Content: []byte(text)})
		},
		remove: func(t *testing.T, name string) { require.NoError(t, fake.Backend().DeleteObject("labs", name)) },
		names: func() (all []string) {
			list, _ := fake.ListObjectsWithOptionsPaginated("labs", fakestorage.ListOptions{}) // all of them, without a limit
			for _, o := range list.Objects {
				all = append(all, o.Name)
			}
			return all
		},
	}
}
