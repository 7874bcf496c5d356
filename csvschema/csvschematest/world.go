package csvschematest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE: A row is planted as a draft, which holds the cells by column and the intended
// answers. Identifiers are marked where they are planted, so that no code has to find
// them later. address("ann@example.com") puts the text between a mark that says what
// replaces it, and an end mark. unmark removes the marks.
//
//	"image of " + address("ann@example.com")  →  image of ␁ann@example.com␃
const (
	markAddress = '\x01' // replaced by identity.ReplacementAddress
	markUser    = '\x02' // replaced by identity.ReplacementObjectID
	markEnd     = '\x03'
)

// The replacements are repeated here, so that a test against the constants of package
// identity does not compare these with themselves.
const (
	replacementAddress  = "removed@anonymized.invalid"
	replacementObjectID = "616e6f6e-796d-8000-8000-000000000000"
)

// address marks text that an address replaces: an address, or the whole cell of an
// owner that is not an object ID.
func address(s string) string { return string(markAddress) + s + string(markEnd) }

// user marks text that an object ID replaces: an object ID, the x of /users/x, or
// another occurrence of an owner that is neither an address nor an object ID.
func user(s string) string { return string(markUser) + s + string(markEnd) }

// unmark removes the marks and returns the identifiers between them.
func unmark(marked string) (text string, ids []Identifier) {
	var b strings.Builder
	for i := 0; i < len(marked); i++ {
		replacement := replacementAddress
		switch marked[i] {
		case markUser:
			replacement = replacementObjectID
		case markAddress:
		default:
			b.WriteByte(marked[i])
			continue
		}
		end := i + strings.IndexByte(marked[i:], markEnd)
		ids = append(ids, Identifier{Start: b.Len(), Text: marked[i+1 : end], Replacement: replacement})
		b.WriteString(marked[i+1 : end])
		i = end
	}
	return b.String(), ids
}

// plain returns the text without marks.
func plain(marked string) string {
	text, _ := unmark(marked)
	return text
}

// A place is a file of an export.
type place struct {
	export int
	role   csvschema.Role
	number int
}

// The files. The first export is full and has a file of machines for each of two labs.
// The second is windowed and overlaps it. The third has no disks file.
var (
	juneEast   = place{1, csvschema.VirtualMachines, 1}
	juneWest   = place{1, csvschema.VirtualMachines, 2}
	juneDisks  = place{1, csvschema.Disks, 1}
	august     = place{2, csvschema.VirtualMachines, 1}
	augDisks   = place{2, csvschema.Disks, 1}
	augDisks2  = place{2, csvschema.Disks, 2}
	other      = place{3, csvschema.VirtualMachines, 1}
	places     = []place{juneEast, juneWest, juneDisks, august, augDisks, augDisks2, other}
	instant    = time.Date(2024, time.September, 1, 12, 0, 0, 0, time.UTC)
	firstOfDay = time.Date(2024, time.January, 1, 9, 30, 7, 0, time.UTC)
)

// day returns a moment of the n-th day after 1 January 2024.
func day(n int) time.Time { return firstOfDay.AddDate(0, 0, n) }

// A lab holds the values of the first five columns.
type lab struct{ subscription, uid, name, path, group string }

// A world holds everything that is planted and the source of random numbers.
type world struct {
	seed              uint64
	rand              *rand.Rand
	people            []Person
	oid               map[string]string // each person's first object ID
	east, west, south lab
	names             map[string]bool
	drafts            []*draft
}

// ordinaryPeople is the number of people, the last of all, who have ordinary rows only.
const ordinaryPeople = 8

// random returns the n-th sequence of random numbers of a seed.
func random(seed, n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, n)) //nolint:gosec // test data needs no secure random numbers
}

// emptyWorld returns a world without people and labs.
func emptyWorld(seed uint64) *world {
	return &world{seed: seed, rand: random(seed, 1), oid: map[string]string{}, names: map[string]bool{}}
}

