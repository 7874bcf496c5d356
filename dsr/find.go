package dsr

import (
	"bytes"
	"slices"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/internal/period"
)

// addRow counts a row for its lab, which the worker remembers, and adds its dates.
func (s *search) addRow(w *worker, row *cells, r *chunkResult) {
	// The first row of a chunk has no row before it, so that labRows is set there.
	if !row.sameLab && (w.setLab(row.lab) || w.labRows == nil) {
		w.labRows = w.lab.rowsIn(r, w.chunk)
	}
	*w.labRows++
	isBad := len(row.created) > 0 && r.period.Add(row.created, s.options.Zone) != nil
	if len(row.deleted) > 0 && !bytes.Equal(row.deleted, row.created) { // as they often are
		isBad = r.period.Add(row.deleted, s.options.Zone) != nil || isBad
	}
	if isBad {
		r.badDates++
	}
}

// rowsIn returns the counter of the rows of the lab in a chunk.
func (l *lab) rowsIn(r *chunkResult, chunk int64) *int64 {
	if l.chunk != chunk {
		rows, ok := r.labs[l.normal]
		if !ok {
			rows = new(int64)
			r.labs[l.normal] = rows
		}
		l.rows, l.chunk = rows, chunk
	}
	return l.rows
}

// checkIDs notes where a row has an object ID of a subject in place of an ID of something
// else. That of a lab is noted when
// the labs are counted.
func (s *search) checkIDs(w *worker, at *columns, rec csvschema.Record, row *cells, r *chunkResult) {
	if !s.index.hasIDs {
		return
	}
	s.checkID(w, csvschema.ResourceUId, row.uid, r)
	if at.subscription >= 0 && !rec.Repeats(at.subscription) {
		s.checkID(w, csvschema.SubscriptionId, rec.Cell(at.subscription), r)
	}
}

// checkID is checkIDs for one cell.
func (s *search) checkID(w *worker, c csvschema.Column, id []byte, r *chunkResult) {
	if len(id) == 0 || !s.index.ids[id[0]] || !s.index.near.MayHold(id) {
		return
	}
	for _, subject := range w.subjectsOf(id) {
		r.noteID(subject, c)
	}
}

// noteID notes that a column has an object ID of a subject.
func (r *chunkResult) noteID(subject int, c csvschema.Column) {
	if id := (misplacedID{subject, c}); !slices.Contains(r.misplaced, id) {
		r.misplaced = append(r.misplaced, id)
	}
}

// findMachines is pass 1. If that pass is made twice, it finds only matches and findings the
// second time.
func (s *search) findMachines(w *worker, f *file, c *csvschema.Chunk, r *chunkResult) {
	hashes := w.hashes[:0] // of the links of machines of other people
	var row cells
	for i := range c.Len() {
		rec := c.Record(i)
		f.columns.machine(rec, &row)
		s.addRow(w, &row, r)
		s.checkIDs(w, f.columns, rec, &row, r)
		theirs, claims := s.judge(w, f, rec, i, &row, r)
		if s.isLearned {
			continue
		}
		if len(theirs) == 0 && (len(row.owner) > 0 || len(row.environment) > 0) {
			r.named = append(r.named, copyHash(row.uid))
		}
		if s.seeds == nil {
			continue
		}
		f.columns.machineIDs(rec, &row)
		if len(theirs) == 0 && len(claims) == 0 {
			hashes = w.appendHashes(hashes, &row)
		} else {
			of := candidate{f.Export, slices.Clone(theirs), claims, row.lifetime(s.options.Zone)}
			r.machines = append(r.machines, s.newMachine(w, &row, of, w.machineLinks(&row)))
		}
	}
	s.otherLinks.Add(hashes)
	w.hashes = hashes
}

// newMachine returns the row of a virtual machine that disks with these links may belong to.
func (s *search) newMachine(w *worker, row *cells, of candidate, links []link) *machine {
	m := &machine{candidate: of, rival: newRival(row), owned: s.copyOwners(w, row), links: make([]keyedLink, 0, len(links))}
	for i, l := range links {
		key := linkKey{kind: l.kind, lab: w.lab.normal}
		if l.kind == resourceLink && i > 0 && links[i-1].kind == leaseLink {
			key.id = m.links[i-1].key.id // of the same cell
		} else {
			key.id = string(w.normalID(l))
		}
		m.links = append(m.links, keyedLink{l.hash, key})
	}
	m.ids = w.machineIDs(row)
	return m
}

