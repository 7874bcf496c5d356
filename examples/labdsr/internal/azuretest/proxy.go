package azuretest

import (
	"io"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Proxy starts a proxy before the server and returns the server as it is reached by it. The
// function answers each request, or lets next do so.
func (s *Server) Proxy(t testing.TB, answer func(w http.ResponseWriter, r *http.Request, next http.Handler)) *Server {
	t.Helper()
	u, err := url.Parse(s.URL)
	require.NoError(t, err)
	next := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", u.Host
			r.Out.Host = r.In.Host
		},
		ErrorLog: log.New(io.Discard, "", 0),
	}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { answer(w, r, next) }))
	proxy.Config.ErrorLog = log.New(io.Discard, "", 0)
	t.Cleanup(proxy.Close)
	return s.At(strings.TrimPrefix(proxy.URL, "http://"))
}

// Refuse answers as the service does when it refuses. Headers are names and values.
func Refuse(w http.ResponseWriter, status int, code string, headers ...string) {
	w.Header().Set("x-ms-error-code", code)
	w.Header().Set("Content-Type", "application/xml")
	for i := 0; i+1 < len(headers); i += 2 {
		w.Header().Set(headers[i], headers[i+1])
	}
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `<?xml version="1.0"?><Error><Code>`+code+`</Code><Message>refused</Message></Error>`)
}

// Cut passes an answer on up to so many bytes of its body. Then it does what is asked, such
// as to break the connection.
func Cut(w http.ResponseWriter, r *http.Request, next http.Handler, after int, then func(w http.ResponseWriter, rest []byte)) {
	recorded := httptest.NewRecorder()
	next.ServeHTTP(recorded, r)
	maps.Copy(w.Header(), recorded.Header())
	body := recorded.Body.Bytes()
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(recorded.Code)
	after = min(after, len(body))
	_, _ = w.Write(body[:after])
	_ = http.NewResponseController(w).Flush()
	then(w, body[after:])
}

// Reset breaks the connection of an answer.
func Reset(http.ResponseWriter, []byte) { panic(http.ErrAbortHandler) }
