package csvschematest

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/csvschema"
)

// plantVirtualMachines plants the ways in which a machine is somebody's, or nobody's.
func (w *world) plantVirtualMachines() {
	for _, p := range w.people {
		if p.Name != "nobody" && p.Name != "dave" && nearTo[p.Name] == "" {
			w.owned(juneEast, "owner", w.east, p.Name)
		}
	}
	w.owned(juneEast, "owner-mixed-case", w.east, "alice").owner(address("Alice@Example.COM"))
	w.owned(juneWest, "owner-mixed-case", w.west, "carol").owner(address("CAROL_FABRIKAM.com#ext#@Contoso.OnMicrosoft.com")).deleted(day(60))
	w.owned(juneEast, "owner-padded", w.east, "alice").owner(address("  alice@example.com ")).deleted(day(50))
	w.owned(juneEast, "owner-zero-width", w.east, "alice").owner(address("\u200balice@example.com\u2060"))
	w.owned(juneEast, "owner-other-address", w.east, "carol").owner(address("carol.jones@fabrikam.com")).deleted(day(70))
	decomposed := norm.NFD.String(w.mail("zofie"))
	w.owned(juneEast, "owner-decomposed", w.east, "zofie").owner(address(strings.ToUpper(decomposed))).deleted(day(61))

	id := w.oid
	w.vm(juneEast, "owner-object-id", w.east, "build-01").owner(user(id["dave"])).theirs("dave", RuleOwner).deleted(day(30))
	w.vm(juneEast, "owner-object-id", w.east, "build-02").owner(user("{"+strings.ToUpper(id["dave"])+"}")).theirs("dave", RuleOwner).deleted(day(31))
	w.vm(juneEast, "owner-object-id", w.east, "build-03").owner(user(strings.ReplaceAll(id["carol"], "-", ""))).theirs("carol", RuleOwner)
	w.vm(juneEast, "owner-object-id", w.east, "build-04").owner(user(w.carolsOther())).theirs("carol", RuleOwner)
	w.vm(juneEast, "owner-stranger", w.east, "build-05").owner(user(w.guid())).deleted(day(32))
	// An owner may be any text, neither an address nor an object ID.
	w.vm(juneEast, "owner-text", w.east, "svc-06").owner(address("svc build agent")).
		set(csvschema.CustomImageId, w.east.id()+"/customimages/made by "+user("SVC Build Agent")+", v2").deleted(day(33))

	w.vm(juneEast, "ownerless", w.east, "claimable-1").set(csvschema.Claimable, "True")
	w.vm(juneEast, "ownerless-failed", w.east, "failed-1").deleted(day(3))
	w.vm(juneEast, "ownerless-blank", w.east, "claimable-2").owner("  ").set(csvschema.Claimable, "True").deleted(day(34))
	w.vm(juneEast, "ownerless-blank", w.east, "claimable-3").owner("\u200b").set(csvschema.Claimable, "True")
	w.vm(juneWest, "ownerless-environment", w.west, "web-1").environment(user(id["alice"])).theirs("alice", RuleEnvironment).deleted(day(35))
	w.vm(juneWest, "ownerless-environment", w.west, "web-2").environment(user(id["bob"])).theirs("bob", RuleEnvironment)
	w.vm(juneWest, "ownerless-environment-upper-case", w.west, "web-3").owner(" ").theirs("dave", RuleEnvironment).deleted(day(36)).
		set(csvschema.EnvironmentId, strings.ToUpper(w.west.id())+"/USERS/"+user(strings.ToUpper(id["dave"]))+"/ENVIRONMENTS/WEB-3")
	w.vm(juneWest, "ownerless-environment-encoded", w.west, "web-4").theirs("alice", RuleEnvironment).deleted(day(37)).
		set(csvschema.EnvironmentId, w.west.id()+"%2Fusers%2F"+user(id["alice"])+"%2Fenvironments%2Fweb-4")
	w.vm(juneWest, "ownerless-environment-address", w.west, "web-5").environment(user("ann@example.com")).theirs("ann", RuleEnvironment).deleted(day(38))
	w.vm(juneWest, "ownerless-environment-me", w.west, "web-6").environment("@me").deleted(day(38))
	w.vm(juneWest, "ownerless-environment-stranger", w.west, "web-7").environment(user(w.guid())).deleted(day(38))
	w.vm(juneWest, "ownerless-environment-end", w.west, "web-8").theirs("joann", RuleEnvironment).deleted(day(39)).
		set(csvschema.EnvironmentId, w.west.id()+"/users/"+user(id["joann"])) // the ID ends here

	w.owned(juneWest, "environment-own", w.west, "alice").environment(user(id["alice"])).deleted(day(80))
	w.owned(juneWest, "environment-own", w.west, "carol").environment(user(w.carolsOther()))
	w.owned(juneWest, "environment-other", w.west, "bob").environment(user(id["alice"])).alias("bob", "alice").deleted(day(81))
	w.owned(juneWest, "environment-stranger", w.west, "ann").environment(user(w.guid())).alias("ann").deleted(day(82))
	w.owned(juneWest, "environment-me", w.west, "joann").environment("@me")
	w.vm(juneWest, "environment-of-stranger", w.west, "web-9").owner(address("visitor@example.test")).environment(user(id["dave"])).alias("dave").deleted(day(83))
	// A name that is not an identifier gives the row to nobody.
	w.vm(juneWest, "environment-text", w.west, "web-10").environment(user("team-seven")).deleted(day(84)).
		set(csvschema.CustomImageId, w.west.id()+"/customimages/image of "+user("Team-Seven")+" (old)")
}

