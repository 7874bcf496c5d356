package verify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/labdsr/labdsr/anonymize"
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
// [anonymize.Policy.Progress] is called for inputs, after every 1000 rows and at the end.
//
// Inputs are read twice, with Names up to four times, and outputs once, in one goroutine;
// more often where one key has several ResourceIds. Exports holds a record of each side
// and some 250 bytes for each resource that was deleted or may be stale. With tokens or
// pseudonyms it holds some 200 for each that it met, with Names an entry for each machine
// that may be due or that a due disk may belong to.
func Exports(ctx context.Context, policy *anonymize.Policy, now time.Time, before, after []csvschema.Export) (*Verification, error) {
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
	for _, p := range pairs {
		p.passes = 1 + v.passes(p.Role)
	}
	if err := v.learnResources(ctx, pairs); err != nil {
		return nil, err
	}
	for v.isMistaken = true; v.isMistaken; { // about a row that was looked at before
		v.isMistaken = false
		if err := v.compareAll(ctx, pairs); err != nil {
			return nil, err
		}
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
	v.result = Verification{}
	for _, p := range pairs {
		p.passes = p.pass + v.passes(p.Role)
	}
	clear(v.valueOf)
	clear(v.tokenOf)
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

// stepRows is how many rows are read before the context is asked again, and progress told.
const stepRows = 1000

// A visitor is called with what the input of a pair holds. Header and end may be nil.
type visitor struct {
	header, row, end func(*reader) error
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
	counted := &countingReader{source: source}
	if sized, ok := source.(interface{ Size() int64 }); ok && p.size == 0 {
		p.size = sized.Size()
	}
	before := newInputReader(counted, v.policy.MaxRecordBytes)
	if column, err := before.readHeader(p.Role); err != nil {
		return &csvschema.Error{FileID: p.FileID, Line: before.line, Column: column, Err: err}
	}
	if do.header != nil {
		if err := do.header(before); err != nil {
			return err
		}
	}
	for n := 0; ; n++ {
		if err := ctx.Err(); n%stepRows == 0 && err != nil {
			return p.at(0, err)
		}
		ok, err := before.read()
		if v.policy.Progress != nil && (n%stepRows == 0 || !ok) && err == nil {
			v.policy.Progress(csvschema.Progress{FileID: p.FileID, Pass: p.pass, Passes: p.passes, Bytes: counted.read, Size: p.size})
		}
		if !ok && err == nil {
			p.size = counted.read
		}
		switch {
		case err != nil:
			return p.at(before.line, err)
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
