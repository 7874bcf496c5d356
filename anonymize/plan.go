package anonymize

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"io"
	"slices"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE. A plan is made in passes over all files, and carried out in one more:
//
//	1  facts    what the rows say of resources that may have been deleted (index)
//	2  leases   only with Names: the machines that disks which are due belong to
//	3  owners   only with Names: whose they are, and which get other names
//	4  rulings  what becomes of each row, and why: the report. Rows are rewritten,
//	            and the result is only counted
//	Apply       the rows that were ruled are rewritten
//
// Files are read in the same chunks whenever they are read. Each is remembered by a
// hash and by the numbers of the rows in it that change: so carrying out needs no
// decision, and a file that is not what it was is found out.

// ErrNoFiles says that a plan has no file to read, or a source opens none.
var ErrNoFiles = errors.New("labdsr: no file to read")

// ErrNoSuchFile says that a plan is not over the file that is asked for.
var ErrNoSuchFile = errors.New("labdsr: no such file in the plan")

// A Plan says what becomes of every row of some exports, at one instant and by one
// policy, before anything is written. It is made by [Policy.Plan].
//
// It lives in memory: what is written down is its [Report]. It holds some 40 to 60
// bytes for each resource that has a DeletedDate or may be stale, 4 bytes for each
// row that changes and 40 for each chunk of 256 KiB. It may be used by several
// goroutines at the same time.
type Plan struct {
	rules  *rules
	files  []*plannedFile
	order  []time.Time // when exports were made, in order
	index  index
	names  *machineNames // nil unless names are replaced
	report *Report
}

// Plan reads the exports and returns what has to become of each of their rows now.
//
// All copies of a resource have one verdict, by what all exports say: the latest
// DeletedDate counts, and a copy without one does not contradict it. Where they
// contradict themselves, the resource is kept and listed until a [Decision] is
// given; see [FindingKind].
//
// With [Policy.Names] a name goes from due rows that is derived from the local part
// of the owner's address: all of it, of at least six letters and digits, stands at
// the beginning, and what follows is no letter. Whose a disk is, its LeasedByVmId
// tells; without one, its ResourceUId or ResourceId. In its place stands a token
// that is the same for the same lab and name, so that due rows can still be joined:
// in Name, DiskBlobName, ResourceId, ComputeResourceId, and in LeasedByVmId if all
// machines with that ID get another name. What only resembles an address is
// counted ([Stats.DerivedNames]), never replaced on a guess.
//
// Errors are those of [Policy.Copy], and [ErrNoFiles]; what is wrong with a file is
// an [csvschema.Error] that gives it by number. Files are read twice, with Names up
// to four times: one that is not the same each time is
// [csvschema.ErrSourceChanged]. One file is open at a time, and all that were opened
// are closed.
//
// What Plan holds beside the plan is bounded, but for Names: they take an entry for
// each machine that a due disk may belong to.
func (p *Policy) Plan(ctx context.Context, now time.Time, exports []csvschema.Export) (*Plan, error) {
	rules, err := p.rules(now)
	if err != nil {
		return nil, err
	}
	plan := &Plan{rules: rules, report: newReport(rules)}
	for i, export := range exports {
		for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
			sources := export.VirtualMachines
			if role == csvschema.Disks {
				sources = export.Disks
			}
			for j, source := range sources {
				plan.files = append(plan.files, &plannedFile{
					rules: rules, export: i + 1, number: j + 1, role: role,
					source: source, made: export.Made, seed: maphash.MakeSeed(),
				})
			}
		}
	}
	if len(plan.files) == 0 {
		return nil, ErrNoFiles
	}
	if err := plan.gather(ctx); err != nil {
		return nil, err
	}
	if rules.Names {
		if err := plan.gatherNames(ctx); err != nil {
			return nil, err
		}
	}
	for _, f := range plan.files {
		if err := plan.ruleAll(ctx, f); err != nil {
			return nil, err
		}
	}
	plan.report.finish(plan)
	return plan, nil
}

