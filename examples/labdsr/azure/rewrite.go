package azure

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
)

// NOTE. Anonymizing in place destroys nothing that was not verified:
//
//	plan      over all blobs                                 reads
//	prepare   carry the plan out, and verify what comes out  reads; nothing is kept but its digests
//	replace   carry it out again, blob by blob               stages blocks
//	          the same digest as was verified?
//	          commit, if the blob is still what it was       now it is another one
//	          read it again: the same digest?                reads
//
// A run that ends anywhere leaves blobs that are old or new. The next one plans over all of
// them: an anonymized row has the keys that it had, and nothing is left in it that could go.

// ErrNotAsPlanned says that what was to be written is not what the policy asks for. Nothing
// was written.
var ErrNotAsPlanned = errors.New("what was to be written is not what the policy asks for")

// errTargets says that the targets are not the files of the exports, each once.
var errTargets = errors.New("the targets are not the files of the exports")

// A Target is a file of the exports of a plan, and the blob that it is in.
type Target struct {
	csvschema.FileID
	Container *Container
	Blob      Blob
}

// Targets returns all files with their blobs.
func (f *Found) Targets(c *Container) []Target {
	targets := make([]Target, len(f.Files))
	for i := range f.Files {
		targets[i] = Target{f.Files[i].FileID, c, f.Blobs[i]}
	}
	return targets
}

// An Outcome is what became of a blob.
type Outcome uint8

// The outcomes.
const (
	// Due blobs have rows from which something has to go, and were not replaced yet.
	Due Outcome = iota + 1
	// Unchanged blobs have none, and were not written.
	Unchanged
	// Replaced blobs were written, and read again.
	Replaced
	// Left blobs are not written, and stay what somebody else made of them meanwhile.
	Left
	// Failed blobs could not be written, or it is not known whether they were.
	Failed
)

var outcomes = [...]struct{ code, text string }{
	Due: {"due", "to be replaced"}, Unchanged: {"unchanged", "nothing to replace"}, Replaced: {"replaced", "replaced"},
	Left: {"left", "changed by somebody meanwhile"}, Failed: {"failed", "failed"},
}

// String returns the outcome in words, and "" for any other value.
func (o Outcome) String() string {
	if int(o) < len(outcomes) {
		return outcomes[o].text
	}
	return ""
}

// MarshalText returns the code of the outcome, which does not change, such as "replaced",
// and "" for any other value.
func (o Outcome) MarshalText() ([]byte, error) {
	if int(o) < len(outcomes) {
		return []byte(outcomes[o].code), nil
	}
	return nil, nil
}

// A Rewrite is what anonymizing in place makes of the blobs of some exports. It is made by
// [Prepare], which writes nothing. Only one goroutine may use it.
type Rewrite struct {
	Verification *verify.Verification
	Files        []*Rewritten // in the order of the targets

	plan *anonymize.Plan
}

// Rewritten is what becomes of one blob.
type Rewritten struct {
	Target                    // the blob as it was listed
	Stats   anonymize.Stats   // what is replaced in it
	Size    int64             // bytes of the text that is verified
	Digest  [sha256.Size]byte // SHA-256 of it
	Outcome Outcome
	After   Blob  // the blob that is there now, if it was replaced
	Err     error // why it is Left or Failed
}

// Anonymize takes the identifiers that are due now out of the exports that
// [Container.Sources] found, in place: [anonymize.Policy.Plan], [Prepare] and
// [Rewrite.Replace]. With an error, the Rewrite says which blobs were replaced. It is nil if
// none was.
func (c *Container) Anonymize(ctx context.Context, p *anonymize.Policy, now time.Time, found *Found) (*Rewrite, error) {
	plan, err := p.Plan(ctx, now, found.Exports)
	if err != nil {
		return nil, err
	}
	r, err := Prepare(ctx, plan, p, now, found.Exports, found.Targets(c), nil)
	if err != nil {
		return nil, err
	}
	return r, r.Replace(ctx)
}

// Prepare carries out a plan over blobs, writes nothing, and verifies what would be
// written. The targets are all files of the exports that were planned, each once. What
// cannot be replaced is Failed in the result, with the reason; a blob that is compressed is
// an error.
//
// If beside is not nil, it returns a writer for the text of a file that is verified, such as
// the hash of a receipt. It may be called again for the same file; then the text comes
// again, from its beginning, and is the same.
func Prepare(ctx context.Context, plan *anonymize.Plan, p *anonymize.Policy, now time.Time, exports []csvschema.Export,
	targets []Target, beside func(csvschema.FileID) io.Writer,
) (*Rewrite, error) {
	r := &Rewrite{plan: plan}
	before, after, missing := withoutSources(exports), withoutSources(exports), 0
	for _, e := range exports {
		missing += len(e.VirtualMachines) + len(e.Disks)
	}
	for i := range targets {
		f := &Rewritten{Target: targets[i]}
		from, to := sourceOf(before, f.FileID), sourceOf(after, f.FileID)
		if from == nil || from.Open != nil {
			return nil, fmt.Errorf("labdsr: %s: %w", f.FileID, errTargets)
		}
		if err := f.checkPlain(ctx); err != nil {
			return nil, err
		}
		*from = f.Container.plain(f.Blob) // and not what the caller says that it is
		*to = f.written(plan, beside)
		r.Files = append(r.Files, f)
		missing--
	}
	if missing > 0 {
		return nil, fmt.Errorf("labdsr: %d missing: %w", missing, errTargets)
	}
	quiet := anonymize.Policy{}
	if p != nil {
		quiet = *p
		quiet.Progress = nil // the plan tells how far it has come
	}
	var err error
	if r.Verification, err = verify.Exports(ctx, &quiet, now, before, after); err != nil {
		return nil, err
	}
	if !r.Verification.OK() {
		return r, fmt.Errorf("labdsr: %d places: %w", r.Verification.Failed, ErrNotAsPlanned)
	}
	for _, f := range r.Files {
		if f.Outcome == 0 {
			return nil, fmt.Errorf("labdsr: %s: %w", f.FileID, ErrNotAsVerified) // nobody has read it to its end
		}
		if f.Outcome == Due {
			if _, err := f.Container.replaceable(ctx, f.Blob); err != nil {
				f.fail(err)
			}
		}
	}
	return r, ctx.Err()
}

