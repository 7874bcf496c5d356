package azure_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

// roundTripper calls a function for each request.
type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestWhoSignedInByEntraSignsForTheService(t *testing.T) {
	t.Parallel()
	store := azuretest.RunEntra(t)
	at := store.URL + "/labresourceusage"
	made, err := container.NewClient(at, store, &container.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: store.Client}})
	require.NoError(t, err)
	_, err = made.Create(t.Context(), nil)
	require.NoError(t, err)

	keys, refused := 0, false
	transport := roundTripper(func(r *http.Request) (*http.Response, error) {
		if r.URL.Query().Get("comp") == "userdelegationkey" {
			if keys++; refused {
				return azuretest.Answer(r, http.StatusForbidden, "AuthorizationPermissionMismatch"), nil
			}
		}
		return store.Client.Do(r)
	})
	c, err := azure.Open(at, azure.Credentials{Token: store}, &azure.ClientOptions{Transport: transport})
	require.NoError(t, err)
	labs := azuretest.NewLabs(5)
	service := azuretest.NewLabService(labs)
	service.Store = store.Client
	t.Cleanup(service.Wait)
	o := &azure.ExportOptions{Client: &azure.ClientOptions{Transport: service, Retry: azuretest.Impatient}, Interval: 20 * time.Millisecond}
	report, err := azure.Export(t.Context(), c, o) // the container says who asks
	require.NoError(t, err)
	for _, l := range report.Labs {
		require.NoError(t, l.Err)
		assert.Len(t, l.Blobs, 2)
	}
	assert.Equal(t, 1, keys, "one key for all labs")
	for _, sas := range service.SAS() {
		u, err := url.Parse(sas)
		require.NoError(t, err)
		q := u.Query()
		assert.Equal(t, at, u.Scheme+"://"+u.Host+u.Path)
		assert.Equal(t, "cw", q.Get("sp"))
		assert.Equal(t, "https", q.Get("spr"))
		assert.Equal(t, store.ObjectID, q.Get("skoid"))
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", report, report, report), q.Get("sig"))
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", report, report, report), store.ObjectID)
	}

	refused = true
	before := len(service.SAS())
	_, err = azure.Export(t.Context(), c, o)
	require.ErrorContains(t, err, "get a user delegation key: permission denied: status 403 AuthorizationPermissionMismatch (the role Storage Blob Delegator")
	csvschematest.AssertNoLeak(t, err, azuretest.PersonCanary, azuretest.SignatureCanary, store.ObjectID)
	assert.Len(t, service.SAS(), before, "no lab was asked")
}

func TestASASThatCannotWriteIsRefused(t *testing.T) {
	t.Parallel()
	soon, late := "se="+url.QueryEscape(time.Now().Add(time.Minute).UTC().Format(time.RFC3339)), "se="+url.QueryEscape(time.Now().Add(9*time.Hour).UTC().Format(time.RFC3339))
	tests := []struct{ sas, want string }{
		{"sp=cwl&" + soon, "expires before"},
		{"sp=cw&" + late, "does not let blobs be listed"},
		{"sp=rcl&" + late, "does not let the service write"},
		{late, "does not let the service write"},
		{"sp=cwl&" + late, "list subscriptions"}, // the next thing that is done
		{"si=policy", "list subscriptions"},
		{"sp=cwl&se=2999-01-01", "list subscriptions"},
	}
	for _, test := range tests {
		t.Run(strings.ReplaceAll(test.sas, "/", " "), func(t *testing.T) {
			t.Parallel()
			c, err := azure.Open("https://contoso.blob.core.windows.net/c", azure.Credentials{SAS: test.sas + "&sig=canary-of-a-signature"}, nil)
			require.NoError(t, err)
			service := azuretest.NewLabService(nil)
			service.Fault = func(r *http.Request) *http.Response {
				return azuretest.Answer(r, http.StatusForbidden, "AuthorizationFailed")
			}
			_, err = azure.Export(t.Context(), c, &azure.ExportOptions{Credential: azuretest.Credential{}, Client: &azure.ClientOptions{Transport: service}})
			require.ErrorContains(t, err, test.want)
			csvschematest.AssertNoLeak(t, err, "canary-of-a-signature", azuretest.TokenCanary)
		})
	}
}

func TestTheServiceGetsAShortSASThatCanOnlyWrite(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	o := s.options()
	o.Timeout = 10 * time.Minute
	report, err := azure.Export(t.Context(), s.c, o)
	require.NoError(t, err)
	require.Zero(t, report.Failed())
	require.Len(t, s.service.SAS(), 1)
	u, err := url.Parse(s.service.SAS()[0])
	require.NoError(t, err)
	assert.Equal(t, s.at.URL(), u.Scheme+"://"+u.Host+u.Path)
	q := u.Query()
	assert.Equal(t, "cw", q.Get("sp"))
	assert.Equal(t, "c", q.Get("sr"))
	assert.Equal(t, "https,http", q.Get("spr"), "of this machine")
	from, err := time.Parse(time.RFC3339, q.Get("st"))
	require.NoError(t, err)
	until, err := time.Parse(time.RFC3339, q.Get("se"))
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(-15*time.Minute), from, time.Minute)
	assert.WithinDuration(t, time.Now().Add(25*time.Minute), until, time.Minute)

	c, err := container.NewClientWithNoCredential(u.String(), nil)
	require.NoError(t, err)
	_, err = c.NewListBlobsFlatPager(nil).NextPage(t.Context())
	require.Error(t, err)
	_, err = c.NewBlobClient(report.Labs[0].Blobs[0].Name).DownloadStream(t.Context(), nil)
	require.Error(t, err)
	_, err = c.NewBlobClient(report.Labs[0].Blobs[0].Name).Delete(t.Context(), nil)
	require.Error(t, err)
}

func TestASASThatWasGivenIsHandedOn(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	hour := time.Now().Add(2 * time.Hour)
	tests := []struct {
		name  string
		may   sas.ContainerPermissions
		until time.Time
		want  string // of the error
	}{
		{"enough", sas.ContainerPermissions{Create: true, Write: true, List: true}, hour, ""},
		{"nothing to list", sas.ContainerPermissions{Create: true, Write: true}, hour, "does not let blobs be listed"},
		{"nothing to write", sas.ContainerPermissions{Read: true, List: true}, hour, "does not let the service write"},
		{"expires", sas.ContainerPermissions{Create: true, Write: true, List: true}, time.Now().Add(30 * time.Minute), "expires before"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			given := s.server.SAS(t, s.at, test.may, test.until)
			c, err := azure.Open(s.at.URL(), azure.Credentials{SAS: given}, nil)
			require.NoError(t, err)
			before := len(s.service.SAS())
			report, err := azure.Export(t.Context(), c, s.options())
			if test.want != "" {
				require.ErrorContains(t, err, test.want)
				csvschematest.AssertNoLeak(t, err, given)
				assert.Len(t, s.service.SAS(), before, "no lab was asked")
				return
			}
			require.NoError(t, err)
			require.Zero(t, report.Failed())
			assert.Equal(t, s.at.URL()+"?"+given, s.service.SAS()[before])
		})
	}
}
