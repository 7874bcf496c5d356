package azure_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

func TestARunThatWasInterruptedGoesOn(t *testing.T) {
	t.Parallel()
	for _, after := range []int{1, 7, 20} {
		t.Run(fmt.Sprint(after), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 20)
			azuretest.Put(t, s.at, s.labs[0].Name+"/"+s.labs[0].UID+"/1-1-2020/full/virtualmachines.csv", "old")
			path := filepath.Join(t.TempDir(), "state")
			o := s.options()
			o.StateFile, o.Parallel = path, 3
			for _, l := range s.labs {
				l.Polls = 2
			}
			s.labs[2].Status, s.labs[2].Code = http.StatusForbidden, "AuthorizationFailed"

			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			var mu sync.Mutex
			asked := 0
			s.service.Asked = func(*azuretest.Lab) {
				mu.Lock()
				defer mu.Unlock()
				s.checkState(t, path)
				if asked++; asked == after {
					cancel()
				}
			}
			report, err := azure.Export(ctx, s.c, o)
			if after < 20 {
				require.ErrorIs(t, err, context.Canceled)
				require.Nil(t, report)
				s.checkState(t, path)
			} // else the lab that refuses is not among them, and the run ended
			s.service.Asked = nil
			s.labs[2].Status = 0
			s.service.Wait()

			report, err = azure.Export(t.Context(), s.c, o)
			require.NoError(t, err)
			for _, l := range report.Labs {
				require.NoError(t, l.Err)
				require.Len(t, l.Blobs, 2)
			}
			if after < 20 {
				assert.True(t, report.Resumed)
				for i, l := range s.labs {
					assert.Equal(t, 1, s.service.Count(l), "lab %d", i)
				}
			}
			assert.NoFileExists(t, path)
		})
	}
}

func TestALabThatMayHaveBeenAskedIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t, 3)
	path := filepath.Join(t.TempDir(), "state")
	o := s.options()
	o.StateFile, o.Parallel, o.Labs = path, 1, []string{"lab-01"}
	var killed []byte
	s.service.Asked = func(*azuretest.Lab) { // the service has the request, and its answer is on its way
		s.checkState(t, path)
		killed, _ = os.ReadFile(path)
	}
	report, err := azure.Export(t.Context(), s.c, o)
	require.NoError(t, err)
	require.Zero(t, report.Failed())
	require.NoFileExists(t, path)

	require.NoError(t, os.WriteFile(path, killed, 0o600))
	report, err = azure.Export(t.Context(), s.c, o)
	require.NoError(t, err)
	require.NoError(t, report.Labs[0].Err)
	assert.True(t, report.Labs[0].Resumed)
	assert.Len(t, report.Labs[0].Blobs, 2)
	assert.Equal(t, 1, s.service.Count(s.labs[0]))

	for _, b := range blobsOf(t, s.c) {
		_, err := s.at.NewBlobClient(b.Name).Delete(t.Context(), nil)
		require.NoError(t, err)
	}
	require.NoError(t, os.WriteFile(path, killed, 0o600))
	report, err = azure.Export(t.Context(), s.c, o)
	require.NoError(t, err)
	require.ErrorIs(t, report.Labs[0].Err, azure.ErrNoBlobs)
	require.ErrorContains(t, report.Labs[0].Err, "perhaps it was not asked; run it again")
	assert.Equal(t, 1, s.service.Count(s.labs[0]))
	assert.NoFileExists(t, path)
}