// carolsOther returns carol's second object ID.
func (w *world) carolsOther() string {
	for _, p := range w.people {
		if p.Name == "carol" {
			return p.Identifiers[3]
		}
	}
	panic("csvschematest: no carol")
}

// plantNearMatches plants owners whose identifiers are near to somebody else's.
func (w *world) plantNearMatches() {
	for _, p := range w.people {
		if nearTo[p.Name] != "" {
			name := p.Name + "-box"
			w.vm(juneEast, "near", w.east, name).ownedBy(p.Name, w.mail(p.Name))
			w.vm(juneWest, "near", w.west, name).ownedBy(p.Name, w.mail(p.Name)).deleted(day(90))
		}
	}
	w.vm(juneEast, "near", w.east, "upper-guest").ownedBy("bob-guest", "BOB_CONTOSO.COM#EXT#@FABRIKAM.ONMICROSOFT.COM").deleted(day(91))
}

// plantOwnersBesideText plants owners that hold an identifier beside other text, as
// directories and portals write them, and owners that are a SID.
func (w *world) plantOwnersBesideText() {
	id := w.oid
	for i, test := range []struct {
		owner  string
		people []string
	}{
		{"SMTP:alice@example.com", []string{"alice"}},
		{"Alice Example <Alice@Example.com>", []string{"alice"}},
		{"live.com#alice@example.com", []string{"alice"}},
		{"AzureAD\\alice@example.com", []string{"alice"}},
		{"i:0#.f|membership|ann@example.com", []string{"ann"}},
		{"ann@example.com; joann@example.com", []string{"ann", "joann"}},
		{strings.ReplaceAll(id["dave"], "-", "") + "visitor@example.test", []string{"dave"}}, // of a deleted account
		{id["dave"] + "@contoso.com", []string{"dave"}},
		{"bob_contoso.com%23EXT%23@fabrikam.onmicrosoft.com", []string{"bob", "bob-guest"}},
	} {
		d := w.vm(juneEast, "owner-beside-text", w.east, fmt.Sprintf("beside-%d", i)).owner(address(test.owner)).near(test.people...)
		if i%2 == 0 {
			d.deleted(day(92))
		}
	}
	w.vm(juneEast, "owner-sid", w.east, "sid-1").owner(user(sid(id["dave"]))).theirs("dave", RuleOwner).deleted(day(93))
	w.vm(juneEast, "owner-sid", w.east, "sid-2").owner(user(strings.ToLower(sid(id["carol"])))).theirs("carol", RuleOwner)

	segment := func(name, before, after string) {
		w.vm(juneWest, "environment-spelling", w.west, name).theirs("alice", RuleEnvironment).deleted(day(94)).
			set(csvschema.EnvironmentId, before+user(id["alice"])+after)
	}
	segment("odata", w.west.id()+"/users('", "')/environments/web")
	segment("slashes", strings.ReplaceAll(w.west.id(), "/", "//")+"//users//", "//environments//web/")
	segment("no-slash", "users/", "/environments/web")
	segment("url", "https://management.azure.com"+w.west.id()+"/users/", "/environments/web?api-version=2018-09-15")
	segment("json", strings.ReplaceAll(w.west.id(), "/", `\/`)+`\/users\/`, `\/environments\/web`)
}

