package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify/internal/facts"
	"github.com/labdsr/labdsr/csvschema"
)

// ErrPairs says that there is not one file after for each file before.
var ErrPairs = errors.New("the exports after do not have the same files as those before")

// A Verification says whether outputs are what a policy makes of their inputs.
type Verification struct {
	Files    int   // pairs of files
	Rows     int64 // rows of the inputs
	Changed  int64 // of these, rows from which something had to go
	Replaced int64 // identifiers and names that had to be replaced, and were

	// Failures are the first 100; Failed counts all. After a row that is missing, was
	// added or cannot be read, the rest of the file is not looked at.
	Failures []Failure
	Failed   int64
}

// All returns the counts, for metrics and logs: each of them in order, by the name of its
// field with a small first letter, such as "replaced". The names do not change.
func (v *Verification) All() iter.Seq2[string, int64] {
	return func(yield func(string, int64) bool) {
		_ = yield("files", int64(v.Files)) && yield("rows", v.Rows) && yield("changed", v.Changed) &&
			yield("replaced", v.Replaced) && yield("failed", v.Failed)
	}
}

// add adds what was found in a part of the files after all other parts.
func (v *Verification) add(part *Verification) {
	v.Rows += part.Rows
	v.Changed += part.Changed
	v.Replaced += part.Replaced
	v.Failed += part.Failed
	v.Failures = append(v.Failures, part.Failures[:min(len(part.Failures), maxFailures-len(v.Failures))]...)
}

// OK reports whether nothing failed.
func (v *Verification) OK() bool { return v.Failed == 0 }

const maxFailures = 100

// Exports reads what [anonymize.Plan.Apply] or [anonymize.Policy.Copy] wrote and what
// it was made from, and reports whether it is what the policy makes of it now. The
// files after are in the same order as those before. The instants at which exports were
// made are those of the exports before. The policy may be nil, as for package anonymize.
//
// What Copy wrote is held to what a plan makes: where exports contradict themselves the
// two differ.
//
// An error is of an input, of the caller's sources or context, or
// [anonymize.ErrPolicy], [ErrPairs] or [csvschema.ErrNoFiles]. What is wrong with an
// output is a failure.
//
// [anonymize.Policy.Progress] is called for inputs, after every 128 KiB or 1000 rows and at
// the end, in the goroutine of the caller. [anonymize.Policy.Workers] is how many batches of
// 128 KiB are compared at the same time. The result does not depend on it.
//
// The files of one export are read once, both sides in step, with Names inputs up to four
// times. Where rows of one resource differ, and where there are several exports, inputs are
// read once more before. Exports holds some batches of each side, and 16 to 24 bytes for
// each resource, or some 150 where inputs are read twice. With tokens it holds some 200 for
// each that it met, with Names an entry for each machine that may be due or that a due disk
// may belong to.
func Exports(ctx context.Context, policy *anonymize.Policy, now time.Time, before, after []csvschema.Export) (*Verification, error) {
	return exports(ctx, policy, now, before, after, batchBytes)
}

// exports is Exports with batches of that size.
func exports(ctx context.Context, policy *anonymize.Policy, now time.Time, before, after []csvschema.Export, batchBytes int) (*Verification, error) {
	if err := policy.Validate(); err != nil {
		return nil, err
	}
	if now.IsZero() {
		return nil, fmt.Errorf("labdsr: no instant: %w", anonymize.ErrPolicy)
	}
	pairs, err := pairsOf(before, after)
	if err != nil {
		return nil, fmt.Errorf("labdsr: %w", err)
	}
	if policy == nil {
		policy = &anonymize.Policy{}
	}
	v := newVerifier(policy, now)
	v.batchBytes = batchBytes
	err = errDiffer
	if !policy.Names && len(before) == 1 { // most resources of several exports have several rows
		err = v.compareAll(ctx, pairs)
	}
	if err == errDiffer {
		for _, p := range pairs {
			p.passes = p.pass + 1 + v.passes(p.Role)
		}
		if err = v.learnResources(ctx, pairs); err == nil {
			err = v.compareAll(ctx, pairs)
		}
	}
	if err != nil {
		return nil, err
	}
	return &v.result, nil
}

// passes returns how many passes over an input of the role compareAll makes.
func (v *verifier) passes(role csvschema.Role) int {
	switch {
	case !v.policy.Names:
		return 1
	case role == csvschema.Disks:
		return 2
	}
	return 3
}

// compareAll compares all pairs.
func (v *verifier) compareAll(ctx context.Context, pairs []*pair) error {
	v.result, v.said, v.facts = Verification{}, facts.Table{}, nil
	v.tokens.Clear()
	for _, p := range pairs {
		p.passes = p.pass + v.passes(p.Role)
	}
	if v.policy.Names {
		if err := v.learnMachines(ctx, pairs); err != nil {
			return err
		}
	}
	for _, p := range pairs {
		if err := v.compare(ctx, p); err != nil {
			return err
		}
		v.result.Files++
	}
	return nil
}

