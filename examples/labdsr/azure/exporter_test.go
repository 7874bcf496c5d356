package azure_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

// A site is a lab service and an empty container that it can write to.
type site struct {
	server  *azuretest.Server
	at      *container.Client // with all rights
	c       *azure.Container
	labs    []*azuretest.Lab
	service *azuretest.LabService
}

func newSite(t testing.TB, labs int) *site {
	t.Helper()
	s := &site{server: azuretest.Run(t), labs: azuretest.NewLabs(labs)}
	s.at = s.server.Container(t)
	var err error
	s.c, err = azure.Open(s.at.URL(), azure.Credentials{ConnectionString: s.server.ConnectionString()}, nil)
	require.NoError(t, err)
	s.service = azuretest.NewLabService(s.labs)
	t.Cleanup(s.service.Wait)
	return s
}

// options are those with which the service of the site is asked, without patience: but blobs
// that come late may come after 6 seconds.
func (s *site) options() *azure.ExportOptions {
	return &azure.ExportOptions{
		Credential: azuretest.Credential{}, Client: &azure.ClientOptions{Transport: s.service, Retry: azuretest.Impatient},
		Interval: 20 * time.Millisecond,
	}
}

// secrets are what must not be shown: what the service has seen or said.
func (s *site) secrets() []string {
	all := []string{azuretest.TokenCanary, azuretest.SignatureCanary, azuretest.PersonCanary, s.server.Key}
	for _, text := range s.service.SAS() {
		_, query, _ := strings.Cut(text, "?")
		q, _ := url.ParseQuery(query)
		all = append(all, query, q.Get("sig"), url.QueryEscape(q.Get("sig")))
	}
	return all
}

// resultOf returns the result of a lab.
func resultOf(t testing.TB, r *azure.ExportReport, l *azuretest.Lab) azure.LabResult {
	t.Helper()
	i := slices.IndexFunc(r.Labs, func(one azure.LabResult) bool { return one.UID == l.UID })
	require.GreaterOrEqual(t, i, 0)
	return r.Labs[i]
}

func TestExportBringsAllLabsIntoTheContainer(t *testing.T) {
	t.Parallel()
	s := newSite(t, 40)
	var told []string
	o := s.options()
	o.Progress = func(l azure.LabResult) { told = append(told, l.Name) }
	report, err := azure.Export(t.Context(), s.c, o)
	require.NoError(t, err)
	assert.Zero(t, report.Failed())
	assert.Empty(t, report.Elsewhere)
	require.Len(t, report.Labs, 40)
	assert.Len(t, told, 40)
	for _, l := range s.labs {
		r := resultOf(t, report, l)
		require.NoError(t, r.Err)
		require.Len(t, r.Blobs, 2)
		assert.Equal(t, string(l.Disks), azuretest.Get(t, s.at, r.Blobs[0].Name))
		assert.Equal(t, string(l.Machines), azuretest.Get(t, s.at, r.Blobs[1].Name))
		assert.Equal(t, 1, s.service.Count(l))
		assert.Equal(t, l.Group, "rg-"+strings.TrimPrefix(r.ResourceGroup, "rg-"))
	}
	for i := 1; i < len(report.Labs); i++ {
		assert.LessOrEqual(t, report.Labs[i-1].SubscriptionID, report.Labs[i].SubscriptionID)
	}
	for _, agent := range s.service.Agents() {
		assert.Regexp(t, `^labdsr azsdk-go-(labdsr|armdevtestlabs)/v[\d.]+ \(go[\w.]+; \w+\)$`, agent)
	}
	for _, since := range s.service.Since() {
		assert.Nil(t, since)
	}
	found, err := s.c.Sources(t.Context(), nil)
	require.NoError(t, err)
	assert.Len(t, found.Exports, 40)

	o.Since = time.Date(2026, time.June, 26, 0, 0, 0, 0, time.UTC)
	again, err := azure.Export(t.Context(), s.c, o)
	require.NoError(t, err)
	assert.Zero(t, again.Failed())
	for _, l := range again.Labs {
		require.Len(t, l.Blobs, 2, "only what is new")
		assert.Contains(t, l.Blobs[0].Name, "/26-6-2026/")
	}
	assert.Equal(t, &o.Since, s.service.Since()[79])
}

func TestExportRefusesWhatCannotEndWell(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	day := time.Date(2026, time.June, 26, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		at   string // after the URL of the container
		o    func(*azure.ExportOptions)
		want string
	}{
		{"a prefix", "/contoso-dev", nil, "more than a container"},
		{"a time of day", "", func(o *azure.ExportOptions) { o.Since = day.Add(time.Minute) }, "has a time of day"},
		{"a day of another zone", "", func(o *azure.ExportOptions) { o.Since = time.Date(2026, 6, 26, 0, 0, 0, 0, time.FixedZone("", 7200)) }, "has a time of day"},
		{"the future", "", func(o *azure.ExportOptions) { o.Since = day.AddDate(200, 0, 0) }, "in the future"},
		{"no container", "gone", nil, "status 404 ContainerNotFound (make the container first"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c, err := azure.Open(s.at.URL()+test.at, azure.Credentials{ConnectionString: s.server.ConnectionString()}, nil)
			require.NoError(t, err)
			o := s.options()
			if test.o != nil {
				test.o(o)
			}
			_, err = azure.Export(t.Context(), c, o)
			require.ErrorContains(t, err, test.want)
			assert.Empty(t, s.service.SAS(), "no lab was asked")
		})
	}
}

func TestExportWritesIntoNoPublicContainer(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	_, err := s.at.SetAccessPolicy(t.Context(), &container.SetAccessPolicyOptions{Access: new(container.PublicAccessTypeBlob)})
	require.NoError(t, err)
	_, err = azure.Export(t.Context(), s.c, s.options())
	require.ErrorIs(t, err, azure.ErrPublic)
	assert.Empty(t, s.service.SAS(), "no lab was asked")
}
