package azure_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
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

// options are those with which the service of the site is asked, without patience.
func (s *site) options() *azure.ExportOptions {
	return &azure.ExportOptions{
		Credential: azuretest.Credential{}, Client: &azure.ClientOptions{Transport: s.service, Retry: azuretest.Impatient},
		Interval: 5 * time.Millisecond,
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
			csvschematest.AssertNoLeak(t, err, "example.com", azuretest.TokenCanary)
		})
	}
}