// newWorld returns a world with people and labs.
func newWorld(seed uint64) *world {
	w := emptyWorld(seed)
	w.person("alice", "alice@example.com")
	w.person("alice-suffix", "alice@example.com.example.test") // begins with alice's address
	w.person("bob", "bob@contoso.com")
	w.person("bob-guest", "bob_contoso.com#EXT#@fabrikam.onmicrosoft.com")
	w.person("carol", "carol@fabrikam.com", "carol.jones@fabrikam.com", "carol_fabrikam.com#EXT#@contoso.onmicrosoft.com", w.guid())
	w.person("dave") // has an object ID only
	w.person("ann", "ann@example.com")
	w.person("joann", "joann@example.com") // ends with ann's address
	w.person("erin", "erin@example.com")
	w.person("erin-tenant", "erin@contoso.onmicrosoft.com")
	w.person("oneil", "pat.o'neil@example.com")
	w.person("zofie", "žofie.nováková@example.com")
	w.person("strauss", "strauss@example.com")
	w.person("strauss-sharp", "strauß@example.com")
	w.person("frank", "frank@example.com")
	w.person("frank-wide", "\uff46\uff52\uff41\uff4e\uff4b@example.com")
	w.person("rosa", "rosa@example.com")
	w.person("rosa-long", "ro\u017fa@example.com")
	w.person("nobody", "nobody@example.test") // has no row
	for i, name := range [ordinaryPeople]string{"greta", "hamid", "ines", "jonas", "keiko", "luca", "mira", "nils"} {
		domain := []string{"example.com", "contoso.com", "fabrikam.com", "example.test"}[w.rand.IntN(4)]
		w.person(name, fmt.Sprintf("%s.%c%d@%s", name, 'a'+rune(i), w.rand.IntN(90)+10, domain))
	}
	w.east = w.lab("Contoso  Dev, East (shared)", "contoso-dev-east")
	w.west = w.lab(`Fabrikam "West" Lab`, "fabrikam-west")
	w.south = w.lab("SouthLab", "southlab")
	return w
}

// person adds a person with the identifiers and a new object ID.
func (w *world) person(name string, identifiers ...string) {
	w.oid[name] = w.guid()
	w.people = append(w.people, Person{Name: name, Identifiers: append(identifiers, w.oid[name])})
}

// mail returns the first identifier of a person.
func (w *world) mail(name string) string {
	for _, p := range w.people {
		if p.Name == name {
			return p.Identifiers[0]
		}
	}
	panic("csvschematest: no person of that name")
}

// lab returns a lab in its own subscription.
func (w *world) lab(name, path string) lab {
	return lab{subscription: w.guid(), uid: w.guid(), name: name, path: path, group: path}
}

// guid returns a random GUID of version 4.
func (w *world) guid() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], w.rand.Uint64())
	binary.BigEndian.PutUint64(b[8:], w.rand.Uint64())
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	s := hex.EncodeToString(b[:])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// id returns the resource ID of the lab in lower case, as in real exports.
func (l lab) id() string {
	return "/subscriptions/" + l.subscription + "/resourcegroups/" + l.group + "/providers/microsoft.devtestlab/labs/" + l.path
}

// environment returns the ID of an environment of user x.
func (l lab) environment(x, name string) string {
	return "/subscriptions/" + l.subscription + "/resourceGroups/" + l.group +
		"/providers/Microsoft.DevTestLab/labs/" + l.path + "/users/" + x + "/environments/" + name
}

// A draft is a planted row.
type draft struct {
	place      place
	lab        lab
	trap       string
	cells      map[csvschema.Column]string // with marks
	deletion   time.Time
	unreadable bool
	dangling   bool
	truths     map[string]Truth
}

