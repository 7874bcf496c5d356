package dsr

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr/internal/links"
	"github.com/labdsr/labdsr/dsr/internal/period"
)

// NOTE. A search makes up to three passes. Each pass reads all files of one role:
//
//	1  machines   findMachines    finds the subjects' machines; collects the links by
//	                              which disks may name these (with the whole ID), and
//	                              those of other people's machines (as hashes)
//	2  machines   findCandidates  finds the other people's machines that have a link
//	                              of a subject's machine, and the rows of a subject's
//	                              machine that have another owner
//	3  disks      findDisks       finds the subjects' disks
//
// Passes 1 and 3 emit matches. Without disks there is no pass 3. Pass 2 is made
// only if somebody else's machine has a link or the key of a subject's machine, as far as
// the hashes can tell: an ID was given out again, or a machine changed its owner. With
// Options.CopyOwners, matches must wait for pass 2. They are held; if they are too many,
// pass 1 is made again after it.
//
// Workers look at the chunks of a file at the same time. What a worker finds in a
// chunk depends only on the chunk and on what earlier passes found, which does not
// change during the pass. It is a chunkResult. The caller's goroutine adds the
// results to the search in the order of the file. The exception is otherLinks, to
// which workers add directly: it is a set, and the order does not matter.
//
// Whole IDs decide what is handed out. A collision of hashes can only keep a disk back: one
// that dangles, or that has only its ResourceId, is then taken for somebody else's.

// A search is one run over all files for all subjects.
type search struct {
	options Options
	index   *subjectIndex
	files   []*file
	emit    func(Match) error

	seeds        *links.Seeds // nil without a disks file
	subjectLinks subjectLinks
	otherLinks   links.Set // of the machines of other people; frozen after pass 1
	copies       copies
	held         held
	passes       map[csvschema.Role]int // how many passes there are, as far as is known
	isLearned    bool                   // pass 1 was made
	workers      sync.Pool              // of *worker
	results      sync.Pool              // of *chunkResult

	report   *Report
	labs     map[string]*Lab // by normal form of LabUId
	period   period.Period
	hasDisks map[int]bool // by number of the export
}

// A file is one file of a search.
type file struct {
	*csvschema.File
	pass    int      // number of the current pass
	columns *columns // in the current pass
	rows    int64    // in the current pass: the number of rows before the chunk that is added
	scope   File     // what the report says about the file
}

// A chunkResult is what a pass found in one chunk. Row is the index of a row in the
// chunk.
type chunkResult struct {
	matches  []rowMatch
	findings []rowFinding
	labs     map[string]*int64 // number of rows by normal form of LabUId; may be 0
	period   period.Period
	badDates int64 // rows with a date that cannot be read

	machines []*machine // passes 1 and 2
	named    []uint64   // pass 1: see copies
	copies   []copyRow  // pass 2

	dangling     int64 // pass 3: disks that dangle for at least one subject
	notDangling  []int // pass 3: subjects for whom one of these disks does not dangle: its path names them
	thirdParties []int // pass 3: subjects who have a disk whose path names somebody else

	misplaced []misplacedID // passes 1 and 3; each once
}

// A misplacedID is an object ID of a subject in a column of other IDs.
type misplacedID struct {
	subject int
	column  csvschema.Column
}

// A rowMatch is a row that is a subject's.
type rowMatch struct {
	row, subject int
	rule         Rule
	owners       []csvschema.PersonalText // of a disk; see Match.CopyOwners
}

// A rowFinding is a row that a person must look at.
type rowFinding struct {
	row, subject int
	kind         FindingKind
	owners       []csvschema.PersonalText // of an undetermined disk
	rivals       rowSum                   // of an undetermined disk: of the machines that compete for it
}

// maxLabs is how many labs a chunkResult may keep for its next use.
const maxLabs = 64

