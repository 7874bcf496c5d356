package azuretest

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azfake "github.com/Azure/azure-sdk-for-go/sdk/azcore/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/devtestlabs/armdevtestlabs"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/devtestlabs/armdevtestlabs/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// What no message, log or file may hold. The fake service puts them where the real one has
// secrets and people.
const (
	TokenCanary     = "canary-token-of-who-signed-in"
	SignatureCanary = "canary-signature-of-a-polling-url"
	PersonCanary    = "canary.person@contoso.com"
)

// A Lab is a lab of the fake service, and how it fails.
type Lab struct {
	Subscription, Group, Name, UID string
	Machines, Disks                []byte // its exports

	Status    int           // of the answer to the action; 0 means that it is taken
	Code      string        // the code in that answer
	Throttle  int           // so many times the answer is 429, with Retry-After
	Fails     string        // the export ends with that code
	Polls     int           // so many questions are answered "in progress"
	BadPolls  int           // so many questions are answered 500, first
	Nowhere   bool          // the answer does not say where to ask
	Deleted   bool          // it is gone when its export is asked for
	Silent    bool          // it ends well, and writes nothing
	Elsewhere bool          // it writes blobs without its UID in their names
	Late      time.Duration // its blobs come so long after it ended

	asked     int
	throttled int
}

// NewLabs returns labs with real-shaped exports, each of one subscription of three.
func NewLabs(n int) []*Lab {
	var labs []*Lab
	for i := range n {
		large := csvschematest.NewLarge(uint64(i+1), 16<<10, nil)
		l := &Lab{Subscription: fmt.Sprintf("5ab5c41b-0000-4000-8000-%012d", i%3+1), Group: fmt.Sprintf("rg-%d", i%4), Name: fmt.Sprintf("Lab-%02d", i+1)}
		l.Machines, _ = io.ReadAll(large.Reader(csvschema.VirtualMachines)) // never fails
		l.Disks, _ = io.ReadAll(large.Reader(csvschema.Disks))
		rows, _ := csv.NewReader(bytes.NewReader(l.Machines)).ReadAll()
		l.UID = rows[1][slices.Index(rows[0], "LabUId")]
		labs = append(labs, l)
	}
	return labs
}

// A LabService is a fake of the resource manager and of the lab service. The requests for
// labs and exports go to the fake server of the SDK; operations are asked for at addresses
// that are signed, as the real ones are.
type LabService struct {
	// Fault answers a request before the service does, if it returns an answer.
	Fault func(*http.Request) *http.Response
	// Store reaches the storage account. Nil means that of net/http.
	Store policy.Transporter
	// Asked is called when a lab is asked for its export.
	Asked func(*Lab)

	mu         sync.Mutex
	labs       []*Lab
	servers    map[string]*fake.LabsServerTransport // by subscription
	operations []*operation
	agents     map[string]bool // all User-Agents
	strays     []string        // requests that are for somebody else
	sas        []string        // all that were given
	since      []*time.Time
	writes     sync.WaitGroup
}

// An operation is an export that is carried out.
type operation struct {
	lab             *Lab
	polls, badPolls int
	done            bool
	err             error
	sas             string
}

// NewLabService returns a service with labs.
func NewLabService(labs []*Lab) *LabService {
	s := &LabService{labs: labs, servers: map[string]*fake.LabsServerTransport{}, agents: map[string]bool{}}
	for _, l := range labs {
		if s.servers[l.Subscription] == nil {
			s.servers[l.Subscription] = fake.NewLabsServerTransport(s.server(l.Subscription))
		}
	}
	return s
}

// Count returns how often a lab was asked for its export, and was not told to wait.
func (s *LabService) Count(l *Lab) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return l.asked
}

// SAS returns the URLs that the service was given.
func (s *LabService) SAS() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sas)
}

// Since returns the days that the service was given.
func (s *LabService) Since() []*time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.since)
}

// Agents returns the User-Agents that were seen.
func (s *LabService) Agents() (agents []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for a := range s.agents {
		agents = append(agents, a)
	}
	return agents
}

// Strays returns the addresses of requests that are for somebody else, or have another token.
func (s *LabService) Strays() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.strays)
}

// Wait waits until the service has nothing to write any more.
func (s *LabService) Wait() { s.writes.Wait() }

// Credential is one that the service accepts.
type Credential struct{}