// sid returns the SID of Entra that encodes an object ID.
func sid(objectID string) string {
	b, err := hex.DecodeString(strings.ReplaceAll(objectID, "-", ""))
	if err != nil {
		panic("csvschematest: " + err.Error())
	}
	return fmt.Sprintf("S-1-12-1-%d-%d-%d-%d", binary.BigEndian.Uint32(b), uint32(binary.BigEndian.Uint16(b[6:]))<<16|uint32(binary.BigEndian.Uint16(b[4:])),
		binary.LittleEndian.Uint32(b[8:]), binary.LittleEndian.Uint32(b[12:]))
}

// plantDates plants the cases of a deletion. The other plants have resources that were
// deleted long before the instant of the set, or not at all.
func (w *world) plantDates() {
	due := instant.Add(-30 * 24 * time.Hour)
	plant := func(trap string) *draft {
		return w.owned(juneEast, trap, w.east, "alice").environment(user(w.oid["alice"]))
	}
	plant("due-exactly").deleted(due)
	plant("due-in-a-second").deleted(due.Add(time.Second))
	plant("due-long-ago").deleted(day(25))
	plant("due-later").deleted(instant.AddDate(0, 0, -1))
	plant("deleted-in-the-future").deleted(instant.AddDate(0, 0, 5))
	plant("deleted-null").set(csvschema.DeletedDate, "1/1/0001 12:00:00 AM")
	plant("deleted-null").set(csvschema.DeletedDate, "0001-01-01")
	plant("deleted-inactive-without-date").set(csvschema.ResourceStatus, "Inactive")
	plant("deleted-yet-active").deleted(day(40)).set(csvschema.ResourceStatus, "Active")
	plant("created-equals-deleted").created(day(41)).deleted(day(41))
	plant("created-after-deleted").created(day(43)).deleted(day(42))
	plant("created-empty").set(csvschema.CreatedTime, "").deleted(day(44))
	plant("date-format").deletedAs(due.Format("2006-01-02T15:04:05.0000000Z07:00"), due)
	plant("date-format").deletedAs("2024-08-02T14:00:01+02:00", due.Add(time.Second)) // an instant of its own
	plant("date-format").deletedAs(day(45).Format("2006-01-02 15:04:05"), day(45))
	plant("date-format").deletedAs("3/5/2024", day(64).Truncate(24*time.Hour)) // 5 March, not 3 May
	plant("date-format").deletedAs("8/2/2024 12:00", due)
	plant("date-format").deletedAs("2024-08-02T12:00:00", due)
	plant("date-format").deletedAs("2024-08-02T12:00:00.5000000", due.Add(time.Second/2))
	plant("date-format").deletedAs("2024-08-02 12:00:00.0000000", due)
	plant("date-format").deletedAs("8/2/2024 12:00:00\u202fPM", due)
	plant("date-format").deletedAs("08/02/2024 12:00\u00a0PM", due)
}

