package csvschematest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sort"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// LargeOptions configures [NewLarge]. A nil *LargeOptions is the zero value.
type LargeOptions struct {
	Dialect Dialect // which cells are quoted; default Real
	CRLF    bool    // rows end with CR LF
	// Subjects is the number of subjects. Default 1.
	Subjects int
	// Hits is the number of rows of each subject in each file. They are spread evenly
	// over the file, and every second one is of a deleted resource. Default 6.
	Hits int
	// DeletedEvery is n if every n-th of the other rows is of a deleted resource.
	// Default 10; negative means none.
	DeletedEvery int
}

// A Large is an export of any size with a few rows of its subjects. It has one file of
// virtual machines and one of disks with as many rows. The machine of a row leases the
// disk of the same row. Rows are made while they are read, so a Large holds a few
// megabytes, whatever its size. It is safe for concurrent use. Only one goroutine may
// use a reader.
type Large struct {
	subjects []Person
	hits     []Hit // in order of their rows
	rows     int64
	machines largeFile
	disks    largeFile
}

// A Hit is a row of a subject.
type Hit struct {
	Subject int   // index in Large.Subjects
	Row     int64 // number of the data row in both files, from 1; its physical line is Row+1
}

// largeOthers is the number of other people in a large export.
const largeOthers = 2000

// minRow is less than the bytes of any row of virtual machines.
const minRow = 300

// A largeFile holds the templates of the rows of one file. Row n uses the template of
// its subject, or else others[(n-1) % len(others)], with n written into it.
type largeFile struct {
	header   []byte
	others   []template
	subjects [][2]template // an active one, and a deleted one
}

// A template is a row with places for its number.
type template struct {
	row     []byte
	digits  []int     // offsets of the number in nine decimal digits
	uid     int       // offset of the number in the last twelve hex digits of ResourceUId
	deleted time.Time // zero if the resource exists
}

// NewLarge returns an export whose file of virtual machines has at least size bytes
// and at least one row for each hit. The same arguments give the same bytes on every
// platform.
func NewLarge(seed uint64, size int64, o *LargeOptions) *Large {
	var opts LargeOptions
	if o != nil {
		opts = *o
	}
	if opts.Subjects == 0 {
		opts.Subjects = 1
	}
	if opts.Hits == 0 {
		opts.Hits = 6
	}
	if opts.DeletedEvery == 0 {
		opts.DeletedEvery = 10
	}
	m := newTemplateMaker(seed, opts)
	l := &Large{}
	l.machines.header = m.header(csvschema.VirtualMachines)
	l.disks.header = m.header(csvschema.Disks)
	for i := range largeOthers {
		deleted := opts.DeletedEvery > 0 && i%opts.DeletedEvery == opts.DeletedEvery-1
		vm, disk := m.templates(m.person("p", i), deleted, i%100)
		l.machines.others, l.disks.others = append(l.machines.others, vm), append(l.disks.others, disk)
	}
	for i := range opts.Subjects {
		p := m.person("subject", i)
		l.subjects = append(l.subjects, p)
		var vms, disks [2]template
		vms[0], disks[0] = m.templates(p, false, -1)
		vms[1], disks[1] = m.templates(p, true, -1)
		l.machines.subjects, l.disks.subjects = append(l.machines.subjects, vms), append(l.disks.subjects, disks)
	}
	l.place(size, opts)
	return l
}

// place finds the smallest number of rows with at least size bytes, and spreads the
// hits evenly over them.
func (l *Large) place(size int64, o LargeOptions) {
	hits := o.Hits * o.Subjects
	spread := func(rows int) {
		l.rows, l.hits = int64(rows), l.hits[:0]
		for i := range hits {
			at := int64(2*i+1) * l.rows / int64(2*hits)
			l.hits = append(l.hits, Hit{Subject: i % o.Subjects, Row: at + 1})
		}
	}
	spread(hits + sort.Search(int(size/minRow)+1, func(more int) bool {
		spread(hits + more)
		return l.Size(csvschema.VirtualMachines) >= size
	}))
}

// Subjects returns the people who have hits.
func (l *Large) Subjects() []Person { return l.subjects }

// Rows returns the number of data rows, which is the same in both files.
func (l *Large) Rows() int64 { return l.rows }

// Hits returns the rows of the subjects in order. They are theirs by [RuleOwner] in the
// file of virtual machines and by [RuleLease] in the file of disks. All other rows
// belong to other people.
func (l *Large) Hits() []Hit { return l.hits }

