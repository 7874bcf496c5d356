package anonymize

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/labdsr/labdsr/anonymize/internal/index"
	"github.com/labdsr/labdsr/anonymize/internal/machines"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
)

// NOTE. A plan is made in passes over all files, and carried out in one more:
//
//	1  facts    what the rows say of their resources (index)
//	2  owners   only with Names: whose the copies of machines are, and which machines the
//	            disks that are due belong to
//	3  machines only with Names: whose these are, and which get other names
//	4  rulings  what becomes of each row, and why: the report. A row is rewritten only
//	            if that may fail, if nothing is likely to change, or with Preview to
//	            count
//	Apply       the rows that may change are rewritten and counted
//
// Files are read in the same chunks whenever they are read, and package csvschema
// finds a file that is not what it was. Pass 4 notes which rows of a chunk may change:
// Apply looks at no other. Pass 4 itself is left out for all chunks about which pass 1 tells
// enough, which are most; see recall.go.

// ErrNoSuchFile says that a plan does not have the file that is asked for.
var ErrNoSuchFile = errors.New("no such file in the plan")

// A Plan says what becomes of every row of some exports, at one instant and by one
// policy, before anything is written. It is made by [Policy.Plan].
//
// It lives in memory: what is written down is its [Report]. It holds some 40 to 50
// bytes for each resource, 4 bytes for each row and 32 for each chunk of 256 KiB. It may be
// used by several goroutines at the same time.
type Plan struct {
	rules  *rules
	files  []*plannedFile
	order  []time.Time // when exports were made, in order
	index  index.Index
	names  *machines.Names // nil unless names are replaced
	report *Report
	met    map[csvschema.KeyHash]bool // of the resources of holds and decisions, those that a row has
}

// A plannedFile is one file of a plan.
type plannedFile struct {
	*csvschema.File
	order uint32 // from 1, that of Made in Plan.order; 0 if it is not known

	pass, passes int // of the plan over the file: the last one, and how many there are

	recalled []recalled // for each chunk, what pass 4 knows of it by pass 1

	// Of pass 4; Apply only reads them.
	going   [][]uint32 // for each chunk, the records that Apply rewrites; see [newGoing]
	stats   Stats      // without what is replaced
	left    Stats      // what is anonymous in rows that are due and in which nothing changes
	preview Stats      // what is replaced; empty without Policy.Preview
}

// newGoing returns the number of a record in a chunk that Apply rewrites, doubled, and plus one
// if all identifiers go.
func newGoing(record int, all bool) uint32 {
	n := uint32(record) << 1 //nolint:gosec // a chunk has fewer bytes
	if all {
		n++
	}
	return n
}

// Plan reads the exports and returns what has to become of each of their rows now.
//
// All copies of a resource have one verdict, by what all exports say: the latest
// DeletedDate counts, and a copy without one does not contradict it. Where they
// contradict themselves, the resource is kept and listed until a [Decision] is
// given; see [FindingKind].
//
// With [Policy.Names] the names of resources go from due rows, too, if they were
// derived from the local part of an address in the owner of any copy, or from what is left of it
// without the object ID, "live.com#", "#EXT#" or "+lab" of programs: the name begins with
// all of the local part, which has at least six letters and digits, and does not go on with
// a letter. Separators do not matter. The owner of a disk is that of the machine that
// its LeasedByVmId names or, without one, its ResourceUId or ResourceId. Names are in
// Name, DiskBlobName, ResourceId, ComputeResourceId, and in LeasedByVmId, from which
// they go only if all machines with that ID get another name. A disk whose LabUId is that of
// no lab belongs to no machine, keeps its names, and is listed ([NoResource]). The replacement is a
// token, "t-" and 32 hexadecimal digits, which is the same for the same lab and name,
// so that due rows can still be joined. A name that only resembles an address is
// counted ([Stats.DerivedNames]), never replaced on a guess.
//
// Errors are those of [Policy.Copy], [ErrTooManyOwners] with Names, and
// [csvschema.ErrNoFiles]; what is wrong with a file is an [csvschema.Error] that gives it
// by number. Files are read once or twice, with Names up to four times: one that is not the
// same each time is [csvschema.ErrSourceChanged]. One file is open at a time, and all that were opened are closed.
//
// Besides the plan, Plan holds a bounded amount of memory. Names are an exception:
// they take an entry for each machine that may be due or that a due disk may belong to.
func (p *Policy) Plan(ctx context.Context, now time.Time, exports []csvschema.Export) (*Plan, error) {
	rules, err := p.rules(now)
	if err != nil {
		return nil, err
	}
	files, err := csvschema.Files(exports, rules.fileOptions())
	if err != nil {
		return nil, fmt.Errorf("labdsr: %w", err)
	}
	plan := &Plan{rules: rules}
	for _, f := range files {
		plan.files = append(plan.files, &plannedFile{File: f, passes: 1 + rules.rulingPasses(f.Role)})
	}
	if err := plan.gather(ctx); err != nil {
		return nil, err
	}
	if err := plan.ruleFiles(ctx); err != nil {
		return nil, err
	}
	return plan, nil
}