// A pair is a file and what was made of it.
type pair struct {
	csvschema.FileID
	made          time.Time
	before, after csvschema.Source
	pass, passes  int   // over the file before: the last one, and how many there are, as a rule
	size          int64 // of the file before; 0 if it is not known
}

// at returns an error in the pair, on a line that is 0 if the error belongs to none.
func (p *pair) at(line int64, err error) error {
	return &csvschema.Error{FileID: p.FileID, Line: line, Err: err}
}

func pairsOf(before, after []csvschema.Export) ([]*pair, error) {
	if len(before) != len(after) {
		return nil, ErrPairs
	}
	var pairs []*pair
	for i, b := range before {
		a := after[i]
		if len(b.VirtualMachines) != len(a.VirtualMachines) || len(b.Disks) != len(a.Disks) {
			return nil, ErrPairs
		}
		add := func(role csvschema.Role, before, after []csvschema.Source) {
			for j := range before {
				id := csvschema.FileID{Export: i + 1, File: j + 1, Role: role}
				pairs = append(pairs, &pair{FileID: id, made: b.Made, before: before[j], after: after[j]})
			}
		}
		add(csvschema.VirtualMachines, b.VirtualMachines, a.VirtualMachines)
		add(csvschema.Disks, b.Disks, a.Disks)
	}
	if len(pairs) == 0 {
		return nil, csvschema.ErrNoFiles
	}
	return pairs, nil
}

// open opens one side of a pair.
func (p *pair) open(ctx context.Context, s csvschema.Source) (io.ReadCloser, error) {
	if s.Open == nil {
		return nil, p.at(0, csvschema.ErrNoFiles)
	}
	r, err := s.Open(ctx)
	if err == nil && r == nil {
		err = csvschema.ErrNoFiles
	}
	if err != nil {
		return nil, p.at(0, err)
	}
	return r, nil
}

// A visitor is called with what the input of a pair holds: with batches, or with rows where
// batches are not regular. All but row may be nil.
type visitor struct {
	header, row, end func(*reader) error
	work             func(*verifier, *batch) // in several goroutines
	take             func(*batch) error
	after            *reader // of the output, if it is read in step
}

// errStop ends a visit.
var errStop = errors.New("the rest of the file is not looked at")

// A countingReader counts the bytes of a source.
type countingReader struct {
	source io.Reader
	read   int64
}

// Read implements io.Reader.
func (r *countingReader) Read(p []byte) (int, error) {
	n, err := r.source.Read(p)
	r.read += int64(n)
	return n, err
}

// visit reads the input of a pair.
func (v *verifier) visit(ctx context.Context, p *pair, do visitor) (err error) {
	source, err := p.open(ctx, p.before)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := source.Close(); closeErr != nil && err == nil {
			err = p.at(0, closeErr)
		}
	}()
	v.pair = p
	p.pass++
	v.counted = &countingReader{source: source}
	if sized, ok := source.(interface{ Size() int64 }); ok && p.size == 0 {
		p.size = sized.Size()
	}
	before := newInputReader(v.counted, v.policy.MaxRecordBytes)
	if column, err := before.readHeader(p.Role); err != nil {
		return &csvschema.Error{FileID: p.FileID, Line: before.line, Column: column, Err: err}
	}
	err = v.visitRest(ctx, before, do)
	if err == errStop && v.resources == nil { // the rows that follow may say more of those before
		return v.visitRows(ctx, before, visitor{row: func(r *reader) error {
			v.known(r)
			return v.takeFacts(&v.facts)
		}})
	}
	return err
}

// visitRest visits an input of which the header was read.
func (v *verifier) visitRest(ctx context.Context, before *reader, do visitor) error {
	if do.header != nil {
		if err := do.header(before); err != nil {
			return err
		}
	}
	if do.work != nil && v.batchBytes > 0 {
		if ended, err := v.visitBatches(ctx, before, do); ended || err != nil {
			return err
		}
	}
	return v.visitRows(ctx, before, do)
}

// stepRows is how many rows are read before the context is asked again, and progress told.
const stepRows = 1000

// visitRows reads what follows of the input, row by row.
func (v *verifier) visitRows(ctx context.Context, before *reader, do visitor) error {
	for n := 0; ; n++ {
		if err := ctx.Err(); n%stepRows == 0 && err != nil {
			return v.pair.at(0, err)
		}
		ok, err := before.read()
		if (n%stepRows == 0 || !ok) && err == nil {
			v.progress(!ok)
		}
		switch {
		case err != nil:
			return v.pair.at(before.line, err)
		case ok:
			err = do.row(before)
		case do.end == nil:
			return nil
		default:
			return do.end(before)
		}
		if err != nil {
			return err
		}
	}
}

// progress tells how many bytes of the input were read. Ended says that all were.
func (v *verifier) progress(ended bool) {
	p := v.pair
	if v.policy.Progress != nil {
		v.policy.Progress(csvschema.Progress{FileID: p.FileID, Pass: p.pass, Passes: p.passes, Bytes: v.counted.read, Size: p.size})
	}
	if ended {
		p.size = v.counted.read
	}
}
