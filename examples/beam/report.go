package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/labdsr/labdsr/csvschema"
)

func init() {
	register.DoFn3x1[context.Context, int, func(*outcome) bool, error](&reporter{})
	register.Iter1[outcome]()
}

// A report is what a run did. It holds no cell of a file and no identifier of a subject.
type report struct {
	Run    string `json:"run"`
	Action string `json:"action"`
	Units  int    `json:"units"` // that were worked on
	Failed int    `json:"failed"`
	Files  int    `json:"files"`
	Labs   int    `json:"labs"`
	// LabsJoined is how many labs were worked on together with another one, because a file
	// has rows of both.
	LabsJoined int `json:"labsJoined"`
	// FilesLeft is how many files are certainly no exports.
	FilesLeft int `json:"filesLeft"`
	// FilesOther is how many files of the output are of no unit that is whole: of an earlier
	// run over other files, or of a unit that fails now.
	FilesOther int `json:"filesOther,omitempty"`
	// Holds are those that keep nothing.
	Holds holdsOutcome `json:"holds,omitzero"`
	// Requests are all of them, with what becomes of their rows in all units that did not
	// fail. One without rows met none.
	Requests []requestOutcome `json:"requests,omitempty"`
	// Counts are the sums of all units that did not fail.
	Counts   map[string]int64  `json:"counts,omitempty"`
	Subjects []subjectOutcome  `json:"subjects,omitempty"`
	Receipts map[string]string `json:"receipts,omitempty"` // heads by unit
	Failures []failure         `json:"failures,omitempty"`
}

// runsFolder is where reports are in the output.
const runsFolder = "runs"

func (j *job) reportName() string { return path.Join(runsFolder, j.Run+".json") }

// A reporter writes the report of a run.
type reporter struct{ Job job }

// ProcessElement writes the report of all outcomes.
func (r *reporter) ProcessElement(ctx context.Context, _ int, next func(*outcome) bool) (err error) {
	total := report{Run: r.Job.Run, Action: r.Job.Action}
	written := map[string]bool{}
	for o := (outcome{}); next(&o); o = (outcome{}) {
		total.add(o)
		for _, name := range o.Written {
			written[name] = true
		}
	}
	out, err := r.Job.store(r.Job.Out)
	if err != nil {
		return err
	}
	if err := total.addOthers(ctx, out, written); err != nil {
		return err
	}
	total.sort()
	text, err := json.MarshalIndent(total, "", "  ")
	if err != nil {
		return err
	}
	dir, err := out.work()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, withoutPath(os.RemoveAll(dir))) }()
	if err := writeFile(dir, "report", func(to io.Writer) error {
		_, err := to.Write(append(text, '\n'))
		return err
	}); err != nil {
		return err
	}
	return publish(ctx, out, r.Job.reportName(), path.Join(dir, "report"))
}

// add adds what became of a unit.
func (t *report) add(o outcome) {
	t.FilesLeft += o.Left
	t.Failures = append(t.Failures, o.Failures...)
	t.Holds.Unmet = append(t.Holds.Unmet, o.Holds.Unmet...)
	t.Holds.Ended += o.Holds.Ended
	if o.Unit == "" {
		t.addRequests(o.Requests)
		return
	}
	t.Files += o.Files
	t.Labs += o.Labs
	if o.Labs > 1 {
		t.LabsJoined += o.Labs
	}
	t.Units++
	if len(o.Failures) > 0 || o.Refused {
		t.Failed++
		return
	}
	t.addRequests(o.Requests)
	t.Counts = sum(t.Counts, o.Counts)
	if o.Head != "" {
		if t.Receipts == nil {
			t.Receipts = map[string]string{}
		}
		t.Receipts[o.Unit] = o.Head
	}
	for _, s := range o.Subjects {
		at, known := slices.BinarySearchFunc(t.Subjects, s.Subject, func(a subjectOutcome, n int) int { return cmp.Compare(a.Subject, n) })
		if !known {
			t.Subjects = slices.Insert(t.Subjects, at, subjectOutcome{Subject: s.Subject})
		}
		to := &t.Subjects[at]
		to.Counts = sum(to.Counts, s.Counts)
		to.NotAPerson = append(to.NotAPerson, s.NotAPerson...)
		slices.Sort(to.NotAPerson)
		to.NotAPerson = slices.Compact(to.NotAPerson)
	}
}

// addRequests adds what becomes of requests.
func (t *report) addRequests(all []requestOutcome) {
	for _, q := range all {
		at, known := slices.BinarySearchFunc(t.Requests, q.Request, func(a requestOutcome, n int) int { return cmp.Compare(a.Request, n) })
		if !known {
			t.Requests = slices.Insert(t.Requests, at, requestOutcome{Request: q.Request, Kind: q.Kind})
		}
		t.Requests[at].Rows = sum(t.Requests[at].Rows, q.Rows)
	}
}

// addOthers adds the files of the output that were not written. They are not taken for
// what the inputs have today.
func (t *report) addOthers(ctx context.Context, out store, written map[string]bool) error {
	const limit = 20
	return out.list(ctx, func(f file) {
		f.Path = out.inside(f)
		top, _, _ := strings.Cut(f.Path, "/")
		if written[f.Path] || !slices.Contains([]string{subjectsFolder, unitsFolder, exportsFolder, receiptsFolder}, top) {
			return
		}
		if t.FilesOther++; t.FilesOther <= limit {
			t.Failures = append(t.Failures, failure{Path: hidden(f.Path), Error: "is in the output, and of no unit of this run that is whole"})
		}
	})
}

// sort makes the report the same in whatever order outcomes come.
func (t *report) sort() {
	slices.SortFunc(t.Failures, func(a, b failure) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Unit, b.Unit), cmp.Compare(a.Error, b.Error))
	})
}

func sum[K comparable](to, of map[K]int64) map[K]int64 {
	if to == nil {
		to = map[K]int64{}
	}
	for name, n := range of {
		to[name] += n
	}
	return to
}

// readReport returns the report of the run.
func (j *job) readReport(ctx context.Context) (*report, error) {
	out, err := j.store(j.Out)
	if err != nil {
		return nil, err
	}
	r, err := out.open(ctx, j.reportName())
	if errors.Is(err, fs.ErrNotExist) { // nothing was listed
		return nil, csvschema.ErrNoFiles
	}
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(r)
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, err
	}
	var t report
	return &t, json.NewDecoder(bytes.NewReader(text)).Decode(&t)
}