// Size returns the number of bytes of a file.
func (l *Large) Size(role csvschema.Role) int64 {
	f := l.file(role)
	n := int(l.rows % int64(len(f.others)))
	size := int64(len(f.header)) + l.rows/int64(len(f.others))*f.cycle(len(f.others)) + f.cycle(n)
	for i, h := range l.hits {
		size += int64(len(l.subject(f, i).row) - len(f.other(h.Row).row))
	}
	return size
}

// Due returns how many rows of a file are due at an instant: those whose resource was
// deleted at least the retention earlier.
func (l *Large) Due(role csvschema.Role, now time.Time, retention time.Duration) int64 {
	f := l.file(role)
	due := func(t template) int64 {
		if t.deleted.IsZero() || now.Before(t.deleted.Add(retention)) {
			return 0
		}
		return 1
	}
	var n int64
	rest := l.rows % int64(len(f.others))
	for i, t := range f.others {
		n += due(t) * (l.rows / int64(len(f.others)))
		if int64(i) < rest {
			n += due(t)
		}
	}
	for i, h := range l.hits {
		n += due(*l.subject(f, i)) - due(*f.other(h.Row))
	}
	return n
}

// Reader returns a reader of a file from its first byte.
func (l *Large) Reader(role csvschema.Role) io.Reader {
	f := l.file(role)
	return &largeReader{large: l, file: f, next: 1, rest: f.header}
}

// Export returns the export. Its sources stream.
func (l *Large) Export() csvschema.Export {
	source := func(role csvschema.Role) []csvschema.Source {
		return []csvschema.Source{{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(l.Reader(role)), nil }}}
	}
	return csvschema.Export{VirtualMachines: source(csvschema.VirtualMachines), Disks: source(csvschema.Disks)}
}

func (l *Large) file(role csvschema.Role) *largeFile {
	if role == csvschema.Disks {
		return &l.disks
	}
	return &l.machines
}

// subject returns the template of the i-th hit.
func (l *Large) subject(f *largeFile, i int) *template {
	h := l.hits[i]
	return &f.subjects[h.Subject][i/len(l.subjects)%2]
}

// other returns the template of a row that is not a hit.
func (f *largeFile) other(row int64) *template {
	return &f.others[(row-1)%int64(len(f.others))]
}

// cycle returns the size of the first n rows in a file without hits.
func (f *largeFile) cycle(n int) int64 {
	var size int64
	for _, t := range f.others[:n] {
		size += int64(len(t.row))
	}
	return size
}

// A largeReader makes rows while it is read.
type largeReader struct {
	large *Large
	file  *largeFile
	next  int64  // number of the next row
	hit   int    // number of the next hit
	rest  []byte // unread part of the header or of a row
	buf   []byte
}

// Read implements io.Reader.
func (r *largeReader) Read(p []byte) (int, error) {
	n := 0
	for n < len(p) {
		if len(r.rest) > 0 {
			c := copy(p[n:], r.rest)
			r.rest = r.rest[c:]
			n += c
			continue
		}
		if r.next > r.large.rows {
			if n == 0 {
				return 0, io.EOF
			}
			return n, nil
		}
		t := r.template()
		if len(p)-n >= len(t.row) {
			t.write(p[n:], r.next-1)
			n += len(t.row)
		} else {
			r.buf = append(r.buf[:0], t.row...)
			t.write(r.buf, r.next-1)
			r.rest = r.buf
		}
	}
	return n, nil
}

// template returns the template of the next row and advances. Afterwards the number of
// that row is next-1.
func (r *largeReader) template() *template {
	row := r.next
	r.next++
	if r.hit < len(r.large.hits) && r.large.hits[r.hit].Row == row {
		r.hit++
		return r.large.subject(r.file, r.hit-1)
	}
	return r.file.other(row)
}

// write writes row n to dst, which is large enough.
func (t *template) write(dst []byte, n int64) {
	copy(dst, t.row)
	var digits [9]byte
	hex := n
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = "0123456789"[n%10]
		n /= 10
	}
	for _, at := range t.digits {
		copy(dst[at:], digits[:])
	}
	for at := t.uid + 11; at >= t.uid; at-- {
		dst[at] = "0123456789abcdef"[hex&15]
		hex >>= 4
	}
}

// numeral and numeralUID are placeholders in a template for the number of its row.
const (
	numeral    = "#########"
	numeralUID = "############"
)