// rulingPasses returns how many passes over a file of the role ruleFiles makes, as a rule.
func (r *rules) rulingPasses(role csvschema.Role) int {
	switch {
	case r.recalls():
		return 0
	case !r.Names:
		return 1
	case role == csvschema.Disks:
		return 2
	}
	return 3
}

// read makes a pass of the plan over a file.
func (p *Plan) read(ctx context.Context, f *plannedFile, do pass) error {
	f.pass++
	do.number, do.of = f.pass, f.passes
	return p.rules.read(ctx, f.File, do)
}

// ruleFiles makes the passes after the first.
func (p *Plan) ruleFiles(ctx context.Context) error {
	if p.rules.Names {
		if err := p.gatherNames(ctx); err != nil {
			return err
		}
	}
	reporter := newReporter(p.rules)
	for _, f := range p.files {
		if err := p.ruleAll(ctx, f, reporter); err != nil {
			return err
		}
	}
	p.report, p.met = reporter.finish(p.files), reporter.met
	return nil
}

// Report returns what the plan found, for people and records. It must not be changed.
func (p *Plan) Report() *Report { return p.report }

// Apply writes a file again, as it was planned. It reads the file once more
// and writes what [Policy.Copy] describes. A file that is not the one that was
// planned is [csvschema.ErrSourceChanged], one that is not in the plan
// [ErrNoSuchFile]. After an error what was written must be thrown away. The Stats
// are those of the file in the [Report], and tell besides what was replaced.
func (p *Plan) Apply(ctx context.Context, id csvschema.FileID, w io.Writer) (Stats, error) {
	i := slices.IndexFunc(p.files, func(f *plannedFile) bool { return f.FileID == id })
	if i < 0 {
		return Stats{}, &csvschema.Error{FileID: id, Err: ErrNoSuchFile}
	}
	f := p.files[i]
	stats := f.stats
	stats.UnreadableLines, stats.UnknownColumns = slices.Clone(stats.UnreadableLines), slices.Clone(stats.UnknownColumns)
	stats.add(&f.left)
	err := p.rules.read(ctx, f.File, pass{
		names:  p.names,
		header: func(header *csvschema.Header) error { return write(w, id, header.Raw()) },
		skip:   func(number int) bool { return number < len(f.going) && len(f.going[number]) == 0 },
		work:   func(k *worker) { p.apply(f, k) },
		take: func(k *worker) error {
			k.addTo(&stats)
			return write(w, id, k.text)
		},
	})
	if err != nil {
		return Stats{}, err
	}
	return stats, nil
}

