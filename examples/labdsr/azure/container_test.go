package azure_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

const (
	canary = "c4n4ryc4n4ry"
	someSA = "?sv=2021-01-01&sp=rl&sig=" + canary
)

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	const good = "https://contoso.blob.core.windows.net/labresourceusage"
	connection := "DefaultEndpointsProtocol=https;AccountName=fabrikam;AccountKey=" + canary + ";EndpointSuffix=core.windows.net"
	for _, test := range []struct {
		name, url string
		creds     azure.Credentials
		want      string
	}{
		{"no URL", "exports", azure.Credentials{}, "no URL of a container"},
		{"no container", "https://contoso.blob.core.windows.net/", azure.Credentials{SAS: someSA}, "names no container"},
		{"SAS in the URL", good + someSA, azure.Credentials{}, "has a query"},
		{"empty query", good + "?", azure.Credentials{}, "has a query"},
		{"fragment", good + "#" + canary, azure.Credentials{}, "fragment"},
		{"name and password", "https://a:" + canary + "@contoso.blob.core.windows.net/c", azure.Credentials{}, "no URL"},
		{"http", "http://contoso.blob.core.windows.net/c", azure.Credentials{SAS: someSA}, "not one of https"},
		{"http and a name", "http://localhost:10000/devstoreaccount1/c", azure.Credentials{SAS: someSA}, "not one of https"},
		{"other scheme", "ftp://127.0.0.1/c/d", azure.Credentials{SAS: someSA}, "not one of https"},
		{"no SAS", good, azure.Credentials{SAS: canary}, "no SAS"},
		{"SAS with a line end", good, azure.Credentials{SAS: someSA + "\n"}, "no SAS"},
		{"SAS with a fragment", good, azure.Credentials{SAS: someSA + "#x"}, "no SAS"},
		{"no connection string", good, azure.Credentials{ConnectionString: canary}, "no connection string"},
		{"other account", good, azure.Credentials{ConnectionString: connection}, "another storage account"},
		{"two credentials", good, azure.Credentials{SAS: someSA, ConnectionString: connection}, "more than one credential"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := azure.Open(test.url, test.creds, nil)
			require.ErrorContains(t, err, test.want)
			csvschematest.AssertNoLeak(t, err, canary)
		})
	}
}

func TestOpenTakes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		url   string
		creds azure.Credentials
	}{
		{"https://contoso.blob.core.windows.net/labresourceusage", azure.Credentials{SAS: someSA}},
		{"https://contoso.blob.core.windows.net/labresourceusage/contoso/", azure.Credentials{SAS: strings.TrimPrefix(someSA, "?")}},
		{"https://contoso.blob.core.windows.net/labresourceusage/contoso/a.csv", azure.Credentials{ConnectionString: "DefaultEndpointsProtocol=https;AccountName=contoso;AccountKey=" + canary + ";EndpointSuffix=core.windows.net"}},
		{"https://contoso.blob.core.chinacloudapi.cn/labresourceusage", azure.Credentials{}},
		{"http://127.0.0.1:10000/devstoreaccount1/labresourceusage/contoso", azure.Credentials{SAS: someSA}},
	} {
		c, err := azure.Open(test.url, test.creds, nil)
		require.NoError(t, err)
		assert.Equal(t, strings.TrimSuffix(test.url, "/"), c.String())
		assert.NotContains(t, csvschematest.Printed(c, "vsqx"), canary)
	}
}

func TestCredentialsShowNothing(t *testing.T) {
	t.Parallel()
	c := azure.Credentials{SAS: canary, ConnectionString: canary}
	assert.NotContains(t, csvschematest.Printed(c, "vsqxdT"), canary)
	assert.NotContains(t, csvschematest.Printed(&c, "vsqx"), canary)
	assert.NotContains(t, csvschematest.Printed(struct{ C azure.Credentials }{c}, "vsqx"), canary)
	text, err := json.Marshal(c)
	require.NoError(t, err)
	assert.NotContains(t, string(text), canary)
}

func TestSASThatDoesNotAllowIt(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	azuretest.Put(t, c, "lab/a.csv", "x")
	soon, all := time.Now().Add(time.Hour), sas.ContainerPermissions{Read: true, List: true}
	for _, test := range []struct {
		name, at, sas, want string // want is "" if blobs are listed
	}{
		{"allowed", "", s.SAS(t, c, all, soon), ""},
		{"expired", "", s.SAS(t, c, all, time.Now().Add(-time.Minute)), "expired"},
		{"forged", "", strings.Replace(s.SAS(t, c, all, soon), "sig=", "sig=AAAA", 1), "SAS"},
		{"may not list", "", s.SAS(t, c, sas.ContainerPermissions{Read: true}, soon), "list blobs"},
		{"may not list, and one blob", "/lab/a.csv", s.SAS(t, c, sas.ContainerPermissions{Read: true}, soon), ""},
		{"may not list, and no blob", "/lab/b.csv", s.SAS(t, c, sas.ContainerPermissions{Read: true}, soon), "list blobs"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			opened, err := azure.Open(s.URL+"/"+nameOf(c)+test.at, azure.Credentials{SAS: test.sas}, &azure.ClientOptions{Retry: azuretest.Impatient})
			require.NoError(t, err)
			n := 0
			for b, listErr := range opened.Blobs(t.Context()) {
				if err = listErr; err == nil {
					n++
					_, readErr := readAll(t.Context(), opened, b)
					require.NoError(t, readErr)
				}
			}
			if test.want == "" {
				require.NoError(t, err)
				assert.Equal(t, 1, n)
				return
			}
			require.ErrorIs(t, err, fs.ErrPermission)
			require.ErrorContains(t, err, test.want)
			csvschematest.AssertNoLeak(t, err, secretsOf(test.sas)...)
		})
	}
}

