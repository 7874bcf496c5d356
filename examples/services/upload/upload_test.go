package upload_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/services/upload"
)

const (
	machines = "SubscriptionId,LabUId,LabName,LabResourceId,ResourceGroupName,ResourceId,ResourceUId,Name,CreatedTime,DeletedDate,ResourceOwner\n" +
		"s,l,Dev,/labs/dev,rg,/labs/dev/virtualmachines/build,00000000-0000-4000-8000-000000000001,build,1/3/2017,,alice@example.com\n" +
		"s,l,Dev,/labs/dev,rg,/labs/dev/virtualmachines/web,00000000-0000-4000-8000-000000000002,web,1/3/2017,,bob@contoso.com\n"
	disks = "SubscriptionId,LabUId,LabName,LabResourceId,ResourceGroupName,ResourceId,ResourceUId,Name,CreatedTime,DeletedDate,LeasedByVmId\n" +
		"s,l,Dev,/labs/dev,rg,/labs/dev/disks/os,00000000-0000-4000-8000-000000000003,os,1/3/2017,,/labs/dev/virtualmachines/build\n"
)

// post sends the form, with a file for each text, and returns the answer and its body.
func post(t *testing.T, identifiers []string, exports ...string) (*http.Response, []byte) {
	t.Helper()
	server := httptest.NewServer(&upload.Handler{MaxBytes: 1 << 20, Now: func() time.Time { return time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC) }})
	t.Cleanup(server.Close)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, id := range identifiers {
		require.NoError(t, form.WriteField("identifier", id))
	}
	for _, text := range exports {
		file, err := form.CreateFormFile("export", "alice@example.com.csv") // a name that must not be in an answer
		require.NoError(t, err)
		_, err = io.WriteString(file, text)
		require.NoError(t, err)
	}
	require.NoError(t, form.Close())
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, &body)
	require.NoError(t, err)
	request.Header.Set("Content-Type", form.FormDataContentType())
	answer, err := server.Client().Do(request)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	got, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer, got
}

func TestUploadIsAnsweredWithThePackage(t *testing.T) {
	t.Parallel()
	answer, body := post(t, []string{"Alice@example.com"}, disks, machines)
	require.Equal(t, http.StatusOK, answer.StatusCode, "%s", body)
	assert.Equal(t, "false", answer.Header.Get("Needs-Decision"))
	archive, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	require.NoError(t, err)
	rows := map[string]string{}
	for _, name := range []string{"virtualmachines.csv", "disks.csv"} {
		file, err := archive.Open(name)
		require.NoError(t, err)
		text, err := io.ReadAll(file)
		require.NoError(t, err)
		rows[name] = string(text)
	}
	assert.Contains(t, rows["virtualmachines.csv"], "build")
	assert.NotContains(t, rows["virtualmachines.csv"], "bob")
	assert.Contains(t, rows["disks.csv"], "/labs/dev/disks/os")

	for _, id := range []string{"alice@example.onmicrosoft.com", "00000000-0000-4000-8000-000000000002"} { // nearly a person, a machine
		answer, _ = post(t, []string{id}, machines)
		assert.Equal(t, "true", answer.Header.Get("Needs-Decision"))
	}
}

func TestUploadSaysWhoseFaultItIs(t *testing.T) {
	t.Parallel()
	alice := []string{"alice@example.com"}
	for _, test := range []struct {
		name        string
		identifiers []string
		exports     []string
		status      int
		text        string
	}{
		{"nobody", nil, []string{machines}, http.StatusBadRequest, "identifier"},
		{"no identifier", []string{"alice"}, []string{machines}, http.StatusBadRequest, "identifier"},
		{"no file", alice, nil, http.StatusBadRequest, "no file"},
		{"too large", alice, []string{strings.Repeat(machines, 10_000)}, http.StatusRequestEntityTooLarge, "too large"},
		{"no export", alice, []string{"alice@example.com"}, http.StatusUnprocessableEntity, "header"},
		{"cut off", alice, []string{machines[:len(machines)-10] + ",alice@example.com\n"}, http.StatusUnprocessableEntity, "line 3"},
		{"damaged gzip", alice, []string{"\x1f\x8b\x08alice@example.com"}, http.StatusUnprocessableEntity, "gzip"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			answer, body := post(t, test.identifiers, test.exports...)
			assert.Equal(t, test.status, answer.StatusCode)
			assert.Contains(t, string(body), test.text)
			assert.NotContains(t, string(body), "alice@")
		})
	}
}

// TestADiskThatFailsIsNobodysFault has no folder for the files of a form.
func TestADiskThatFailsIsNobodysFault(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	file, err := form.CreateFormFile("export", "disks.csv")
	require.NoError(t, err)
	_, err = io.WriteString(file, strings.Repeat(machines, 30_000))
	require.NoError(t, errors.Join(err, form.Close()))
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", &body)
	request.Header.Set("Content-Type", form.FormDataContentType())
	answer := httptest.NewRecorder()
	(&upload.Handler{MaxBytes: 1 << 30, Now: time.Now}).ServeHTTP(answer, request)
	assert.Equal(t, http.StatusInternalServerError, answer.Code)

	answer = httptest.NewRecorder()
	(&upload.Handler{MaxBytes: 1 << 30, Now: time.Now}).ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(machines)))
	assert.Equal(t, http.StatusBadRequest, answer.Code)
}
