package dsr

import (
	"slices"

	"github.com/labdsr/labdsr/csvschema"
)

// addRow counts a row for its lab, which the worker remembers, and adds its dates.
func (s *search) addRow(w *worker, row *cells, r *chunkResult) {
	// The first row of a chunk has no row before it, so that labRows is set there.
	if !row.sameLab && (w.setLab(row.lab) || w.labRows == nil) {
		rows, ok := r.labs[string(w.lab)]
		if !ok {
			rows = new(int64)
			r.labs[string(w.lab)] = rows
		}
		w.labRows = rows
	}
	*w.labRows++
	isBad := len(row.created) > 0 && r.period.addCell(row.created, s.options.Zone) != nil
	isBad = len(row.deleted) > 0 && r.period.addCell(row.deleted, s.options.Zone) != nil || isBad
	if isBad {
		r.badDates++
	}
}

// checkIDs notes where a row has an object ID of a subject in place of an ID of something
// else.
func (s *search) checkIDs(w *worker, at *columns, rec csvschema.Record, r *chunkResult) {
	if !s.index.hasIDs {
		return
	}
	for i, position := range at.notPeople {
		if position < 0 || rec.Repeats(position) {
			continue
		}
		id := rec.Cell(position)
		if len(id) == 0 || !s.index.ids[id[0]] {
			continue
		}
		for _, subject := range w.subjectsOf(id) {
			r.noteID(subject, notPeople[i])
		}
	}
}

// noteID notes that a column has an object ID of a subject.
func (r *chunkResult) noteID(subject int, c csvschema.Column) {
	if id := (misplacedID{subject, c}); !slices.Contains(r.misplaced, id) {
		r.misplaced = append(r.misplaced, id)
	}
}

// linkDisks is pass 1. It adds the links of the disks to the linkSet.
func (s *search) linkDisks(w *worker, f *file, c *csvschema.Chunk, _ *chunkResult) {
	kinds := linkKinds(0)
	hashes := w.hashes[:0]
	var row cells
	for i := range c.Len() {
		f.columns.diskIDs(c.Record(i), &row)
		w.setLab(row.lab)
		w.links, _ = w.appendDiskLinks(w.links[:0], &row)
		for _, l := range w.links {
			kinds = kinds.with(l.kind)
			hashes = append(hashes, l.hash)
		}
	}
	s.linkSet.add(hashes, kinds)
	w.hashes = hashes
}

// findMachines is pass 2.
func (s *search) findMachines(w *worker, f *file, c *csvschema.Chunk, r *chunkResult) {
	hashes := w.hashes[:0] // of the links of machines of other people
	hasLinks := s.linkSet != nil && !s.linkSet.isEmpty()
	var row cells
	for i := range c.Len() {
		rec := c.Record(i)
		f.columns.machine(rec, &row)
		s.addRow(w, &row, r)
		s.checkIDs(w, f.columns, rec, r)
		var theirs []int
		if len(row.environment) > 0 || s.index.near.MayHold(row.owner) {
			v := w.machine(row.owner, row.environment)
			r.addMachine(i, v)
			theirs = v.theirs
		}
		if !hasLinks {
			continue
		}
		f.columns.machineIDs(rec, &row)
		for _, l := range w.machineLinks(&row) {
			if len(theirs) == 0 {
				hashes = append(hashes, l.hash)
			} else if number := s.linkSet.find(l.hash); number >= 0 {
				s.linkSet.mark(number, ofSubjects)
				own := candidate{f.Export, slices.Clone(theirs), row.lifetime(s.options.Zone)}
				r.candidates = append(r.candidates, linkCandidate{string(w.linkKey(l)), number, own})
			}
		}
	}
	if len(hashes) > 0 {
		s.linkSet.markAll(hashes, ofOthers)
	}
	w.hashes = hashes
}

// addMachine adds what was decided about the row of a virtual machine.
func (r *chunkResult) addMachine(row int, v machineVerdict) {
	for _, subject := range v.theirs {
		r.matches = append(r.matches, rowMatch{row, subject, v.rule})
	}
	for _, subject := range v.near {
		r.findings = append(r.findings, rowFinding{row, subject, NearMatch})
	}
	for _, subject := range v.alias {
		r.findings = append(r.findings, rowFinding{row, subject, AliasCandidate})
	}
}

