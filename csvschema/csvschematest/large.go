package csvschematest

import (
	"context"
	"io"
	"sort"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// LargeOptions configures [NewLarge]. A nil *LargeOptions is the zero value.
type LargeOptions struct {
	Dialect Dialect // how cells are quoted; default Real
	CRLF    bool    // rows end with CR LF
	// Subjects is how many people have Hits rows each in each file. Default 1.
	Subjects int
	// Hits is how many rows each subject has in each file, spread over it.
	// Default 6; every second one is deleted.
	Hits int
	// DeletedEvery says that one in so many of the other rows is of a deleted
	// resource. Default 10; negative: none.
	DeletedEvery int
}

// A Large is an export of any size with rare rows of its subjects: one file of
// virtual machines and one of disks, in which the disk of a row is leased by the
// machine of the same row. It holds some megabytes, whatever the size: rows are
// made while they are read. It is safe for concurrent use; its readers are not.
type Large struct {
	subjects []Person
	hits     []Hit // in order of their rows
	rows     int64
	machines largeFile
	disks    largeFile
}

// A Hit is a row of a subject.
type Hit struct {
	Subject int   // index in the subjects
	Row     int64 // number of the data row in both files, from 1; it stands on the physical line after
}

// largeOthers is how many other people share the rows of a large export.
const largeOthers = 2000

// minRow is less than the bytes of any row of virtual machines.
const minRow = 300

// A largeFile is what the rows of one file are made from. Row n is the template
// of its subject, or that of others[(n-1) % len(others)], with n written into it.
type largeFile struct {
	header   []byte
	others   []template
	subjects [][2]template // an active one, and a deleted one
}

// A template is a row with places for its number.
type template struct {
	row     []byte
	digits  []int // where nine digits stand
	uid     int   // where the last twelve hex digits of ResourceUId stand
	deleted time.Time
}

// NewLarge returns an export whose file of virtual machines has at least so
// many bytes, and at least one row for each hit. The same arguments give the
// same bytes on every platform.
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
		vm, disk := m.templates(m.person("p", i), deleted)
		l.machines.others, l.disks.others = append(l.machines.others, vm), append(l.disks.others, disk)
	}
	for i := range opts.Subjects {
		p := m.person("subject", i)
		l.subjects = append(l.subjects, p)
		var vms, disks [2]template
		vms[0], disks[0] = m.templates(p, false)
		vms[1], disks[1] = m.templates(p, true)
		l.machines.subjects, l.disks.subjects = append(l.machines.subjects, vms), append(l.disks.subjects, disks)
	}
	l.place(size, opts)
	return l
}

// place finds the smallest number of rows that have the size, and spreads the
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

// Subjects returns the people who have rare rows.
func (l *Large) Subjects() []Person { return l.subjects }

// Rows returns the number of data rows, which is the same in both files.
func (l *Large) Rows() int64 { return l.rows }

// Hits returns the rows of the subjects in order. Each is theirs by [RuleOwner]
// in the file of virtual machines and by [RuleLease] in that of disks; all other
// rows are other people's.
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

// Due returns how many rows of a file are due at an instant: how many were
// deleted at least the retention before.
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

// Export returns the export, whose sources stream.
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

// other returns the template of a row that is no hit.
func (f *largeFile) other(row int64) *template {
	return &f.others[(row-1)%int64(len(f.others))]
}

// cycle returns the bytes of the first n rows without hits.
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
	rest  []byte // of the row or header that was begun
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

// template returns that of the next row, and steps over it. The number of the
// row is next-1 then.
func (r *largeReader) template() *template {
	row := r.next
	r.next++
	if r.hit < len(r.large.hits) && r.large.hits[r.hit].Row == row {
		r.hit++
		return r.large.subject(r.file, r.hit-1)
	}
	return r.file.other(row)
}

// write writes row n to dst, which has room for it.
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