// apply makes the text of a chunk.
func (p *Plan) apply(f *plannedFile, k *worker) {
	for _, n := range f.going[k.chunk.Number()] {
		i := int(n >> 1)
		rec := k.chunk.Record(i)
		is := ruling{Keeping: fate.Keeping{Fate: fate.GoesNow}}
		var matches []requestMatch
		if n == newGoing(i, true) {
			matches = k.matches(rec)
		} else {
			is, matches = p.rule(f, k, rec, rec.KeyHash())
		}
		if !k.change(i, is, matches, &k.stats) {
			return
		}
	}
}

// ruleAll decides about the rows of a file. It reads the chunks that it cannot recall.
func (p *Plan) ruleAll(ctx context.Context, f *plannedFile, reporter *reporter) error {
	if p.recall(f, reporter) {
		return nil
	}
	f.passes = f.pass + 1
	return p.read(ctx, f, pass{
		names: p.names,
		skip:  f.isRuled,
		work: func(k *worker) {
			if !f.isRuled(k.chunk.Number()) {
				p.ruleChunk(f, k)
			}
		},
		take: func(k *worker) error {
			if f.isRuled(k.chunk.Number()) {
				return nil
			}
			f.going[k.chunk.Number()] = slices.Clone(k.going)
			p.take(f, k, reporter)
			return nil
		},
	})
}

// take adds what was found out about a chunk.
func (p *Plan) take(f *plannedFile, k *worker, reporter *reporter) {
	k.addTo(&f.stats)
	f.left.add(&k.left)
	if p.rules.Preview {
		f.preview.add(&k.preview)
	}
	reporter.add(k)
}

// ruleChunk decides about the rows of a chunk, up to the first fault.
func (p *Plan) ruleChunk(f *plannedFile, k *worker) {
	for i := range k.chunk.Len() {
		rec := k.chunk.Record(i)
		key := rec.KeyHash()
		is, matches := p.rule(f, k, rec, key)
		is.count(&k.stats)
		if !k.look(i, is, matches) {
			return
		}
		if is.isUnreadable() {
			k.unreadable = append(k.unreadable, i)
		}
		if is.Fate == fate.GoesLater {
			k.days[dayOf(is)]++
		}
		if p.rules.concerns(key) {
			k.met = append(k.met, key)
		}
		p.addFindings(f, k, i, key, is)
		p.addAnswers(k, rec, key, is, matches)
	}
}

// rule decides about a record of the file that has that key, and returns the requests
// whose identifiers it holds.
func (p *Plan) rule(f *plannedFile, k *worker, rec csvschema.Record, key csvschema.KeyHash) (ruling, []requestMatch) {
	matches := k.matches(rec)
	v, ok := p.decided(key)
	if !ok {
		v = p.verdict(p.entry(f, rec, key))
	}
	return p.rules.rule(key, v, matches), matches
}

// decided returns the verdict of a person's decision, if there is one. That a resource was
// deleted says nothing where nobody knows which of several it was.
func (p *Plan) decided(key csvschema.KeyHash) (v verdict, ok bool) {
	v, ok = p.rules.decided(key)
	if v.state == deleted {
		if e := p.index.Get(key); e != nil && e.Has(index.DifferentIDs) {
			return verdict{}, false
		}
	}
	return v, ok
}

// entry returns what the copies of a resource say, or nil if that is nothing. The
// row of no resource has no other copy.
func (p *Plan) entry(f *plannedFile, rec csvschema.Record, key csvschema.KeyHash) *index.Entry {
	if key != (csvschema.KeyHash{}) {
		return p.index.Get(key)
	}
	return index.NewEntry(index.NewFact(rec, p.rules.Zone), f.order)
}