// plantFreeText plants text that is hard to quote, and identifiers in columns that are
// not meant for them. The rows with identifiers are due, so that tests see them go.
func (w *world) plantFreeText() {
	for i, name := range []string{
		`alice, "the second"`, "line\nbreak", "line\r\nbreak", "two  spaces (and brackets)",
		`"`, "=HYPERLINK(1)", "-1+1", "@SUM(A1)", "名前 é", "''", "trailing ", "a;b\tc",
	} {
		d := w.owned(juneEast, "awkward-name", w.east, "alice").set(csvschema.Name, name)
		if i%2 == 0 {
			d.deleted(day(46))
		}
	}
	text := func(trap string) *draft { return w.owned(juneWest, trap, w.west, "alice").deleted(day(47)) }
	text("text-same-address").set(csvschema.Name, "box of "+address("ALICE@example.com"))
	text("text-other-address").set(csvschema.LabName, "Lab of Bob <"+address("bob@contoso.com")+">")
	text("text-two-addresses").set(csvschema.LabName, address("joann@example.com")+", "+address("ann@example.com"))
	text("text-percent").set(csvschema.CustomImageId, w.west.id()+"/customimages/"+address("alice%40example.com")+" base")
	text("text-percent-twice").set(csvschema.CustomImageId, w.west.id()+"/customimages/"+address("alice%2540example.com"))
	text("text-json").set(csvschema.LabName, `{"owner":"`+address(`alice\u0040example.com`)+`"}`)
	text("text-html").set(csvschema.CustomImageId, w.west.id()+"/customimages/from "+address("pat.o&#39;neil@example.com")+" (v1)")
	text("text-apostrophe").set(csvschema.CustomImageId, w.west.id()+"/customimages/from "+address("pat.o'neil@example.com")+" (v1)")
	text("text-guest").set(csvschema.CustomImageId, w.west.id()+"/customimages/"+address("carol_fabrikam.com#EXT#@contoso.onmicrosoft.com"))
	text("text-non-ascii").set(csvschema.CustomImageId, w.west.id()+"/customimages/"+address("žofie.nováková@example.com"))
	text("text-users").set(csvschema.ComputeResourceId, w.west.id()+"/Users/"+user(w.oid["bob"])+"/virtualMachines/x")
	text("text-object-id-again").environment(user(w.oid["alice"])).
		set(csvschema.Name, "box-"+user(strings.ToUpper(w.oid["alice"]))).
		set(csvschema.CustomImageId, w.west.id()+"/customimages/"+user(strings.ReplaceAll(w.oid["alice"], "-", "")))
	text("text-bare-guid").set(csvschema.Name, "box-"+w.oid["bob"]) // bob's, but nothing in the row says so
	text("text-longer-address").set(csvschema.LabName, "not alice: "+address("alice@example.com.example.test"))
	text("text-unknown-column").set(notes, "for "+address("Alice@example.com")+" and "+address("mallory@example.test")+", see /users/"+user(w.oid["ann"])+"/")
	w.owned(juneWest, "text-name-in-lower-case", w.west, "oneil").deleted(day(48))

	gone := func(trap, name, owner string) *draft {
		return w.vm(juneWest, trap, w.west, name).owner(owner).deleted(day(49))
	}
	gone("anonymized", "gone-1", replacementAddress).set(csvschema.EnvironmentId, w.west.environment(replacementObjectID, "web"))
	gone("anonymized", "gone-2", replacementObjectID)
	gone("anonymized", "gone-3", "t-0123456789abcdef0123456789abcdef@anonymized.invalid")
	gone("anonymized-in-part", "gone-4", replacementAddress).set(csvschema.CustomImageId, w.west.id()+"/customimages/"+address("alice@example.com")+" base")
}

// plantUnreadableDates plants dates that cannot be read. They make an anonymization
// fail and disks undetermined.
func (w *world) plantUnreadableDates() {
	const unreadable = "13/32/2024 25:61:00 PM"
	w.owned(juneEast, "unreadable-deleted", w.east, "alice").set(csvschema.DeletedDate, unreadable).unreadable = true
	w.owned(juneEast, "unreadable-created", w.east, "alice").set(csvschema.CreatedTime, unreadable).deleted(day(30))
	vm := w.owned(juneEast, "unreadable-machine", w.east, "bob").set(csvschema.CreatedTime, "soon")
	w.disk(juneDisks, "unreadable-machine", w.east, "unreadable-1").leasedBy(vm).undetermined("bob")
	clear := w.owned(juneEast, "unreadable-disk", w.east, "ann")
	w.disk(juneDisks, "unreadable-disk", w.east, "unreadable-2").leasedBy(clear).set(csvschema.CreatedTime, unreadable).undetermined("ann")
	w.disk(juneDisks, "unreadable-disk", w.east, "unreadable-3").leasedBy(clear).set(csvschema.DeletedDate, unreadable).undetermined("ann").unreadable = true
	w.disk(juneDisks, "unreadable-disk", w.east, "unreadable-4").sdk(user(w.oid["dave"])).leasedBy(clear).
		set(csvschema.CreatedTime, unreadable).undetermined("ann").theirs("dave", RuleUserPath)
	w.disk(juneDisks, "unreadable-disk", w.east, "unreadable-5").set(csvschema.CreatedTime, unreadable).
		set(csvschema.LeasedByVmId, w.east.id()+"/virtualmachines/never-was").dangle()
}
