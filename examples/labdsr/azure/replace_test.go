package azure_test

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

func TestReplaceKeepsWhatBelongsToTheBlob(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	const name = "lab/ü & ?%20 #.csv"
	_, err := c.NewBlockBlobClient(name).UploadBuffer(t.Context(), []byte("before"), &blockblob.UploadBufferOptions{
		HTTPHeaders: &blob.HTTPHeaders{
			BlobContentType: new("text/csv; charset=utf-8"), BlobContentLanguage: new("de"), BlobCacheControl: new("no-store"),
			BlobContentDisposition: new("attachment"), BlobContentEncoding: new("identity"),
		},
		Metadata:   map[string]*string{"labUId": new("36f675cc"), "x": new("1")},
		AccessTier: new(blob.AccessTierCool),
	})
	require.NoError(t, err)
	_, err = c.NewBlobClient(name).SetTags(t.Context(), map[string]string{"month": "2026-07", "lab": "contoso dev"}, nil)
	require.NoError(t, err)
	was, err := c.NewBlobClient(name).GetProperties(t.Context(), nil)
	require.NoError(t, err)
	for _, how := range []string{"listed", "by itself"} {
		opened := open(t, s, c, "")
		b, err := opened.Blob(t.Context(), name)
		require.NoError(t, err)
		if how == "listed" {
			b = blobsOf(t, opened)[0]
		}
		b, err = opened.Replace(t.Context(), b, text("after "+how))
		require.NoError(t, err)
		assert.Equal(t, "after "+how, azuretest.Get(t, c, name))
		is, err := c.NewBlobClient(name).GetProperties(t.Context(), nil)
		require.NoError(t, err)
		assert.Equal(t, b.ETag, *is.ETag)
		assert.NotEqual(t, was.ETag, is.ETag)
		for _, part := range []func(p *blob.GetPropertiesResponse) any{
			func(p *blob.GetPropertiesResponse) any { return p.ContentType },
			func(p *blob.GetPropertiesResponse) any { return p.ContentLanguage },
			func(p *blob.GetPropertiesResponse) any { return p.CacheControl },
			func(p *blob.GetPropertiesResponse) any { return p.ContentDisposition },
			func(p *blob.GetPropertiesResponse) any { return p.ContentEncoding },
			func(p *blob.GetPropertiesResponse) any { return p.AccessTier },
			func(p *blob.GetPropertiesResponse) any { return p.Metadata },
			func(p *blob.GetPropertiesResponse) any { return p.TagCount },
		} {
			assert.Equal(t, part(&was), part(&is), how)
		}
		tags, err := c.NewBlobClient(name).GetTags(t.Context(), nil)
		require.NoError(t, err)
		assert.Len(t, tags.BlobTagSet, 2)
	}
}

// TestEncryptionScopeStays is of what Azurite does not know: a proxy says that the blob has
// one, and hears what is sent.
func TestEncryptionScopeStays(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	azuretest.Put(t, c, "a.csv", "before")
	const header = "X-Ms-Encryption-Scope"
	var mu sync.Mutex
	var with []string
	proxy := s.Proxy(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if scope := r.Header.Get(header); scope != "" {
			mu.Lock()
			with = append(with, r.URL.Query().Get("comp")+" "+scope)
			mu.Unlock()
			r.Header.Del(header)
		}
		if r.Method == http.MethodHead {
			w = changedHeader{w, header, "lab-scope"}
		}
		next.ServeHTTP(w, r)
	})
	may := sas.ContainerPermissions{Read: true, Write: true}
	opened, err := azure.Open(proxy.URL+"/"+nameOf(c), azure.Credentials{SAS: s.SAS(t, c, may, time.Now().Add(time.Hour))}, &azure.ClientOptions{Retry: azuretest.Impatient})
	require.NoError(t, err)
	b, err := opened.Blob(t.Context(), "a.csv")
	require.NoError(t, err)
	_, err = opened.Replace(t.Context(), b, text("after"))
	require.NoError(t, err)
	assert.Equal(t, []string{"block lab-scope", "blocklist lab-scope"}, with)
}

