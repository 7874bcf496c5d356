package dsr

import (
	"slices"
)

// addRow adds what every row tells for the report: its lab, which the worker
// remembers, and its dates.
func (s *search) addRow(w *worker, lab []byte, sameLab bool, d *dates, r *findings) {
	if w.labRows == nil || !sameLab && w.setLab(lab) {
		w.setLab(lab)
		rows, ok := r.labs[string(w.lab)]
		if !ok {
			rows = new(int64)
			r.labs[string(w.lab)] = rows
		}
		w.labRows = rows
	}
	*w.labRows++
	bad := len(d.created) > 0 && r.period.Add(d.created, s.options.Zone) != nil
	bad = len(d.deleted) > 0 && r.period.Add(d.deleted, s.options.Zone) != nil || bad
	if bad {
		r.badDates++
	}
}

// A linksOfDisk tells which links of worker.found are those of a disk: found[first:last].
type linksOfDisk struct {
	first, last int
	isLeased    bool
}

// linksOfDisks sets found, hashes and byDisk to the links of all disks of a page.
func (w *worker) linksOfDisks(p page) {
	w.found, w.hashes, w.byDisk = w.found[:0], w.hashes[:0], w.byDisk[:0]
	var row diskRow
	for i := range p.Len() {
		p.file.columns.diskIDs(p.Record(i), &row)
		w.setLab(row.lab)
		l := linksOfDisk{first: len(w.found)}
		w.found, l.isLeased = w.appendDiskLinks(w.found, &row)
		l.last = len(w.found)
		w.byDisk = append(w.byDisk, l)
		for _, link := range w.found[l.first:] {
			w.hashes = append(w.hashes, link.hash)
		}
	}
}

// linkDisks is pass 1. It finds nothing.
func (s *search) linkDisks(w *worker, p page, _ *findings) {
	w.linksOfDisks(p)
	kinds := linkKinds(0)
	for _, link := range w.found {
		kinds = kinds.with(link.kind)
	}
	s.links.add(w.hashes, kinds)
}

// findMachines is pass 2.
func (s *search) findMachines(w *worker, p page, r *findings) {
	hashes, linked := w.hashes[:0], s.links != nil && !s.links.isEmpty()
	var row machineRow
	for i := range p.Len() {
		rec := p.Record(i)
		p.file.columns.machine(rec, i == 0, &row)
		s.addRow(w, row.lab, row.sameLab, &row.dates, r)
		var theirs []int
		if len(row.environment) > 0 || s.index.near.MayHold(row.owner) {
			v := w.machine(row.owner, row.environment)
			r.addMachine(i, v)
			theirs = v.theirs
		}
		if !linked {
			continue
		}
		p.file.columns.machineIDs(rec, &row)
		for _, link := range w.machineLinks(&row) {
			if len(theirs) == 0 {
				hashes = append(hashes, link.hash)
			} else if number := s.links.find(link.hash); number >= 0 {
				s.links.mark(number, ofSubjects)
				r.candidates = append(r.candidates, newCandidate{string(w.keyOf(link)), number, slices.Clone(theirs), row.lifetime(s.options.Zone)})
			}
		}
	}
	if len(hashes) > 0 {
		w.warmed = s.links.warm(hashes)
		s.links.markAll(hashes, ofOthers)
	}
	w.hashes = hashes
}

// addMachine adds what is decided about the row of a virtual machine.
func (r *findings) addMachine(row int, v machineVerdict) {
	for _, subject := range v.theirs {
		r.hits = append(r.hits, hit{row, subject, v.rule})
	}
	for _, subject := range v.near {
		r.open = append(r.open, openRow{row, subject, NearMatch})
	}
	for _, subject := range v.alias {
		r.open = append(r.open, openRow{row, subject, AliasCandidate})
	}
}

// findCandidates is pass 3.
func (s *search) findCandidates(w *worker, p page, r *findings) {
	var row machineRow
	for i := range p.Len() {
		rec := p.Record(i)
		p.file.columns.machine(rec, i == 0, &row)
		p.file.columns.machineIDs(rec, &row)
		w.setLab(row.lab)
		for _, link := range w.machineLinks(&row) {
			number := s.links.find(link.hash)
			if s.links.marked(number) != ofSubjects|ofOthers {
				continue
			}
			m := s.shared[string(w.keyOf(link))]
			if m != nil && len(w.machine(row.owner, row.environment).theirs) == 0 {
				r.candidates = append(r.candidates, newCandidate{m.key, number, nil, row.lifetime(s.options.Zone)})
			}
		}
	}
}

// findDisks is pass 4.
func (s *search) findDisks(w *worker, p page, r *findings) {
	w.linksOfDisks(p)
	w.warmed = s.links.warm(w.hashes)
	var found []share
	var row diskRow
	for i := range p.Len() {
		p.file.columns.disk(p.Record(i), &row)
		s.addRow(w, row.lab, false, &row.dates, r)
		user := w.path(row.resource)
		first := len(r.hits)
		for _, subject := range user.theirs {
			r.hits = append(r.hits, hit{i, subject, RuleUserPath})
		}
		if len(user.theirs) < s.subjects {
			isLeased := w.byDisk[i].isLeased
			candidates, exists := s.machinesOf(w, w.found[w.byDisk[i].first:w.byDisk[i].last])
			found = found[:0]
			if len(candidates) > 0 {
				found = shares(found, ofExport(candidates, p.file.Export), row.lifetime(s.options.Zone), s.owners)
			}
			for _, share := range found {
				switch {
				case slices.Contains(user.theirs, share.subject):
				case !share.theirs:
					r.open = append(r.open, openRow{i, share.subject, Undetermined})
				case isLeased:
					r.hits = append(r.hits, hit{i, share.subject, RuleLease})
				default:
					r.hits = append(r.hits, hit{i, share.subject, RuleResource})
				}
			}
			// Without a lease a disk belongs to the person in its path.
			if !exists && (isLeased || user.named == 0) {
				r.dangling++
				r.exempt = append(r.exempt, user.theirs...)
				r.open = append(r.open, openRow{i, NoSubject, Dangling})
			}
		}
		hits := r.hits[first:]
		if len(hits) > 1 {
			slices.SortFunc(hits, func(a, b hit) int { return a.subject - b.subject })
		}
		for _, h := range hits {
			if w.namesOther(h.subject) {
				r.third = append(r.third, h.subject)
			}
		}
	}
}

// machinesOf returns the virtual machines that a disk with these links may belong to,
// if one of them is a subject's, and whether there is any, whoever owns it.
func (s *search) machinesOf(w *worker, links []link) (candidates []candidate, exists bool) {
	for _, link := range links {
		mark := s.links.marked(s.links.find(link.hash))
		if mark == 0 {
			continue
		}
		if mark&ofSubjects != 0 {
			if m := s.shared[string(w.keyOf(link))]; m != nil {
				candidates = m.candidates
			}
		}
		return candidates, true
	}
	return nil, false
}