// A templateMaker makes the templates of a large export. It plants rows like those of a
// small set, with placeholders for the number of the row.
type templateMaker struct {
	*world
	o LargeOptions
}

// newTemplateMaker returns a maker whose world has one lab and no people.
func newTemplateMaker(seed uint64, o LargeOptions) *templateMaker {
	m := &templateMaker{world: emptyWorld(seed), o: o}
	m.east = m.lab("Load, Lab (large)", "loadlab")
	return m
}

// person returns the n-th person of a kind. Its name is unique.
func (m *templateMaker) person(kind string, n int) Person {
	name := fmt.Sprintf("%s%04d", kind, n)
	domain := []string{"example.com", "contoso.com", "fabrikam.com", "example.test"}[m.rand.IntN(4)]
	return Person{Name: name, Identifiers: []string{name + "@" + domain, m.guid()}}
}

// templates returns the templates of a machine and a disk of a person. If spelling is a
// number of spell, a cell is spelled in that way.
func (m *templateMaker) templates(p Person, deleted bool, spelling int) (vm, disk template) {
	created := m.rand.IntN(150)
	v := m.vm(juneEast, "", m.east, p.Name+numeral).owner(p.Identifiers[0]).created(day(created))
	d := m.disk(juneDisks, "", m.east, p.Name+numeral+"-os").created(day(created))
	// As in real files, only a few rows have the long cells.
	if m.rand.IntN(8) == 0 {
		v.environment(p.Identifiers[1])
	}
	if m.rand.IntN(8) != 0 {
		for c := csvschema.GalleryImageReferenceVersion; c <= csvschema.GalleryImageReferenceOsType; c++ {
			v.set(c, "")
		}
		v.set(csvschema.ComputeResourceId, "")
	}
	uid := m.guid()[:24]
	v.set(csvschema.ResourceUId, uid+numeralUID)
	d.of(v).leasedBy(v) // as documented
	m.spell(spelling, p, v, d)
	if deleted {
		t := day(created + m.rand.IntN(60))
		v.deleted(t)
		d.deleted(t)
	}
	m.drafts = nil
	return m.template(v), m.template(d)
}

// spell writes the owner, the user or the lease in one of the ways in which services and
// directories do.
func (m *templateMaker) spell(n int, p Person, vm, disk *draft) {
	mail, id := p.Identifiers[0], p.Identifiers[1]
	lease := disk.cells[csvschema.LeasedByVmId]
	switch n {
	case 0:
		vm.owner("SMTP:" + mail)
	case 1:
		vm.owner(p.Name + " <" + mail + ">")
	case 2:
		vm.owner(strings.ReplaceAll(id, "-", "") + mail)
	case 3:
		vm.owner(strings.ReplaceAll(mail, "@", "_") + "%23EXT%23@contoso.onmicrosoft.com")
	case 4:
		vm.owner(sid(id))
	case 5:
		vm.owner("").set(csvschema.EnvironmentId, m.east.id()+"/users('"+id+"')/environments/web")
	case 6:
		disk.set(csvschema.LeasedByVmId, lease+"/")
	case 7:
		disk.set(csvschema.LeasedByVmId, "https://management.azure.com"+strings.ReplaceAll(lease, "/", "//"))
	case 8:
		disk.set(csvschema.LeasedByVmId, strings.ReplaceAll(lease[1:], "/", "%2F"))
	}
}

// template returns the template of a draft.
func (m *templateMaker) template(d *draft) template {
	r := d.row(d.place.role.Columns(), m.o.Dialect)
	t := template{row: appendRow(nil, r.Cells, r.quoted, lineEnd(m.o.CRLF)), deleted: d.deletion}
	t.uid = bytes.Index(t.row, []byte(numeralUID))
	// numeralUID contains numeral: overwrite it before the search for numeral.
	copy(t.row[t.uid:], strings.Repeat("0", len(numeralUID)))
	for at := 0; ; {
		next := bytes.Index(t.row[at:], []byte(numeral))
		if next < 0 {
			return t
		}
		at += next
		t.digits = append(t.digits, at)
		at += len(numeral)
	}
}

// header returns the header of a file.
func (m *templateMaker) header(role csvschema.Role) []byte {
	var names []string
	for _, c := range role.Columns() {
		names = append(names, c.String())
	}
	return appendRow(nil, names, make([]bool, len(names)), lineEnd(m.o.CRLF))
}
