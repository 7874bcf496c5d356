package response

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A survey is what a first pass over the rows finds, which the page is made of. It
// holds the entries that are shown and, for each record of the person, some 150
// bytes.
type survey struct {
	search *search
	rows   int64

	hasher    *csvschema.KeyHasher
	resources map[csvschema.Role]map[csvschema.KeyHash]*lifetime
	seen      map[[16]byte]*entry // by digest of the cells; nil for what is not shown
	distinct  map[csvschema.Role]int64
	entries   map[csvschema.Role][]*entry
	order     []*lifetime                 // of the resources, as they come
	files     map[place]int64             // rows of each file
	labs      map[string]string           // names of labs, by LabUId in normal form
	others    map[csvschema.Role][]string // names of columns that are not documented
}

// A lifetime is when a resource existed, as far as its records tell.
type lifetime struct {
	role             csvschema.Role
	name             string // as a label; of the first only
	created, deleted time.Time
}

func newSurvey(s *search) *survey {
	v := &survey{
		search: s, hasher: csvschema.NewKeyHasher(),
		resources: map[csvschema.Role]map[csvschema.KeyHash]*lifetime{},
		seen:      map[[16]byte]*entry{}, distinct: map[csvschema.Role]int64{},
		entries: map[csvschema.Role][]*entry{}, files: map[place]int64{},
		labs: map[string]string{}, others: map[csvschema.Role][]string{},
	}
	for _, role := range roles {
		v.resources[role] = map[csvschema.KeyHash]*lifetime{}
	}
	return v
}

// take takes up a row.
func (s *survey) take(p *printer, r *row, o *Options) {
	role := r.place.role
	if r.layout.others == nil {
		r.layout.others = s.othersOf(role, r.layout)
	}
	s.rows++
	s.files[r.place]++
	if name := r.cell(csvschema.LabName); name != "" {
		s.labs[r.key.LabUId()] = visible(name)
	}
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

func (s *survey) takeLifetime(r *row, o *Options) {
	role := r.place.role
	hash := s.hasher.Key(r.key)
	l := s.resources[role][hash]
	if l == nil || hash == (csvschema.KeyHash{}) {
		l = &lifetime{role: role}
		if len(s.resources[role]) < 2*maxTimeline { // some of which may have no date
			l.name = short(r.cell(csvschema.Name))
		}
		if hash == (csvschema.KeyHash{}) { // a row without a key is a resource of its own
			binary.BigEndian.PutUint64(hash[:], uint64(s.rows)) //nolint:gosec // not negative
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

// cellsDigest is a digest of the role, the names of the columns and the cells.
func cellsDigest(r *row) (sum [16]byte) {
	h := sha256.New()
	write := func(text string) {
		_, _ = h.Write([]byte(text)) // never fails
		_, _ = h.Write([]byte{0})    // no cell holds a NUL
	}
	write(r.place.role.String())
	for i, cell := range r.cells {
		write(r.layout.columns[i].String())
		write(r.layout.names[i])
		write(cell)
	}
	copy(sum[:], h.Sum(nil))
	return sum
}

const defaultMaxEntries = 500

func maxEntries(o *Options) int {
	if o.MaxEntries == 0 {
		return defaultMaxEntries
	}
	return o.MaxEntries
}
