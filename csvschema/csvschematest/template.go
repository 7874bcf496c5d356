package csvschematest

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
)

// numeral and numeralUID stand in a template where its row number will.
const (
	numeral    = "#########"
	numeralUID = "############"
)

// A templateMaker makes the templates of a large export. It plants rows as a
// small set does, and takes the number of the row out of them.
type templateMaker struct {
	*world
	o LargeOptions
}

// newTemplateMaker makes a world without people.
func newTemplateMaker(seed uint64, o LargeOptions) *templateMaker {
	m := &templateMaker{world: emptyWorld(seed), o: o}
	m.east = m.lab("Load, Lab (large)", "loadlab")
	return m
}

// person makes the n-th person of a kind.
func (m *templateMaker) person(kind string, n int) Person {
	name := fmt.Sprintf("%s%04d", kind, n)
	domain := []string{"example.com", "contoso.com", "fabrikam.com", "example.test"}[m.rand.IntN(4)]
	return Person{Name: name, Identifiers: []string{name + "@" + domain, m.guid()}}
}

// templates makes the machine and the disk of a person.
func (m *templateMaker) templates(p Person, deleted bool) (vm, disk template) {
	created := m.rand.IntN(150)
	v := m.vm(juneEast, "", m.east, p.Name+numeral).owner(p.Identifiers[0]).created(day(created))
	d := m.disk(juneDisks, "", m.east, p.Name+numeral+"-os").created(day(created))
	// As in real files, most rows have few of the long cells.
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
	if deleted {
		t := day(created + m.rand.IntN(60))
		v.deleted(t)
		d.deleted(t)
	}
	m.drafts = nil
	return m.template(v), m.template(d)
}

// template makes a template of a draft.
func (m *templateMaker) template(d *draft) template {
	r := d.row(d.place.role.Columns(), m.o.Dialect)
	t := template{row: appendRow(nil, r.Cells, r.quoted, lineEnd(m.o.CRLF)), deleted: d.deletion}
	t.uid = bytes.Index(t.row, []byte(numeralUID))
	// The long numeral holds the short one: hide it while the others are looked for.
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

// header makes the header of a file.
func (m *templateMaker) header(role csvschema.Role) []byte {
	var names []string
	for _, c := range role.Columns() {
		names = append(names, c.String())
	}
	return appendRow(nil, names, make([]bool, len(names)), lineEnd(m.o.CRLF))
}