// reset empties the result for its next use.
func (r *chunkResult) reset() {
	if len(r.labs) > maxLabs {
		clear(r.labs)
	}
	for _, rows := range r.labs {
		*rows = 0
	}
	clear(r.machines) // they hold IDs
	clear(r.copies)
	*r = chunkResult{
		matches: r.matches[:0], findings: r.findings[:0], labs: r.labs, machines: r.machines[:0],
		named: r.named[:0], copies: r.copies[:0],
		notDangling: r.notDangling[:0], thirdParties: r.thirdParties[:0], misplaced: r.misplaced[:0],
	}
}

// newSearch makes a search over the exports.
func newSearch(exports []csvschema.Export, subjects []Subject, emit func(Match) error, o *Options) (*search, error) {
	if len(subjects) == 0 || slices.ContainsFunc(subjects, Subject.IsZero) {
		return nil, fmt.Errorf("labdsr: %w", ErrNoIdentifier)
	}
	s := &search{
		index: newSubjectIndex(subjects), emit: emit, subjectLinks: make(subjectLinks),
		report: &Report{Subjects: make([]SubjectReport, len(subjects))},
		labs:   make(map[string]*Lab), hasDisks: make(map[int]bool),
		copies: copies{machines: make(map[csvschema.Key]*machineCopies), hashes: make(map[uint64]struct{})},
	}
	if o != nil {
		s.options = *o
	}
	s.results.New = func() any { return &chunkResult{labs: make(map[string]*int64)} }
	files, err := filesOf(exports, o)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		s.files = append(s.files, &file{File: f, scope: File{FileID: f.FileID}})
		s.hasDisks[f.Export] = s.hasDisks[f.Export] || f.Role == csvschema.Disks
	}
	s.report.Scope.Exports = len(exports)
	return s, nil
}

// requiredColumns returns the columns without which nobody can tell whose a row is.
func requiredColumns(r csvschema.Role) []csvschema.Column {
	decides := csvschema.ResourceOwner
	if r == csvschema.Disks {
		decides = csvschema.LeasedByVmId
	}
	return []csvschema.Column{csvschema.LabUId, csvschema.ResourceId, csvschema.ResourceUId, decides}
}

// filesOf returns the files of a role, in order.
func (s *search) filesOf(role csvschema.Role) []*file {
	return slices.DeleteFunc(slices.Clone(s.files), func(f *file) bool { return f.Role != role })
}

// run makes all passes.
func (s *search) run(ctx context.Context) (*Report, error) {
	machines, disks := s.filesOf(csvschema.VirtualMachines), s.filesOf(csvschema.Disks)
	s.passes = map[csvschema.Role]int{csvschema.VirtualMachines: 1, csvschema.Disks: 1}
	if len(disks) > 0 {
		s.seeds = links.NewSeeds()
	}
	err := s.pass(ctx, machines, s.findMachines, func(f *file, c *csvschema.Chunk, r *chunkResult) error {
		s.learn(c, r)
		s.addScope(f, c, r)
		if s.options.CopyOwners {
			s.hold(f, c, r)
			return nil
		}
		return s.addRows(f, c.Record, r)
	})
	if err != nil {
		return nil, err
	}
	s.isLearned = true
	s.otherLinks.Freeze(s.options.Workers)
	if s.othersHaveSubjectLinks() || s.copies.haveOtherOwners() {
		s.passes[csvschema.VirtualMachines]++
		if err := s.pass(ctx, machines, s.findCandidates, s.addCopies); err != nil {
			return nil, err
		}
	}
	s.copies.named = nil
	if err := s.addHeld(ctx, machines); err != nil {
		return nil, err
	}
	if err := s.addCopyFindings(); err != nil {
		return nil, err
	}
	err = s.pass(ctx, disks, s.findDisks, func(f *file, c *csvschema.Chunk, r *chunkResult) error {
		s.addDangling(r)
		s.addScope(f, c, r)
		return s.addRows(f, c.Record, r)
	})
	if err != nil {
		return nil, err
	}
	s.finish()
	return s.report, nil
}