// judge adds what is found in the row of a virtual machine. It returns the subjects whose
// it is, and those whose a person may decide that it is: see rowFinding.takesTheirs.
func (s *search) judge(w *worker, f *file, rec csvschema.Record, i int, row *cells, r *chunkResult) (theirs, claims []int) {
	owner := w.person(row.owner)
	// The owner of somebodyElse names somebody, or has the length of a GUID; see MayHold.
	if owner == &somebodyElse && len(row.owner) != len(identity.NilObjectID) {
		if _, isOthers := w.others.Get(row.environment); isOthers || len(row.environment) == 0 {
			return nil, nil
		}
	}
	first := len(r.findings)
	v := w.machine(owner, row)
	r.addMachine(i, v)
	theirs = v.theirs
	if f.columns.name >= 0 && w.namesNobody(row.owner) {
		r.addNamesakes(i, w.namesakes(rec.Cell(f.columns.name)))
	}
	for _, found := range r.findings[first:] {
		isAlias := found.kind == AliasCandidate
		if !isAlias || !slices.Contains(theirs, found.subject) && w.namesNobody(row.owner) {
			claims = append(claims, found.subject)
		}
	}
	return theirs, unique(claims)
}

// addMachine adds what was decided about the row of a virtual machine.
func (r *chunkResult) addMachine(row int, v machineVerdict) {
	for _, subject := range v.theirs {
		r.matches = append(r.matches, rowMatch{row: row, subject: subject, rule: v.rule})
	}
	for _, subject := range v.near {
		r.findings = append(r.findings, rowFinding{row: row, subject: subject, kind: NearMatch})
	}
	for _, subject := range v.alias {
		r.findings = append(r.findings, rowFinding{row: row, subject: subject, kind: AliasCandidate})
	}
}

// copyOwners returns the owner of a row and the users of its environment, if the caller asks
// for the owners of copies.
func (s *search) copyOwners(w *worker, row *cells) []string {
	if !s.options.CopyOwners {
		return nil
	}
	owners := []string{string(row.owner)}
	for _, x := range w.finder.UserSegments(nil, row.environment) {
		if !w.isNobody(x) {
			owners = append(owners, string(x))
		}
	}
	return owners
}

// addNamesakes adds the subjects after whom a virtual machine without an owner is named,
// of whom nothing else was found in the row.
func (r *chunkResult) addNamesakes(row int, subjects []int) {
	for _, subject := range subjects {
		first, firstFinding := len(r.matches), len(r.findings)
		for first > 0 && r.matches[first-1].row == row {
			first--
		}
		for firstFinding > 0 && r.findings[firstFinding-1].row == row {
			firstFinding--
		}
		if !r.isAbout(first, firstFinding, subject) {
			r.findings = append(r.findings, rowFinding{row: row, subject: subject, kind: NearMatch})
		}
	}
}

// findCandidates is pass 2.
func (s *search) findCandidates(w *worker, f *file, c *csvschema.Chunk, r *chunkResult) {
	var row cells
	for i := range c.Len() {
		rec := c.Record(i)
		f.columns.machine(rec, &row)
		s.findCopy(w, rec, i, &row, r)
		if len(s.subjectLinks) == 0 {
			continue
		}
		f.columns.machineIDs(rec, &row)
		w.setLab(row.lab)
		shared := slices.DeleteFunc(w.machineLinks(&row), func(l link) bool { return s.subjectLinks.find(&w.linker, l) == nil })
		if len(shared) > 0 && !s.mayBeTheirs(w, f, rec, i, &row, r) {
			r.machines = append(r.machines, s.newMachine(w, &row, candidate{f.Export, nil, nil, row.lifetime(s.options.Zone)}, shared))
		}
	}
}

// mayBeTheirs reports whether the row of a virtual machine was a candidate of pass 1.
func (s *search) mayBeTheirs(w *worker, f *file, rec csvschema.Record, i int, row *cells, r *chunkResult) bool {
	theirs, claims := s.judge(w, f, rec, i, row, r)
	r.matches, r.findings = r.matches[:0], r.findings[:0] // pass 2 has none
	return len(theirs)+len(claims) > 0
}

