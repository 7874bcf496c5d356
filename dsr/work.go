package dsr

import (
	"slices"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE. A request makes up to four passes, each over all files of one role:
//
//	1  disks      linksOf       how do disks name virtual machines? (hashes)
//	2  machines   machinesOf    whose are they: emit. Which links exist? Which
//	                            links are of the subjects' machines? (whole keys)
//	3  machines   candidatesOf  all machines, anybody's, that have such a link
//	4  disks      disksOf       whose are they: emit
//
// Without disks there is only pass 2; without a disk that is linked to one of the
// subjects' machines there is no pass 3.
//
// What a pass does with a chunk is a function of the chunk and of what earlier
// passes found, which no longer changes; its result is small and is taken up in
// the order of the file. Only marking links (see linkSet.mark) goes past that: it
// is a union of sets, which has no order.

// A workshop is what the work of all passes reads.
type workshop struct {
	index    *index
	subjects int
	zone     *time.Location
	links    *linkSet          // of the disks; nil without a disks file
	entries  map[string]int    // links of the subjects' machines that disks have, by key
	found    [][]candidate     // by the number of an entry, in the order of their export
	sets     *sets             // owners of candidates
	seen     map[seen]struct{} // while candidates are gathered
}

type seen struct {
	entry int
	candidate
}

// A result is what a pass found in one batch.
type result struct {
	hits     []hit
	findings []finding
	labs     map[string]*int64 // rows by normal form of LabUId
	period   csvschema.Period
	badDates int64 // rows with a date that cannot be read

	links      []uint64   // pass 1
	keys       []string   // pass 2: links of the subjects' machines
	candidates []gathered // pass 3
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
	entry  int
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

// linksOf is pass 1.
func (w *workshop) linksOf(s *scanner, b batch) *result {
	r := &result{links: make([]uint64, 0, b.len())}
	var row diskRow
	for i := range b.len() {
		b.disk(i, &row)
		s.setLab(row.lab)
		for _, kind := range s.linksBy(&row) {
			if key := s.link(kind, kind.of(&row)); key != nil {
				r.links = append(r.links, w.links.hash(key))
			}
		}
	}
	return r
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
		s.eachMachineLink(&row, func(key []byte) {
			if number := w.links.find(w.links.hash(key)); number >= 0 {
				w.links.mark(number)
				if len(v.theirs) > 0 {
					r.keys = append(r.keys, string(key))
				}
			}
		})
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
		s.eachMachineLink(&row, func(key []byte) {
			entry, ok := w.entries[string(key)]
			if !ok {
				return
			}
			v := s.machine(row.owner, row.environment)
			r.candidates = append(r.candidates, gathered{entry, slices.Clone(v.theirs), row.lifetime(w.zone)})
		})
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
		slices.SortFunc(hits, func(a, b hit) int { return a.subject - b.subject })
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
		key := s.link(kind, kind.of(row))
		if key == nil {
			continue
		}
		if entry, ok := w.entries[string(key)]; ok {
			return kind, w.found[entry], true
		}
		if w.links.marked(w.links.hash(key)) {
			return kind, nil, true
		}
	}
	return kind, nil, false
}
