package azure

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/devtestlabs/armdevtestlabs"
)

// A labRun is a lab while it is exported.
type labRun struct {
	LabResult
	told  bool
	taken bool // the service has said that it exports the lab
	ended bool // and that the export ended well

	changed time.Time // when its blobs were last seen to change
}

// askAll asks for the exports of all labs, some at once, and waits until the service says
// what became of them. Its error says that the state file cannot be written.
func (r *exporter) askAll(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	type answer struct {
		lab   int
		fatal error
	}
	next, answers := make(chan int), make(chan answer)
	var workers sync.WaitGroup
	defer workers.Wait()
	for range min(r.o.Parallel, len(r.labs)) {
		workers.Go(func() {
			for i := range next {
				answers <- answer{i, r.askOne(ctx, &r.labs[i])}
			}
		})
	}
	workers.Go(func() {
		defer close(next)
		for i := range r.labs {
			next <- i // also after an error, for which askOne returns at once
		}
	})
	var fatal error
	for range r.labs {
		a := <-answers
		if a.fatal != nil && fatal == nil {
			fatal = a.fatal
			cancel()
		}
		if r.labs[a.lab].Err != nil && ctx.Err() == nil {
			r.tell(&r.labs[a.lab])
		}
	}
	if fatal == nil && ctx.Err() != nil {
		fatal = ctx.Err()
	}
	return fatal
}

// askOne asks for the export of one lab, unless an earlier run has asked, and waits until
// the service says what became of it. Its error ends the run.
func (r *exporter) askOne(ctx context.Context, l *labRun) error {
	switch {
	case ctx.Err() != nil:
		return nil
	case l.UID == "":
		l.Err = &Error{Op: "export", Place: l.place(), Err: errNoUID}
		return nil
	}
	if l.Resumed, l.taken = r.state.wasAsked(l.Lab); l.Resumed {
		return nil
	}
	client, err := armdevtestlabs.NewLabsClient(l.SubscriptionID, r.service.cred, r.service.opts)
	if err != nil {
		l.Err = labError("export", l.place(), err)
		return nil
	}
	secret, err := r.signer.url(ctx, time.Now(), r.life)
	if err != nil {
		l.Err = err
		return nil
	}
	if err := r.state.ask(l.Lab); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, r.life)
	defer cancel()
	parameters := armdevtestlabs.ExportResourceUsageParameters{BlobStorageAbsoluteSasURI: &secret}
	if since := r.o.Since.UTC(); !since.IsZero() {
		parameters.UsageStartDate = &since
	}
	var response *http.Response
	poller, err := r.post(ctx, &response, func(ctx context.Context) (*exportPoller, error) {
		return client.BeginExportResourceUsage(ctx, l.ResourceGroup, l.Name, parameters, nil)
	})
	l.taken = response != nil && (response.StatusCode == http.StatusOK || response.StatusCode == http.StatusAccepted)
	if l.taken {
		if err := r.state.taken(l.Lab); err != nil {
			return err
		}
	}
	if err == nil {
		l.ended, err = r.poll(ctx, poller, response)
	} else if l.taken {
		err = nil // the service does not say where to ask what became of it; the blobs tell
	}
	if err == nil {
		return nil
	}
	e := labError("export", l.place(), err)
	if e.Place = l.place(); e.Err == context.DeadlineExceeded {
		e.Err, e.Hint = ErrUnfinished, "blobs may still come"
	}
	l.Err = e
	if e.Err == ErrExportFailed || e.Status >= http.StatusBadRequest && e.Status < http.StatusInternalServerError {
		return r.state.fail(l.Lab)
	}
	return nil // perhaps the service is at it: a run that goes on does not ask again
}

type exportPoller = runtime.Poller[armdevtestlabs.LabsClientExportResourceUsageResponse]

// endTime is how long a request that was sent may go on after the run was interrupted.
const endTime = 10 * time.Second

// post sends a request that must not be carried out twice. It sends it again only if the
// service was too busy to take it. An interrupt does not end the request, or nobody would
// know what became of it, but it ends the waits. Response becomes the last answer.
func (r *exporter) post(ctx context.Context, response **http.Response, send func(context.Context) (*exportPoller, error)) (*exportPoller, error) {
	lasting, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		_ = sleep(lasting, endTime)
		cancel()
	})()
	retry := r.service.opts.Retry
	once := retry
	once.MaxRetries = -1
	request := policy.WithRetryOptions(policy.WithCaptureResponse(lasting, response), once)
	for try, wait := int32(0), retry.RetryDelay; ; try, wait = try+1, wait*2 {
		poller, err := send(request)
		if err == nil || try >= retry.MaxRetries || *response == nil ||
			(*response).StatusCode != http.StatusTooManyRequests && (*response).StatusCode != http.StatusServiceUnavailable {
			return poller, err
		}
		pause := retryAfter(*response, time.Now())
		if pause > retry.MaxRetryDelay {
			return nil, err
		}
		if sleep(ctx, max(pause, min(wait, retry.MaxRetryDelay))) != nil {
			return nil, err // it was not taken
		}
	}
}

