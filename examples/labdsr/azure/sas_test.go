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
	o := &azure.ExportOptions{Client: &azure.ClientOptions{Transport: service, Retry: azuretest.Impatient}, Interval: 5 * time.Millisecond}
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
