package csvschematest

import (
	"fmt"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE: The rows of a large export repeat in cycles. A template is a row of a cycle with
// holes, into which the numbers of a row are written. Each hole is a run of one of these
// characters, which no cell has:
//
//	"…/virtualmachines/␐␐␐␐␐␐␐␐␐␐042"   →   "…/virtualmachines/bodekalumi042"
//
// A person has rows in one cycle only. The three digits are those of the template: they
// tell the machines of the person apart, and local parts tell people apart, so that
// ResourceIds are unique.
const (
	holeLocal  = '\x10' // local part of the person's address
	holeUID    = '\x11' // number of the row in hex digits
	holeObject = '\x12' // number of the person in hex digits
	holeSID    = '\x13' // number of the person in decimal digits
	holeHit    = '\x14' // number of the subject's machine in decimal digits
)

// numbers are the numbers of a row.
type numbers struct {
	row    int64 // from 1
	person int64 // of the first person in the row's cycle
	hit    int64 // of the machine, among those of its subject
}

// A template is a row with holes.
type template struct {
	row     []byte
	holes   []hole
	person  int64     // number of the person in the cycle
	deleted time.Time // zero if the resource exists
}

// A hole is a place in a template for a number.
type hole struct {
	at, width int
	kind      byte
}

// newTemplate finds the holes in a row.
func newTemplate(row []byte, person int64, deleted time.Time) template {
	t := template{row: row, person: person, deleted: deleted}
	for at := 0; at < len(row); at++ {
		if kind := row[at]; kind >= holeLocal && kind <= holeHit {
			width := 1
			for row[at+width] == kind {
				width++
			}
			t.holes = append(t.holes, hole{at, width, kind})
			at += width - 1
		}
	}
	return t
}

// write writes a row to dst, which is large enough.
func (t *template) write(dst []byte, of numbers) {
	copy(dst, t.row)
	of.person += t.person
	local := localPart(of.person)
	for _, h := range t.holes {
		switch to := dst[h.at : h.at+h.width]; h.kind {
		case holeLocal:
			copy(to, local[:])
		case holeUID:
			writeNumber(to, of.row, 16)
		case holeObject:
			writeNumber(to, of.person, 16)
		case holeSID:
			writeNumber(to, of.person, 10)
		case holeHit:
			writeNumber(to, of.hit, 10)
		}
	}
}

// writeNumber writes the last digits of n.
func writeNumber(dst []byte, n, base int64) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = "0123456789abcdef"[n%base]
		n /= base
	}
}

// localParts is the number of local parts.
const localParts = 50 * 50 * 50 * 50 * 50

// localPart returns a local part of five syllables, another one for each number below
// localParts.
func localPart(person int64) (local [10]byte) {
	n := person * 193_135_621 % localParts // that has no divisor in common with localParts
	for i := range len(local) / 2 {
		local[2*i], local[2*i+1] = "bdklmnrstv"[n%10], "aeiou"[n/10%5]
		n /= 50
	}
	return local
}

// A templateMaker makes the templates of a large export. It plants rows like those of a
// small set, with holes.
type templateMaker struct {
	*world
	o    LargeOptions
	labs []lab
}

// newTemplateMaker returns a maker whose world has labs and no people.
func newTemplateMaker(seed uint64, o LargeOptions) *templateMaker {
	m := &templateMaker{world: emptyWorld(seed), o: o}
	for i := range o.Labs {
		m.labs = append(m.labs, m.lab(fmt.Sprintf("Load, Lab %d (large)", i+1), fmt.Sprintf("loadlab%d", i+1)))
	}
	return m
}

// newPerson returns a person at one of the domains. Object ends the object ID.
func (m *templateMaker) newPerson(local, object string) Person {
	domain := []string{"example.com", "contoso.com", "fabrikam.com", "example.test"}[m.rand.IntN(4)]
	return Person{Name: local, Identifiers: []string{local + "@" + domain, m.guid()[:36-len(object)] + object}}
}

// subjects returns the subjects.
func (m *templateMaker) subjects() []Person {
	var subjects []Person
	for i := range m.o.Subjects {
		subjects = append(subjects, m.newPerson(fmt.Sprintf("subject%04d", i), ""))
	}
	return subjects
}

// ofSubject returns the templates of a machine and a disk of the i-th subject.
func (m *templateMaker) ofSubject(p Person, i int, deleted bool) (vm, disk template) {
	digits := max(3, len(fmt.Sprint(2*m.o.Hits-1)))
	v, d := m.drafted(p, m.labs[i%len(m.labs)], strings.Repeat(string(holeHit), digits), deleted)
	return m.template(v, 0), m.template(d, 0)
}

