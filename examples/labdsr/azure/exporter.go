package azure

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
)

// ExportOptions are options of [Export]. Nil is the same as the zero value: everything of
// all labs that the account sees.
type ExportOptions struct {
	// Credential is who asks for labs and exports. Nil means the one of the container, if
	// that is a Token, or else [azidentity.DefaultAzureCredential].
	Credential azcore.TokenCredential
	// Client is how the resource manager is asked.
	Client *ClientOptions

	// Subscriptions are IDs, ResourceGroups and Labs are names, in any case. An empty list
	// means all. One that has no lab is an error, and then no lab is asked.
	Subscriptions, ResourceGroups, Labs []string
	// Since is the day from which on usage is exported, as midnight UTC; zero means since
	// the beginning. The service takes it for a day in the time zone of the lab, and ignores
	// a time of day: here one is an error.
	Since time.Time

	// StateFile is the path of a file by which a run that was interrupted goes on: it is
	// there while a run is, only its owner can read it, and no credential and no name is in
	// it. "" means that nothing is kept.
	StateFile string
	// Parallel is how many labs are asked at once. 0 means 8.
	Parallel int
	// Timeout is how long one lab may take. 0 means one hour.
	Timeout time.Duration
	// Interval is how long to wait before the first question whether a lab has been
	// exported. Further waits grow to 15 times that, unless the service says how long. 0
	// means 2 seconds.
	Interval time.Duration
	// Progress is called in the goroutine of the caller of Export when the result of a lab
	// is known.
	Progress func(LabResult)
}

// A LabResult is what became of one lab.
type LabResult struct {
	Lab
	// Blobs are those of the lab that are new or were changed since the run began, in the
	// order of their names. With an error they may be incomplete.
	Blobs []Blob
	// Resumed says that an earlier run asked the lab.
	Resumed bool
	// Err is why the lab was not exported, or nil.
	Err error
}

// An ExportReport is what became of all labs.
type ExportReport struct {
	// Labs are the labs, in the order of subscriptions, resource groups and names.
	Labs []LabResult
	// Unlisted is where labs could not be looked for.
	Unlisted []Unlisted
	// Elsewhere are blobs of the container that are new or were changed since the run began,
	// and whose name has no LabUId of these labs. A service that names its blobs in another
	// way than it is documented leaves them there.
	Elsewhere []Blob
	// Resumed says that the run went on where another one had stopped.
	Resumed bool
}

// Failed returns how many labs were not exported, and subscriptions and resource groups not
// listed.
func (r *ExportReport) Failed() int {
	n := len(r.Unlisted)
	for _, l := range r.Labs {
		if l.Err != nil {
			n++
		}
	}
	return n
}

// Errors of [Export], each within an [Error].
var (
	// ErrExportFailed says that the service did not carry out an export.
	ErrExportFailed = errors.New("the service could not carry out the export")
	// ErrNoBlobs says that a lab has no new blob, although its export ended well.
	ErrNoBlobs = errors.New("no blob of the lab came")
	// ErrUnfinished says that an export was not done in time.
	ErrUnfinished = errors.New("the export was not done in time")

	errNoUID     = errors.New("the service does not tell the unique identifier of the lab")
	errPrefix    = errors.New("the URL has more than a container, and the service can write to a container only")
	errTimeOfDay = errors.New("the service exports by days, and the instant to begin with has a time of day")
	errFuture    = errors.New("the day to begin with is in the future")
)

const (
	defaultParallel = 8
	defaultTimeout  = time.Hour
	defaultInterval = 2 * time.Second
)

// The waits, as multiples of the interval.
const (
	mostWait     = 15  // between two questions
	quiet        = 2   // in which nothing changes, after the service said that it is done
	quietUnknown = 30  // in which nothing changes, if nobody knows whether it is done
	blobsWait    = 300 // for blobs, after the service said that it is done
)