// Apply writes a file again, as it was planned: the file of that role with that
// number in the export with that number, both from 1. It reads the file once more
// and writes what [Policy.Copy] describes. A file that is not the one that was
// planned is [csvschema.ErrSourceChanged], one that is not in the plan
// [ErrNoSuchFile]. After an error what was written must be thrown away. The Stats
// are those of the file in the [Report].
func (p *Plan) Apply(ctx context.Context, export, file int, role csvschema.Role, w io.Writer) (Stats, error) {
	i := slices.IndexFunc(p.files, func(f *plannedFile) bool {
		return f.export == export && f.number == file && f.role == role
	})
	if i < 0 {
		return Stats{}, ErrNoSuchFile
	}
	f := p.files[i]
	err := f.pass(ctx, passage{
		names:   p.names,
		changes: true,
		top:     func(header *csvschema.Header) error { return write(w, header.Raw()) },
		work:    func(k *worker) { p.apply(f, k) },
		take:    func(k *worker) error { return write(w, k.out) },
	})
	if err != nil {
		return Stats{}, err
	}
	stats := f.stats
	stats.UnreadableLines, stats.UnknownColumns = slices.Clone(stats.UnreadableLines), slices.Clone(stats.UnknownColumns)
	return stats, nil
}

// apply makes the text of a chunk.
func (p *Plan) apply(f *plannedFile, k *worker) {
	for _, change := range f.chunks[k.chunk.Number()].rows {
		i, isPart := int(change>>1), change&1 == 1
		rec := k.chunk.Record(i)
		var v verdict
		k.matches(rec)
		if isPart {
			v = p.verdict(k.hasher.Record(rec), rec, f)
		}
		if !k.change(i, rec, ruling{whole: !isPart, parts: isPart}, v) {
			return
		}
	}
}

// Report returns what the plan found, for people and records. It is not to be
// changed.
func (p *Plan) Report() *Report { return p.report }

// ruleAll decides about the rows of a file.
func (p *Plan) ruleAll(ctx context.Context, f *plannedFile) error {
	return f.pass(ctx, passage{
		names: p.names,
		work:  func(k *worker) { p.rule(f, k) },
		take: func(k *worker) error {
			f.chunks[k.chunk.Number()].rows = slices.Clone(k.changes)
			for _, i := range k.unreadable {
				f.stats.UnreadableLines = append(f.stats.UnreadableLines, k.chunk.Record(i).Line())
			}
			f.stats.add(&k.stats)
			p.report.take(k)
			return nil
		},
	})
}

// rule decides about the rows of a chunk.
func (p *Plan) rule(f *plannedFile, k *worker) {
	for i := range k.chunk.Len() {
		rec := k.chunk.Record(i)
		key := k.hasher.Record(rec)
		v := p.verdict(key, rec, f)
		matches := k.matches(rec)
		is := p.rules.rule(key, v, matches)
		is.count(&k.stats)
		changed := k.stats.Changed
		if !k.change(i, rec, is, v) {
			return
		}
		if k.stats.Changed > changed {
			change := uint32(i) << 1
			if is.parts {
				change |= 1
			}
			k.changes = append(k.changes, change)
		}
		if is.reason == isUnreadable {
			k.unreadable = append(k.unreadable, i)
		}
		if is.reason == isNotYetDue {
			k.days[is.next.UTC().Truncate(24*time.Hour)]++
		}
		p.note(f, k, rec, key, is, v, matches)
	}
}

// verdict decides about the resource of a record of the file.
func (p *Plan) verdict(key csvschema.KeyHash, rec csvschema.Record, f *plannedFile) verdict {
	if v, ok := p.rules.decided(key); ok {
		return v
	}
	return p.ofEntry(p.entry(key, rec, f))
}

// entry returns what the copies of a resource say, or nil if that is nothing. The
// row of no resource stands for itself.
func (p *Plan) entry(key csvschema.KeyHash, rec csvschema.Record, f *plannedFile) *entry {
	if key != (csvschema.KeyHash{}) {
		return p.index.get(key)
	}
	e := entry{deleted: never}
	e.add(newFact(rec, key, p.rules.Zone), f.order)
	return &e
}

// ofEntry decides about a resource by what all copies say.
func (p *Plan) ofEntry(e *entry) verdict {
	switch {
	case e == nil:
		return verdict{}
	case e.flags&unreadableDate != 0:
		return verdict{state: unreadable}
	case e.flags&activeWithDate != 0:
		return verdict{state: undecided}
	case e.deleted != never:
		return verdict{deleted, e.deleted.time()}
	}
	made := p.made(e)
	switch {
	case !p.rules.isOld(made) && e.flags&inactive == 0:
		return verdict{}
	case p.rules.DeleteStale && !made.IsZero():
		return verdict{deleted, made}
	}
	return verdict{state: stale}
}

// made returns when the newest export was made that has the resource. It is zero if
// nobody knows when one of them was, which may be the newest.
func (p *Plan) made(e *entry) time.Time {
	if e.made == 0 || e.flags&unknownMade != 0 {
		return time.Time{}
	}
	return p.order[e.made-1]
}