// verdict decides about a resource by what all copies say.
func (p *Plan) verdict(e *index.Entry) verdict {
	switch {
	case e == nil:
		return verdict{}
	case e.Has(index.UnreadableDate):
		return verdict{state: unreadable}
	case e.Has(index.ActiveWithDate | index.DifferentIDs):
		return verdict{state: undecided}
	}
	if at, ok := e.Deleted(); ok {
		return verdict{deleted, at}
	}
	made := p.made(e)
	switch {
	case !p.rules.isOld(made) && !e.Has(index.Inactive):
		return verdict{}
	case p.rules.DeleteStale && !made.IsZero():
		return verdict{deleted, made}
	}
	return verdict{state: stale}
}

// made returns when the newest export was made that has the resource. It is zero if
// nobody knows when one of them was made, which may be the newest.
func (p *Plan) made(e *index.Entry) time.Time {
	made := e.Made()
	if made == 0 {
		return time.Time{}
	}
	return p.order[made-1]
}

// isOld reports whether what exists in an export of that instant may be long gone.
func (r *rules) isOld(made time.Time) bool { return r.Due(made, r.now) }

// Keeping says what becomes of the rows of a resource by the time since its deletion,
// and until when they are kept. A resource that no export says to be deleted, or that
// no export has, exists as far as is known. Of one that a hold or decision names and no
// export has, Keeping says nothing: it is zero, and so is its Fate. What requests ask for
// besides is in [Report.Requests].
func (p *Plan) Keeping(key csvschema.Key) fate.Keeping {
	hash := key.Hash()
	if p.rules.concerns(hash) && !p.met[hash] {
		return fate.Keeping{}
	}
	v, ok := p.decided(hash)
	if !ok && hash != (csvschema.KeyHash{}) {
		v = p.verdict(p.index.Get(hash))
	}
	return p.rules.rule(hash, v, nil).Keeping
}

// gather makes the index. The exports are read in the order in which they were
// made, those of which nobody knows at the end.
func (p *Plan) gather(ctx context.Context) error {
	files := slices.Clone(p.files)
	slices.SortStableFunc(files, func(a, b *plannedFile) int {
		if a.Made.IsZero() || b.Made.IsZero() {
			return cmp.Compare(b.Made.Unix(), a.Made.Unix()) // the zero time is before all
		}
		return a.Made.Compare(b.Made)
	})
	for _, f := range files {
		if !f.Made.IsZero() {
			if n := len(p.order); n == 0 || !p.order[n-1].Equal(f.Made) {
				p.order = append(p.order, f.Made)
			}
			f.order = uint32(len(p.order)) //nolint:gosec // files are far fewer
		}
		// What exists in an export of today matters only if it may be stale otherwise.
		isOld := p.rules.isOld(f.Made)
		err := p.read(ctx, f, pass{
			header: func(header *csvschema.Header) error {
				f.stats.UnknownColumns = header.Unknown()
				return nil
			},
			work: func(k *worker) { k.gather() },
			take: func(k *worker) error {
				f.recalled = append(f.recalled, newRecalled(k))
				rows := f.recalled[k.chunk.Number()].rows
				p.index.Fetch(k.facts)
				for i, fact := range k.facts {
					if fact.Key == (csvschema.KeyHash{}) {
						continue
					}
					_, decided := p.rules.decided(fact.Key)
					n := p.index.Add(fact, f.order, isOld || decided)
					if len(rows) > 0 {
						rows[i] = newRecalledRow(n, k.marks[i])
					}
				}
				return nil
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// gather lists what the rows of a chunk say of their resources.
func (k *worker) gather() {
	for i := range k.chunk.Len() {
		rec := k.chunk.Record(i)
		f := index.NewFact(rec, k.rules.Zone)
		f.Key, f.ID = rec.KeyHash(), k.ids.Of(rec)
		if f.Has(index.UnreadableDate) && !k.rules.KeepUnreadableDates {
			if _, ok := k.rules.decided(f.Key); !ok {
				k.fail(i, csvschema.DeletedDate, csvschema.ErrValue)
				return
			}
		}
		k.facts = append(k.facts, f)
		if k.rules.recalls() {
			k.marks = append(k.marks, k.mark(i, f))
		}
	}
}
