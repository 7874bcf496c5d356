package anonymize_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. A world is a few small exports that know what must become of them: cells
// are made of parts of which the world knows whose identifiers they are, and what
// the policy makes of each row is said here once more, slowly and row by row, by
// the documentation alone. See plan_world_test.go.

// worldNow is the instant of most plans over worlds.
var worldNow = time.Date(2026, 7, 1, 9, 30, 0, 1, time.UTC)

// A worldPerson has an address and an object ID.
type worldPerson struct{ address, objectID string }

var worldPeople = []worldPerson{
	{"alice@contoso.com", "10000000-aaaa-4aaa-8aaa-00000000000a"},
	{"joalice@contoso.com", "10000000-aaaa-4aaa-8aaa-0000000000ab"},
	{"bob.builder@fabrikam.com", "20000000-bbbb-4bbb-8bbb-00000000000b"},
}

// A part is a piece of a cell: literal text, or an identifier.
type part struct {
	text string // as it is written
	id   string // normal form of the identifier; "" if it is none
}

func lit(text string) part { return part{text: text} }

// spelt returns an identifier in some spelling. All of it is replaced, and nothing more.
func spelt(r *rand.Rand, id string) part {
	text := id
	switch r.IntN(4) {
	case 0:
		text = strings.ToUpper(id)
	case 1:
		if i := strings.IndexByte(id, '@'); i > 0 {
			text = id[:i] + "%40" + id[i+1:]
		}
	}
	return part{text, id}
}

// A worldRow is a row that knows what it is made of.
type worldRow struct {
	key      string // of its resource
	csvKey   csvschema.Key
	cells    [][]part // in the order of the columns
	deleted  string   // DeletedDate
	active   string   // ResourceStatus
	whose    []string // normal forms of the identifiers whose row it is
	copyMade time.Time
}

// A worldFile is a file of a world.
type worldFile struct {
	export, number int
	role           csvschema.Role
	columns        []string
	rows           []*worldRow
	quoted         bool
}

// A world is exports, a policy and an instant.
type world struct {
	files  []*worldFile
	made   []time.Time // of each export
	policy *anonymize.Policy
	now    time.Time
	keys   map[string]csvschema.Key
}

// Cells of dates and statuses, the ordinary ones more often.
var (
	worldDates = []string{
		"", "", "", "", "0001-01-01", "1/1/0001 12:00:00 AM",
		"6/1/2026 9:30:00 AM", "6/1/2026 9:30:01 AM", "2026-06-01T09:30:00.0000001Z", "5/31/2026", "1/3/2017 11:17:09 PM", "6/15/2026 10:00:00 AM",
		"12/31/9999 11:59:59 PM",
	}
	worldStatuses = []string{"", "", "Active", "Inactive", "inactive", "Deleting"}
)