// findCandidates is pass 3.
func (s *search) findCandidates(w *worker, f *file, c *csvschema.Chunk, r *chunkResult) {
	var row cells
	for i := range c.Len() {
		rec := c.Record(i)
		f.columns.machine(rec, &row)
		f.columns.machineIDs(rec, &row)
		w.setLab(row.lab)
		for _, l := range w.machineLinks(&row) {
			number := s.linkSet.find(l.hash)
			if s.linkSet.marked(number) != ofSubjects|ofOthers {
				continue
			}
			key := w.linkKey(l)
			if s.subjectLinks[string(key)] != nil && len(w.machine(row.owner, row.environment).theirs) == 0 {
				other := candidate{f.Export, nil, row.lifetime(s.options.Zone)}
				r.candidates = append(r.candidates, linkCandidate{string(key), number, other})
			}
		}
	}
}

// findDisks is pass 4.
func (s *search) findDisks(w *worker, f *file, c *csvschema.Chunk, r *chunkResult) {
	var row cells
	for i := range c.Len() {
		rec := c.Record(i)
		f.columns.disk(rec, &row)
		s.addRow(w, &row, r)
		s.checkIDs(w, f.columns, rec, r)
		first, firstFinding := len(r.matches), len(r.findings)
		users, namesSomebody := w.userPath(row.resource)
		for _, subject := range users {
			r.matches = append(r.matches, rowMatch{i, subject, RuleUserPath})
		}
		if len(users) < len(s.report.Subjects) {
			var isLeased bool
			w.links, isLeased = w.appendDiskLinks(w.links[:0], &row)
			candidates, exists := s.candidatesOf(w, w.links, f.Export)
			if len(candidates) > 0 {
				r.addDisk(i, users, candidates, row.lifetime(s.options.Zone), isLeased)
			}
			// A disk without a lease does not dangle if its path names somebody: it is
			// that person's.
			dangles := !exists && (isLeased || !namesSomebody)
			firstNear := len(r.findings)
			for _, subject := range w.nearPath() {
				if !r.isAbout(first, firstFinding, subject) {
					r.findings = append(r.findings, rowFinding{i, subject, NearMatch})
				}
			}
			nearly := r.findings[firstNear:]
			if dangles && len(users)+len(nearly) < len(s.report.Subjects) {
				r.dangling++
				r.notDangling = append(r.notDangling, users...)
				for _, f := range nearly {
					r.notDangling = append(r.notDangling, f.subject)
				}
				r.findings = append(r.findings, rowFinding{i, NoSubject, Dangling})
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

// isAbout reports whether a match or finding, from those of the given indexes on, is
// about the subject.
func (r *chunkResult) isAbout(firstMatch, firstFinding, subject int) bool {
	return slices.ContainsFunc(r.matches[firstMatch:], func(m rowMatch) bool { return m.subject == subject }) ||
		slices.ContainsFunc(r.findings[firstFinding:], func(f rowFinding) bool { return f.subject == subject })
}

// addDisk adds what the candidates of a disk say about each subject, except the users
// of its path, to whom the disk belongs already.
func (r *chunkResult) addDisk(row int, users []int, candidates []candidate, disk lifetime, isLeased bool) {
	rule := RuleResource
	if isLeased {
		rule = RuleLease
	}
	theirs, undetermined := attribute(candidates, disk)
	for _, subject := range theirs {
		if !slices.Contains(users, subject) {
			r.matches = append(r.matches, rowMatch{row, subject, rule})
		}
	}
	for _, subject := range undetermined {
		if !slices.Contains(users, subject) {
			r.findings = append(r.findings, rowFinding{row, subject, Undetermined})
		}
	}
}

// candidatesOf returns the virtual machines that a disk with these links may belong
// to, if one of them is a subject's, and whether there is any, whoever owns it. The
// first link that a machine has decides.
func (s *search) candidatesOf(w *worker, links []link, export int) (candidates []candidate, exists bool) {
	for _, l := range links {
		mark := s.linkSet.marked(s.linkSet.find(l.hash))
		if mark == 0 {
			continue
		}
		if mark&ofSubjects != 0 {
			if found := s.subjectLinks[string(w.linkKey(l))]; found != nil {
				candidates = ofExport(found.candidates, export)
			}
		}
		return candidates, true
	}
	return nil, false
}