func TestAStateFileIsForOneRun(t *testing.T) {
	t.Parallel()
	s := newSite(t, 4)
	path := filepath.Join(t.TempDir(), "state")
	interrupted := func() string {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		s.service.Asked = func(*azuretest.Lab) { cancel() }
		o := s.options()
		o.StateFile = path
		_, err := azure.Export(ctx, s.c, o)
		require.ErrorIs(t, err, context.Canceled)
		s.service.Asked = nil
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		return string(text)
	}
	state := interrupted()
	other := newSite(t, 4)
	replace := func(pairs ...string) func(*testing.T) {
		return func(t *testing.T) {
			require.NoError(t, os.WriteFile(path, []byte(strings.NewReplacer(pairs...).Replace(state)), 0o600))
		}
	}
	began := state[strings.Index(state, `"began":"`)+len(`"began":"`):][:10]
	tests := []struct {
		name   string
		change func(*testing.T)
		other  func(*azure.ExportOptions)
		c      *azure.Container
		want   error
	}{
		{"another day to begin with", nil, func(o *azure.ExportOptions) { o.Since = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }, nil, azure.ErrStateOther},
		{"another lab", nil, func(o *azure.ExportOptions) { o.Labs = []string{"lab-01"} }, nil, azure.ErrStateOther},
		{"another subscription", nil, func(o *azure.ExportOptions) { o.Subscriptions = []string{s.labs[1].Subscription} }, nil, azure.ErrStateOther},
		{"another group", nil, func(o *azure.ExportOptions) { o.ResourceGroups = []string{"rg-1"} }, nil, azure.ErrStateOther},
		{"another container", nil, nil, other.c, azure.ErrStateOther},
		{"old", replace(began, "2020-01-01"), nil, nil, azure.ErrStateOld},
		{"of the future", replace(began, "2120-01-01"), nil, nil, azure.ErrStateOld},
		{"another format", replace(`"labdsrExport":1`, `"labdsrExport":2`), nil, nil, azure.ErrStateDamaged},
		{"cut off", replace("}", ""), nil, nil, azure.ErrStateDamaged},
		{"more behind it", replace("}", "}{}"), nil, nil, azure.ErrStateDamaged},
		{"more in it", replace("}", `,"x":1}`), nil, nil, azure.ErrStateDamaged},
		{"empty", replace(state, ""), nil, nil, azure.ErrStateDamaged},
		{"too large", replace("}", strings.Repeat(" ", 1<<20)+"}"), nil, nil, azure.ErrStateDamaged},
		{"others can read it", func(t *testing.T) { require.NoError(t, os.Chmod(path, 0o640)) }, nil, nil, azure.ErrStateShared},
		{"a link", func(t *testing.T) {
			require.NoError(t, os.Rename(path, path+".there"))
			require.NoError(t, os.Symlink(path+".there", path))
		}, nil, nil, azure.ErrStateShared},
		{"a folder", func(t *testing.T) { require.NoError(t, os.Remove(path)); require.NoError(t, os.Mkdir(path, 0o700)) }, nil, nil, azure.ErrStateShared},
		{"the same run", nil, nil, nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.NoError(t, os.RemoveAll(path))
			require.NoError(t, os.WriteFile(path, []byte(state), 0o600))
			if test.change != nil {
				test.change(t)
			}
			o, c := s.options(), s.c
			o.StateFile = path
			if test.other != nil {
				test.other(o)
			}
			if test.c != nil {
				c = test.c
			}
			before := len(s.service.SAS())
			_, err := azure.Export(t.Context(), c, o)
			if test.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, test.want)
			assert.NotContains(t, err.Error(), path)
			_, ok := errors.AsType[*azure.StateError](err)
			assert.True(t, ok)
			assert.Len(t, s.service.SAS(), before, "no lab was asked")
			_, err = os.Lstat(path)
			assert.NoError(t, err, "it is left alone")
		})
	}
}

func TestAStateFileThatCannotBeWrittenEndsTheRun(t *testing.T) {
	t.Parallel()
	s := newSite(t, 8)
	dir := filepath.Join(t.TempDir(), "gone")
	o := s.options()
	o.StateFile, o.Parallel = filepath.Join(dir, "state"), 1
	_, err := azure.Export(t.Context(), s.c, o)
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.Empty(t, s.service.SAS(), "no lab was asked")

	require.NoError(t, os.Mkdir(dir, 0o700))
	s.service.Asked = func(*azuretest.Lab) { _ = os.RemoveAll(dir) }
	_, err = azure.Export(t.Context(), s.c, o)
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.NotContains(t, err.Error(), dir)
	assert.Len(t, s.service.SAS(), 1, "no further lab was asked")
}

// checkState checks that only its owner can read the state file, and that nothing is in it
// that anybody else may not know.
func (s *site) checkState(t *testing.T, path string) {
	t.Helper()
	info, statErr := os.Stat(path)
	text, err := os.ReadFile(path)
	if statErr != nil || err != nil { // not in the goroutine of the test
		t.Error(statErr, err)
		return
	}
	assert.Equal(t, fs.FileMode(0o600), info.Mode())
	forbidden := append(s.secrets(), "http", "subscriptions", s.server.Account)
	for _, l := range s.labs {
		forbidden = append(forbidden, l.Name, strings.ToLower(l.Name), l.UID, l.Subscription, l.Group)
	}
	for _, secret := range forbidden {
		assert.NotContains(t, string(text), secret)
	}
}