// newWorld makes a world; unreadable says that some dates are none.
func newWorld(seed uint64, unreadable bool) *world {
	r := rand.New(rand.NewPCG(seed, 7))
	w := &world{now: worldNow, keys: map[string]csvschema.Key{}}
	for range 1 + r.IntN(3) {
		made := time.Time{}
		if r.IntN(3) > 0 {
			made = worldNow.Add(-time.Duration(r.IntN(60*24)) * time.Hour)
		}
		w.made = append(w.made, made)
	}
	for e := range w.made {
		numbers := map[csvschema.Role]int{}
		for range 1 + r.IntN(3) {
			role := csvschema.VirtualMachines
			if r.IntN(3) == 0 {
				role = csvschema.Disks
			}
			numbers[role]++
			f := &worldFile{export: e + 1, number: numbers[role], role: role, quoted: r.IntN(2) == 0}
			for _, c := range role.Columns() {
				f.columns = append(f.columns, c.String())
			}
			f.columns = append(f.columns, "Note")
			for range r.IntN(8) {
				f.rows = append(f.rows, w.newRow(r, f, unreadable))
			}
			w.files = append(w.files, f)
		}
	}
	w.policy = w.newPolicy(r, unreadable)
	return w
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

// newRow makes a row of one of a few resources.
func (w *world) newRow(r *rand.Rand, f *worldFile, unreadable bool) *worldRow {
	lab := pick(r, []string{"00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b", ""})
	uid := fmt.Sprintf("00000000-0000-0000-0001-%012d", r.IntN(6))
	row := &worldRow{deleted: pick(r, worldDates), active: pick(r, worldStatuses), copyMade: w.made[f.export-1]}
	if unreadable && r.IntN(8) == 0 {
		row.deleted = "13/32/2026"
	}
	person, other := pick(r, worldPeople), pick(r, worldPeople)
	cells := map[string][]part{
		"LabUId": {lit(strings.ToUpper(lab))}, "ResourceUId": {lit(uid)}, "Name": {lit("box")},
		"ResourceId": {lit("/labs/lab/virtualmachines/box" + uid[34:])}, "DeletedDate": {lit(row.deleted)}, "ResourceStatus": {lit(row.active)},
		"LabName": {lit("A, \"quoted\" lab")}, "PricingTier": {lit("Standard_DS1")},
	}
	if r.IntN(2) == 0 {
		cells["Note"] = []part{lit("asked "), spelt(r, other.address), lit(" twice, see "), lit("x"), lit("; ")}
	}
	switch {
	case f.role == csvschema.Disks:
		cells["DiskBlobName"] = []part{lit("blob" + uid[34:])}
		if r.IntN(2) == 0 {
			person = worldPeople[uid[35]%3] // or the rows would be of several disks
			row.whose = []string{person.objectID}
			id := spelt(r, person.objectID)
			cells["ResourceId"] = []part{lit("/labs/lab/users/"), id, lit("/disks/d" + uid[34:])}
		}
	case r.IntN(4) == 0: // ownerless
		if r.IntN(2) == 0 {
			row.whose = []string{person.objectID}
			cells["EnvironmentId"] = []part{lit("/labs/lab/users/"), spelt(r, person.objectID), lit("/environments/e")}
		}
	default:
		id := pick(r, []string{person.address, person.objectID})
		row.whose = []string{id}
		text := id
		if r.IntN(2) == 0 {
			text = strings.ToUpper(id)
		}
		cells["ResourceOwner"] = []part{{text, id}}
		if r.IntN(3) == 0 {
			cells["EnvironmentId"] = []part{lit("/labs/lab/users/"), spelt(r, other.objectID), lit("/environments/e")}
		}
		if r.IntN(3) == 0 {
			cells["CustomImageId"] = []part{lit("/images/of "), spelt(r, id), lit(" /x")}
		}
	}
	for _, c := range f.columns {
		row.cells = append(row.cells, cells[c])
	}
	w.setKey(row, f, lab, uid)
	return row
}

var userOfDisk = regexp.MustCompile(`/users/[^/]+`)

// setKey sets the key of the row; one without a lab identifies nothing.
func (w *world) setKey(row *worldRow, f *worldFile, lab, uid string) {
	row.key = fmt.Sprint(f.role, lab, uid)
	if f.role == csvschema.Disks {
		id := userOfDisk.ReplaceAllString(strings.ToLower(cellText(row.cells[5])), "/users/*") // anonymizing may change it
		row.key += id + strings.ToLower("|"+cellText(row.cells[7])+"|"+cellText(row.cells[11]))
		row.csvKey = csvschema.DiskRow{
			LabUId: lab, ResourceUId: uid, ResourceId: csvschema.NewPersonalText(cellText(row.cells[5])),
			Name: csvschema.NewPersonalText(cellText(row.cells[7])), DiskBlobName: csvschema.NewPersonalText(cellText(row.cells[11])),
		}.Key()
	} else {
		row.csvKey = csvschema.VirtualMachineRow{LabUId: lab, ResourceUId: uid}.Key()
	}
	if lab == "" {
		row.key = ""
		return
	}
	w.keys[row.key] = row.csvKey
}

func cellText(parts []part) string {
	var b strings.Builder
	for _, p := range parts {
		b.WriteString(p.text)
	}
	return b.String()
}

// write returns the file, with the cells that become of its rows.
func (f *worldFile) write(cellsOf func(*worldRow) []string) []byte {
	var b strings.Builder
	b.WriteString(strings.Join(f.columns, ",") + "\r\n")
	for _, row := range f.rows {
		for i, cell := range cellsOf(row) {
			if i > 0 {
				b.WriteByte(',')
			}
			if f.quoted || strings.ContainsAny(cell, ",\"") {
				cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
			}
			b.WriteString(cell)
		}
		b.WriteString("\r\n")
	}
	return []byte(b.String())
}

// exports returns the exports of the world, as they are or as they become.
func (w *world) exports(cellsOf func(*worldRow) []string) []csvschema.Export {
	exports := make([]csvschema.Export, len(w.made))
	for i, made := range w.made {
		exports[i].Made = made
	}
	for _, f := range w.files {
		e := &exports[f.export-1]
		if f.role == csvschema.Disks {
			e.Disks = append(e.Disks, source(f.write(cellsOf)))
		} else {
			e.VirtualMachines = append(e.VirtualMachines, source(f.write(cellsOf)))
		}
	}
	return exports
}

// asTheyAre are the cells of a row before anything is done.
func asTheyAre(row *worldRow) []string {
	var cells []string
	for _, parts := range row.cells {
		cells = append(cells, cellText(parts))
	}
	return cells
}

// without are the cells of a row from which identifiers go: all, or those wanted.
func without(row *worldRow, goes func(id string) bool) []string {
	var cells []string
	for _, parts := range row.cells {
		var b strings.Builder
		for _, p := range parts {
			switch {
			case p.id == "" || !goes(p.id):
				b.WriteString(p.text)
			case strings.Contains(p.id, "@"):
				b.WriteString(identity.ReplacementAddress)
			default:
				b.WriteString(identity.ReplacementObjectID)
			}
		}
		cells = append(cells, b.String())
	}
	return cells
}

// newPolicy makes a policy with some holds, requests and decisions.
func (w *world) newPolicy(r *rand.Rand, unreadable bool) *anonymize.Policy {
	p := &anonymize.Policy{KeepUnreadableDates: unreadable, DeleteStale: r.IntN(2) == 0, Workers: 1 + r.IntN(3)}
	decided := map[csvschema.Key]bool{}
	for _, name := range sortedNames(w.keys) {
		key := w.keys[name]
		switch r.IntN(10) {
		case 0:
			p.Holds = append(p.Holds, anonymize.Hold{Key: key, Reason: "claim 7"})
		case 1:
			p.Holds = append(p.Holds, anonymize.Hold{Key: key, Reason: "claim 8", Until: w.now.Add(time.Duration(r.IntN(3)-1) * time.Nanosecond)})
		case 2:
			if !decided[key] {
				d := anonymize.Decision{Key: key}
				if r.IntN(2) == 0 {
					d.Deleted = w.now.Add(-anonymize.DefaultRetention + time.Duration(r.IntN(3)-1)*time.Nanosecond)
				}
				p.Decisions, decided[key] = append(p.Decisions, d), true
			}
		}
	}
	for range r.IntN(3) {
		person := pick(r, worldPeople)
		q := anonymize.Request{Kind: pick(r, []anonymize.RequestKind{anonymize.Removed, anonymize.Erase})}
		id, err := identity.Parse(pick(r, []string{person.address, person.objectID}))
		if err != nil {
			panic(err)
		}
		q.Identifier = id
		q.At = w.now.Add(-time.Duration(r.IntN(60*24)) * time.Hour)
		q.Existing = q.Kind == anonymize.Erase && r.IntN(2) == 0
		p.Requests = append(p.Requests, q)
	}
	return p
}

func sortedNames[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
