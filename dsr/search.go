package dsr

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE. A search makes up to four passes, each over all files of one role:
//
//	1  disks      linkDisks       how do disks name virtual machines? (hashes)
//	2  machines   findMachines    whose are they: emit. Who has which of the links?
//	                              The subjects' machines with a link (whole keys)
//	3  machines   findCandidates  the other people's machines that have such a link
//	4  disks      findDisks       whose are they: emit
//
// Without disks there is only pass 2. Pass 3 is needed only if other people, too,
// have a link of a subject's machine, as far as the hashes can tell: if an ID was
// given out again, or a machine changed its owner.
//
// What a pass does with a chunk is a function of the chunk and of what earlier
// passes found, which no longer changes. Its result, a findings, is small, and is
// added to the search in the order of the file. The only exceptions are adding and
// marking links (see linkSet): these are unions of sets, which have no order.

// A search is one run over all files for all subjects.
type search struct {
	options  Options
	subjects int
	index    *subjectIndex
	files    []*file
	emit     func(Match) error

	links   *linkSet                   // of the disks; nil without a disks file
	shared  map[string]*linkedMachines // links of the subjects' machines that disks have, by key
	owners  *sets                      // of candidates
	seen    map[seenCandidate]struct{} // while candidates are gathered
	workers pool[worker]
	results sync.Pool // of *findings

	report   *Report
	labs     map[string]*Lab // by normal form of LabUId
	period   csvschema.Period
	hasDisks map[int]bool // by number of the export
}

// A file is one file of a search, and what the last pass over it found.
type file struct {
	*csvschema.File
	columns *columns
	scope   File
}

// linkedMachines are the virtual machines that one link of a disk can mean, because
// one of them is a subject's.
type linkedMachines struct {
	key        string
	number     int         // of the link
	candidates []candidate // in the order of their export when all are gathered
}

type seenCandidate struct {
	*linkedMachines
	candidate
}

// findings are what a pass found in one chunk.
type findings struct {
	hits     []hit
	open     []openRow
	labs     map[string]*int64 // rows, also none, by normal form of LabUId
	period   csvschema.Period
	badDates int64 // rows with a date that cannot be read

	candidates []newCandidate // passes 2 and 3
	dangling   int64          // pass 4: rows that dangle
	exempt     []int          // pass 4: subjects whose disk, by its path, dangles for everybody else
	third      []int          // pass 4: subjects whose disk names somebody else
}

// A hit is a row that is a subject's.
type hit struct {
	row, subject int
	rule         Rule
}

// An openRow is a row that a person must look at.
type openRow struct {
	row, subject int
	kind         FindingKind
}

// A newCandidate is a candidate that still lacks its export.
type newCandidate struct {
	key    string // of a link
	number int    // of the link
	owners []int
	lifetime
}

// maxLabs is the number of labs for which findings keep their counters.
const maxLabs = 64

// reset empties the findings for their next use.
func (r *findings) reset() {
	if len(r.labs) > maxLabs {
		clear(r.labs)
	}
	for _, rows := range r.labs {
		*rows = 0
	}
	clear(r.candidates) // they hold keys
	*r = findings{
		hits: r.hits[:0], open: r.open[:0], labs: r.labs,
		candidates: r.candidates[:0], exempt: r.exempt[:0], third: r.third[:0],
	}
}

// newSearch makes a search over the exports.
func newSearch(exports []csvschema.Export, subjects []Subject, emit func(Match) error, o *Options) (*search, error) {
	if len(subjects) == 0 || slices.ContainsFunc(subjects, Subject.IsZero) {
		return nil, fmt.Errorf("labdsr: %w", ErrNoIdentifier)
	}
	s := &search{
		subjects: len(subjects), index: newSubjectIndex(subjects), emit: emit,
		shared: make(map[string]*linkedMachines), owners: newSets(), seen: make(map[seenCandidate]struct{}),
		report: &Report{Subjects: make([]SubjectReport, len(subjects))},
		labs:   make(map[string]*Lab), hasDisks: make(map[int]bool),
	}
	if o != nil {
		s.options = *o
	}
	s.results.New = func() any { return &findings{labs: make(map[string]*int64)} }
	files, err := csvschema.Files(exports, csvschema.FileOptions{
		Required: requiredColumns, MaxRecordBytes: s.options.MaxRecordBytes, Workers: s.options.Workers,
		SinglePass: !slices.ContainsFunc(exports, func(e csvschema.Export) bool { return len(e.Disks) > 0 }),
	})
	if err != nil {
		return nil, fmt.Errorf("labdsr: %w", err)
	}
	for _, f := range files {
		s.files = append(s.files, &file{File: f, scope: File{FileID: f.FileID}})
		s.hasDisks[f.Export] = s.hasDisks[f.Export] || f.Role == csvschema.Disks
	}
	s.report.Scope.Exports = len(exports)
	return s, nil
}

