package azure_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

func TestALabThatFailsDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t, 12)
	l := s.labs
	l[0].Status, l[0].Code = http.StatusForbidden, "AuthorizationFailed"
	l[1].Throttle = 1
	l[2].Throttle = 100
	l[3].Deleted = true
	l[4].BadPolls, l[4].Polls = 6, 3
	l[5].Fails = "StorageAccountIsLocked"
	l[6].Nowhere = true
	l[7].Silent = true
	l[8].Elsewhere = true
	l[9].Late = 50 * time.Millisecond
	l[10].BadPolls = 1000
	l[11].Fails = azuretest.PersonCanary
	o := s.options()
	told := map[string]int{}
	o.Progress = func(r azure.LabResult) { told[r.UID]++ }
	report, err := azure.Export(t.Context(), s.c, o)
	require.NoError(t, err)
	assert.Equal(t, 8, report.Failed())
	assert.Len(t, report.Elsewhere, 2)
	tests := []struct {
		lab  int
		is   error
		want string // in the error
	}{
		{0, fs.ErrPermission, "Microsoft.DevTestLab/labs/exportResourceUsage/action"},
		{1, nil, ""},
		{2, nil, "status 429 TooManyRequests (the service has had too many requests"},
		{3, fs.ErrNotExist, "the lab is gone"},
		{4, nil, ""},
		{5, azure.ErrExportFailed, "the service calls it StorageAccountIsLocked"},
		{6, nil, ""},
		{7, azure.ErrNoBlobs, "look into the container"},
		{8, azure.ErrNoBlobs, "look into the container"},
		{9, nil, ""},
		{10, nil, "status 500 InternalServerError"},
		{11, azure.ErrExportFailed, "could not carry out the export"},
	}
	for _, test := range tests {
		r := resultOf(t, report, l[test.lab])
		assert.Equal(t, 1, told[l[test.lab].UID], "lab %d", test.lab)
		if test.want == "" {
			require.NoError(t, r.Err)
			assert.Len(t, r.Blobs, 2)
			continue
		}
		require.ErrorContains(t, r.Err, test.want, "lab %d", test.lab)
		require.ErrorContains(t, r.Err, "export lab "+r.Name)
		if test.is != nil {
			require.ErrorIs(t, r.Err, test.is)
		}
		csvschematest.AssertNoLeak(t, r.Err, s.secrets()...)
	}
	text, err := json.Marshal(report)
	require.NoError(t, err)
	for _, secret := range s.secrets() {
		assert.NotContains(t, string(text)+fmt.Sprintf("%+v %#v", report, report), secret)
	}
}

func TestAnInterruptLetsTheRequestEnd(t *testing.T) {
	t.Parallel()
	s := newSite(t, 1)
	o := s.options()
	o.StateFile = filepath.Join(t.TempDir(), "state")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var interrupted error
	s.service.Fault = func(r *http.Request) *http.Response {
		if r.Method == http.MethodPost {
			cancel()
			time.Sleep(20 * time.Millisecond)
			interrupted = r.Context().Err()
		}
		return nil
	}
	_, err := azure.Export(ctx, s.c, o)
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, interrupted)
	s.service.Fault = nil
	report, err := azure.Export(t.Context(), s.c, o)
	require.NoError(t, err)
	require.NoError(t, report.Labs[0].Err)
	assert.True(t, report.Resumed)
	assert.Equal(t, 1, s.service.Count(s.labs[0]))
}