// draft adds a row with the cells that both kinds of file have.
func (w *world) draft(p place, trap string, l lab, name string) *draft {
	d := &draft{place: p, lab: l, trap: trap, truths: map[string]Truth{}, cells: map[csvschema.Column]string{
		csvschema.SubscriptionId: l.subscription, csvschema.LabUId: l.uid, csvschema.LabName: l.name,
		csvschema.LabResourceId: l.id(), csvschema.ResourceGroupName: l.group,
		csvschema.ResourceUId: w.guid(), csvschema.Name: name, csvschema.ResourceStatus: "Active", tag: "CC-" + fmt.Sprint(1000+w.rand.IntN(9000)),
	}}
	w.drafts = append(w.drafts, d)
	return d
}

// vm adds a virtual machine without an owner that nobody can claim.
func (w *world) vm(p place, trap string, l lab, name string) *draft {
	d := w.draft(p, trap, l, name)
	d.cells[csvschema.ResourceId] = l.id() + "/virtualmachines/" + strings.ToLower(name)
	group := fmt.Sprintf("%s-%s-%06d", l.path, name, w.rand.IntN(1_000_000))
	d.cells[csvschema.ComputeResourceId] = "/subscriptions/" + l.subscription + "/resourceGroups/" + group +
		"/providers/Microsoft.Compute/virtualMachines/" + name
	d.cells[csvschema.PricingTier] = []string{"Standard_DS1", "Standard_D2_v2", "Standard_A2"}[w.rand.IntN(3)]
	d.cells[csvschema.Claimable] = "False"
	d.cells[csvschema.GalleryImageReferenceVersion] = "latest"
	d.cells[csvschema.GalleryImageReferenceOffer] = "WindowsServer"
	d.cells[csvschema.GalleryImageReferencePublisher] = "MicrosoftWindowsServer"
	d.cells[csvschema.GalleryImageReferenceSku] = "2022-datacenter"
	d.cells[csvschema.GalleryImageReferenceOsType] = "Windows"
	return d.created(day(w.rand.IntN(20)))
}

// nearTo pairs the people whose addresses are near to each other.
var nearTo = map[string]string{
	"bob": "bob-guest", "bob-guest": "bob",
	"erin": "erin-tenant", "erin-tenant": "erin",
	"strauss": "strauss-sharp", "strauss-sharp": "strauss",
	"frank": "frank-wide", "frank-wide": "frank",
	"rosa": "rosa-long", "rosa-long": "rosa",
}

// owned adds a virtual machine of a person, with a name that the portal would propose.
func (w *world) owned(p place, trap string, l lab, person string) *draft {
	return w.vm(p, trap, l, w.derived(person)).ownedBy(person, w.mail(person))
}

// ownedBy sets the owner to an address of a person, and states that the machine is
// theirs.
func (d *draft) ownedBy(person, mail string) *draft {
	d.owner(address(mail)).theirs(person, RuleOwner)
	if other := nearTo[person]; other != "" {
		d.near(other)
	}
	return d
}

// derived returns the local part of a person's address and three digits. It never
// returns a name twice, so that ResourceIds are reused only on purpose.
func (w *world) derived(person string) string {
	local, _, _ := strings.Cut(w.mail(person), "@")
	for n := w.rand.IntN(1000); ; n++ {
		name := fmt.Sprintf("%s%03d", local, n)
		if !w.names[name] {
			w.names[name] = true
			return name
		}
	}
}

// disk adds a disk that refers to no virtual machine.
func (w *world) disk(p place, trap string, l lab, name string) *draft {
	d := w.draft(p, trap, l, name)
	d.cells[csvschema.ResourceId] = l.id() + "/disks/" + strings.ToLower(name)
	d.cells[csvschema.DiskBlobName] = name + ".vhd"
	d.cells[csvschema.DiskSizeGB] = []string{"127", "1023", "30"}[w.rand.IntN(3)]
	d.cells[csvschema.DiskType] = []string{"0", "1", "Standard", "Premium", "Unknown"}[w.rand.IntN(5)]
	return d.created(day(40))
}

