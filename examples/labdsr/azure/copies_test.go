package azure_test

import (
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

// TestSnapshotsAreDeleted is of what Azurite knows: snapshots.
func TestSnapshotsAreDeleted(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	files := labFiles(2)
	upload(t, c, files)
	opened := open(t, s, c, "")
	found, err := opened.Sources(t.Context(), nil)
	require.NoError(t, err)
	for _, b := range found.Blobs {
		_, err := c.NewBlobClient(b.Name).CreateSnapshot(t.Context(), nil)
		require.NoError(t, err)
	}
	copies, err := opened.Copies(t.Context())
	require.NoError(t, err)
	assert.Len(t, copies.Copies, 4)
	assert.Zero(t, copies.Count(azure.Snapshot), "they have the bytes of their blobs")

	r, err := opened.Anonymize(t.Context(), nil, now, found)
	require.NoError(t, err)
	copies, err = opened.Copies(t.Context())
	require.NoError(t, err)
	require.Len(t, copies.Copies, 4)
	assert.Equal(t, 2, copies.Count(azure.Snapshot))
	assert.True(t, copies.Retention.AccountKnown)
	assert.True(t, copies.Retention.ContainerKnown)

	require.NoError(t, opened.DeleteCopies(t.Context(), copies, r.Now()[:2])) // those of the first lab
	assert.Equal(t, 1, copies.Count(azure.Snapshot))
	copies, err = opened.Copies(t.Context())
	require.NoError(t, err)
	assert.Len(t, copies.Copies, 3)
	assert.Len(t, blobsOf(t, opened), len(files))

	azuretest.Put(t, c, r.Now()[2].Name, "somebody's")
	copies, err = opened.Copies(t.Context())
	require.NoError(t, err)
	require.ErrorIs(t, opened.DeleteCopies(t.Context(), copies, r.Now()), csvschema.ErrSourceChanged)
	copies, err = opened.Copies(t.Context())
	require.NoError(t, err)
	assert.Len(t, copies.Copies, 3)
}

// A fakeAccount answers as an account with versions and soft delete does, which Azurite is
// not.
type fakeAccount struct {
	items      string // of a listing
	properties string // of the service; "" is 403
	noVersions bool

	mu      sync.Mutex
	deleted []string // what was asked to be deleted
}

func (f *fakeAccount) Do(r *http.Request) (*http.Response, error) {
	q := r.URL.Query()
	header := http.Header{}
	answer := func(status int, body string) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
	refuse := func(status int, code string) (*http.Response, error) {
		header.Set("x-ms-error-code", code)
		return answer(status, "")
	}
	switch {
	case r.Method == http.MethodDelete:
		f.mu.Lock()
		defer f.mu.Unlock()
		name, _ := url.PathUnescape(r.URL.EscapedPath())
		f.deleted = append(f.deleted, strings.TrimSpace(fmt.Sprintf("%s %s%s %s", name, q.Get("snapshot"), q.Get("versionid"), q.Get("deletetype"))))
		if strings.Contains(name, "held") {
			return refuse(409, "BlobImmutableDueToPolicy")
		}
		return answer(202, "")
	case q.Get("comp") == "list":
		if f.noVersions && strings.Contains(q.Get("include"), "versions") {
			return refuse(400, "InvalidQueryParameterValue")
		}
		header.Set("Content-Type", "application/xml")
		return answer(200, `<?xml version="1.0"?><EnumerationResults><Blobs>`+f.items+`</Blobs><NextMarker/></EnumerationResults>`)
	case q.Get("comp") == "properties" && f.properties != "":
		header.Set("Content-Type", "application/xml")
		return answer(200, `<?xml version="1.0"?><StorageServiceProperties>`+f.properties+`</StorageServiceProperties>`)
	case q.Get("restype") == "container" && f.properties != "":
		header.Set("x-ms-has-legal-hold", "true")
		header.Set("x-ms-has-immutability-policy", "true")
		return answer(200, "")
	}
	return refuse(403, "AuthorizationPermissionMismatch")
}

// item returns an entry of a listing.
func item(name, etag, more, properties string) string {
	return `<Blob><Name>` + name + `</Name>` + more + `<Properties><Etag>` + etag + `</Etag><Content-Length>1</Content-Length><BlobType>BlockBlob</BlobType>` + properties + `</Properties></Blob>`
}

const (
	isCurrent = "<VersionId>9</VersionId><IsCurrentVersion>true</IsCurrentVersion>"
	isDeleted = "<Deleted>true</Deleted>"
	softOff   = "<DeleteRetentionPolicy><Enabled>false</Enabled></DeleteRetentionPolicy>"
	softOn    = "<DeleteRetentionPolicy><Enabled>true</Enabled><Days>14</Days></DeleteRetentionPolicy>"
	permanent = "<DeleteRetentionPolicy><Enabled>true</Enabled><Days>14</Days><AllowPermanentDelete>true</AllowPermanentDelete></DeleteRetentionPolicy>"
)

func TestCopiesOfAllKinds(t *testing.T) {
	t.Parallel()
	items := item("a", "0x9", isCurrent, "") + // the blob
		item("a", "0x1", "<VersionId>1</VersionId>", "") +
		item("a", "0x9", "<Snapshot>s1</Snapshot>", "") + // the same bytes
		item("a", "0x2", "<Snapshot>s2</Snapshot>"+isDeleted, "<RemainingRetentionDays>3</RemainingRetentionDays>") +
		item("a", "0x3", "<VersionId></VersionId>"+isDeleted, "<RemainingRetentionDays>3</RemainingRetentionDays>") + // the blob itself, before it was made again
		item("held", "0x9", isCurrent, "") +
		item("held", "0x1", "<VersionId>1</VersionId>", "<LegalHold>true</LegalHold>") +
		item("changed", "0x8", isCurrent+"<OrMetadata><or-1_2>complete</or-1_2></OrMetadata>", "") +
		item("changed", "0x1", "<VersionId>1</VersionId>", "") +
		item("other", "0x9", isCurrent, "") +
		item("other", "0x1", "<VersionId>1</VersionId>", "") +
		item("gone", "0x1", isDeleted, "<RemainingRetentionDays>3</RemainingRetentionDays>")
	verified := []azure.Blob{{Name: "a", ETag: `"0x9"`}, {Name: "held", ETag: `"0x9"`}, {Name: "changed", ETag: `"0x9"`}, {Name: "gone", ETag: `"0x9"`}}
	for _, test := range []struct {
		name, properties string
		deleted          []string
		states           string // of the copies, in order
		days             int    // of the first
		note             string
	}{
		{"no soft delete", softOff, []string{"/c/a 1", "/c/held 1"}, "gone,there,kept,kept,not-deleted,not-deleted,there,not-deleted", 0, "legal hold"},
		{"soft delete", softOn, []string{"/c/a 1", "/c/held 1"}, "kept,there,kept,kept,not-deleted,not-deleted,there,not-deleted", 14, "kept for 14 days"},
		{"permanent delete", permanent, []string{"/c/a 1", "/c/a 1 Permanent", "/c/a s2 Permanent", "/c/held 1"}, "gone,there,gone,kept,not-deleted,not-deleted,there,not-deleted", 0, "kept for 14 days"},
		{"nothing known", "", []string{"/c/a 1", "/c/held 1"}, "kept,there,kept,kept,not-deleted,not-deleted,there,not-deleted", 0, "(soft delete) cannot be read"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			fake := &fakeAccount{items: items, properties: test.properties}
			c, err := azure.Open("https://contoso.blob.core.windows.net/c", azure.Credentials{SAS: someSA}, &azure.ClientOptions{Retry: azuretest.Impatient, Transport: fake})
			require.NoError(t, err)
			copies, err := c.Copies(t.Context())
			require.NoError(t, err)
			require.Len(t, copies.Copies, 8)
			assert.Equal(t, 4, copies.Count(azure.Version))
			assert.Zero(t, copies.Count(azure.Snapshot))
			assert.Equal(t, 3, copies.Count(azure.SoftDeleted))
			assert.Equal(t, 3, copies.Copies[2].Days)
			assert.True(t, copies.Copies[4].Held)
			err = c.DeleteCopies(t.Context(), copies, verified)
			require.ErrorIs(t, err, fs.ErrPermission)
			require.ErrorIs(t, err, csvschema.ErrSourceChanged)
			var states []string
			for _, one := range copies.Copies {
				code, err := one.State.MarshalText()
				require.NoError(t, err)
				states = append(states, string(code))
			}
			assert.Equal(t, test.states, strings.Join(states, ","))
			assert.Equal(t, test.deleted, fake.deleted)
			assert.Equal(t, test.days, copies.Copies[0].Days)
			notes := strings.Join(copies.Retention.Notes(), "\n")
			assert.Contains(t, notes, test.note)
			assert.Contains(t, notes, "another account (object replication): 1")
		})
	}
}