// linkDisks sets w.disks to the links of the disks of a chunk, and counts the disks. All links
// are touched before a machine is looked for: otherwise BenchmarkFilter takes 7 % longer for
// machines and disks, and more for larger files.
func (s *search) linkDisks(w *worker, f *file, c *csvschema.Chunk, r *chunkResult) {
	d := &w.disks
	d.links, d.exist, d.rows = d.links[:0], d.exist[:0], d.rows[:0]
	var row cells
	for i := range c.Len() {
		rec := c.Record(i)
		f.columns.disk(rec, &row)
		s.addRow(w, &row, r)
		s.checkIDs(w, f.columns, rec, &row, r)
		var disk linkedDisk
		d.links, disk.isLeased = w.appendDiskLinks(d.links, &row)
		disk.end, disk.isQuiet = len(d.links), w.lab.isQuiet(row.resource)
		d.rows = append(d.rows, disk)
	}
	for _, l := range d.links {
		w.touched ^= s.otherLinks.Touch(l.hash)
	}
	for _, l := range d.links {
		d.exist = append(d.exist, s.exists(l))
	}
}

// findDisks is pass 3.
func (s *search) findDisks(w *worker, f *file, c *csvschema.Chunk, r *chunkResult) {
	s.linkDisks(w, f, c, r)
	var row cells
	end := 0 // of the links of the disks so far
	for i, disk := range w.disks.rows {
		start := end
		end = disk.end
		w.links, w.exist = w.disks.links[start:end:end], w.disks.exist[start:end]
		if disk.isQuiet && disk.isLeased && end > start && w.exist[0] && !s.subjectLinks.has(w.links[0]) {
			continue // it is somebody else's, as nearly all are
		}
		f.columns.disk(c.Record(i), &row)
		w.setLab(row.lab)
		first, firstFinding := len(r.matches), len(r.findings)
		users, namesSomebody := w.userPath(row.resource)
		for _, subject := range users {
			r.matches = append(r.matches, rowMatch{row: i, subject: subject, rule: RuleUserPath})
		}
		isEverybodys := len(users) == len(s.report.Subjects)
		if !isEverybodys || s.options.CopyOwners {
			found, exists := s.subjectLinkOf(w)
			uncertain := s.contradictions(w, &row)
			r.addUndetermined(i, users, uncertain)
			if found != nil {
				known := append(uncertain, users...)
				r.addDisk(i, known, ofExport(found.candidates, f.Export), row.lifetime(s.options.Zone), disk.isLeased)
			}
			s.addRivals(w, r.findings[firstFinding:])
			if !isEverybodys {
				// A disk without a lease does not dangle if its path names somebody: it is
				// that person's.
				dangles := !exists && (disk.isLeased || !namesSomebody)
				near := w.nearPath()
				if dangles && !namesSomebody {
					near = w.alsoNear(near, row.resource)
				}
				r.addUnlinked(i, first, firstFinding, near, users, dangles, len(s.report.Subjects))
			}
			if found != nil {
				r.addOwners(first, firstFinding, found)
			}
		}
		matches := r.matches[first:]
		slices.SortFunc(matches, func(a, b rowMatch) int { return a.subject - b.subject })
		for _, m := range matches {
			if w.pathNamesOther(m.subject) {
				r.thirdParties = append(r.thirdParties, m.subject)
			}
		}
	}
}

// addUnlinked adds the subjects whom the path of a disk nearly names, of whom nothing was
// found from the given indexes on, and the disk itself if it dangles and is not, or
// nearly, that of each of the subjects.
func (r *chunkResult) addUnlinked(row, firstMatch, firstFinding int, near, users []int, dangles bool, subjects int) {
	firstNear := len(r.findings)
	for _, subject := range near {
		if !r.isAbout(firstMatch, firstFinding, subject) {
			r.findings = append(r.findings, rowFinding{row: row, subject: subject, kind: NearMatch})
		}
	}
	nearly := r.findings[firstNear:]
	if !dangles || len(users)+len(nearly) == subjects {
		return
	}
	r.dangling++
	r.notDangling = append(r.notDangling, users...)
	for _, f := range nearly {
		r.notDangling = append(r.notDangling, f.subject)
	}
	r.findings = append(r.findings, rowFinding{row: row, subject: NoSubject, kind: Dangling})
}

