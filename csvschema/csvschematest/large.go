package csvschematest

import (
	"cmp"
	"context"
	"io"
	"sort"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// LargeOptions configures [NewLarge]. A nil *LargeOptions is the zero value.
type LargeOptions struct {
	Dialect Dialect // which cells are quoted; default Real
	CRLF    bool    // rows end with CR LF
	// Labs is the number of labs, each in its own subscription. Neighbouring rows are of
	// different labs. Default 1.
	Labs int
	// Subjects is the number of subjects. Default 1.
	Subjects int
	// Hits is the number of rows of each subject in each file. They are spread evenly
	// over the file, and every second one is of a deleted resource. Default 6.
	Hits int
	// ActiveEvery is n if every n-th of the other rows is of a resource that exists.
	// Default 10; negative means none.
	ActiveEvery int
	// NextMonth makes the rows that are new a month later: of the same labs and subjects,
	// with other keys and other people, and with all dates in the 30 days after
	// 1 September 2024.
	NextMonth bool
}

// A Large is an export of any size in the shape of real ones, with a few rows of its
// subjects. It has one file of virtual machines and one of disks with as many rows. The
// machine of a row leases the disk of the same row. Rows are made while they are read, so
// a Large holds a few megabytes, whatever its size. It is safe for concurrent use. Only
// one goroutine may use a reader.
//
// A person has 1 to 40 machines of one lab, not next to each other, whose names are the
// local part of the person's address and three digits. Nine of ten machines are deleted,
// half of these at the instant of CreatedTime. The deletions are spread over the 300 days
// before 1 September 2024, 12:00 UTC: nine of ten are at least 30 days old then. One
// machine in six is from an environment. Nine rows of a hundred spell the owner, the user
// or the lease as services and directories do.
type Large struct {
	subjects []Person
	hits     []Hit // in order of their rows
	rows     int64
	first    numbers // of the first row
	people   int64   // in a cycle
	machines largeFile
	disks    largeFile
}

// A Hit is a row of a subject.
type Hit struct {
	Subject int   // index in Large.Subjects
	Row     int64 // number of the data row in both files, from 1; its physical line is Row+1
}

// largeCycle is the number of rows after which other people have rows of the same
// templates, or a little less: a multiple of the number of labs.
const largeCycle = 2000

// minRow is less than the bytes of any row of virtual machines.
const minRow = 300

// A largeFile holds the templates of the rows of one file. Row n uses the template of
// its subject, or else others[(n-1) % len(others)], with its numbers written into it.
type largeFile struct {
	header   []byte
	others   []template
	subjects [][2]template // an active one, and a deleted one
}

// NewLarge returns an export whose file of virtual machines has at least size bytes
// and at least one row for each hit. The same arguments give the same bytes on every
// platform.
func NewLarge(seed uint64, size int64, o *LargeOptions) *Large {
	var opts LargeOptions
	if o != nil {
		opts = *o
	}
	opts.Labs = cmp.Or(opts.Labs, 1)
	opts.Subjects = cmp.Or(opts.Subjects, 1)
	opts.Hits = cmp.Or(opts.Hits, 6)
	opts.ActiveEvery = cmp.Or(opts.ActiveEvery, 10)
	m := newTemplateMaker(seed, opts)
	l := &Large{subjects: m.subjects()}
	if opts.NextMonth {
		l.first = numbers{row: 1 << 40, person: localParts / 2, hit: int64(opts.Hits)}
	}
	l.machines.header = m.header(csvschema.VirtualMachines)
	l.disks.header = m.header(csvschema.Disks)
	l.machines.others, l.disks.others, l.people = m.others()
	for i, p := range l.subjects {
		var vms, disks [2]template
		vms[0], disks[0] = m.ofSubject(p, i, false)
		vms[1], disks[1] = m.ofSubject(p, i, true)
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
		t, of := r.template()
		if len(p)-n >= len(t.row) {
			t.write(p[n:], of)
			n += len(t.row)
		} else {
			r.buf = append(r.buf[:0], t.row...)
			t.write(r.buf, of)
			r.rest = r.buf
		}
	}
	return n, nil
}

// template returns the template of the next row and its numbers, and advances.
func (r *largeReader) template() (*template, numbers) {
	l, row := r.large, r.next
	of := numbers{row: l.first.row + row, person: l.first.person + (row-1)/int64(len(r.file.others))*l.people, hit: l.first.hit}
	r.next++
	if r.hit < len(l.hits) && l.hits[r.hit].Row == row {
		of.hit += int64(r.hit / len(l.subjects))
		r.hit++
		return l.subject(r.file, r.hit-1), of
	}
	return r.file.other(row), of
}
