package dsr_test

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

// A refFile is one file of a world. Each row has a number of its own in the cell Row.
type refFile struct {
	role   csvschema.Role
	header []string
	rows   [][]string
}

func (f *refFile) text(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, csv.NewWriter(&buf).WriteAll(append([][]string{f.header}, f.rows...)))
	return buf.Bytes()
}

// A refWorld is a few exports, and a request for some people.
type refWorld struct {
	exports  [][]refFile
	subjects []refSubject
	decides  uint64 // what a person decides; 0: nothing
	workers  int
}

func (w *refWorld) clone() *refWorld {
	c := *w
	c.exports = nil
	for _, e := range w.exports {
		var files []refFile
		for _, f := range e {
			f.header = slices.Clone(f.header)
			var rows [][]string
			for _, row := range f.rows {
				rows = append(rows, slices.Clone(row))
			}
			files = append(files, refFile{f.role, f.header, rows})
		}
		c.exports = append(c.exports, files)
	}
	return &c
}

// sources returns the exports as they are given to package dsr.
func (w *refWorld) sources(t *testing.T) (all []csvschema.Export) {
	t.Helper()
	for _, e := range w.exports {
		var export csvschema.Export
		for _, f := range e {
			if f.role == csvschema.Disks {
				export.Disks = append(export.Disks, source(f.text(t)))
			} else {
				export.VirtualMachines = append(export.VirtualMachines, source(f.text(t)))
			}
		}
		all = append(all, export)
	}
	return all
}

func (w *refWorld) realSubjects(t *testing.T) (all []dsr.Subject) {
	t.Helper()
	for _, s := range w.subjects {
		var ids []identity.Identifier
		for _, id := range s {
			parse := identity.Parse
			if id.verbatim {
				parse = identity.Verbatim
			}
			parsed, err := parse(id.text)
			require.NoError(t, err)
			ids = append(ids, parsed)
		}
		real, err := dsr.NewSubject(ids...)
		require.NoError(t, err)
		all = append(all, real)
	}
	return all
}

// decision returns what a person decides about a finding: the same for the same finding.
func (w *refWorld) decision(row string, subject int, word string) dsr.Decision {
	if w.decides == 0 || subject == dsr.NoSubject {
		return dsr.Undecided
	}
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, w.decides, row, subject, word) // a hash never fails
	return dsr.Decision(h.Sum64() >> 7 % 3)
}

// A refDice makes decisions at random.
type refDice struct {
	*rand.Rand
	people []int  // whom the world is about, by index
	few    uint64 // which values refOne returns of many; 0: all
}

// person returns one of the people.
func (d refDice) person() int { return refOne(d, d.people...) }

// address returns the address of one of the people.
func (d refDice) address() string { return refAddresses[d.person()] }

// refOne returns one of the values. In some worlds it is one of three: few values often
// meet in a way that many never do.
func refOne[T any](d refDice, values ...T) T {
	n := uint64(len(values))
	if d.few != 0 && n > 3 {
		return values[(d.few>>(20*d.IntN(3)))&0xfffff*n>>20]
	}
	return values[d.IntN(len(values))]
}

// rarely returns one of the values in one of n cases, and otherwise the first.
func (d refDice) rarely(n int, common string, values ...string) string {
	if d.IntN(n) > 0 {
		return common
	}
	return refOne(d, values...)
}

// The people of worlds, many with nearly the same address.
var refAddresses = []string{
	"ann@example.com", "joann@example.com", "ann+lab@example.com", "a.nn@example.com", "ann@fabrikam.onmicrosoft.com",
	"ann_example.com#EXT#@fabrikam.onmicrosoft.com", "straße@example.com", "strasse@example.com", "\uff41nn@example.com",
	"jos\u00e9@contoso.com", "jose@contoso.com", "o'brien@contoso.com", "brien@contoso.com", "li_na@example.com", "李小龙@example.com",
	"ann@example.com.example.test", "bob@contoso.com",
}

const refUIDPrefix = "d15c0000-0000-4000-8000-00000000000"

// refObjectID returns the object ID of the i-th of the people.
func refObjectID(i int) string {
	return fmt.Sprintf("0a11ce%02x-5f0a-4f0e-8f5c-3f1d2b7a6c%02x", i, 0xf0-i)
}

// refSIDOf returns the SID of an object ID.
func refSIDOf(objectID string) string {
	b, _ := hex.DecodeString(strings.ReplaceAll(objectID, "-", ""))
	slices.Reverse(b[:4])
	slices.Reverse(b[4:6])
	slices.Reverse(b[6:8])
	var sid strings.Builder
	sid.WriteString("S-1-12-1")
	for i := 0; i < 16; i += 4 {
		sid.WriteString("-" + strconv.FormatUint(uint64(binary.LittleEndian.Uint32(b[i:])), 10))
	}
	return sid.String()
}