// GetToken implements azcore.TokenCredential.
func (Credential) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: TokenCanary, ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// server returns the fake server of the SDK for a subscription.
func (s *LabService) server(subscription string) *fake.LabsServer {
	list := func(group string) []*armdevtestlabs.Lab {
		var page []*armdevtestlabs.Lab
		for _, l := range s.labs {
			if l.Subscription == subscription && (group == "" || strings.EqualFold(l.Group, group)) {
				id := fmt.Sprintf("/subscriptions/%s/resourcegroups/%s/providers/microsoft.devtestlab/labs/%s", l.Subscription, strings.ToLower(l.Group), strings.ToLower(l.Name))
				page = append(page, &armdevtestlabs.Lab{ID: &id, Name: &l.Name, Properties: &armdevtestlabs.LabProperties{UniqueIdentifier: &l.UID}})
			}
		}
		return page
	}
	return &fake.LabsServer{
		NewListBySubscriptionPager: func(*armdevtestlabs.LabsClientListBySubscriptionOptions) (resp azfake.PagerResponder[armdevtestlabs.LabsClientListBySubscriptionResponse]) {
			all := list("")
			for page := range slices.Chunk(all, 5) {
				resp.AddPage(http.StatusOK, armdevtestlabs.LabsClientListBySubscriptionResponse{LabList: armdevtestlabs.LabList{Value: page}}, nil)
			}
			return resp
		},
		NewListByResourceGroupPager: func(group string, _ *armdevtestlabs.LabsClientListByResourceGroupOptions) (resp azfake.PagerResponder[armdevtestlabs.LabsClientListByResourceGroupResponse]) {
			page := list(group)
			if len(page) == 0 {
				resp.AddResponseError(http.StatusNotFound, "ResourceGroupNotFound")
				return resp
			}
			resp.AddPage(http.StatusOK, armdevtestlabs.LabsClientListByResourceGroupResponse{LabList: armdevtestlabs.LabList{Value: page}}, nil)
			return resp
		},
		BeginExportResourceUsage: func(_ context.Context, group, name string, p armdevtestlabs.ExportResourceUsageParameters, _ *armdevtestlabs.LabsClientBeginExportResourceUsageOptions) (resp azfake.PollerResponder[armdevtestlabs.LabsClientExportResourceUsageResponse], errResp azfake.ErrorResponder) {
			for _, l := range s.labs {
				if l.Subscription == subscription && strings.EqualFold(l.Group, group) && strings.EqualFold(l.Name, name) {
					s.begin(l, p)
				}
			}
			resp.SetTerminalResponse(http.StatusAccepted, armdevtestlabs.LabsClientExportResourceUsageResponse{}, nil)
			return resp, errResp
		},
	}
}

// begin begins the export of a lab.
func (s *LabService) begin(l *Lab, p armdevtestlabs.ExportResourceUsageParameters) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.asked++
	op := &operation{lab: l, polls: l.Polls, badPolls: l.BadPolls, sas: *p.BlobStorageAbsoluteSasURI}
	s.operations = append(s.operations, op)
	s.sas, s.since = append(s.sas, op.sas), append(s.since, p.UsageStartDate)
	s.writes.Go(func() {
		var err error
		if l.Late > 0 {
			time.Sleep(l.Late)
		}
		if l.Fails == "" && !l.Silent {
			err = l.write(op.sas, p.UsageStartDate, s.Store)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		op.done, op.err = true, err
	})
}

// write writes the exports of a lab, as the service does.
func (l *Lab) write(sas string, since *time.Time, store policy.Transporter) error {
	c, err := container.NewClientWithNoCredential(sas, &container.ClientOptions{ClientOptions: azcore.ClientOptions{Transport: store}})
	if err != nil {
		return err
	}
	day := func(t time.Time) string { return fmt.Sprintf("%d-%d-%d", t.Day(), t.Month(), t.Year()) }
	from := "full"
	if since != nil {
		from = day(*since)
	}
	dir := fmt.Sprintf("%s/%s/%s/%s/", l.Name, l.UID, day(time.Now()), from)
	if l.Elsewhere {
		dir = time.Now().Format("20060102-150405") + "-"
	}
	// Both at the same time, or else one may look as if it were all.
	files := map[string][]byte{"virtualmachines.csv": l.Machines, "disks.csv": l.Disks}
	failures := make(chan error, len(files))
	for name, text := range files {
		go func() {
			_, err := c.NewBlockBlobClient(dir+name).UploadBuffer(context.Background(), text, nil)
			failures <- err
		}()
	}
	for range files {
		err = errors.Join(err, <-failures)
	}
	return err
}

