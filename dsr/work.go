package dsr

import (
	"slices"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE. A request makes up to four passes, each over all files of one role:
//
//	1  disks      linksOf       how do disks name virtual machines? (hashes)
//	2  machines   machinesOf    whose are they: emit. Who has which of the links?
//	                            The subjects' machines with a link (whole keys)
//	3  machines   candidatesOf  the others' machines that have such a link
//	4  disks      disksOf       whose are they: emit
//
// Without disks there is only pass 2. Pass 3 is needed only if others, too, have a
// link of a subject's machine, as far as the hashes can tell: where an ID was
// given out again, or a machine changed its owner.
//
// What a pass does with a chunk is a function of the chunk and of what earlier
// passes found, which no longer changes; its result is small and is taken up in
// the order of the file. Only adding and marking links (see linkSet) go past that:
// they are unions of sets, which have no order.

// A workshop is what the work of all passes reads.
type workshop struct {
	index    *index
	subjects int
	zone     *time.Location
	links    *linkSet          // of the disks; nil without a disks file
	entries  map[string]*entry // links of the subjects' machines that disks have, by key
	sets     *sets             // owners of candidates
	seen     map[seen]struct{} // while candidates are gathered
}

// An entry is a link of a subject's machine.
type entry struct {
	key        string
	number     int         // in links
	candidates []candidate // in the order of their export when all are gathered
}

type seen struct {
	*entry
	candidate
}

// A result is what a pass found in one batch.
type result struct {
	hits     []hit
	findings []finding
	labs     map[string]*int64 // rows by normal form of LabUId
	period   csvschema.Period
	badDates int64 // rows with a date that cannot be read

	candidates []gathered // passes 2 and 3
	dangling   int64      // pass 4: rows that dangle
	exempt     []int      // pass 4: subjects whose disk by its path dangles otherwise
	third      []int      // pass 4: subjects whose disk names somebody else
}

// A hit is a row that is a subject's.
type hit struct {
	row, subject int
	rule         Rule
}

// A finding is a row that a person must look at.
type finding struct {
	row, subject int
	kind         FindingKind
}

// A gathered candidate still lacks its export.
type gathered struct {
	key    string // of a link
	number int    // of the link
	owners []int
	lifetime
}

// begin makes an empty result.
func (s *scanner) begin() *result {
	s.labRows = nil
	return &result{labs: make(map[string]*int64)}
}

// row takes up what every row tells for the report: its lab, which the scanner
// remembers, and its dates.
func (w *workshop) row(s *scanner, lab []byte, d *dates, r *result) {
	if changed := s.setLab(lab); changed || s.labRows == nil {
		rows, ok := r.labs[string(s.lab)]
		if !ok {
			rows = new(int64)
			r.labs[string(s.lab)] = rows
		}
		s.labRows = rows
	}
	*s.labRows++
	created, deleted := r.period.Add(d.created, w.zone), r.period.Add(d.deleted, w.zone)
	if created != nil || deleted != nil {
		r.badDates++
	}
}

// linksOf is pass 1. It has no result.
func (w *workshop) linksOf(s *scanner, b batch) *result {
	hashes, kinds := s.hashes[:0], linkKinds(0)
	var row diskRow
	for i := range b.len() {
		b.disk(i, &row)
		s.setLab(row.lab)
		for _, kind := range s.linksBy(&row) {
			if link, ok := s.diskLink(kind, &row); ok {
				hashes, kinds = append(hashes, link.hash), kinds.with(kind)
			}
		}
	}
	w.links.add(hashes, kinds)
	s.hashes = hashes
	return nil
}

// machinesOf is pass 2.
func (w *workshop) machinesOf(s *scanner, b batch) *result {
	r := s.begin()
	var row machineRow
	for i := range b.len() {
		b.machine(i, &row)
		w.row(s, row.lab, &row.dates, r)
		v := s.machine(row.owner, row.environment)
		for _, subject := range v.theirs {
			r.hits = append(r.hits, hit{i, subject, v.rule})
		}
		for _, subject := range v.near {
			r.findings = append(r.findings, finding{i, subject, NearMatch})
		}
		for _, subject := range v.alias {
			r.findings = append(r.findings, finding{i, subject, AliasCandidate})
		}
		if w.links == nil || w.links.isEmpty() {
			continue
		}
		b.machineIDs(i, &row)
		for _, link := range s.machineLinks(&row) {
			number := w.links.find(link.hash)
			switch {
			case number < 0:
			case len(v.theirs) == 0:
				w.links.mark(number, ofOthers)
			default:
				w.links.mark(number, ofSubjects)
				r.candidates = append(r.candidates, gathered{string(s.keyOf(link)), number, slices.Clone(v.theirs), row.lifetime(w.zone)})
			}
		}
	}
	return r
}

// candidatesOf is pass 3.
func (w *workshop) candidatesOf(s *scanner, b batch) *result {
	r := &result{}
	var row machineRow
	for i := range b.len() {
		b.machine(i, &row)
		b.machineIDs(i, &row)
		s.setLab(row.lab)
		for _, link := range s.machineLinks(&row) {
			number := w.links.find(link.hash)
			if w.links.marked(number) != ofSubjects|ofOthers {
				continue
			}
			entry := w.entries[string(s.keyOf(link))]
			if entry != nil && len(s.machine(row.owner, row.environment).theirs) == 0 {
				r.candidates = append(r.candidates, gathered{entry.key, number, nil, row.lifetime(w.zone)})
			}
		}
	}
	return r
}

// disksOf is pass 4, for the files of one export.
func (w *workshop) disksOf(s *scanner, b batch, export int) *result {
	r := s.begin()
	var found []share
	var row diskRow
	for i := range b.len() {
		b.disk(i, &row)
		w.row(s, row.lab, &row.dates, r)
		p := s.path(row.resource)
		first := len(r.hits)
		for _, subject := range p.theirs {
			r.hits = append(r.hits, hit{i, subject, RuleUserPath})
		}
		if len(p.theirs) < w.subjects {
			kind, candidates, exists := w.machinesFor(s, &row)
			found = found[:0]
			if len(candidates) > 0 {
				found = shares(found, ofExport(candidates, export), row.lifetime(w.zone), w.sets)
			}
			for _, share := range found {
				switch {
				case slices.Contains(p.theirs, share.subject):
				case !share.theirs:
					r.findings = append(r.findings, finding{i, share.subject, Undetermined})
				case kind == leaseLink:
					r.hits = append(r.hits, hit{i, share.subject, RuleLease})
				default:
					r.hits = append(r.hits, hit{i, share.subject, RuleResource})
				}
			}
			// Without a lease a disk is that of whoever its path names.
			if !exists && (kind == leaseLink || p.named == 0) {
				r.dangling++
				r.exempt = append(r.exempt, p.theirs...)
				r.findings = append(r.findings, finding{i, NoSubject, Dangling})
			}
		}
		hits := r.hits[first:]
		if len(hits) > 1 {
			slices.SortFunc(hits, func(a, b hit) int { return a.subject - b.subject })
		}
		for _, h := range hits {
			if s.namesOther(h.subject) {
				r.third = append(r.third, h.subject)
			}
		}
	}
	return r
}

// machinesFor returns the virtual machines that a disk may belong to, if one of them is a subject's; whether there is any at all, anybody's; and
// the kind of the link that led there, or that was tried last.
func (w *workshop) machinesFor(s *scanner, row *diskRow) (kind linkKind, candidates []candidate, exists bool) {
	for _, kind = range s.linksBy(row) {
		link, ok := s.diskLink(kind, row)
		if !ok {
			continue
		}
		mark := w.links.marked(w.links.find(link.hash))
		if mark == 0 {
			continue
		}
		if mark&ofSubjects != 0 {
			if entry := w.entries[string(s.keyOf(link))]; entry != nil {
				candidates = entry.candidates
			}
		}
		return kind, candidates, true
	}
	return kind, nil, false
}
