package azure_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

func TestExportFindsTheLabsThatAreMeant(t *testing.T) {
	t.Parallel()
	s := newSite(t, 12)
	one := s.labs[0].Subscription
	tests := []struct {
		name  string
		o     azure.ExportOptions
		fault string // of a subscription
		want  int
		err   string
	}{
		{name: "all", want: 12},
		{name: "of a subscription", o: azure.ExportOptions{Subscriptions: []string{strings.ToUpper(one)}}, want: 4},
		{name: "of two", o: azure.ExportOptions{Subscriptions: []string{one, s.labs[1].Subscription, strings.ToUpper(one)}}, want: 8},
		{name: "of a group", o: azure.ExportOptions{ResourceGroups: []string{"RG-0"}}, want: 3},
		{name: "of a group of a subscription", o: azure.ExportOptions{Subscriptions: []string{one}, ResourceGroups: []string{"rg-0"}}, want: 1},
		{name: "by name", o: azure.ExportOptions{Labs: []string{"lab-01", "LAB-12", "LAB-01"}}, want: 2},
		{name: "by name in one of two subscriptions", o: azure.ExportOptions{Subscriptions: []string{one, s.labs[1].Subscription}, Labs: []string{"lab-01"}}, want: 1},
		{name: "a name that is wrong", o: azure.ExportOptions{Labs: []string{"lab-01", "lab-1"}}, err: "find labs of lab lab-1: there is no such lab"},
		{name: "a name of a person", o: azure.ExportOptions{Labs: []string{azuretest.PersonCanary}}, err: "find labs of lab [hidden]: there is no such lab"},
		{name: "a group that is wrong", o: azure.ExportOptions{ResourceGroups: []string{"rg-0", "rg-9"}}, err: "resource group rg-9: there is no such lab"},
		{name: "a subscription that is wrong", o: azure.ExportOptions{Subscriptions: []string{"5ab5c41b-0000-4000-8000-000000000009"}}, err: "status 404 SubscriptionNotFound"},
		{name: "a subscription that is closed to us", fault: one, want: 8, err: "status 403"},
		{name: "only that", o: azure.ExportOptions{Subscriptions: []string{one}}, fault: one, err: "status 403"},
		{name: "all are closed", fault: "/", err: "list subscriptions: permission denied: status 403"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			before := len(s.service.SAS())
			s.service.Fault = func(r *http.Request) *http.Response {
				path := strings.ToLower(r.URL.Path)
				if test.fault != "" && strings.Contains(path, test.fault) && r.Method == http.MethodGet {
					return azuretest.Answer(r, http.StatusForbidden, "AuthorizationFailed")
				}
				return nil
			}
			o := s.options()
			o.Subscriptions, o.ResourceGroups, o.Labs = test.o.Subscriptions, test.o.ResourceGroups, test.o.Labs
			report, err := azure.Export(t.Context(), s.c, o)
			if test.want == 0 {
				require.ErrorContains(t, err, test.err)
				csvschematest.AssertNoLeak(t, err, s.secrets()...)
				assert.Len(t, s.service.SAS(), before, "no lab was asked")
				return
			}
			require.NoError(t, err)
			assert.Len(t, report.Labs, test.want)
			if test.err == "" {
				assert.Zero(t, report.Failed())
				return
			}
			assert.Equal(t, 1, report.Failed())
			require.Len(t, report.Unlisted, 1)
			assert.Equal(t, test.fault, report.Unlisted[0].SubscriptionID)
			require.ErrorContains(t, report.Unlisted[0].Err, test.err)
			csvschematest.AssertNoLeak(t, report.Unlisted[0].Err, s.secrets()...)
		})
	}
}

func TestRequestsForLabsGoToTheResourceManagerOnly(t *testing.T) {
	t.Parallel()
	for name, link := range map[string]string{
		"another host":  "https://management.azure.com.example.com/subscriptions",
		"without TLS":   "http://management.azure.com/subscriptions",
		"no address":    "://",
		"another place": "https://example.com/?x=management.azure.com",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 1)
			s.service.Fault = func(r *http.Request) *http.Response {
				if r.URL.Path != "/subscriptions" {
					return nil
				}
				text, _ := json.Marshal(map[string]any{"value": []any{}, "nextLink": link})
				return azuretest.JSON(r, string(text))
			}
			_, err := azure.Export(t.Context(), s.c, s.options())
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "example.com")
			assert.Empty(t, s.service.Strays())
			csvschematest.AssertNoLeak(t, err, "example.com", azuretest.TokenCanary)
		})
	}
}