// refWhole returns a spelling of an identifier that is the identifier.
func refWhole(d refDice, text string) string {
	if !strings.Contains(text, "@") {
		return refOne(d, text, text, strings.ToUpper(text), "{"+text+"}", strings.ReplaceAll(text, "-", ""), refSIDOf(text), " "+text+"\u200b")
	}
	return refOne(d, text, text, refCapital(text), " "+text, text+"\u00a0\u200b", norm.NFD.String(text), strings.Replace(text, "example.com", "EXAMPLE.com", 1))
}

// refCapital returns the text with capitals for its first letters.
func refCapital(text string) string {
	first, rest, _ := strings.Cut(text, "n")
	return strings.ToUpper(first) + strings.Repeat("n", len(text)-len(first)-len(rest)) + rest
}

// refBeside returns a text that holds an identifier and is not the identifier, or is
// another that resembles it.
func refBeside(d refDice, person int) string {
	a, id := refAddresses[person], refObjectID(person)
	other := d.address()
	local, domain, _ := strings.Cut(a, "@")
	return refOne(d,
		"live.com#"+a, "SMTP:"+a, "smtp:"+refCapital(a), "Ann Lee <"+a+">", a+";"+other, other+", "+a, `="`+a+`"`,
		strings.ReplaceAll(id, "-", "")+a, id+a, id+"@fabrikam", "i:0#.f|membership|"+a, "c:0t.c|tenant|"+id, "."+a, "("+a+")",
		`AzureAD\`+local, `AzureAD\`+a, local+"_"+domain+"#EXT#@fabrikam.onmicrosoft.com", local+"_"+domain+"%23EXT%23@fabrikam.onmicrosoft.com",
		strings.Replace(a, "@", "%40", 1), strings.Replace(a, "@", "%2540", 1), strings.Replace(a, "@", `\u0040`, 1), strings.Replace(a, "@", "&#64;", 1),
		strings.Replace(a, "@", "&commat;", 1), strings.Replace(a, "@", "_x0040_", 1), strings.ReplaceAll(a, "'", "&#39;"), strings.ReplaceAll(a, "'", "\u2019"),
		"user "+refSIDOf(id), "x"+strings.ReplaceAll(id, "-", "")+"0", local+"@contoso.onmicrosoft.com",
		"x"+a, "max."+a, "1-"+a, a+"x", a+".au", local, domain, strings.ToLower(id[:34]),
	)
}

// refOwner returns a cell ResourceOwner.
func refOwner(d refDice) string {
	person := d.person()
	switch d.IntN(12) {
	case 0, 1, 2, 3, 4:
		return refWhole(d, refAddresses[person])
	case 5:
		return refWhole(d, refObjectID(person))
	case 6, 7, 8:
		return refBeside(d, person)
	case 9:
		return refOne(d, "NULL", "build agent", `CONTOSO\ann`, "####", nilGUID, identity.ReplacementAddress, identity.ReplacementObjectID, "t-0123456789abcdef0123456789abcdef@anonymized.invalid", "ann")
	}
	return refOne(d, "", "", "", " ", "\u200b")
}

// refPath returns a path with the x of a user, in one of the ways to write it.
func refPath(d refDice, x, rest string) string {
	escaped := strings.NewReplacer("#", "%23", "/", "%2F", "?", "%3F", `"`, "%22", "<", "%3C", ">", "%3E", `\`, "%5C").Replace(x)
	plain := users + escaped + rest
	switch d.IntN(12) {
	case 0:
		return strings.Replace(plain, "/users/", "//USERS//", 1)
	case 1:
		return "users/" + escaped + rest
	case 2:
		return strings.ReplaceAll(strings.ReplaceAll(plain, "%", "%25"), "/", "%2F")
	case 3:
		return "https://management.azure.com" + plain
	case 4:
		if !strings.ContainsAny(x, `"\%&`) {
			return strings.ReplaceAll(plain, "/", `\/`)
		}
	case 5:
		if !strings.ContainsAny(x, `%`) && !refEnds.MatchString(x) {
			return "https://graph.microsoft.com/v1.0/users('" + strings.ReplaceAll(x, "'", "''") + "')" + rest
		}
	case 6:
		return strings.ToUpper(users) + escaped + "/" + rest
	case 7:
		if !strings.ContainsAny(x, `&`) {
			return strings.ReplaceAll(plain, "/", "&#x2f;")
		}
	}
	return plain
}

// refUser returns an x.
func refUser(d refDice) string {
	person := d.person()
	switch d.IntN(10) {
	case 0, 1, 2, 3:
		return refWhole(d, refObjectID(person))
	case 4, 5:
		return refWhole(d, refAddresses[person])
	case 6, 7:
		return refBeside(d, person)
	}
	return refOne(d, "@me", "", "team", nilGUID, identity.ReplacementObjectID, "somebody", "@ME")
}

// refEnvironment returns a cell EnvironmentId.
func refEnvironment(d refDice) string {
	switch d.IntN(6) {
	case 0, 1:
		return refPath(d, refUser(d), "/environments/e")
	case 2:
		return users + refObjectID(d.person()) + "/x" + users + refWhole(d, refObjectID(d.person())) + "/e"
	}
	return refOne(d, "", "", "", "/groups/"+refObjectID(0)+"/e")
}

// refARMSpelling returns another spelling of an ARM ID.
func refARMSpelling(d refDice, id string) string {
	if d.IntN(2) == 0 {
		return id
	}
	return refOne(d,
		strings.ToUpper(id), id+"/", id+"//", strings.ReplaceAll(id, "/", "//"), strings.TrimPrefix(id, "/"), "https://management.azure.com"+id,
		"HTTPS://Management.Azure.com:443/"+id, strings.ReplaceAll(id, "/", "%2F"), strings.ReplaceAll(id, "/", "%252f"), " "+id, strings.Replace(id, "vm", "v%6d", 1), id+" /",
		"management.azure.com"+id, "//management.azure.com"+id, id+"?api-version=2018-09-15", `"`+id+`"`, strings.ReplaceAll(id, "/", `\/`), strings.ReplaceAll(id, "/", "&#47;"),
		id+"0", id+"?x", strings.Replace(id, "/labs/", "/laps/", 1),
	)
}

var refNothings = []string{"NULL", "null", "####", "1.23E+31", "0", "-", " ", nilGUID, strings.ReplaceAll(nilGUID, "-", ""), "n/a"}

// refUIDCell returns a ResourceUId.
func refUIDCell(d refDice) string {
	uid := refUIDPrefix + fmt.Sprint(d.IntN(4))
	return d.rarely(3, uid, strings.ToUpper(uid), "{"+uid+"}", strings.ReplaceAll(uid, "-", ""), refOne(d, refNothings...), "", "vm-1")
}

// refDateCell returns a date in one of the formats.
func refDateCell(d refDice) string {
	t := time.Date(2020, 1, 1+d.IntN(4), 12*d.IntN(2), 0, 0, 0, time.UTC)
	if d.IntN(6) == 0 {
		t = t.Add(refOne(d, time.Second, -time.Second, 500*time.Millisecond, -100*time.Nanosecond, 100*time.Nanosecond))
	}
	switch d.IntN(30) {
	case 0:
		return refOne(d, "soon", "13/13/2020", "31/12/2020", "12/31/1899", "2020-02-30", "1/1/1753 12:00:00 AM")
	case 1:
		return refOne(d, "1/1/0001 12:00:00 AM", "0001-01-01", "0001-01-01T00:00:00Z")
	case 2, 3, 4, 5, 6, 7:
		return ""
	}
	if t.Nanosecond() == 0 {
		formats := []string{"1/2/2006 3:04:05 PM", "1/2/2006 3:04:05\u00a0PM", "1/2/2006 3:04:05\u202fPM", "1/2/2006 15:04:05"}
		if t.Second() == 0 {
			formats = append(formats, "1/2/2006 3:04 PM", "1/2/2006 15:04")
		}
		if t.Hour() == 0 && t.Second() == 0 {
			formats = append(formats, "1/2/2006", "2006-01-02")
		}
		if d.IntN(2) == 0 {
			return t.Format(refOne(d, formats...))
		}
	}
	return t.In(refOne(d, time.UTC, time.UTC, time.FixedZone("", 2*60*60))).Format(refOne(d, "2006-01-02T15:04:05.9999999Z07:00", "2006-01-02T15:04:05.0000000Z07:00"))
}

// refLifeCells returns CreatedTime and DeletedDate, which are often equal.
func refLifeCells(d refDice) (created, deleted string) {
	created, deleted = refDateCell(d), refDateCell(d)
	if d.IntN(4) == 0 {
		deleted = created
	}
	return created, deleted
}

// refName returns a name, perhaps one that was made of an address.
func refName(d refDice) string {
	local, _, _ := strings.Cut(d.address(), "@")
	return refOne(d, local+"042", strings.ToUpper(local)+"-web", "web-01", "build", "lab-"+local+"042-123456", local)
}

// refNote returns a text that may name somebody.
func refNote(d refDice) string {
	person := d.person()
	a := refAddresses[person]
	return refOne(d, "", "", "", "ask "+a, refBeside(d, person), "made by "+refWhole(d, refObjectID(person)), "a;b", refPath(d, refUser(d), "/e"), refName(d), a+", "+d.address())
}

func refLab(d refDice) string {
	return d.rarely(6, oneLab, strings.ToUpper(oneLab), "{"+oneLab+"}", twoLab, "", nilGUID, "NULL")
}

// newRefWorld makes a world.
func newRefWorld(seed uint64) *refWorld {
	d := refDice{Rand: rand.New(rand.NewPCG(seed, 14))}
	if seed%2 == 1 {
		d.few = d.Uint64()
	}
	d.people = d.Perm(len(refAddresses))[:2+d.IntN(4)]
	w := &refWorld{workers: 1 + d.IntN(2)}
	ids := []string{vm1, vm2, comp1, "/subscriptions/s/vm3"}[d.IntN(3):]
	id := func() string { return refARMSpelling(d, refOne(d, ids...)) }
	next := 0
	number := func() string {
		next++
		return fmt.Sprint("r", next)
	}
	var first [][]string // rows of the first file, which later exports repeat
	for range 1 + d.IntN(3) {
		var export []refFile
		for range refOne(d, 1, 1, 1, 2, 0) {
			f := refFile{role: csvschema.VirtualMachines, header: []string{"LabUId", "ResourceUId", "ResourceId", "Name", "CreatedTime", "DeletedDate", "ResourceOwner", "ComputeResourceId", "EnvironmentId", "CustomImageId", "Notes", "Row"}}
			for range d.IntN(8) {
				created, deleted := refLifeCells(d)
				f.rows = append(f.rows, []string{
					refLab(d), refUIDCell(d), d.rarely(8, id(), refNothings...), refName(d), created, deleted,
					refOwner(d), d.rarely(3, id(), ""), refEnvironment(d), d.rarely(3, "", "/images/"+refName(d), refNote(d)), refNote(d), number(),
				})
			}
			if d.IntN(3) == 0 { // exports overlap; perhaps the owner changed
				for _, row := range first {
					row = slices.Clone(row)
					row[len(row)-1] = number()
					if d.IntN(3) == 0 {
						row[6] = refOwner(d)
					}
					f.rows = append(f.rows, row)
				}
			}
			if first == nil {
				first = f.rows
			}
			export = append(export, f)
		}
		for range refOne(d, 0, 1, 1, 1, 2) {
			f := refFile{role: csvschema.Disks, header: []string{"LabUId", "ResourceUId", "ResourceId", "Name", "CreatedTime", "DeletedDate", "LeasedByVmId", "DiskBlobName", "Notes", "Row"}}
			for range d.IntN(8) {
				created, deleted := refLifeCells(d)
				resource := id()
				if d.IntN(2) == 0 {
					resource = refPath(d, refUser(d), "/disks/d1")
				}
				f.rows = append(f.rows, []string{
					refLab(d), refUIDCell(d), d.rarely(8, resource, refNothings...), refName(d), created, deleted,
					d.rarely(3, id(), append(refNothings, "", "")...), refName(d) + "_OsDisk.vhd", refNote(d), number(),
				})
			}
			export = append(export, f)
		}
		w.exports = append(w.exports, export)
	}
	w.exports = append(w.exports, []refFile{{role: csvschema.VirtualMachines, header: []string{"LabUId", "ResourceUId", "ResourceId", "ResourceOwner", "Row"}}})
	for range 1 + d.IntN(3) {
		person := d.person()
		var s refSubject
		if d.IntN(5) > 0 {
			s = append(s, refID{text: refNormal(refAddresses[person])})
		}
		if len(s) == 0 || d.IntN(2) == 0 {
			s = append(s, refID{text: refObjectID(person)})
		}
		if d.IntN(4) == 0 {
			s = append(s, refID{text: refNormal(d.address())})
		}
		if d.IntN(5) == 0 {
			s = append(s, refID{refNormal(refOne(d, "NULL", "build agent", `CONTOSO\ann`, "SMTP:ann@example.com", "ann@example.com")), true})
		}
		w.subjects = append(w.subjects, s)
	}
	if d.IntN(3) == 0 {
		w.decides = 1 + seed
	}
	return w
}
