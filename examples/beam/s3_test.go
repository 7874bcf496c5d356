package main

import (
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeKey is the access key that the fake takes.
const fakeKey = "labdsrtest"

// fakeS3 starts a fake of Amazon S3, with a bucket. The front knows what the fake does not:
// it takes no request without a signature, reads on If-Match, and makes an object of parts on
// If-None-Match.
func fakeS3(t *testing.T) testRoot {
	t.Helper()
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("labs"))
	f := &front{Handler: gofakes3.New(backend).Server()}
	refuse := func(w http.ResponseWriter, status int, code string) bool {
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>canary</Message></Error>", code)
		return true
	}
	f.knows = func(w http.ResponseWriter, r *http.Request) bool {
		query := r.URL.Query()
		switch {
		case !strings.Contains(r.Header.Get("Authorization"), "Credential="+fakeKey+"/"):
			return refuse(w, http.StatusForbidden, "AccessDenied")
		case query.Has("list-type"):
			f.counts("list")
			query.Set("max-keys", fmt.Sprint(pageSize))
			r.URL.RawQuery = query.Encode()
		case r.Method == http.MethodGet:
			tag := f.ask(http.MethodHead, r.URL.EscapedPath()).Header().Get("ETag")
			if match := r.Header.Get("If-Match"); match == "" {
				f.counts("get without a condition")
			} else if tag != "" && match != tag {
				f.counts("get refused")
				return refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
			}
		case query.Has("uploadId") && r.Method == http.MethodPost:
			f.counts("complete")
			if r.Header.Get("If-None-Match") == "*" && f.ask(http.MethodHead, r.URL.EscapedPath()).Code == http.StatusOK {
				return refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
			}
		case query.Has("uploadId") && r.Method == http.MethodDelete:
			f.counts("abort")
		}
		return false
	}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	for name, text := range map[string]string{
		"AWS_ENDPOINT_URL_S3": server.URL, "AWS_ACCESS_KEY_ID": fakeKey, "AWS_SECRET_ACCESS_KEY": "canary.secret", "AWS_SESSION_TOKEN": "",
		"AWS_REGION": "eu-central-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
		"AWS_MAX_ATTEMPTS": "2",
	} {
		t.Setenv(name, text)
	}
	return testRoot{
		name: "S3", root: "s3://labs/in", whole: "in/", front: f, scheme: schemeS3,
		write: func(t *testing.T, name, text string) {
			t.Helper()
			meta := map[string]string{}
			if strings.HasPrefix(name, "in/gzip/") {
				meta["Content-Encoding"] = "gzip"
			}
			_, err := backend.PutObject("labs", name, meta, strings.NewReader(text), int64(len(text)), nil)
			require.NoError(t, err)
		},
		remove: func(t *testing.T, name string) {
			t.Helper()
			_, err := backend.DeleteObject("labs", name)
			require.NoError(t, err)
		},
		names: func() (all []string) {
			list, err := backend.ListBucket("labs", nil, gofakes3.ListBucketPage{})
			if err == nil {
				for _, o := range list.Contents {
					all = append(all, o.Key)
				}
			}
			return all
		},
	}
}

// TestTheRegionOfABucketIsFound has a service of one region that refuses what is signed for
// another one.
func TestTheRegionOfABucketIsFound(t *testing.T) {
	p := fakeS3(t)
	p.write(t, "in/v.csv", "text")
	elsewhere := 0
	p.front.set(t, func(w http.ResponseWriter, r *http.Request) bool {
		at := r.Header.Get("Authorization")
		if at == "" || strings.Contains(at, "/eu-north-1/s3/") {
			return false
		}
		elsewhere++
		w.Header().Set("X-Amz-Bucket-Region", "eu-north-1")
		w.WriteHeader(http.StatusMovedPermanently)
		_, _ = fmt.Fprint(w, "<Error><Code>PermanentRedirect</Code></Error>")
		return true
	})
	for _, region := range []string{"eu-central-1", ""} {
		t.Setenv("AWS_REGION", region)
		s := p.opened(t)
		f := listed(t, s)["in/v.csv"]
		r, err := s.source(f).Open(t.Context())
		assert.Equal(t, "text", textOf(t, r, err))
		require.NoError(t, publish(t.Context(), p.opened(t), "new.csv", fileOf(t, "text")))
	}
	assert.Equal(t, 4, elsewhere, "each store asks once")
	p.front.set(t, func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("X-Amz-Bucket-Region", "canary.example.com/")
		w.WriteHeader(http.StatusMovedPermanently)
		return true
	})
	err := p.opened(t).list(t.Context(), nil)
	require.ErrorIs(t, err, errAnswer)
	assert.NotContains(t, err.Error(), "canary")
}