// Export asks the service for the exports of labs, waits until they are in the container,
// and tells what is there. Its error says that no lab was asked, that the run was
// interrupted, or that the state file cannot be written. A lab that fails does not stop the
// others: it is in the report, and [ExportReport.Failed] counts it.
//
// The service gets a SAS of the container that lets it create and write blobs, and that is
// valid for as long as a lab may take. It is signed with the key of a connection string,
// or, after signing in by Entra, with a user delegation key, and then it has the object ID
// of who signed in, as any such SAS. A SAS that was given to [Open] is handed on as it is.
//
// The container must be private, and its URL must have nothing after it. The labs are those
// of the public cloud of Azure.
func Export(ctx context.Context, c *Container, o *ExportOptions) (*ExportReport, error) {
	if o == nil {
		o = &ExportOptions{}
	}
	r := &exporter{container: c, o: *o, life: o.Timeout, interval: o.Interval}
	if r.life <= 0 {
		r.life = defaultTimeout
	}
	if r.interval <= 0 {
		r.interval = defaultInterval
	}
	if r.o.Parallel <= 0 {
		r.o.Parallel = defaultParallel
	}
	if err := r.check(time.Now()); err != nil {
		return nil, err
	}
	report, err := r.run(ctx)
	if err != nil && ctx.Err() != nil {
		return nil, newError("export", "", ctx.Err())
	}
	return report, err
}

// An exporter is a run of Export.
type exporter struct {
	container *Container
	o         ExportOptions
	life      time.Duration // of one lab
	interval  time.Duration

	service *labService
	signer  *signer
	state   *state
	labs    []labRun
}

// check refuses options with which nothing can end well.
func (r *exporter) check(now time.Time) error {
	since := r.o.Since.UTC()
	switch {
	case r.container.path != "":
		return &Error{Op: "export", Err: errPrefix, Hint: "give the URL of the container alone"}
	case r.o.Since.IsZero():
	case !since.Equal(since.Truncate(24 * time.Hour)):
		return &Error{Op: "export", Err: errTimeOfDay}
	case since.After(now.Add(24 * time.Hour)): // it is tomorrow already somewhere
		return &Error{Op: "export", Err: errFuture}
	}
	return nil
}

func (r *exporter) run(ctx context.Context) (*ExportReport, error) {
	cred := r.o.Credential
	if cred == nil {
		cred = r.container.creds.Token
	}
	var err error
	if r.service, err = newLabService(cred, r.o.Client); err != nil {
		return nil, err
	}
	if r.signer, err = newSigner(r.container, time.Now(), r.life); err != nil {
		return nil, err
	}
	if _, err := r.signer.url(ctx, time.Now(), r.life); err != nil {
		return nil, err // as it would be for each lab
	}
	labs, searched, unlisted, err := r.service.find(ctx, &r.o)
	if err != nil {
		return nil, err
	}
	for _, l := range labs {
		r.labs = append(r.labs, labRun{LabResult: LabResult{Lab: l}})
	}
	report := &ExportReport{Unlisted: unlisted}
	if r.state, report.Resumed, err = openState(r.o.StateFile, r.what(searched), time.Now()); err != nil {
		return nil, err
	}
	if err := r.container.checkPrivate(ctx); err != nil {
		if e, ok := errors.AsType[*Error](err); ok && e.Err == fs.ErrNotExist {
			e.Hint = "make the container first: az storage container create"
		}
		return nil, err
	}
	if !report.Resumed {
		if err := r.begin(ctx); err != nil {
			return nil, err
		}
	}
	if err := r.askAll(ctx); err != nil {
		return nil, err
	}
	if report.Elsewhere, err = r.await(ctx); err != nil {
		return nil, err
	}
	for i := range r.labs {
		report.Labs = append(report.Labs, r.labs[i].LabResult)
	}
	return report, r.state.end()
}

// what says what was asked for. A state file is for that alone.
func (r *exporter) what(searched []string) []string {
	list := func(names []string) string {
		names = slices.Clone(names)
		for i := range names {
			names[i] = strings.ToLower(names[i])
		}
		slices.Sort(names)
		return strings.Join(slices.Compact(names), "\n")
	}
	return []string{r.signer.at, r.o.Since.UTC().Format(time.DateOnly), list(searched), list(r.o.ResourceGroups), list(r.o.Labs)}
}

// begin notes which blobs are there before any lab is asked: those that were changed until
// the newest of them was.
func (r *exporter) begin(ctx context.Context) error {
	var newest time.Time
	for b, err := range r.container.Blobs(ctx) {
		if err != nil {
			return err
		}
		if b.LastModified.After(newest) {
			newest = b.LastModified
		}
	}
	if err := r.state.begin(newest); err != nil {
		return err
	}
	// The store tells seconds. A blob that is changed within the same one must be changed
	// after it, or nobody sees it.
	if time.Since(newest) < time.Hour {
		return sleep(ctx, 1100*time.Millisecond)
	}
	return nil
}

// sleep waits, or returns the error of a context that ends earlier.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// tell tells the result of a lab, once.
func (r *exporter) tell(l *labRun) {
	if !l.told && r.o.Progress != nil {
		r.o.Progress(l.LabResult)
	}
	l.told = true
}
