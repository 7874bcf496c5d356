package dsr

import (
	"cmp"
	"context"
	"slices"

	"github.com/labdsr/labdsr/csvschema"
)

// A request is one run over all files for all subjects.
type request struct {
	workshop
	options  Options
	exports  int // how many
	files    []*file
	scanners idleList[scanner] // as many as workers
	results  idleList[result]  // as many as chunks at the same time
	report   *Report
	labs     map[string]*Lab // by normal form of LabUId
	period   csvschema.Period
	hasDisks map[int]bool                         // by number of the export
	emit     func(*file, batch, hit, int64) error // the number is that of the row in its file
}

// newRequest makes a request without files.
func newRequest(subjects []Subject, o *Options) (*request, error) {
	if len(subjects) == 0 || slices.ContainsFunc(subjects, Subject.IsZero) {
		return nil, prefixed(ErrNoIdentifier)
	}
	q := &request{labs: make(map[string]*Lab), hasDisks: make(map[int]bool)}
	if o != nil {
		q.options = *o
	}
	q.index, q.subjects, q.zone, q.sets = newIndex(subjects), len(subjects), q.options.Zone, newSets()
	q.entries, q.seen = make(map[string]*entry), make(map[seen]struct{})
	q.report = &Report{Subjects: make([]SubjectReport, len(subjects))}
	return q, nil
}

// add adds a file; files are added in their order.
func (q *request) add(f *file) {
	q.files = append(q.files, f)
	if f.role == csvschema.Disks {
		q.hasDisks[f.export] = true
	}
}

// of returns the files of a role, in order.
func (q *request) of(role csvschema.Role) []*file {
	var files []*file
	for _, f := range q.files {
		if f.role == role {
			files = append(files, f)
		}
	}
	return files
}

// run makes all passes.
func (q *request) run(ctx context.Context) error {
	if len(q.files) == 0 {
		return prefixed(ErrNoFiles)
	}
	disks := q.of(csvschema.Disks)
	if len(disks) > 0 {
		q.links = newLinkSet()
		if err := q.pass(ctx, disks, q.linksOf, q.takeNothing); err != nil {
			return err
		}
		q.links.freeze(q.options.Workers)
	}
	if err := q.pass(ctx, q.of(csvschema.VirtualMachines), q.machinesOf, q.takeMachines); err != nil {
		return err
	}
	if q.othersHaveEntries() {
		if err := q.pass(ctx, q.of(csvschema.VirtualMachines), q.candidatesOf, q.takeOthers); err != nil {
			return err
		}
		for _, e := range q.entries {
			slices.SortStableFunc(e.candidates, func(a, b candidate) int { return a.export - b.export })
		}
	}
	q.seen = nil
	for _, f := range disks {
		work := func(s *scanner, b batch, r *result) { q.disksOf(s, b, r, f.export) }
		if err := q.pass(ctx, []*file{f}, work, q.takeDisks); err != nil {
			return err
		}
	}
	q.finish()
	return nil
}

// pass goes once through files. Take gets, besides what work made of a batch, the
// number of rows in front of it.
func (q *request) pass(ctx context.Context, files []*file, work func(*scanner, batch, *result), take func(*file, batch, *result, int64) error) error {
	for _, f := range files {
		before := int64(0)
		err := f.rows.pass(ctx,
			func(b batch) *result {
				s, r := q.scanners.get(), q.results.get()
				if s == nil {
					s = newScanner(q.index, q.links)
				}
				if r == nil {
					r = &result{labs: make(map[string]*int64)}
				}
				s.labRows = nil
				work(s, b, r)
				q.scanners.put(s)
				return r
			},
			func(b batch, r *result) error {
				err := take(f, b, r, before)
				r.reset()
				q.results.put(r)
				before += int64(b.len())
				return err
			})
		if err != nil {
			return err
		}
	}
	return nil
}

