// Beam runs the library over any number of labs, as a pipeline of Apache Beam: for many
// data subjects at once, or for the 30-day policy. Its README says how.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/runners/universal"

	"github.com/labdsr/labdsr/anonymize"
)

const usage = `usage: beam access    --subjects FILE --key FILE --input ROOT… --out ROOT [flags]
       beam anonymize --at TIME --key FILE --input ROOT… --out ROOT [--holds FILE…] [--erase FILE…] [flags]
       beam prism

A ROOT is a folder, or the URL of a container or bucket, to which a prefix may be added:
https://ACCOUNT.blob.core.windows.net/CONTAINER, s3://BUCKET or gs://BUCKET.
`

// A list is a flag that may be given several times.
type list []string

// String and Set implement flag.Value.
func (l *list) String() string { return strings.Join(*l, ", ") }

// Set implements flag.Value.
func (l *list) Set(text string) error {
	*l = append(*l, text)
	return nil
}

// The flags. They are those of the process, beside those of Beam.
var (
	inputs      list
	holdsIn     list
	eraseIn     list
	removedIn   list
	existing    = flag.Bool("erase-existing", false, "extend --erase to resources that exist")
	allowUnmet  = flag.Bool("allow-unmet-holds", false, "holds may be on resources that are in none of these exports; otherwise they are mistyped, and an error")
	out         = flag.String("out", "", "`ROOT` that is written to")
	subjectsIn  = flag.String("subjects", "", "`FILE` with a subject on each line: identifiers with blanks between them")
	keyIn       = flag.String("key", "", "`FILE` with the key of receipts, and of the digests by which an output knows its job: openssl rand -hex 32")
	at          = flag.String("at", "", "the instant of the policy, such as 2026-07-01T09:00:00Z")
	retention   = flag.Duration("retention", anonymize.DefaultRetention, "how long identifiers stay after a deletion")
	zone        = flag.String("zone", "UTC", "the zone of the times in the exports")
	credentials = flag.String("storage-credentials", "", "of containers: `FILE` with a SAS or a connection string; default: "+sasVariable+" or "+connectionVariable+" of the environment, or whoever is signed in")
	runner      = flag.String("runner", "prism", "prism, or universal with --endpoint")
	logLevel    = flag.String("log", "error", "the level of Beam's logs: debug, info, warn or error")
	everywhere  = flag.Bool("all-addresses", false, "let prism listen on all addresses of this machine, where it cannot be kept from it")
)

func init() {
	flag.Var(&inputs, "input", "`ROOT` that is read; may be repeated")
	flag.Var(&holdsIn, "holds", "CSV `FILE` of resources that are kept: LabUId,ResourceUId,reason,until; may be repeated")
	flag.Var(&eraseIn, "erase", "private `FILE` with an identifier a line, of people whose data is erased, perhaps with the instant after a comma; may be repeated")
	flag.Var(&removedIn, "removed", "private `FILE` with an identifier, a comma and an instant a line: accounts that were removed then; may be repeated")
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the program. Its exit status is 0, 1 if something failed, or 2 if it was called
// wrongly.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if isBoot(args) {
		_, _ = fmt.Fprintln(stderr, "beam:", boot(ctx, args)) // it returns only if it fails
		return 1
	}
	action := ""
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		action, args = args[0], args[1:]
	}
	flag.CommandLine.Init("beam", flag.ContinueOnError)
	flag.CommandLine.SetOutput(stderr)
	flag.Usage = func() {
		_, _ = fmt.Fprint(stderr, usage)
		flag.PrintDefaults()
	}
	switch err := flag.CommandLine.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	beam.Init() // in a worker it does not return
	beamlog.SetupLogging(*logLevel, "text")
	if action == "prism" {
		if err := servePrism(ctx, stdout); err != nil {
			_, _ = fmt.Fprintln(stderr, "beam:", err)
			return 1
		}
		return 0
	}
	j, err := newJob(action)
	if err == nil && flag.NArg() > 0 {
		err = fmt.Errorf("%d arguments without a flag", flag.NArg())
	}
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "beam: %v\n%s", err, usage)
		return 2
	}
	failed, err := j.run(ctx, *runner, stdout)
	if err != nil {
		for line := range strings.Lines("beam: " + err.Error()) { // of Beam there are many
			_, _ = fmt.Fprintln(stderr, hidden(line))
		}
		return 1
	}
	if failed {
		return 1
	}
	return 0
}

// newJob returns the job that the flags ask for.
func newJob(action string) (*job, error) {
	j := &job{
		Action: action, Roots: inputs, Out: *out, Subjects: *subjectsIn, Key: *keyIn, Credentials: *credentials,
		Policy: (&anonymize.Policy{Retention: *retention}).Terms(), Holds: holdsIn, AllowUnmetHolds: *allowUnmet,
		Erase: eraseIn, Removed: removedIn, EraseExisting: *existing,
	}
	j.Policy.Zone = *zone
	switch {
	case action != access && action != anonymizing:
		return nil, errors.New("say access or anonymize")
	case len(j.Roots) == 0 || j.Out == "":
		return nil, errors.New("--input and --out are needed")
	case action == access && (j.Subjects == "" || j.Key == ""):
		return nil, errors.New("--subjects and --key are needed")
	case action == anonymizing && (j.Key == "" || *at == ""):
		return nil, errors.New("--at and --key are needed")
	case action == access && (len(j.Holds)+len(j.Erase)+len(j.Removed) > 0 || j.AllowUnmetHolds || j.EraseExisting):
		return nil, errors.New("holds and requests to erase are for anonymize")
	case j.EraseExisting && len(j.Erase) == 0:
		return nil, errors.New("--erase-existing extends --erase, which is missing")
	case *jobopts.Async:
		return nil, errors.New("--async leaves nobody who reads the report")
	}
	if action == anonymizing {
		t, err := time.Parse(time.RFC3339, *at)
		if err != nil {
			return nil, errors.New("--at is no instant such as 2026-07-01T09:00:00Z")
		}
		j.At = t.UTC()
	}
	if _, err := j.policy(); err != nil {
		return nil, err
	}
	return j, j.checkRoots()
}