func TestAccountWithoutVersions(t *testing.T) {
	t.Parallel()
	fake := &fakeAccount{items: item("a", "0x9", "", "") + item("a", "0x1", "<Snapshot>s1</Snapshot>", ""), properties: softOff, noVersions: true}
	c, err := azure.Open("https://contoso.blob.core.windows.net/c", azure.Credentials{SAS: someSA}, &azure.ClientOptions{Retry: azuretest.Impatient, Transport: fake})
	require.NoError(t, err)
	copies, err := c.Copies(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, copies.Count(azure.Snapshot))
	assert.Contains(t, strings.Join(copies.Retention.Notes(), "\n"), "versions cannot be listed")
	require.NoError(t, c.DeleteCopies(t.Context(), copies, []azure.Blob{{Name: "a", ETag: `"0x9"`}}))
	assert.Equal(t, []string{"/c/a s1"}, fake.deleted)
}

// TestFoldersAreNoBlobs is of accounts with a hierarchical namespace, which list folders.
func TestFoldersAreNoBlobs(t *testing.T) {
	t.Parallel()
	empty := func(name, more, properties string) string {
		return strings.Replace(item(name, "0x1", more, properties), "<Content-Length>1", "<Content-Length>0", 1)
	}
	fake := &fakeAccount{items: empty("lab", "", "<ResourceType>directory</ResourceType>") +
		empty("lab2", "<Metadata><Hdi_IsFolder>true</Hdi_IsFolder></Metadata>", "") + empty("lab3/", "", "") +
		item("lab/a.csv", "0x1", "<Metadata><labUId>x</labUId></Metadata>", "<ResourceType>file</ResourceType>") + item("lab2/a.csv", "0x1", "", "")}
	c, err := azure.Open("https://contoso.blob.core.windows.net/c", azure.Credentials{SAS: someSA}, &azure.ClientOptions{Transport: fake})
	require.NoError(t, err)
	var names []string
	for _, b := range blobsOf(t, c) {
		names = append(names, b.Name)
		assert.Equal(t, azcore.ETag(`"0x1"`), b.ETag)
	}
	assert.Equal(t, []string{"lab/a.csv", "lab2/a.csv"}, names)
}

func TestCopiesHaveCodes(t *testing.T) {
	t.Parallel()
	for k := range azure.CopyKind(9) {
		code, err := k.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, k >= azure.Snapshot && k <= azure.SoftDeleted, len(code) > 0, k)
	}
	for s := range azure.CopyState(9) {
		code, err := s.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, s <= azure.NotDeleted, len(code) > 0 && s.String() != "", s)
	}
}