// othersHaveEntries reports whether an entry may have candidates that are nobody's
// among the subjects.
func (q *request) othersHaveEntries() bool {
	for _, e := range q.entries {
		if q.links.marked(e.number)&ofOthers != 0 {
			return true
		}
	}
	return false
}

func (q *request) takeNothing(*file, batch, *result, int64) error { return nil }

func (q *request) takeMachines(f *file, b batch, r *result, before int64) error {
	q.takeCandidates(f, r)
	return q.takeRows(f, b, r, before)
}

func (q *request) takeOthers(f *file, _ batch, r *result, _ int64) error {
	q.takeCandidates(f, r)
	return nil
}

func (q *request) takeCandidates(f *file, r *result) {
	for _, g := range r.candidates {
		e := q.entries[g.key]
		if e == nil {
			e = &entry{key: g.key, number: g.number}
			q.entries[g.key] = e
		}
		c := candidate{f.export, q.sets.add(g.owners), g.lifetime}
		if _, ok := q.seen[seen{e, c}]; !ok {
			q.seen[seen{e, c}] = struct{}{}
			e.candidates = append(e.candidates, c)
		}
	}
}

func (q *request) takeDisks(f *file, b batch, r *result, before int64) error {
	if r.dangling > 0 {
		q.report.Dangling += r.dangling
		for i := range q.report.Subjects {
			q.report.Subjects[i].Disks.Dangling += r.dangling
		}
	}
	for _, subject := range r.exempt {
		q.report.Subjects[subject].Disks.Dangling--
	}
	for _, subject := range r.third {
		q.report.Subjects[subject].Disks.ThirdParties++
	}
	return q.takeRows(f, b, r, before)
}

// takeRows takes up what is alike for both roles, and emits.
func (q *request) takeRows(f *file, b batch, r *result, before int64) error {
	q.takeScope(f, b, r)
	decided := false
	for _, g := range r.findings {
		found := Finding{
			Kind: g.kind, Subject: g.subject, Export: f.export, File: f.number, Role: f.role,
			Line: b.line(g.row), Row: before + int64(g.row) + 1,
		}
		switch decision := q.decide(&found, b, g.row); {
		case decision == Theirs && g.kind == Undetermined:
			r.hits = append(r.hits, hit{g.row, g.subject, RuleDecision})
			decided = true
		case decision != NotTheirs:
			q.takeFinding(found, b, g.row)
		}
	}
	if decided {
		slices.SortStableFunc(r.hits, func(a, b hit) int { return cmp.Or(a.row-b.row, a.subject-b.subject) })
	}
	for _, h := range r.hits {
		q.report.Subjects[h.subject].counts(f.role).count(h.rule)
		if err := q.emit(f, b, h, before+int64(h.row)+1); err != nil {
			return f.at(b.line(h.row), err)
		}
	}
	return nil
}

// decide asks what was decided about a finding.
func (q *request) decide(g *Finding, b batch, row int) Decision {
	if q.options.Decide == nil || g.Subject == NoSubject {
		return Undecided
	}
	g.Key = b.key(row)
	return q.options.Decide(*g)
}

// takeFinding counts a finding and lists it, if there is room.
func (q *request) takeFinding(g Finding, b batch, row int) {
	if g.Kind == Dangling {
		if q.report.DanglingListed >= q.maxDangling() {
			return
		}
		q.report.DanglingListed++
	} else {
		c := q.report.Subjects[g.Subject].counts(g.Role)
		switch g.Kind {
		case Undetermined:
			c.Undetermined++
		case NearMatch:
			c.Near++
		case AliasCandidate:
			c.Aliases++
		case Dangling: // about no subject; see above
		}
	}
	g.Key = b.key(row)
	q.report.Findings = append(q.report.Findings, g)
}

func (q *request) maxDangling() int64 {
	if q.options.MaxDangling == 0 {
		return defaultMaxDangling
	}
	return int64(q.options.MaxDangling)
}
