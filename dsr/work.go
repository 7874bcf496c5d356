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
	labs     map[string]*int64 // rows, also none, by normal form of LabUId
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

// maxLabs is of how many labs a result keeps the counters for its next use.
const maxLabs = 64

// reset empties a result for its next use.
func (r *result) reset() {
	if len(r.labs) > maxLabs {
		clear(r.labs)
	}
	for _, rows := range r.labs {
		*rows = 0
	}
	clear(r.candidates) // they hold keys
	*r = result{
		hits: r.hits[:0], findings: r.findings[:0], labs: r.labs,
		candidates: r.candidates[:0], exempt: r.exempt[:0], third: r.third[:0],
	}
}

// row takes up what every row tells for the report: its lab, which the scanner
// remembers, and its dates.
func (w *workshop) row(s *scanner, lab []byte, sameLab bool, d *dates, r *result) {
	if s.labRows == nil || !sameLab && s.setLab(lab) {
		s.setLab(lab)
		rows, ok := r.labs[string(s.lab)]
		if !ok {
			rows = new(int64)
			r.labs[string(s.lab)] = rows
		}
		s.labRows = rows
	}
	*s.labRows++
	bad := len(d.created) > 0 && r.period.Add(d.created, w.zone) != nil
	bad = len(d.deleted) > 0 && r.period.Add(d.deleted, w.zone) != nil || bad
	if bad {
		r.badDates++
	}
}

// linked tells which links in scanner.found are those of a disk.
type linked struct {
	first, last int // without last
	isLeased    bool
}

// linksOfDisks sets found, hashes and linked to those of all disks of a batch.
func (s *scanner) linksOfDisks(b batch) {
	s.found, s.hashes, s.linked = s.found[:0], s.hashes[:0], s.linked[:0]
	var row diskRow
	for i := range b.len() {
		b.diskIDs(i, &row)
		s.setLab(row.lab)
		l := linked{first: len(s.found)}
		s.found, l.isLeased = s.appendDiskLinks(s.found, &row)
		l.last = len(s.found)
		s.linked = append(s.linked, l)
		for _, link := range s.found[l.first:] {
			s.hashes = append(s.hashes, link.hash)
		}
	}
}

// linksOf is pass 1. It has no result.
func (w *workshop) linksOf(s *scanner, b batch, _ *result) {
	s.linksOfDisks(b)
	kinds := linkKinds(0)
	for _, link := range s.found {
		kinds = kinds.with(link.kind)
	}
	w.links.add(s.hashes, kinds)
}

// machinesOf is pass 2.
func (w *workshop) machinesOf(s *scanner, b batch, r *result) {
	hashes, linked := s.hashes[:0], w.links != nil && !w.links.isEmpty()
	var row machineRow
	for i := range b.len() {
		b.machine(i, &row)
		w.row(s, row.lab, row.sameLab, &row.dates, r)
		var theirs []int
		if len(row.environment) > 0 || s.index.near.MayHold(row.owner) {
			theirs = s.machineOf(i, &row, r)
		}
		if !linked {
			continue
		}
		b.machineIDs(i, &row)
		for _, link := range s.machineLinks(&row) {
			if len(theirs) == 0 {
				hashes = append(hashes, link.hash)
			} else if number := w.links.find(link.hash); number >= 0 {
				w.links.mark(number, ofSubjects)
				r.candidates = append(r.candidates, gathered{string(s.keyOf(link)), number, slices.Clone(theirs), row.lifetime(w.zone)})
			}
		}
	}
	if len(hashes) > 0 {
		s.warmed = w.links.warm(hashes)
		w.links.markAll(hashes, ofOthers)
	}
	s.hashes = hashes
}

// machineOf takes up whose a row is, and returns the subjects whose it is.
func (s *scanner) machineOf(i int, row *machineRow, r *result) (theirs []int) {
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
	return v.theirs
}

// candidatesOf is pass 3.
func (w *workshop) candidatesOf(s *scanner, b batch, r *result) {
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
}

// disksOf is pass 4, for the files of one export.
func (w *workshop) disksOf(s *scanner, b batch, r *result, export int) {
	s.linksOfDisks(b)
	s.warmed = w.links.warm(s.hashes)
	var found []share
	var row diskRow
	for i := range b.len() {
		b.disk(i, &row)
		w.row(s, row.lab, false, &row.dates, r)
		p := s.path(row.resource)
		first := len(r.hits)
		for _, subject := range p.theirs {
			r.hits = append(r.hits, hit{i, subject, RuleUserPath})
		}
		if len(p.theirs) < w.subjects {
			candidates, exists := w.machinesFor(s, s.found[s.linked[i].first:s.linked[i].last])
			isLeased := s.linked[i].isLeased
			found = found[:0]
			if len(candidates) > 0 {
				found = shares(found, ofExport(candidates, export), row.lifetime(w.zone), w.sets)
			}
			for _, share := range found {
				switch {
				case slices.Contains(p.theirs, share.subject):
				case !share.theirs:
					r.findings = append(r.findings, finding{i, share.subject, Undetermined})
				case isLeased:
					r.hits = append(r.hits, hit{i, share.subject, RuleLease})
				default:
					r.hits = append(r.hits, hit{i, share.subject, RuleResource})
				}
			}
			// Without a lease a disk is that of whoever its path names.
			if !exists && (isLeased || p.named == 0) {
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
}

// machinesFor returns the virtual machines that a disk with these links may belong
// to, if one of them is a subject's; and whether there is any at all, anybody's.
func (w *workshop) machinesFor(s *scanner, links []link) (candidates []candidate, exists bool) {
	for _, link := range links {
		mark := w.links.marked(w.links.find(link.hash))
		if mark == 0 {
			continue
		}
		if mark&ofSubjects != 0 {
			if entry := w.entries[string(s.keyOf(link))]; entry != nil {
				candidates = entry.candidates
			}
		}
		return candidates, true
	}
	return nil, false
}