// isAbout reports whether a match or finding, from those of the given indexes on, is
// about the subject.
func (r *chunkResult) isAbout(firstMatch, firstFinding, subject int) bool {
	return slices.ContainsFunc(r.matches[firstMatch:], func(m rowMatch) bool { return m.subject == subject }) ||
		slices.ContainsFunc(r.findings[firstFinding:], func(f rowFinding) bool { return f.subject == subject })
}

// addDisk adds what the candidates of a disk say about each subject, except those about
// whom it is known already.
func (r *chunkResult) addDisk(row int, known []int, candidates []candidate, disk period.Lifetime, isLeased bool) {
	rule := RuleResource
	if isLeased {
		rule = RuleLease
	}
	theirs, undetermined := attribute(candidates, disk)
	for _, subject := range theirs {
		if !slices.Contains(known, subject) {
			r.matches = append(r.matches, rowMatch{row: row, subject: subject, rule: rule})
		}
	}
	r.addUndetermined(row, known, undetermined)
}

// addUndetermined adds a disk as undetermined for the subjects, except those about whom it
// is known already.
func (r *chunkResult) addUndetermined(row int, known, subjects []int) {
	for _, subject := range subjects {
		if !slices.Contains(known, subject) {
			r.findings = append(r.findings, rowFinding{row: row, subject: subject, kind: Undetermined})
		}
	}
}

// contradictions returns the subjects whose a disk without a lease may be, although its
// ResourceUId and ResourceId do not belong together: those whose the machines with that
// ResourceUId are or may be, if these or the disk have another ResourceId, and those whose
// the machines with that ResourceId are or may be, if another machine has the ResourceUId.
// The links of the disk are in w.links.
func (s *search) contradictions(w *worker, row *cells) (subjects []int) {
	if len(w.links) == 0 || w.links[0].kind != uidLink || !w.exist[0] {
		return nil
	}
	if l := s.subjectLinks.find(&w.linker, w.links[0]); l != nil {
		if of := l.settle(); of.contradicts || !areNamed(of.ids, w.machineOf(row.resource)) {
			subjects = appendSubjects(subjects, of.candidates)
		}
	}
	if len(w.links) > 1 {
		if l := s.subjectLinks.find(&w.linker, w.links[1]); l != nil {
			if uid, _ := w.hashUID(row.uid); !l.settle().uids[uid] {
				subjects = appendSubjects(subjects, l.settle().candidates)
			}
		}
	}
	return unique(subjects)
}

// addOwners adds the owners of the virtual machines with the link of a disk to what was
// found about the disk, from the given indexes on, for the subjects of these machines.
func (r *chunkResult) addOwners(firstMatch, firstFinding int, l *settledLink) {
	owners := slices.Clip(l.owners.texts)
	if len(owners) == 0 {
		return
	}
	subjects := appendSubjects(nil, l.candidates)
	isOf := func(subject int) bool { return slices.Contains(subjects, subject) }
	for i := range r.matches[firstMatch:] {
		if m := &r.matches[firstMatch+i]; isOf(m.subject) {
			m.owners = owners
		}
	}
	for i := range r.findings[firstFinding:] {
		if found := &r.findings[firstFinding+i]; isOf(found.subject) {
			found.owners = owners
		}
	}
}

// subjectLinkOf returns the link in w.links that a virtual machine of a subject has, or nil,
// and whether any machine has one, whoever owns it. The first link that a machine has
// decides.
func (s *search) subjectLinkOf(w *worker) (_ *settledLink, exists bool) {
	first := slices.Index(w.exist, true)
	if first < 0 {
		return nil, false
	}
	if found := s.subjectLinks.find(&w.linker, w.links[first]); found != nil {
		return found.settle(), true
	}
	return nil, true
}

// exists reports whether any virtual machine has a link, as far as the hashes can tell.
func (s *search) exists(l link) bool { return s.othersHave(l.hash, l.kind) || s.subjectLinks.has(l) }