// set sets a cell.
func (d *draft) set(c csvschema.Column, marked string) *draft {
	d.cells[c] = marked
	return d
}

// owner sets the marked owner.
func (d *draft) owner(marked string) *draft { return d.set(csvschema.ResourceOwner, marked) }

// environment sets an environment of the marked user x.
func (d *draft) environment(x string) *draft {
	return d.set(csvschema.EnvironmentId, d.lab.environment(x, "web"))
}

// created sets CreatedTime.
func (d *draft) created(t time.Time) *draft { return d.set(csvschema.CreatedTime, dateTime(t)) }

// deleted sets DeletedDate.
func (d *draft) deleted(t time.Time) *draft { return d.deletedAs(dateTime(t), t) }

// deletedAs sets DeletedDate to a text for an instant.
func (d *draft) deletedAs(text string, t time.Time) *draft {
	d.deletion = t
	return d.set(csvschema.DeletedDate, text).set(csvschema.ResourceStatus, "Inactive")
}

// sdk gives a disk the resource ID that the SDK documents, with the marked user x.
func (d *draft) sdk(x string) *draft {
	return d.set(csvschema.ResourceId, d.lab.id()+"/users/"+x+"/disks/"+strings.ToLower(d.cells[csvschema.Name]))
}

// of gives a disk the IDs of its virtual machine, as the export is documented.
func (d *draft) of(vm *draft) *draft {
	return d.set(csvschema.ResourceId, vm.cells[csvschema.ResourceId]).set(csvschema.ResourceUId, vm.cells[csvschema.ResourceUId])
}

// leasedBy attaches a disk to a virtual machine.
func (d *draft) leasedBy(vm *draft) *draft {
	return d.set(csvschema.LeasedByVmId, vm.cells[csvschema.ResourceId])
}

// copyTo adds a copy of the row in another file, with the same answers.
func (w *world) copyTo(p place, d *draft) *draft {
	c := *d
	c.place, c.cells, c.truths = p, maps.Clone(d.cells), maps.Clone(d.truths)
	w.drafts = append(w.drafts, &c)
	return &c
}

// theirs states that the row is the person's by a rule. A disk of theirs by its machine is
// undetermined for whom the owner is near.
func (d *draft) theirs(person string, rule Rule) *draft {
	if rule == RuleLease || rule == RuleResource {
		d.undetermined(person)
	}
	return d.state(func(t *Truth) { t.Verdict, t.Rule = Theirs, rule }, person)
}

// undetermined states that nobody can tell whether the disk is theirs, or that of somebody
// to whom one of them is near.
func (d *draft) undetermined(people ...string) *draft {
	for _, p := range people {
		if other := nearTo[p]; other != "" {
			people = append(slices.Clip(people), other)
		}
	}
	return d.state(func(t *Truth) { t.Verdict = Undetermined }, people...)
}

// near states that the owner is near to an identifier of each of them, or that the
// machine has no owner and is named after them.
func (d *draft) near(people ...string) *draft {
	return d.state(func(t *Truth) { t.Near = true }, people...)
}

// alias states that the row suggests another identifier of each of them.
func (d *draft) alias(people ...string) *draft {
	return d.state(func(t *Truth) { t.Alias = true }, people...)
}

// third states that the path of the person's disk names somebody else.
func (d *draft) third(person string) *draft {
	return d.state(func(t *Truth) { t.ThirdParty = true }, person)
}

// dangle states that no export has the disk's virtual machine.
func (d *draft) dangle() *draft {
	d.dangling = true
	return d
}

// state changes the truth about the row for each of the people.
func (d *draft) state(change func(*Truth), people ...string) *draft {
	for _, p := range people {
		t := d.truths[p]
		change(&t)
		d.truths[p] = t
	}
	return d
}

// dateTime formats a date as exports do.
func dateTime(t time.Time) string { return t.Format("1/2/2006 3:04:05 PM") }