// Replace replaces the blobs that are Due, one after the other. A blob that somebody has
// changed since it was listed is left, and one that cannot be written has failed; the others
// are replaced all the same. The error joins those of all blobs that were not replaced.
func (r *Rewrite) Replace(ctx context.Context) error {
	var all []error
	for _, f := range r.Files {
		if f.Outcome == Due {
			f.replace(ctx, r.plan)
		}
		all = append(all, f.Err)
		if err := ctx.Err(); err != nil {
			return errors.Join(append(all, err)...)
		}
	}
	return errors.Join(all...)
}

// Count returns how many blobs have an outcome.
func (r *Rewrite) Count(o Outcome) (n int) {
	for _, f := range r.Files {
		if f.Outcome == o {
			n++
		}
	}
	return n
}

// replace writes the blob.
func (f *Rewritten) replace(ctx context.Context, plan *anonymize.Plan) {
	write := func(w io.Writer) error {
		_, err := plan.Apply(ctx, f.FileID, w)
		return err
	}
	after, err := f.Container.replace(ctx, f.Blob, write, func(s *staging) error {
		if s.size != f.Size || s.digest() != f.Digest {
			return ErrNotAsVerified
		}
		return nil
	})
	if err != nil {
		f.fail(err)
		return
	}
	f.Outcome, f.After = Replaced, after
}

// fail notes why a blob is not replaced.
func (f *Rewritten) fail(err error) {
	f.Err, f.Outcome = newErrorOf(f, err), Failed
	if errors.Is(err, csvschema.ErrSourceChanged) {
		f.Outcome = Left
	}
}

// newErrorOf returns an error that says which blob it is about.
func newErrorOf(f *Rewritten, err error) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	return fmt.Errorf("labdsr: replace %s: %w", f.Blob.place(), err)
}

// checkPlain returns an error if the blob is compressed.
func (f *Rewritten) checkPlain(ctx context.Context) error {
	r, err := f.Container.reader(ctx, f.Blob)
	if err != nil {
		return err
	}
	var magic [2]byte
	n, err := r.ReadAt(magic[:], 0)
	if err != nil && err != io.EOF {
		return err
	}
	if bytes.Equal(magic[:n], []byte{0x1f, 0x8b}) {
		return &Error{Op: opReplace, Place: f.Blob.place(), Err: ErrPacked, Hint: "unpack it, or anonymize it into another place"}
	}
	return nil
}

// written returns a source of what the plan makes of the file. Who reads it to its end
// learns its digest.
func (f *Rewritten) written(plan *anonymize.Plan, beside func(csvschema.FileID) io.Writer) csvschema.Source {
	return csvschema.Source{Open: func(ctx context.Context) (io.ReadCloser, error) {
		ctx, stop := context.WithCancel(ctx)
		in, out := io.Pipe()
		a := &applied{PipeReader: in, stop: stop}
		a.running.Go(func() {
			digest := digester{sum: sha256.New(), to: out}
			if beside != nil {
				digest.beside = beside(f.FileID)
			}
			stats, err := plan.Apply(ctx, f.FileID, &digest)
			if err == nil {
				f.Stats, f.Size, f.Digest, f.Outcome = stats, digest.size, [sha256.Size]byte(digest.sum.Sum(nil)), Unchanged
				if stats.Changed > 0 {
					f.Outcome = Due
				}
			}
			_ = out.CloseWithError(err) // it never fails
		})
		return a, nil
	}}
}

// An applied file is read while a plan writes it.
type applied struct {
	*io.PipeReader
	stop    func()
	running sync.WaitGroup
}

// Close ends the writing, too.
func (a *applied) Close() error {
	err := a.PipeReader.Close()
	a.stop()
	a.running.Wait()
	return err
}

// A digester digests what it passes on.
type digester struct {
	sum    hash.Hash
	size   int64
	beside io.Writer // may be nil
	to     io.Writer
}

// Write implements io.Writer.
func (d *digester) Write(p []byte) (int, error) {
	_, _ = d.sum.Write(p) // it never fails
	d.size += int64(len(p))
	if d.beside != nil {
		if n, err := d.beside.Write(p); err != nil {
			return n, err
		}
	}
	return d.to.Write(p)
}

// withoutSources returns exports whose sources are to be set.
func withoutSources(exports []csvschema.Export) []csvschema.Export {
	all := make([]csvschema.Export, len(exports))
	for i, e := range exports {
		all[i] = e
		all[i].VirtualMachines = make([]csvschema.Source, len(e.VirtualMachines))
		all[i].Disks = make([]csvschema.Source, len(e.Disks))
	}
	return all
}

// sourceOf returns the source of a file, or nil.
func sourceOf(exports []csvschema.Export, id csvschema.FileID) *csvschema.Source {
	if id.Export < 1 || id.Export > len(exports) {
		return nil
	}
	sources := exports[id.Export-1].VirtualMachines
	if id.Role == csvschema.Disks {
		sources = exports[id.Export-1].Disks
	}
	if id.File < 1 || id.File > len(sources) {
		return nil
	}
	return &sources[id.File-1]
}
