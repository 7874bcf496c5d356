package main

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// isRead reports whether a request asks for the bytes of an object.
func isRead(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/labs/in/")
}

// A broken is what a service sends instead of an answer.
type broken func(w http.ResponseWriter, r *http.Request, a *httptest.ResponseRecorder)

// half sends half of the body that it announces.
func half(w http.ResponseWriter, _ *http.Request, a *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), a.Header())
	w.WriteHeader(a.Code)
	_, _ = w.Write(a.Body.Bytes()[:a.Body.Len()/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// none breaks off before the first byte of the body.
func none(w http.ResponseWriter, _ *http.Request, a *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), a.Header())
	w.WriteHeader(a.Code)
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// short sends half of the body as if it were all.
func short(w http.ResponseWriter, _ *http.Request, a *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), a.Header())
	w.Header().Del("Content-Length")
	w.Header().Del("X-Goog-Hash")
	w.WriteHeader(a.Code)
	_, _ = w.Write(a.Body.Bytes()[:a.Body.Len()/2])
}

// long sends a byte more.
func long(w http.ResponseWriter, r *http.Request, a *httptest.ResponseRecorder) {
	a.Body.WriteByte('x')
	a.Header().Del("Content-Length")
	a.Header().Del("X-Goog-Hash")
	whole(w, r, a)
}

// damaged sends other bytes.
func damaged(w http.ResponseWriter, r *http.Request, a *httptest.ResponseRecorder) {
	a.Header().Set("X-Amz-Checksum-Crc32", "AAAAAA==")
	a.Body = bytes.NewBufferString(strings.Repeat("x", a.Body.Len()))
	whole(w, r, a)
}

// stalled sends half of the body, and then nothing for long.
func stalled(w http.ResponseWriter, r *http.Request, a *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), a.Header())
	w.WriteHeader(a.Code)
	_, _ = w.Write(a.Body.Bytes()[:a.Body.Len()/2])
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// whole sends all.
func whole(w http.ResponseWriter, _ *http.Request, a *httptest.ResponseRecorder) {
	maps.Copy(w.Header(), a.Header())
	w.WriteHeader(a.Code)
	_, _ = w.Write(a.Body.Bytes())
}

func TestAnObjectIsReadWholeOrNotAtAll(t *testing.T) {
	quick(t)
	t.Cleanup(func() { stall = time.Minute })
	text := strings.Repeat("0123456789", 20_000)
	for _, test := range []struct {
		name    string
		send    broken
		times   int32 // how often
		replace bool  // the object meanwhile
		want    error
	}{
		{"whole", whole, 1, false, nil},
		{"broken off", half, 1, false, nil},
		{"broken off again and again", half, 4, false, nil},
		{"broken off at once", none, 3, false, nil},
		{"broken off for ever", none, 1 << 30, false, io.ErrNoProgress},
		{"short", short, 1, false, nil},
		{"long", long, 1, false, errAnswer},
		{"damaged", damaged, 1, false, errDamaged},
		{"stalled", stalled, 1, false, nil},
		{"stalled for ever", stalled, 1 << 30, false, errStalled},
		{"replaced in the middle", half, 1, true, csvschema.ErrSourceChanged},
		{"replaced while it stalled", stalled, 1, true, csvschema.ErrSourceChanged},
	} {
		for _, p := range buckets(t) {
			t.Run(p.name+" "+test.name, func(t *testing.T) {
				stall = time.Minute
				if strings.Contains(test.name, "stalled") {
					stall = 300 * time.Millisecond
				}
				p.write(t, "in/canary.csv", text)
				s := p.opened(t)
				f := listed(t, s)["in/canary.csv"]
				var sent atomic.Int32
				p.front.set(t, func(w http.ResponseWriter, r *http.Request) bool {
					if !isRead(r) || sent.Add(1) > test.times {
						return false
					}
					a := httptest.NewRecorder()
					if !p.front.knows(a, r) {
						p.front.Handler.ServeHTTP(a, r)
					}
					if test.replace {
						p.write(t, "in/canary.csv", strings.Repeat("y", len(text)))
					}
					test.send(w, r, a)
					return true
				})
				r, err := s.source(f).Open(t.Context())
				if err == nil {
					var got []byte
					got, err = io.ReadAll(r)
					assert.True(t, strings.HasPrefix(text+"x", string(got)) || test.want == errDamaged, "other bytes")
					assert.True(t, err != nil || string(got) == text, "not whole")
					require.NoError(t, r.Close())
				}
				switch test.want {
				case nil:
					require.NoError(t, err)
				case io.ErrNoProgress: // each SDK has its own way
					require.Error(t, err)
				default:
					require.ErrorIs(t, err, test.want)
				}
				if err != nil {
					assert.NotContains(t, err.Error(), "canary")
				}
				assert.Positive(t, sent.Load())
				assert.Zero(t, p.front.count("get without a condition"))
			})
		}
	}
}

// TestAServiceThatKnowsNoConditions answers with what is there now.
func TestAServiceThatKnowsNoConditions(t *testing.T) {
	quick(t)
	for _, p := range buckets(t) {
		t.Run(p.name, func(t *testing.T) {
			p.write(t, "in/v.csv", "text")
			s := p.opened(t)
			f := listed(t, s)["in/v.csv"]
			time.Sleep(2 * time.Millisecond)
			p.write(t, "in/v.csv", "TEXT")
			p.front.set(t, func(_ http.ResponseWriter, r *http.Request) bool {
				r.Header.Del("If-Match")
				r.Header.Del("X-Goog-If-Generation-Match")
				return false
			})
			_, err := s.source(f).Open(t.Context())
			require.ErrorIs(t, err, csvschema.ErrSourceChanged)

			p.write(t, "in/v.csv", strings.Repeat("text", 1000))
			f = listed(t, s)["in/v.csv"]
			var sent atomic.Bool
			p.front.set(t, func(w http.ResponseWriter, r *http.Request) bool { // nor ranges
				r.Header.Del("Range")
				if !isRead(r) || sent.Swap(true) {
					return false
				}
				a := httptest.NewRecorder()
				p.front.Handler.ServeHTTP(a, r)
				half(w, r, a)
				return true
			})
			r, err := s.source(f).Open(t.Context())
			require.NoError(t, err)
			_, err = io.ReadAll(r)
			require.Error(t, err)
			require.NoError(t, r.Close())
			_, err = r.Read(make([]byte, 1))
			require.Error(t, err)
		})
	}
}