// requiredColumns are the columns without which nobody can tell whose a row is.
func requiredColumns(r csvschema.Role) []csvschema.Column {
	decides := csvschema.ResourceOwner
	if r == csvschema.Disks {
		decides = csvschema.LeasedByVmId
	}
	return []csvschema.Column{csvschema.LabUId, csvschema.ResourceId, csvschema.ResourceUId, decides}
}

// of returns the files of a role, in order.
func (s *search) of(role csvschema.Role) []*file {
	var files []*file
	for _, f := range s.files {
		if f.Role == role {
			files = append(files, f)
		}
	}
	return files
}

// run makes all passes.
func (s *search) run(ctx context.Context) (*Report, error) {
	machines, disks := s.of(csvschema.VirtualMachines), s.of(csvschema.Disks)
	if len(disks) > 0 {
		s.links = newLinkSet()
		if err := s.pass(ctx, disks, s.linkDisks, nil); err != nil {
			return nil, err
		}
		s.links.freeze(s.options.Workers)
	}
	if err := s.pass(ctx, machines, s.findMachines, s.addRows); err != nil {
		return nil, err
	}
	if s.othersShareLinks() {
		if err := s.pass(ctx, machines, s.findCandidates, s.addCandidates); err != nil {
			return nil, err
		}
		for _, m := range s.shared {
			slices.SortStableFunc(m.candidates, func(a, b candidate) int { return a.export - b.export })
		}
	}
	s.seen = nil
	if err := s.pass(ctx, disks, s.findDisks, s.addRows); err != nil {
		return nil, err
	}
	s.finish()
	return s.report, nil
}

// A page is a chunk of a file on its way through a pass.
type page struct {
	*csvschema.Chunk
	file   *file
	before int64 // rows of the file before it
}

// at places an error of emit, unless that says already where in this file it is.
func (p page) at(line int64, err error) error {
	if e, ok := err.(*csvschema.Error); ok && e.FileID == p.file.FileID { //nolint:errorlint // a wrapped one is another
		return err
	}
	return p.file.At(line, err)
}

