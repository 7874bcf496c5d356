package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestErrorsOfBucketsNameNobody has canaries in names, prefixes, texts, credentials and
// answers.
func TestErrorsOfBucketsNameNobody(t *testing.T) {
	quick(t)
	answers := map[string]func(w http.ResponseWriter, r *http.Request){
		"broken off": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"a page": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html><title>canary</title><Name>canary</Name></html>"))
		},
		"nothing": func(http.ResponseWriter, *http.Request) {},
		"elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/canary", http.StatusFound)
		},
		"too late": func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // or nobody notices that the client has gone
			<-r.Context().Done()
		},
	}
	for _, status := range []int{400, 401, 403, 404, 405, 409, 412, 416, 429, 500, 503} {
		answers[fmt.Sprint(status)] = func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Amz-Request-Id", "canary")
			if strings.HasPrefix(r.URL.Path, "/storage/") || strings.HasPrefix(r.URL.Path, "/upload/") {
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				_, _ = fmt.Fprintf(w, `{"error": {"code": %d, "message": "canary@contoso.com", "errors": [{"reason": "canary@contoso.com", "message": "canary"}]}}`, status)
				return
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<Error><Code>canary@contoso.com</Code><Message>canary</Message><Key>canary</Key></Error>"))
		}
	}
	wants := map[string]error{"401": fs.ErrPermission, "403": fs.ErrPermission, "too late": errStalled}
	for _, p := range buckets(t) {
		t.Setenv("AWS_MAX_ATTEMPTS", "1")
		p.root += "/canary"
		p.write(t, "in/canary/canary.csv", "canary text")
		s := p.opened(t)
		f := listed(t, s)["in/canary/canary.csv"]
		from := fileOf(t, "canary text")
		for name, answer := range answers {
			t.Run(p.name+" "+name, func(t *testing.T) {
				if name == "too late" {
					stall = 50 * time.Millisecond
					t.Cleanup(func() { stall = time.Minute })
				}
				p.front.set(t, func(w http.ResponseWriter, r *http.Request) bool {
					answer(w, r)
					return true
				})
				for what, do := range map[string]func(context.Context) error{
					"list":   func(ctx context.Context) error { return s.list(ctx, func(file) {}) },
					"create": func(ctx context.Context) error { return s.create(ctx, "canary/new.csv", from) },
					"open":   func(ctx context.Context) error { _, err := s.open(ctx, "canary.csv"); return err },
					"source": func(ctx context.Context) error {
						r, err := s.source(f).Open(ctx)
						if err == nil { // of the page
							_, err = r.Read(make([]byte, 100))
						}
						return err
					},
				} {
					ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
					err := do(ctx)
					cancel()
					require.Error(t, err, what)
					if want := wants[name]; want != nil {
						require.ErrorIs(t, err, want, what)
					}
					for e := err; e != nil; e = errors.Unwrap(e) {
						holdsNone(t, what, fmt.Appendf(nil, "%v %+v %#v %q", e, e, e, e), []string{"canary", "labs/", "127.0.0.1", fakeKey})
					}
				}
			})
		}
		p.front.set(t, nil)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, s.list(ctx, nil), context.Canceled)
		require.ErrorIs(t, s.create(ctx, "canary.csv", from), context.Canceled)
		_, err := s.open(ctx, "canary.csv")
		require.ErrorIs(t, err, context.Canceled)
		time.Sleep(20 * time.Millisecond)
		assert.Len(t, p.names(), 1)
	}
}

func TestWithoutCredentials(t *testing.T) {
	s3 := fakeS3(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "canary.other")
	require.ErrorIs(t, s3.opened(t).list(t.Context(), nil), fs.ErrPermission)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	err := s3.opened(t).list(t.Context(), nil)
	require.ErrorIs(t, err, errSignIn)
	t.Setenv("AWS_PROFILE", "canary")
	_, err = openBucket("s3://labs")
	require.ErrorIs(t, err, errSettings)
	assert.NotContains(t, err.Error(), "canary")

	t.Setenv(emulatorVariable, "")
	t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "/canary/none.json")
	_, err = openBucket("gs://labs")
	require.ErrorIs(t, err, errSignIn)
	assert.NotContains(t, err.Error(), "canary")
}