// maxPollErrors is how many questions in a row may fail, each after it was tried again.
const maxPollErrors = 5

// poll asks until the service says that an export ended, and reports whether it ended well.
// First is the answer by which it was taken.
func (r *exporter) poll(ctx context.Context, poller *exportPoller, first *http.Response) (bool, error) {
	failed, wait, response := 0, r.interval, first
	for !poller.Done() {
		pause := wait
		if asked := retryAfter(response, time.Now()); asked > 0 {
			pause = asked
		}
		if err := sleep(ctx, pause); err != nil {
			return false, err
		}
		wait = min(wait*3/2, mostWait*r.interval)
		var err error
		if response, err = poller.Poll(ctx); err == nil && !poller.Done() && response.StatusCode >= http.StatusBadRequest {
			err = runtime.NewResponseError(response)
		}
		if err == nil {
			failed = 0
		} else if failed++; failed > maxPollErrors || !passes(err) {
			return false, err
		}
	}
	if _, err := poller.Result(ctx); err != nil {
		e := labError("export", "", err)
		if e.Status < http.StatusBadRequest && e.Status != 0 {
			e.Status, e.Err, e.Hint = 0, ErrExportFailed, "" // of the answer that says so
			if e.Code != "" {
				e.Hint = "the service calls it " + e.Code
			}
		}
		return false, e
	}
	return true, nil
}

// passes reports whether an error may be another one later.
func passes(err error) bool {
	e := labError("export", "", err)
	switch e.Status {
	case 0:
		return e.Err == errConnection || e.Err == errCut || e.Err == syscall.ECONNRESET || e.Err == syscall.ECONNREFUSED
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	}
	return e.Status >= http.StatusInternalServerError
}

// maxRetryAfter is the longest wait that an answer can ask for.
const maxRetryAfter = 5 * time.Minute

// retryAfter returns for how long an answer asks to wait, or 0.
func retryAfter(r *http.Response, now time.Time) time.Duration {
	if r == nil {
		return 0
	}
	text := strings.TrimSpace(r.Header.Get("Retry-After"))
	var d time.Duration
	if n, err := strconv.Atoi(text); err == nil {
		d = time.Duration(min(n, int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		d = at.Sub(now)
	}
	return max(0, min(d, maxRetryAfter))
}

// await waits for the blobs of the labs that were asked. It returns the new blobs that are
// of none of them.
func (r *exporter) await(ctx context.Context) (elsewhere []Blob, err error) {
	byUID := map[string]*labRun{}
	for i := range r.labs {
		if l := &r.labs[i]; l.UID != "" {
			byUID[strings.ToLower(l.UID)] = l
		}
	}
	began := time.Now()
	for wait := r.interval; ; wait = min(wait*3/2, mostWait*r.interval) {
		blobs := map[*labRun][]Blob{}
		elsewhere = nil
		for b, err := range r.container.Blobs(ctx) {
			if err != nil {
				return nil, err
			}
			if !b.LastModified.After(r.state.newest()) || b.Size == 0 {
				continue
			}
			if l := labOfBlob(byUID, b.Name); l != nil {
				blobs[l] = append(blobs[l], b)
			} else {
				elsewhere = append(elsewhere, b)
			}
		}
		now, pending := time.Now(), false
		for i := range r.labs {
			pending = !r.settle(&r.labs[i], blobs[&r.labs[i]], began, now) || pending
		}
		if !pending {
			return elsewhere, nil
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// labOfBlob returns the lab whose LabUId is a part of a name, or nil.
func labOfBlob(byUID map[string]*labRun, name string) *labRun {
	for part := range strings.SplitSeq(name, "/") {
		if l := byUID[strings.ToLower(part)]; l != nil {
			return l
		}
	}
	return nil
}

// settle notes which blobs of a lab are there, and reports whether its result is known.
func (r *exporter) settle(l *labRun, blobs []Blob, began, now time.Time) bool {
	if l.told || l.Err != nil {
		l.Blobs = blobs
		r.tell(l)
		return true
	}
	if !slices.EqualFunc(l.Blobs, blobs, func(a, b Blob) bool { return a.Name == b.Name && a.ETag == b.ETag }) || l.changed.IsZero() {
		l.Blobs, l.changed = blobs, now
	}
	calm, end := quiet*r.interval, began.Add(blobsWait*r.interval)
	if !l.ended {
		calm = quietUnknown * r.interval
		if l.taken {
			end = began.Add(r.life)
		} // else a run was killed, and nobody knows whether it had asked
	}
	switch {
	case len(blobs) > 0 && now.Sub(l.changed) >= calm:
	case now.Before(end):
		return false
	case len(blobs) > 0:
		l.Err = &Error{Op: "export", Place: l.place(), Err: ErrUnfinished, Hint: "its blobs still change"}
	case l.ended || l.taken:
		l.Err = &Error{Op: "export", Place: l.place(), Err: ErrNoBlobs, Hint: "look into the container: the service may name its blobs in another way"}
	default:
		l.Err = &Error{Op: "export", Place: l.place(), Err: ErrNoBlobs, Hint: "perhaps it was not asked; run it again"}
	}
	r.tell(l)
	return true
}