// pass goes once through files. Work finds something in a chunk, perhaps in several
// at the same time; add, if it is not nil, adds that to the search, in order.
func (s *search) pass(ctx context.Context, files []*file, work func(*worker, page, *findings), add func(page, *findings) error) error {
	for _, f := range files {
		before := int64(0)
		err := csvschema.ForEachChunk(ctx, f.File, csvschema.Pass[*findings]{
			Header: func(h *csvschema.Header) error {
				f.setHeader(h)
				return nil
			},
			Work: func(c *csvschema.Chunk) *findings {
				w, r := s.worker(), s.results.Get().(*findings)
				work(w, page{Chunk: c, file: f}, r)
				s.workers.put(w)
				return r
			},
			Emit: func(c *csvschema.Chunk, r *findings) (err error) {
				if add != nil {
					err = add(page{c, f, before}, r)
				}
				before += int64(c.Len())
				r.reset()
				s.results.Put(r)
				return err
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// setHeader notes which columns the file has.
func (f *file) setHeader(h *csvschema.Header) {
	f.columns = newColumns(h)
	f.scope.UnknownColumns, f.scope.MissingColumns = h.Unknown(), nil
	for _, c := range f.Role.Columns() {
		if h.Index(c) < 0 {
			f.scope.MissingColumns = append(f.scope.MissingColumns, c)
		}
	}
}

// othersShareLinks reports whether a link of a subject's machine may be that of other
// people's machines, too.
func (s *search) othersShareLinks() bool {
	for _, m := range s.shared {
		if s.links.marked(m.number)&ofOthers != 0 {
			return true
		}
	}
	return false
}

// addCandidates adds candidates that were found.
func (s *search) addCandidates(p page, r *findings) error {
	for _, n := range r.candidates {
		m := s.shared[n.key]
		if m == nil {
			m = &linkedMachines{key: n.key, number: n.number}
			s.shared[n.key] = m
		}
		c := candidate{p.file.Export, s.owners.add(n.owners), n.lifetime}
		if _, ok := s.seen[seenCandidate{m, c}]; !ok {
			s.seen[seenCandidate{m, c}] = struct{}{}
			m.candidates = append(m.candidates, c)
		}
	}
	return nil
}

// addRows adds what was found in rows to the report, and emits the matches.
func (s *search) addRows(p page, r *findings) error {
	if err := s.addCandidates(p, r); err != nil {
		return err
	}
	s.addScope(p, r)
	s.addDangling(r)
	decided := false
	for _, o := range r.open {
		rec := p.Record(o.row)
		found := Finding{
			Kind: o.kind, Subject: o.subject, FileID: p.file.FileID,
			Line: rec.Line(), Row: p.before + int64(o.row) + 1,
		}
		switch decision := s.decide(&found, rec); {
		case decision == Theirs && o.kind == Undetermined:
			r.hits = append(r.hits, hit{o.row, o.subject, RuleDecision})
			decided = true
		case decision != NotTheirs:
			s.addFinding(found, rec)
		}
	}
	if decided {
		slices.SortStableFunc(r.hits, func(a, b hit) int { return cmp.Or(a.row-b.row, a.subject-b.subject) })
	}
	for _, h := range r.hits {
		s.report.Subjects[h.subject].counts(p.file.Role).count(h.rule)
		rec := p.Record(h.row)
		err := s.emit(Match{
			Subject: h.subject, FileID: p.file.FileID, Row: p.before + int64(h.row) + 1,
			Rule: h.rule, Key: rec.Key(), Record: rec,
		})
		if err != nil {
			return p.at(rec.Line(), err)
		}
	}
	return nil
}

// addDangling counts the disks that dangle and those that name somebody else.
func (s *search) addDangling(r *findings) {
	s.report.Dangling += r.dangling
	for i := range s.report.Subjects {
		s.report.Subjects[i].Disks.Dangling += r.dangling
	}
	for _, subject := range r.exempt {
		s.report.Subjects[subject].Disks.Dangling--
	}
	for _, subject := range r.third {
		s.report.Subjects[subject].Disks.ThirdParties++
	}
}

// decide asks what was decided about a finding.
func (s *search) decide(f *Finding, rec csvschema.Record) Decision {
	if s.options.Decide == nil || f.Subject == NoSubject {
		return Undecided
	}
	f.Key = rec.Key()
	return s.options.Decide(*f)
}

// addFinding counts a finding and lists it, if there is room.
func (s *search) addFinding(f Finding, rec csvschema.Record) {
	if f.Kind == Dangling {
		if s.report.DanglingListed >= s.options.maxDangling() {
			return
		}
		s.report.DanglingListed++
	} else {
		s.report.Subjects[f.Subject].counts(f.Role).countOpen(f.Kind)
	}
	f.Key = rec.Key()
	s.report.Findings = append(s.report.Findings, f)
}

// addScope adds what a chunk tells about the scope.
func (s *search) addScope(p page, r *findings) {
	p.file.scope.Rows += int64(p.Len())
	p.file.scope.UnreadableDates += r.badDates
	for uid, rows := range r.labs {
		if *rows == 0 {
			continue
		}
		lab := s.labs[uid]
		if lab == nil {
			lab = &Lab{LabUId: uid}
			s.labs[uid] = lab
		}
		if p.file.Role == csvschema.Disks {
			lab.Disks += *rows
			continue
		}
		lab.VirtualMachines += *rows
		lab.WithoutDisksFile = lab.WithoutDisksFile || !s.hasDisks[p.file.Export]
	}
	s.period.Merge(r.period)
}

// finish completes the report.
func (s *search) finish() {
	scope := &s.report.Scope
	for _, f := range s.files {
		scope.Files = append(scope.Files, f.scope)
		if f.Role == csvschema.Disks {
			scope.Disks += f.scope.Rows
		} else {
			scope.VirtualMachines += f.scope.Rows
		}
	}
	for _, lab := range slices.SortedFunc(maps.Values(s.labs), func(a, b *Lab) int { return cmp.Compare(a.LabUId, b.LabUId) }) {
		scope.Labs = append(scope.Labs, *lab)
	}
	scope.First, scope.Last = s.period.First, s.period.Last
	for i := range s.report.Subjects {
		r := &s.report.Subjects[i]
		r.VirtualMachines.Rows, r.Disks.Rows = scope.VirtualMachines, scope.Disks
		for _, c := range []*Counts{&r.VirtualMachines, &r.Disks} {
			c.NotTheirs = c.Rows - c.Theirs() - c.Undetermined - c.Dangling
		}
	}
}

// A pool holds what is used again, while nobody uses it. It is no sync.Pool: what a
// worker learned about owners must not be collected.
type pool[T any] struct {
	mu   sync.Mutex
	idle []*T
}

// get returns one that is idle, or nil if none is.
func (p *pool[T]) get() *T {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	if n == 0 {
		return nil
	}
	x := p.idle[n-1]
	p.idle = p.idle[:n-1]
	return x
}

func (p *pool[T]) put(x *T) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.idle = append(p.idle, x)
}