func TestLargeObjectsAreSentInParts(t *testing.T) {
	partBytes = 5 << 20
	t.Cleanup(func() { partBytes = 64 << 20 })
	p := fakeS3(t)
	s := p.opened(t)
	one := strings.Repeat("0123456789abcdef", 12<<16)
	require.NoError(t, publish(t.Context(), s, "large.csv", fileOf(t, one)))
	assert.Equal(t, 1, p.front.count("complete"))
	r, err := s.open(t.Context(), "large.csv")
	got := textOf(t, r, err)
	assert.True(t, got == one, "another text") //nolint:testifylint // it would print 12 MB
	require.NoError(t, publish(t.Context(), s, "large.csv", fileOf(t, one)))
	require.ErrorIs(t, publish(t.Context(), s, "large.csv", fileOf(t, one+"x")), errOther)
	assert.Equal(t, 2, p.front.count("abort"), "what is not made an object is thrown away")

	p.front.set(t, func(w http.ResponseWriter, r *http.Request) bool { // the last part fails
		if r.URL.Query().Get("partNumber") != "3" {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	})
	require.ErrorIs(t, publish(t.Context(), s, "other.csv", fileOf(t, one)), fs.ErrPermission)
	assert.Equal(t, 3, p.front.count("abort"))
	assert.NotContains(t, p.names(), "in/other.csv")
}

// TestAConflictIsTriedAgain is of two that make an object at the same time: S3 tells one of
// them to try again.
func TestAConflictIsTriedAgain(t *testing.T) {
	p := fakeS3(t)
	conflicts := 0
	p.front.set(t, func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut || conflicts == 1 {
			return false
		}
		conflicts++
		w.WriteHeader(http.StatusConflict)
		_, _ = fmt.Fprint(w, "<Error><Code>ConditionalRequestConflict</Code></Error>")
		return true
	})
	require.NoError(t, p.opened(t).create(t.Context(), "a.csv", fileOf(t, "text")))
	assert.Equal(t, 1, conflicts)
}

// TestAListingThatIsNoneIsAnError has answers from which objects would be missing without a
// sign.
func TestAListingThatIsNoneIsAnError(t *testing.T) {
	p := fakeS3(t)
	item := "<Contents><Key>in/v.csv</Key><ETag>&quot;1&quot;</ETag><Size>1</Size></Contents>"
	for _, test := range []struct {
		text string
		ok   bool
	}{
		{"", false},
		{"<html><body>Sign in</body></html>", false},
		{"<ListBucketResult></ListBucketResult>", false},
		{"<ListBucketResult><Name>labs</Name><IsTruncated>false</IsTruncated>" + item, false},
		{"<ListBucketResult><Name>labs</Name><IsTruncated>true</IsTruncated>" + item + "</ListBucketResult>", false},
		{"<ListBucketResult><Name>labs</Name><IsTruncated>true</IsTruncated><NextContinuationToken>1</NextContinuationToken></ListBucketResult>", false},
		{"<ListBucketResult><Name>labs</Name>" + item + "</ListBucketResult>", false},
		{"<ListBucketResult><Name>labs</Name><IsTruncated>false</IsTruncated><Contents><Key>in/v.csv</Key><Size>1</Size></Contents></ListBucketResult>", false},
		{"<ListBucketResult><Name>labs</Name><IsTruncated>false</IsTruncated>" + item + "</ListBucketResult>", true},
	} {
		p.front.set(t, func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = fmt.Fprint(w, test.text)
			return true
		})
		err := p.opened(t).list(t.Context(), func(file) {})
		assert.Equal(t, test.ok, err == nil, "%s: %v", test.text, err)
	}
}

// TestNamesThatXMLCannotWrite are escaped in a listing.
func TestNamesThatXMLCannotWrite(t *testing.T) {
	p := fakeS3(t)
	p.front.set(t, func(w http.ResponseWriter, r *http.Request) bool {
		assert.Equal(t, "url", r.URL.Query().Get("encoding-type"))
		_, _ = fmt.Fprint(w, "<ListBucketResult><Name>labs</Name><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>"+
			"<Contents><Key>in/a%01b+c%2B%25.csv</Key><ETag>&quot;1&quot;</ETag><Size>1</Size></Contents></ListBucketResult>")
		return true
	})
	assert.Contains(t, listed(t, p.opened(t)), "in/a\x01b c+%.csv")
}

func TestAnEndpointIsOneOfHTTPSOrOfThisMachine(t *testing.T) {
	fakeS3(t)
	fakeGCS(t)
	for at, ok := range map[string]bool{
		"https://s3.example.com": true, "http://127.0.0.1:9000": true, "http://localhost:9000": true, "http://[::1]:9000": true,
		"http://canary.example.com": false, "http://10.0.0.1:9000": false, "ftp://127.0.0.1": false, "http://127.0.0.1.canary.example": false,
	} {
		t.Setenv("AWS_ENDPOINT_URL_S3", at)
		t.Setenv(emulatorVariable, at)
		for _, root := range []string{"s3://labs", "gs://labs"} {
			_, err := openBucket(root)
			if ok {
				require.NoError(t, err, at)
				continue
			}
			require.ErrorIs(t, err, errPlain, at)
			assert.NotContains(t, err.Error(), "canary")
		}
	}
}