// isOld reports whether what exists in an export of that instant may be long gone.
func (r *rules) isOld(made time.Time) bool { return r.Due(made, r.now) }

// gather makes the index. The exports are read in the order in which they were
// made, those of which nobody knows at the end.
func (p *Plan) gather(ctx context.Context) error {
	files := slices.Clone(p.files)
	slices.SortStableFunc(files, func(a, b *plannedFile) int {
		if a.made.IsZero() || b.made.IsZero() {
			return cmp.Compare(b.made.Unix(), a.made.Unix()) // the zero time is before all
		}
		return a.made.Compare(b.made)
	})
	for _, f := range files {
		if !f.made.IsZero() {
			if n := len(p.order); n == 0 || !p.order[n-1].Equal(f.made) {
				p.order = append(p.order, f.made)
			}
			f.order = uint32(len(p.order)) //nolint:gosec // files are far fewer
		}
		isOld := p.rules.isOld(f.made)
		// What exists in an export of today matters only if it may be stale otherwise.
		all := isOld || p.index.undated > 0
		err := f.pass(ctx, passage{
			work: func(k *worker) { k.gather(all) },
			take: func(k *worker) error {
				for _, fact := range k.facts {
					p.index.add(fact, f.order, isOld)
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

// gather lists what the rows of a chunk say of their resources; all says that rows
// which say nothing are of interest, too.
func (k *worker) gather(all bool) {
	for i := range k.chunk.Len() {
		rec := k.chunk.Record(i)
		f := newFact(rec, csvschema.KeyHash{}, k.rules.Zone)
		if !all && f.isPlain() {
			continue
		}
		f.key = k.hasher.Record(rec)
		if f.flags&unreadableDate != 0 && !k.rules.KeepUnreadableDates {
			if _, ok := k.rules.decided(f.key); !ok {
				k.fault, k.faulty = &csvschema.Error{Column: csvschema.DeletedDate, Err: csvschema.ErrValue}, i
				return
			}
		}
		if f.key != (csvschema.KeyHash{}) {
			k.facts = append(k.facts, f)
		}
	}
}

// gatherNames finds out whose the machines are that due disks may belong to.
func (p *Plan) gatherNames(ctx context.Context) error {
	names := &machineNames{byID: map[string]*machineName{}}
	for _, f := range p.files {
		if f.role != csvschema.Disks {
			continue
		}
		err := f.pass(ctx, passage{
			work: func(k *worker) {
				p.eachDue(f, k, func(bool) {
					keys, _ := diskKeys(k.row)
					k.leases = append(k.leases, keys...)
				}, false)
			},
			take: func(k *worker) error { names.addDisk(k.leases); return nil },
		})
		if err != nil {
			return err
		}
	}
	for _, f := range p.files {
		if f.role != csvschema.VirtualMachines {
			continue
		}
		err := f.pass(ctx, passage{
			names: names,
			work: func(k *worker) {
				p.eachDue(f, k, func(isDue bool) { k.nameMachine(names, isDue) }, true)
			},
			take: func(k *worker) error {
				for _, m := range k.machines {
					m.add()
				}
				return nil
			},
		})
		if err != nil {
			return err
		}
	}
	p.names = names
	return nil
}

// eachDue calls do for each row that is wholly due, or for all, with the row's
// cells set.
func (p *Plan) eachDue(f *plannedFile, k *worker, do func(isDue bool), all bool) {
	for i := range k.chunk.Len() {
		rec := k.chunk.Record(i)
		key := k.hasher.Record(rec)
		v := p.verdict(key, rec, f)
		is := p.rules.rule(key, v, k.matches(rec))
		if is.whole || all {
			rec.Cells(k.row.cells, k.positions)
			do(is.whole)
		}
	}
}

// nameMachine lists a machine under each of its IDs by which a due disk may name it.
func (k *worker) nameMachine(names *machineNames, isDue bool) {
	lab, owner := k.row.cell(csvschema.LabUId), k.row.cell(csvschema.ResourceOwner)
	isSet := false
	for _, c := range [...]csvschema.Column{csvschema.ResourceId, csvschema.ComputeResourceId, csvschema.ResourceUId} {
		id := k.row.cell(c)
		name := names.byID[idKey(lab, c, id)]
		if name == nil {
			continue
		}
		if !isSet && isDue {
			k.namer.set(k.row, k.ownerOf(owner))
			isSet = true
		}
		k.machines = append(k.machines, namedMachine{name, string(owner), isDue && k.namer.renames(id)})
	}
}