// Do implements policy.Transporter.
func (s *LabService) Do(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.agents[r.Header.Get("User-Agent")] = true
	s.mu.Unlock()
	if r.URL.Host != "management.azure.com" || r.URL.Scheme != "https" || r.Header.Get("Authorization") != "Bearer "+TokenCanary {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.strays = append(s.strays, r.URL.String())
		return nil, errors.New("a request that is not for the resource manager")
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if s.Fault != nil {
		if answer := s.Fault(r); answer != nil {
			return answer, nil
		}
	}
	path := strings.ToLower(r.URL.Path)
	switch {
	case path == "/subscriptions":
		return s.listSubscriptions(r), nil
	case strings.HasPrefix(path, "/operations/"):
		return s.poll(r), nil
	}
	if strings.HasSuffix(path, "/exportresourceusage") && r.Method == http.MethodPost {
		return s.ask(r)
	}
	parts := strings.Split(path, "/")
	server := s.servers[parts[2]]
	if server == nil {
		return Answer(r, http.StatusNotFound, "SubscriptionNotFound"), nil
	}
	return server.Do(r)
}

// Answer returns an answer in the form of the resource manager, with an error in whose
// message is what must not be shown.
func Answer(r *http.Request, status int, code string) *http.Response {
	text, _ := json.Marshal(map[string]any{"error": map[string]string{
		"code":    code,
		"message": "Hidden: " + PersonCanary + " https://account.blob.core.windows.net/c?sig=" + SignatureCanary + " " + r.URL.String(),
	}})
	return raw(r, status, string(text))
}

// JSON returns an answer that is well.
func JSON(r *http.Request, text string) *http.Response { return raw(r, http.StatusOK, text) }

func raw(r *http.Request, status int, text string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: strconv.Itoa(status) + " " + http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(text)), ContentLength: int64(len(text)),
	}
}

// listSubscriptions lists the subscriptions, in pages of two.
func (s *LabService) listSubscriptions(r *http.Request) *http.Response {
	var ids []string
	for _, l := range s.labs {
		if !slices.Contains(ids, l.Subscription) {
			ids = append(ids, l.Subscription)
		}
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("$skiptoken"))
	to := min(from+2, len(ids))
	page := map[string]any{}
	var entries []map[string]string
	for _, id := range ids[from:to] {
		entries = append(entries, map[string]string{"subscriptionId": id, "displayName": PersonCanary})
	}
	page["value"] = entries
	if to < len(ids) {
		page["nextLink"] = fmt.Sprintf("https://management.azure.com/subscriptions?api-version=2022-12-01&$skiptoken=%d", to)
	}
	text, _ := json.Marshal(page)
	return raw(r, http.StatusOK, string(text))
}

// ask answers a request for an export.
func (s *LabService) ask(r *http.Request) (*http.Response, error) {
	parts := strings.Split(strings.ToLower(r.URL.Path), "/")
	var lab *Lab
	for _, l := range s.labs {
		if l.Subscription == parts[2] && strings.EqualFold(l.Group, parts[4]) && strings.EqualFold(l.Name, parts[8]) {
			lab = l
		}
	}
	switch {
	case lab == nil || lab.Deleted:
		return Answer(r, http.StatusNotFound, "ResourceNotFound"), nil
	case lab.Status != 0:
		return Answer(r, lab.Status, lab.Code), nil
	}
	s.mu.Lock()
	throttled := lab.throttled < lab.Throttle
	if throttled {
		lab.throttled++
	}
	s.mu.Unlock()
	if throttled {
		answer := Answer(r, http.StatusTooManyRequests, "TooManyRequests")
		answer.Header.Set("Retry-After", "1")
		return answer, nil
	}
	answer, err := s.servers[lab.Subscription].Do(r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	number := len(s.operations) - 1
	for s.operations[number].lab != lab {
		number--
	}
	s.mu.Unlock()
	if s.Asked != nil {
		s.Asked(lab)
	}
	header := http.Header{}
	if !lab.Nowhere {
		q := url.Values{"api-version": {"2018-09-15"}, "t": {"638"}, "c": {SignatureCanary}, "s": {SignatureCanary}, "h": {SignatureCanary}}
		header.Set("Azure-AsyncOperation", fmt.Sprintf("https://management.azure.com/operations/%d?%s", number, q.Encode()))
	}
	answer.Header, answer.Body, answer.ContentLength = header, http.NoBody, 0
	return answer, nil
}

// poll answers the question what became of an operation.
func (s *LabService) poll(r *http.Request) *http.Response {
	s.mu.Lock()
	defer s.mu.Unlock()
	number, err := strconv.Atoi(strings.TrimPrefix(strings.ToLower(r.URL.Path), "/operations/"))
	if err != nil || number >= len(s.operations) || r.URL.Query().Get("s") != SignatureCanary {
		return Answer(r, http.StatusForbidden, "InvalidSignature")
	}
	op := s.operations[number]
	switch {
	case op.badPolls > 0:
		op.badPolls--
		return Answer(r, http.StatusInternalServerError, "InternalServerError")
	case op.polls > 0 || !op.done && op.lab.Late == 0:
		op.polls = max(0, op.polls-1)
		return raw(r, http.StatusOK, `{"status":"InProgress"}`)
	case op.lab.Fails != "" || op.err != nil:
		code := op.lab.Fails
		if op.err != nil {
			code = "StorageRefused"
		}
		text, _ := json.Marshal(map[string]any{"status": "Failed", "error": map[string]string{
			"code": code, "message": "The export of " + PersonCanary + " to " + op.sas + " failed",
		}})
		return raw(r, http.StatusOK, string(text))
	}
	return raw(r, http.StatusOK, `{"status":"Succeeded"}`)
}
