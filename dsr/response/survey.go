package response

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/redact"
)

// A survey is the result of a first pass over the rows of a person. The page is made from
// it. It holds the entries that the page shows and about 150 bytes for each record of the
// person.
type survey struct {
	answer
	count int64 // of the rows

	resources map[csvschema.Role]map[csvschema.KeyHash]*lifetime
	seen      map[[16]byte]*entry // by digest of the cells; nil if the page does not show the record
	distinct  map[csvschema.Role]int64
	entries   map[csvschema.Role][]*entry
	order     []*lifetime                 // of the resources, in the order of their first rows
	files     map[place]int64             // rows of each file
	labs      map[string]string           // names of labs, by LabUId in normal form
	uids      map[string]string           // LabUIds as the person may see them, by their normal form
	others    map[csvschema.Role][]string // names of the unknown columns
	othersAt  map[*layout][]int           // for each column, its index in others; -1 for a documented one
}

// A lifetime is the time in which a resource existed, according to its records.
type lifetime struct {
	role             csvschema.Role
	name             string // as a label; only set for the first resources
	created, deleted time.Time
}

func newSurvey(a answer) *survey {
	v := &survey{
		answer:    a,
		resources: map[csvschema.Role]map[csvschema.KeyHash]*lifetime{},
		seen:      map[[16]byte]*entry{}, distinct: map[csvschema.Role]int64{},
		entries: map[csvschema.Role][]*entry{}, files: map[place]int64{},
		labs: map[string]string{}, uids: map[string]string{}, others: map[csvschema.Role][]string{},
		othersAt: map[*layout][]int{},
	}
	for _, role := range roles {
		v.resources[role] = map[csvschema.KeyHash]*lifetime{}
	}
	return v
}

// take adds a row to the survey.
func (s *survey) take(p *printer, r *row, o *Options) {
	role := r.layout.place.role
	if s.othersAt[r.layout] == nil {
		s.othersAt[r.layout] = s.othersOf(role, r.layout)
	}
	s.count++
	s.files[r.layout.place]++
	if name := r.cell(csvschema.LabName); name != "" {
		s.labs[r.lab] = visible(name)
	}
	s.uids[r.lab] = r.cell(csvschema.LabUId)
	s.takeLifetime(r, o)

	digest := cellsDigest(r)
	e, known := s.seen[digest]
	switch {
	case !known:
		s.distinct[role]++
		if len(s.entries[role]) < maxEntries(o) {
			e = s.newEntry(p, r, o)
			s.entries[role] = append(s.entries[role], e)
		}
		s.seen[digest] = e
	case e != nil:
		e.copies++
	}
}

// takeLifetime adds the dates of a row to the lifetime of its resource.
func (s *survey) takeLifetime(r *row, o *Options) {
	role, hash := r.layout.place.role, r.hash
	l := s.resources[role][hash]
	if l == nil || hash == (csvschema.KeyHash{}) {
		l = &lifetime{role: role}
		if len(s.resources[role]) < 2*maxTimeline { // some of these may have no date
			l.name = short(r.cell(csvschema.Name))
		}
		if hash == (csvschema.KeyHash{}) { // each row without a key is another resource
			binary.BigEndian.PutUint64(hash[:], uint64(s.count)) //nolint:gosec // not negative
		}
		s.resources[role][hash] = l
		s.order = append(s.order, l)
	}
	created, _, err := csvschema.ParseTime([]byte(r.cell(csvschema.CreatedTime)), zoneOf(o))
	if err == nil && !created.IsZero() && (l.created.IsZero() || created.Before(l.created)) {
		l.created = created.In(zoneOf(o))
	}
	deleted, _, err := csvschema.ParseTime([]byte(r.cell(csvschema.DeletedDate)), zoneOf(o))
	if err == nil && deleted.After(l.deleted) {
		l.deleted = deleted.In(zoneOf(o))
	}
}

// cellsDigest returns a digest of the role, the names of the columns and the cells.
func cellsDigest(r *row) (sum [16]byte) {
	h := sha256.New()
	write := func(text string) {
		_, _ = h.Write([]byte(text)) // never fails
		_, _ = h.Write([]byte{0})    // no cell holds a NUL
	}
	write(r.layout.place.role.String())
	for i, cell := range r.cells {
		write(r.layout.columns[i].String())
		write(r.layout.names[i])
		write(cell)
	}
	copy(sum[:], h.Sum(nil))
	return sum
}

// labUId returns a LabUId that some row has, as the person may see it. A cell that is no
// GUID may name anybody, if it is not in a row of the person.
func (s *survey) labUId(normal string) string {
	if id, err := identity.Parse(normal); normal == "" || err == nil && id.IsObjectID() {
		return normal
	}
	if cell, ok := s.uids[normal]; ok {
		return cell
	}
	return redact.HiddenText
}

const defaultMaxEntries = 500

func maxEntries(o *Options) int {
	if o.MaxEntries == 0 {
		return defaultMaxEntries
	}
	return o.MaxEntries
}