func TestReplaceRefuses(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	for _, test := range []struct {
		name   string
		before func(t *testing.T, b *blockblob.Client, listed *azure.Blob)
		want   error
		hint   string
	}{
		{"changed meanwhile", func(t *testing.T, b *blockblob.Client, _ *azure.Blob) {
			_, err := b.UploadBuffer(t.Context(), []byte("other"), nil)
			require.NoError(t, err)
		}, csvschema.ErrSourceChanged, "changed"},
		{"metadata changed meanwhile", func(t *testing.T, b *blockblob.Client, _ *azure.Blob) {
			_, err := b.SetMetadata(t.Context(), map[string]*string{"a": new("b")}, nil)
			require.NoError(t, err)
		}, csvschema.ErrSourceChanged, "changed"},
		{"deleted meanwhile", func(t *testing.T, b *blockblob.Client, _ *azure.Blob) {
			_, err := b.Delete(t.Context(), nil)
			require.NoError(t, err)
		}, csvschema.ErrSourceChanged, ""},
		{"leased", func(t *testing.T, b *blockblob.Client, _ *azure.Blob) {
			l, err := lease.NewBlobClient(b, nil)
			require.NoError(t, err)
			_, err = l.AcquireLease(t.Context(), -1, nil)
			require.NoError(t, err)
		}, fs.ErrPermission, "lease"},
		{"archived", func(t *testing.T, b *blockblob.Client, _ *azure.Blob) {
			_, err := b.SetTier(t.Context(), blob.AccessTierArchive, nil)
			require.NoError(t, err)
		}, fs.ErrPermission, "archive tier"},
		{"snapshot", func(_ *testing.T, _ *blockblob.Client, b *azure.Blob) { b.Snapshot = "2026-07-01T00:00:00.0000000Z" }, fs.ErrInvalid, "the blob itself"},
		{"no ETag", func(_ *testing.T, _ *blockblob.Client, b *azure.Blob) { b.ETag = "" }, fs.ErrInvalid, "listed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := s.Container(t)
			azuretest.Put(t, c, "a.csv", "before")
			opened := open(t, s, c, "")
			b := blobsOf(t, opened)[0]
			test.before(t, c.NewBlockBlobClient("a.csv"), &b)
			_, err := opened.Replace(t.Context(), b, text("after"))
			require.ErrorIs(t, err, test.want)
			require.ErrorContains(t, err, test.hint)
		})
	}
}

func TestReplaceOfAnAppendBlob(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	_, err := c.NewAppendBlobClient("a.csv").Create(t.Context(), nil)
	require.NoError(t, err)
	opened := open(t, s, c, "")
	_, err = opened.Replace(t.Context(), blobsOf(t, opened)[0], text("after"))
	require.ErrorContains(t, err, "only block blobs")
}

func TestReplaceThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	azuretest.Put(t, c, "a.csv", "before")
	opened := open(t, s, c, "")
	stop := errors.New("stop")
	b := blobsOf(t, opened)[0]
	_, err := opened.Replace(t.Context(), b, func(w io.Writer) error {
		_, err := w.Write(make([]byte, 5<<20))
		require.NoError(t, err)
		return stop
	})
	assert.Equal(t, stop, err)
	assert.Equal(t, []azure.Blob{b}, blobsOf(t, opened))
	_, err = opened.Replace(t.Context(), b, text("after")) // blocks that wait are not in the way
	require.NoError(t, err)
	assert.Equal(t, "after", azuretest.Get(t, c, "a.csv"))
}

// TestSomebodyWritesMeanwhile lets somebody write while the blocks are sent.
func TestSomebodyWritesMeanwhile(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	azuretest.Put(t, c, "a.csv", "before")
	opened := open(t, s, c, "")
	_, err := opened.Replace(t.Context(), blobsOf(t, opened)[0], func(w io.Writer) error {
		azuretest.Put(t, c, "a.csv", "other")
		return text("after")(w)
	})
	require.ErrorIs(t, err, csvschema.ErrSourceChanged)
	assert.Equal(t, "other", azuretest.Get(t, c, "a.csv"))
	_, err = opened.Create(t.Context(), "b.csv", func(w io.Writer) error {
		azuretest.Put(t, c, "b.csv", "other")
		return text("after")(w)
	})
	require.ErrorIs(t, err, fs.ErrExist)
	assert.Equal(t, "other", azuretest.Get(t, c, "b.csv"))
}