// secretsOf returns the parts of a SAS that nobody may see.
func secretsOf(query string) []string {
	_, sig, _ := strings.Cut(query, "sig=")
	sig, _, _ = strings.Cut(sig, "&")
	return []string{sig}
}

// A broken transport fails, and says the URL as net/http does.
type broken struct{ err error }

func (b broken) Do(r *http.Request) (*http.Response, error) {
	return nil, fmt.Errorf("%s %q: %w", r.Method, r.URL, b.err)
}

// noToken is somebody who cannot sign in.
type noToken struct{ err error }

func (n noToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{}, n.err
}

func TestSigningInFails(t *testing.T) {
	t.Parallel()
	c, err := azure.Open("https://contoso.blob.core.windows.net/c", azure.Credentials{Token: noToken{azidentity.NewCredentialUnavailableError(canary)}},
		&azure.ClientOptions{Transport: broken{errors.New("asked")}})
	require.NoError(t, err)
	for _, err := range c.Blobs(t.Context()) {
		require.ErrorContains(t, err, "signing in failed")
		csvschematest.AssertNoLeak(t, err, canary)
	}
}

// TestNoErrorTells has secrets and addresses wherever an error could get them from.
func TestNoErrorTells(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	const name = "lab/users/" + canary + "/ann.canary@contoso.com.csv"
	c := s.Container(t)
	azuretest.Put(t, c, name, "x")
	secrets := []string{canary, "ann.canary@contoso.com", "ann.canary", "127.0.0.1"}
	query := s.SAS(t, c, sas.ContainerPermissions{Read: true, List: true}, time.Now().Add(time.Hour))
	check := func(t *testing.T, creds azure.Credentials, o *azure.ClientOptions, at *azuretest.Server) {
		t.Helper()
		all := append([]string{s.Key}, secrets...)
		all = append(all, secretsOf(query)...)
		if creds.ConnectionString != "" {
			creds.ConnectionString = at.ConnectionString()
		}
		opened, err := azure.Open(at.URL+"/"+nameOf(c), creds, o)
		require.NoError(t, err)
		for _, err := range opened.Blobs(t.Context()) {
			if err != nil {
				csvschematest.AssertNoLeak(t, err, all...)
			}
		}
		b := azure.Blob{Name: name, Size: 1, ETag: azcore.ETag(`"0x1"`)}
		_, err = readAll(t.Context(), opened, b)
		require.Error(t, err)
		csvschematest.AssertNoLeak(t, err, all...)
		var response *azcore.ResponseError
		require.NotErrorAs(t, err, &response)
		_, err = opened.Sources(t.Context(), nil)
		require.Error(t, err)
		csvschematest.AssertNoLeak(t, err, all...)
		_, err = opened.Blob(t.Context(), name+"2")
		require.Error(t, err)
		csvschematest.AssertNoLeak(t, err, all...)
		_, err = opened.Create(t.Context(), name, text("y"))
		require.Error(t, err)
		csvschematest.AssertNoLeak(t, err, all...)
		_, err = opened.Replace(t.Context(), b, text("y"))
		require.Error(t, err)
		csvschematest.AssertNoLeak(t, err, all...)
		_, err = opened.Anonymize(t.Context(), nil, now, &azure.Found{
			Found: source.Found{Exports: []csvschema.Export{{Disks: []csvschema.Source{opened.Source(b)}}}, Files: []source.File{{FileID: csvschema.FileID{Export: 1, File: 1, Role: csvschema.Disks}, Path: name}}},
			Blobs: []azure.Blob{b},
		})
		require.Error(t, err)
		csvschematest.AssertNoLeak(t, err, all...)
		err = opened.DeleteCopies(t.Context(), &azure.Copies{Copies: []azure.Copy{{Blob: b, Kind: azure.Snapshot}}}, []azure.Blob{{Name: name}})
		require.Error(t, err)
		csvschematest.AssertNoLeak(t, err, all...)
	}
	for _, creds := range []azure.Credentials{{SAS: query}, {ConnectionString: s.ConnectionString()}} {
		check(t, creds, &azure.ClientOptions{Retry: azuretest.Impatient}, s)
		for _, cause := range []error{errors.New(canary), fmt.Errorf("dial: %w", &fs.PathError{Op: "x", Path: canary, Err: errors.New(canary)})} {
			check(t, creds, &azure.ClientOptions{Retry: azuretest.Impatient, Transport: broken{cause}}, s)
		}
		for _, status := range []int{400, 401, 403, 404, 409, 412, 429, 500} {
			proxy := s.Proxy(t, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
				azuretest.Refuse(w, status, "Code"+canary+"@", "x-ms-error-code", "ann.canary@contoso.com")
			})
			check(t, creds, &azure.ClientOptions{Retry: azuretest.Impatient}, proxy)
		}
		garbage := s.Proxy(t, func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.Header().Set("Content-Type", "application/xml")
			_, _ = w.Write([]byte("<" + canary))
		})
		check(t, creds, &azure.ClientOptions{Retry: azuretest.Impatient}, garbage)
	}
}
