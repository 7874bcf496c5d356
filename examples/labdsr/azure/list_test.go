package azure_test

import (
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

// TestWhatIsNoListingIsNoEmptyOne has answers to the second page that are none of a storage
// service. Blobs of a page that is missed would be missing in every answer.
func TestWhatIsNoListingIsNoEmptyOne(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	for _, name := range []string{"a.csv", "b.csv", "c.csv"} {
		azuretest.Put(t, c, name, "x")
	}
	sasOf := s.SAS(t, c, sas.ContainerPermissions{Read: true, List: true}, time.Now().Add(time.Hour))
	page := func(w http.ResponseWriter, text string) {
		w.Header().Set("Content-Type", "application/xml")
		_, _ = io.WriteString(w, text)
	}
	for _, test := range []struct {
		name   string
		answer func(w http.ResponseWriter, r *http.Request, next http.Handler)
		tries  int32         // of the second page; 0 means one
		stall  time.Duration // 0 if nothing stalls
	}{
		{name: "empty", answer: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { page(w, "") }},
		{name: "a page for people", answer: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			page(w, "<html><body><p>Welcome</p></body></html>")
		}},
		{name: "no XML", answer: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { page(w, "Welcome") }},
		{name: "another place", answer: func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusTemporaryRedirect)
		}},
		{name: "the first page again", answer: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			q := r.URL.Query()
			q.Del("marker")
			r.URL.RawQuery = q.Encode()
			next.ServeHTTP(w, r)
		}},
		{name: "never to its end", answer: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			azuretest.Cut(w, r, next, 100, func(http.ResponseWriter, []byte) { <-r.Context().Done() })
		}, tries: 4, stall: 100 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var tries atomic.Int32
			proxy := s.Proxy(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if isList(r) {
					q := r.URL.Query()
					q.Set("maxresults", "1")
					r.URL.RawQuery = q.Encode()
					if q.Get("marker") != "" {
						if tries.Add(1) > 20 {
							panic(http.ErrAbortHandler)
						}
						test.answer(w, r, next)
						return
					}
				}
				next.ServeHTTP(w, r)
			})
			opened, err := azure.Open(proxy.URL+"/"+nameOf(c), azure.Credentials{SAS: sasOf},
				&azure.ClientOptions{Retry: azuretest.Impatient, Stall: test.stall})
			require.NoError(t, err)
			for _, err = range opened.Blobs(t.Context()) {
			}
			require.Error(t, err)
			if test.tries == 0 {
				require.ErrorContains(t, err, "the answer is not one of a storage service")
			}
			assert.Equal(t, max(test.tries, 1), tries.Load())
			tries.Store(0)
			_, err = opened.Copies(t.Context())
			require.Error(t, err)
		})
	}
}