// others returns the templates of a cycle of machines and disks, and the number of people
// in it. It deals the rows of each lab to people at random.
func (m *templateMaker) others() (vms, disks []template, people int64) {
	inLab := max(1, largeCycle/m.o.Labs)
	vms, disks = make([]template, inLab*m.o.Labs), make([]template, inLab*m.o.Labs)
	for in, l := range m.labs {
		var p Person
		var names []int // the three digits of the further machines of the person
		for _, row := range m.rand.Perm(inLab) {
			if len(names) == 0 {
				p = m.newPerson(strings.Repeat(string(holeLocal), 10), strings.Repeat(string(holeObject), 12))
				names = m.rand.Perm(1000)[:1+m.rand.IntN(40)]
				people++
			}
			i := row*m.o.Labs + in
			isActive := m.o.ActiveEvery > 0 && row%m.o.ActiveEvery == m.o.ActiveEvery-1
			v, d := m.drafted(p, l, fmt.Sprintf("%03d", names[0]), !isActive)
			names = names[1:]
			m.spell(i%100, p, v, d)
			vms[i], disks[i] = m.template(v, people-1), m.template(d, people-1)
		}
	}
	return vms, disks, people
}

// drafted returns a machine and a disk of a person.
func (m *templateMaker) drafted(p Person, l lab, digits string, deleted bool) (vm, disk *draft) {
	m.drafts = nil
	created, end := m.life()
	vm = m.vm(juneEast, "", l, p.Name+digits).owner(p.Identifiers[0])
	disk = m.disk(juneDisks, "", l, p.Name+digits+"-os")
	if m.rand.IntN(6) == 0 {
		vm.environment(p.Identifiers[1])
	}
	switch m.rand.IntN(8) {
	case 0: // a failed creation
		vm.set(csvschema.ComputeResourceId, "").set(csvschema.PricingTier, "")
	case 1:
		vm.set(csvschema.CustomImageId, l.id()+"/customimages/Base image, May")
		for c := csvschema.GalleryImageReferenceVersion; c <= csvschema.GalleryImageReferenceOsType; c++ {
			vm.set(c, "")
		}
	}
	vm.set(csvschema.ResourceUId, m.guid()[:24]+strings.Repeat(string(holeUID), 12))
	disk.of(vm).leasedBy(vm) // as documented
	for _, d := range []*draft{vm, disk} {
		d.created(created)
		if deleted {
			d.deleted(end)
		}
	}
	return vm, disk
}

// life returns when a machine is created and deleted, which is the same instant for every
// second machine.
func (m *templateMaker) life() (created, deleted time.Time) {
	const day = 24 * 60 * 60
	age, longest := m.rand.IntN(300*day), 60*day
	if m.o.NextMonth {
		age = -1 - m.rand.IntN(30*day)
		longest = -age
	}
	life := m.rand.IntN(longest) * m.rand.IntN(2)
	deleted = instant.Add(-time.Duration(age) * time.Second)
	return deleted.Add(-time.Duration(life) * time.Second), deleted
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
		vm.owner(strings.TrimRight(sid(m.guid()), "0123456789") + "1" + strings.Repeat(string(holeSID), 9))
	case 5:
		vm.owner("").set(csvschema.EnvironmentId, vm.lab.id()+"/users('"+id+"')/environments/web")
	case 6:
		disk.set(csvschema.LeasedByVmId, lease+"/")
	case 7:
		disk.set(csvschema.LeasedByVmId, "https://management.azure.com"+strings.ReplaceAll(lease, "/", "//"))
	case 8:
		disk.set(csvschema.LeasedByVmId, strings.ReplaceAll(lease[1:], "/", "%2F"))
	}
}

// template returns the template of a draft of a person.
func (m *templateMaker) template(d *draft, person int64) template {
	r := d.row(d.place.role.Columns(), m.o.Dialect)
	return newTemplate(appendRow(nil, r.Cells, r.quoted, lineEnd(m.o.CRLF)), person, d.deletion)
}

// header returns the header of a file.
func (m *templateMaker) header(role csvschema.Role) []byte {
	var names []string
	for _, c := range role.Columns() {
		names = append(names, c.String())
	}
	return appendRow(nil, names, make([]bool, len(names)), lineEnd(m.o.CRLF))
}