// pass reads the files once. It calls work for every chunk, in several goroutines at
// the same time, and then add, unless that is nil, in the order of the file and in
// the caller's goroutine.
func (s *search) pass(
	ctx context.Context, files []*file,
	work func(*worker, *file, *csvschema.Chunk, *chunkResult), add func(*file, *csvschema.Chunk, *chunkResult) error,
) error {
	for _, f := range files {
		f.rows = 0
		f.pass++
		err := csvschema.ForEachChunk(ctx, f.File, csvschema.Pass[*chunkResult]{
			Number: f.pass, Of: s.passes[f.Role],
			Header: func(h *csvschema.Header) error {
				f.setHeader(h)
				return nil
			},
			Work: func(c *csvschema.Chunk) *chunkResult {
				w, r := s.getWorker(), s.results.Get().(*chunkResult)
				work(w, f, c, r)
				s.workers.Put(w)
				return r
			},
			Emit: func(c *csvschema.Chunk, r *chunkResult) (err error) {
				if add != nil {
					err = add(f, c, r)
				}
				f.rows += int64(c.Len())
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

// setHeader records which columns the file has.
func (f *file) setHeader(h *csvschema.Header) {
	f.columns = newColumns(h)
	f.scope.UnknownColumns, f.scope.MissingColumns = h.Unknown(), nil
	for _, c := range f.Role.Columns() {
		if h.Index(c) < 0 {
			f.scope.MissingColumns = append(f.scope.MissingColumns, c)
		}
	}
}

// othersHaveSubjectLinks reports whether machines of other people may have a link of
// a subject's machine.
func (s *search) othersHaveSubjectLinks() bool {
	for _, l := range s.subjectLinks {
		if s.othersHave(l.hash, l.key.kind) {
			return true
		}
	}
	return false
}

// othersHave reports whether the machine of somebody else has a link, as far as the hashes
// can tell.
func (s *search) othersHave(hash uint64, kind linkKind) bool {
	if kind == leaseLink {
		return s.otherLinks.Has(hash)
	}
	return s.otherLinks.HasTagged(hash)
}

// addRows adds the findings of a chunk, whose records at returns, to the report and emits
// the matches.
func (s *search) addRows(f *file, at func(row int) csvschema.Record, r *chunkResult) error {
	if err := s.addFindings(f, at, r); err != nil {
		return err
	}
	for _, m := range r.matches {
		s.report.Subjects[m.subject].counts(f.Role).count(m.rule)
		rec := at(m.row)
		key, owners := rec.Key(), m.owners
		if f.Role == csvschema.VirtualMachines {
			owners = s.ownersOf(key)
		}
		err := s.emit(Match{
			Subject: m.subject, FileID: f.FileID, Row: f.number(m.row),
			Rule: m.rule, Key: key, Record: rec, CopyOwners: owners,
		})
		if err != nil {
			return f.errorAt(rec.Line(), err)
		}
	}
	return nil
}

// number returns the number of a row in the file, from 1. The row is given by its
// index in the chunk that is added.
func (f *file) number(row int) int64 { return f.rows + int64(row) + 1 }

// finding returns a finding about a row of the chunk that is added.
func (f *file) finding(rec csvschema.Record, row int, kind FindingKind, subject int) Finding {
	return Finding{Kind: kind, Subject: subject, FileID: f.FileID, Key: rec.Key(), Line: rec.Line(), Row: f.number(row), row: newRowSum(rec)}
}

// errorAt adds the file and the line to an error of emit, unless it says already
// where in this file it is.
func (f *file) errorAt(line int64, err error) error {
	if e, ok := err.(*csvschema.Error); ok && e.FileID == f.FileID { //nolint:errorlint // a wrapped one is another
		return err
	}
	return &csvschema.Error{FileID: f.FileID, Line: line, Err: err}
}

// addDangling counts the disks that dangle and those whose path names somebody else.
func (s *search) addDangling(r *chunkResult) {
	s.report.Dangling += r.dangling
	for i := range s.report.Subjects {
		s.report.Subjects[i].Disks.Dangling += r.dangling
	}
	for _, subject := range r.notDangling {
		s.report.Subjects[subject].Disks.Dangling--
	}
	for _, subject := range r.thirdParties {
		s.report.Subjects[subject].Disks.ThirdParties++
	}
}

// addFindings asks what was decided about each finding of a chunk. A row that was
// decided to be the subject's becomes a match. What remains is counted and listed,
// dangling disks up to a limit.
func (s *search) addFindings(f *file, at func(row int) csvschema.Record, r *chunkResult) error {
	isDecided, judged := false, r.matches // without those by decision
	decisions := map[[2]int]Decision{}    // by row and subject: about the findings that take either
	for _, found := range r.findings {
		if found.kind == Dangling && s.report.DanglingListed >= s.options.maxDangling() {
			continue
		}
		rec := at(found.row)
		finding := f.finding(rec, found.row, found.kind, found.subject)
		finding.TakesTheirs, finding.rivals = found.takesTheirs(rec, judged), found.rivals
		decision, err := s.decide(finding)
		if err != nil {
			return err
		}
		if decision != Undecided && finding.TakesTheirs {
			at := [...]int{found.row, found.subject}
			if other := decisions[at]; other != Undecided && other != decision {
				return f.errorAt(finding.Line, ErrDecision)
			}
			decisions[at] = decision
		}
		switch decision {
		case NotTheirs:
		case Theirs:
			if !found.isMatch(r.matches) { // of two findings about the row
				r.matches = append(r.matches, rowMatch{found.row, found.subject, RuleDecision, found.owners})
			}
			isDecided = true
		case Undecided:
			s.list(finding)
		}
	}
	if isDecided {
		slices.SortFunc(r.matches, func(a, b rowMatch) int { return cmp.Or(a.row-b.row, a.subject-b.subject) })
	}
	return nil
}

// list counts a finding and adds it to the report.
func (s *search) list(f Finding) {
	if f.Kind == Dangling {
		s.report.DanglingListed++
	} else {
		s.report.Subjects[f.Subject].counts(f.Role).countFinding(f.Kind)
	}
	s.report.Findings = append(s.report.Findings, f)
}

// addScope adds the rows, labs and dates of a chunk to the scope.
func (s *search) addScope(f *file, c *csvschema.Chunk, r *chunkResult) {
	f.scope.Rows += int64(c.Len())
	f.scope.UnreadableDates += r.badDates
	for uid, rows := range r.labs {
		if *rows == 0 {
			continue
		}
		lab := s.labs[uid]
		if lab == nil {
			lab = &Lab{LabUId: uid}
			s.labs[uid] = lab
			for _, subject := range s.index.normal[uid] {
				r.noteID(subject, csvschema.LabUId)
			}
		}
		if f.Role == csvschema.Disks {
			lab.Disks += *rows
			continue
		}
		lab.VirtualMachines += *rows
		lab.WithoutDisksFile = lab.WithoutDisksFile || !s.hasDisks[f.Export]
	}
	s.period.Merge(r.period)
	for _, id := range r.misplaced {
		if columns := &s.report.Subjects[id.subject].NotAPerson; !slices.Contains(*columns, id.column) {
			*columns = append(*columns, id.column)
		}
	}
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
	for _, uid := range slices.Sorted(maps.Keys(s.labs)) {
		scope.Labs = append(scope.Labs, *s.labs[uid])
	}
	scope.First, scope.Last = s.period.First, s.period.Last
	for i := range s.report.Subjects {
		r := &s.report.Subjects[i]
		slices.Sort(r.NotAPerson)
		r.VirtualMachines.Rows, r.Disks.Rows = scope.VirtualMachines, scope.Disks
		for _, c := range []*Counts{&r.VirtualMachines, &r.Disks} {
			c.NotTheirs = c.Rows - c.Theirs() - c.Undetermined - c.Dangling
		}
	}
}

// count counts a match.
func (c *Counts) count(r Rule) { *c.rule(r)++ }

// countFinding counts a finding about a subject.
func (c *Counts) countFinding(k FindingKind) {
	switch k {
	case Undetermined:
		c.Undetermined++
	case NearMatch:
		c.Near++
	case AliasCandidate:
		c.Aliases++
	case Dangling: // about no subject; see addDangling
	}
}
