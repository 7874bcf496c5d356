package main

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

// With these variables a run asks a fake lab service with so many labs, some of which fail.
const (
	labsVariable   = "LABDSR_LABS"
	faultsVariable = "LABDSR_FAULTS"
)

// useFakeLabs makes a run ask a fake lab service, if the environment says so.
func useFakeLabs(a *app) {
	n, err := strconv.Atoi(os.Getenv(labsVariable))
	if err != nil {
		return
	}
	labs := azuretest.NewLabs(n)
	s := azuretest.NewLabService(labs)
	if os.Getenv(faultsVariable) != "" {
		labs[0].Status, labs[0].Code = http.StatusForbidden, "AuthorizationFailed"
		labs[1].Fails = "StorageAccountIsLocked"
		labs[2].Deleted = true
		labs[3].Elsewhere = true
		labs[4].Name = azuretest.PersonCanary
		s.Fault = func(r *http.Request) *http.Response {
			if r.Method == http.MethodGet && strings.Contains(r.URL.Path, labs[5].Subscription) {
				return azuretest.Answer(r, http.StatusForbidden, "AuthorizationFailed")
			}
			return nil
		}
	}
	askFake(a, s)
}

// askFake makes a run ask a fake lab service.
func askFake(a *app, s *azuretest.LabService) {
	a.export = azure.ExportOptions{
		Credential: azuretest.Credential{}, Client: &azure.ClientOptions{Transport: s, Retry: azuretest.Impatient}, Interval: 20 * time.Millisecond,
	}
}

// TestAnExportThatWasInterruptedGoesOn interrupts a run in the middle. The next one asks the
// other labs alone, and nothing that is secret is anywhere.
func TestAnExportThatWasInterruptedGoesOn(t *testing.T) {
	t.Parallel()
	server := azuretest.Run(t)
	c := server.Container(t)
	dir := t.TempDir()
	state, connection := filepath.Join(dir, "state"), filepath.Join(dir, "connection")
	require.NoError(t, os.WriteFile(connection, []byte(server.ConnectionString()), 0o600))
	labs := azuretest.NewLabs(12)
	service := azuretest.NewLabService(labs)
	t.Cleanup(service.Wait)
	var said strings.Builder
	run := func(ctx context.Context) (status int, stderr string) {
		args := []string{"export", "--container", c.URL(), "--storage-credentials", connection, "--state", state, "--json"}
		texts := []*os.File{}
		for _, name := range []string{"stdout", "stderr"} {
			file, err := os.Create(filepath.Join(dir, name))
			require.NoError(t, err)
			texts = append(texts, file)
		}
		a := newApp(args, strings.NewReader(""), texts[0], texts[1])
		askFake(a, service)
		status = a.run(ctx, args)
		for _, file := range texts {
			_, err := file.Seek(0, io.SeekStart)
			require.NoError(t, err)
			text, err := io.ReadAll(file)
			require.NoError(t, err)
			require.NoError(t, file.Close())
			said.Write(text)
			stderr = string(text)
		}
		return status, stderr
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	service.Asked = func(*azuretest.Lab) {
		if len(service.SAS()) == 5 {
			cancel()
		}
	}
	status, stderr := run(ctx)
	assert.Equal(t, statusFailed, status)
	assert.Contains(t, stderr, "labdsr: interrupted\n  hint: run it again with the same flags: it goes on where it stopped\n")
	text, err := os.ReadFile(state)
	require.NoError(t, err)
	said.Write(text)

	status, stderr = run(t.Context())
	assert.Equal(t, statusDone, status, stderr)
	assert.Contains(t, stderr, "done       12 of 12 labs: all usage\n")
	assert.NoFileExists(t, state)
	for _, l := range labs {
		assert.Equal(t, 1, service.Count(l))
	}
	for _, sas := range service.SAS() {
		u, err := url.Parse(sas)
		require.NoError(t, err)
		for _, secret := range []string{u.RawQuery, u.Query().Get("sig"), url.QueryEscape(u.Query().Get("sig")), server.Key, azuretest.TokenCanary, azuretest.SignatureCanary, azuretest.PersonCanary} {
			assert.NotContains(t, said.String(), secret)
		}
	}
}
