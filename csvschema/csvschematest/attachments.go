package csvschematest

import (
	"fmt"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// plantReusedIDs plants machines that have the same ResourceId at different times,
// and disks that refer to it.
func (w *world) plantReusedIDs() {
	machine := func(trap, name, person string, created time.Time) *draft {
		d := w.vm(juneEast, trap, w.east, name).created(created)
		if person != "" {
			d.ownedBy(person, w.mail(person))
		}
		return d
	}
	leased := func(trap, name string, vm *draft, created time.Time) *draft {
		return w.disk(juneDisks, trap, w.east, name).of(vm).leasedBy(vm).created(created)
	}

	trap := "reused-known-end"
	first := machine(trap, "reused1", "alice", day(0)).deleted(day(31))
	second := machine(trap, "reused1", "bob", day(60))
	leased(trap, "r1-first", first, day(1)).deleted(day(30)).theirs("alice", RuleLease)
	leased(trap, "r1-second", second, day(61)).theirs("bob", RuleLease)
	leased(trap, "r1-first-then-ends", first, day(1)).deleted(day(60)).theirs("alice", RuleLease) // created at the disk's deletion
	leased(trap, "r1-after-the-end", second, day(31)).theirs("bob", RuleLease)                    // ended at the disk's creation
	leased(trap, "r1-both", first, day(14)).undetermined("alice", "bob")
	leased(trap, "r1-both-ended", first, day(30)).deleted(day(61)).undetermined("alice", "bob")
	leased(trap, "r1-no-dates", first, day(0)).set(csvschema.CreatedTime, "").undetermined("alice", "bob")
	leased(trap, "r1-between", first, day(32)).deleted(day(59)).undetermined("alice", "bob") // none remains
	leased(trap, "r1-null-date", first, day(32)).set(csvschema.DeletedDate, "1/1/0001 12:00:00 AM").theirs("bob", RuleLease)

	trap = "reused-unknown-end"
	first = machine(trap, "reused2", "alice", day(0)).deleted(day(0))
	machine(trap, "reused2", "carol", day(60))
	leased(trap, "r2-both", first, day(90)).undetermined("alice", "carol")
	leased(trap, "r2-first", first, day(1)).deleted(day(31)).theirs("alice", RuleLease)
	leased(trap, "r2-before-all", first, day(-20)).deleted(day(-1)).undetermined("alice", "carol") // none remains

	trap = "reused-same-owner"
	first = machine(trap, "reused3", "alice", day(0)).deleted(day(31))
	machine(trap, "reused3", "alice", day(60))
	leased(trap, "r3", first, day(14)).theirs("alice", RuleLease)

	trap = "reused-ownerless"
	first = machine(trap, "reused4", "alice", day(0)).deleted(day(0))
	machine(trap, "reused4", "", day(60)).set(csvschema.Claimable, "True")
	leased(trap, "r4", first, day(61)).undetermined("alice")

	trap = "reused-environment"
	first = machine(trap, "reused5", "", day(0)).environment(user(w.oid["dave"])).theirs("dave", RuleEnvironment)
	leased(trap, "r5", first, day(2)).theirs("dave", RuleLease)

	trap = "excluded-in-time"
	first = machine(trap, "reused6", "alice", day(0)).deleted(day(31))
	leased(trap, "r6", first, day(31)).undetermined("alice")
	first = machine(trap, "reused7", "alice", day(60))
	leased(trap, "r7", first, day(1)).deleted(day(60)).undetermined("alice")
	first = machine(trap, "reused8", "", day(60)) // nobody's
	leased(trap, "r8", first, day(1)).deleted(day(60))

	trap = "reused-in-part"
	first = machine(trap, "reused9", "alice", day(0))
	machine(trap, "reused9", "alice", day(1)).deleted(day(2))
	machine(trap, "reused9", "ann", day(10))
	leased(trap, "r9", first, day(20)).undetermined("alice", "ann")
	leased(trap, "r9-early", first, day(1)).deleted(day(9)).theirs("alice", RuleLease)
}

// plantLeases plants the ways in which a lease can name a machine, and leases that
// name none.
func (w *world) plantLeases() {
	vm := w.owned(juneEast, "lease", w.east, "alice")
	lease := func(trap, name string) *draft { return w.disk(juneDisks, trap, w.east, name).leasedBy(vm) }
	id := plain(vm.cells[csvschema.ResourceId])
	lease("lease", "l-plain").theirs("alice", RuleLease)
	lease("lease", "l-deleted").deleted(day(100)).theirs("alice", RuleLease)
	lease("lease-letter-case", "l-upper").set(csvschema.LeasedByVmId, strings.ToUpper(id)).theirs("alice", RuleLease)
	lease("lease-padded", "l-padded").set(csvschema.LeasedByVmId, " "+id+" ").theirs("alice", RuleLease)
	compute := plain(vm.cells[csvschema.ComputeResourceId])
	lease("lease-compute", "l-compute").set(csvschema.LeasedByVmId, strings.ToLower(compute)).theirs("alice", RuleLease)
	for _, spelling := range []string{
		id + "/", id[1:], strings.ReplaceAll(id, "/", "//"), "https://management.azure.com" + id, "https://management.azure.com/" + strings.ToUpper(id) + "/",
		strings.ReplaceAll(id, "/", "%2F"), strings.ReplaceAll(id, "/", "%252f"),
	} {
		lease("lease-spelling", "l-spelling").set(csvschema.LeasedByVmId, spelling).theirs("alice", RuleLease)
	}
	for i, spelling := range []func(string) string{
		func(id string) string { return id + "/" }, func(id string) string { return id[1:] },
		func(id string) string { return strings.ReplaceAll(id, "/", "//") }, func(id string) string { return "https://management.azure.com" + id },
	} {
		spelled := w.owned(juneEast, "resource-spelling", w.east, "ann")
		d := w.disk(juneDisks, "resource-spelling", w.east, fmt.Sprintf("l-spelled-%d", i)).leasedBy(spelled).theirs("ann", RuleLease)
		spelled.set(csvschema.ResourceId, spelling(spelled.cells[csvschema.ResourceId]))
		w.copyTo(augDisks, d).set(csvschema.ResourceId, spelling(d.cells[csvschema.ResourceId])).deleted(day(112))
	}
	moment := w.vm(juneEast, "one-creation", w.east, "moment").ownedBy("bob", w.mail("bob")).created(day(44)).deleted(day(44))
	w.disk(juneDisks, "one-creation", w.east, "l-moment").leasedBy(moment).created(day(44)).deleted(day(44)).theirs("bob", RuleLease)
	lease("lease-prefix", "l-longer").set(csvschema.LeasedByVmId, id+"0").dangle()
	lease("lease-prefix", "l-shorter").set(csvschema.LeasedByVmId, id[:len(id)-1]).dangle()
	lease("lease-documented", "l-documented").of(vm).theirs("alice", RuleLease)
	bobs := w.owned(juneEast, "lease", w.east, "bob")
	lease("lease-against-resource", "l-against").of(bobs).theirs("alice", RuleLease) // the lease decides

	path := func(person string) string { return user(w.oid[person]) }
	lease("path-own", "l-own").sdk(path("alice")).theirs("alice", RuleUserPath)
	lease("path-own", "l-own-upper").sdk(user(strings.ToUpper(w.oid["alice"]))).theirs("alice", RuleUserPath).deleted(day(110))
	lease("path-other", "l-other").sdk(path("bob")).theirs("bob", RuleUserPath).theirs("alice", RuleLease).third("alice").deleted(day(101)).
		set(csvschema.DiskBlobName, "copy of "+address("bob@contoso.com")+" for "+path("bob")+".vhd")
	lease("path-stranger", "l-stranger").sdk(user(w.guid())).theirs("alice", RuleLease).third("alice").deleted(day(102))
	lease("path-me", "l-me").sdk("@me").theirs("alice", RuleLease)
	first := w.vm(juneEast, "path-ambiguous", w.east, "shared1").ownedBy("bob", w.mail("bob")).created(day(0))
	w.vm(juneEast, "path-ambiguous", w.east, "shared1").ownedBy("carol", w.mail("carol")).created(day(1))
	w.disk(juneDisks, "path-ambiguous", w.east, "l-ambiguous").leasedBy(first).sdk(path("alice")).
		theirs("alice", RuleUserPath).undetermined("bob", "carol").deleted(day(103))
	w.disk(juneDisks, "path-ambiguous", w.east, "l-ambiguous-2").leasedBy(first).undetermined("bob", "carol")

	never := w.east.id() + "/virtualmachines/never-was"
	lease("dangling", "d-plain").set(csvschema.LeasedByVmId, never).dangle()
	lease("dangling", "d-documented").of(vm).set(csvschema.LeasedByVmId, never).dangle() // the resource does not count
	lease("dangling-path", "d-path").set(csvschema.LeasedByVmId, never).sdk(path("alice")).dangle().theirs("alice", RuleUserPath).deleted(day(104))
	w.disk(juneDisks, "lease-other-lab", w.south, "d-other-lab").leasedBy(vm).dangle()
	twin := w.vm(juneWest, "lease-other-lab", w.west, "twin").ownedBy("bob", w.mail("bob")).set(csvschema.ResourceId, vm.cells[csvschema.ResourceId])
	w.disk(juneDisks, "lease-other-lab", w.west, "d-own-lab").leasedBy(twin).theirs("bob", RuleLease)
	w.disk(juneDisks, "lease-without-lab", w.east, "d-no-lab").leasedBy(vm).set(csvschema.LabUId, "").dangle()
	w.disk(juneDisks, "lease-lab-letter-case", w.east, "d-lab-upper").leasedBy(vm).set(csvschema.LabUId, strings.ToUpper(w.east.uid)).theirs("alice", RuleLease)
	odd := w.vm(juneEast, "lease-ownerless", w.east, "claimable-9").set(csvschema.Claimable, "True")
	w.disk(juneDisks, "lease-ownerless", w.east, "d-ownerless").leasedBy(odd)
	awkward := w.vm(juneEast, "lease-awkward", w.east, `data, "old"`).ownedBy("ann", "ann@example.com")
	w.disk(juneDisks, "lease-awkward", w.east, "disk\nwith \"break\",").leasedBy(awkward).theirs("ann", RuleLease).deleted(day(105))
	near := w.vm(juneEast, "lease-near", w.east, "near-disk").ownedBy("strauss", w.mail("strauss"))
	w.disk(juneDisks, "lease-near", w.east, "d-near").leasedBy(near).theirs("strauss", RuleLease)
}

// plantDisksWithoutLease plants disks without a lease.
func (w *world) plantDisksWithoutLease() {
	disk := func(trap, name string) *draft { return w.disk(juneDisks, trap, w.west, name) }
	vm := w.owned(juneWest, "unleased", w.west, "carol")
	disk("unleased-documented", "u-documented").of(vm).theirs("carol", RuleResource)
	disk("unleased-documented", "u-documented-2").of(vm).theirs("carol", RuleResource).deleted(day(106)) // the same ResourceUId and ResourceId
	disk("unleased-blank", "u-blank").of(vm).set(csvschema.LeasedByVmId, "  ").theirs("carol", RuleResource)
	disk("unleased-letter-case", "u-upper").set(csvschema.ResourceUId, strings.ToUpper(vm.cells[csvschema.ResourceUId])).theirs("carol", RuleResource)
	disk("unleased-uid-only", "u-uid").set(csvschema.ResourceUId, vm.cells[csvschema.ResourceUId]).theirs("carol", RuleResource)
	disk("unleased-id-only", "u-id").set(csvschema.ResourceId, vm.cells[csvschema.ResourceId]).theirs("carol", RuleResource)
	disk("unleased-no-uid", "u-no-uid").set(csvschema.ResourceUId, "").set(csvschema.ResourceId, vm.cells[csvschema.ResourceId]).theirs("carol", RuleResource)
	disk("unleased-other-lab", "u-other-lab").of(vm).set(csvschema.LabUId, w.south.uid).dangle()

	disk("unleased-path", "u-path").sdk(user(w.oid["alice"])).theirs("alice", RuleUserPath).deleted(day(107))
	disk("unleased-path", "u-path-2").sdk(user(w.oid["dave"])).theirs("dave", RuleUserPath)
	disk("unleased-path-address", "u-path-3").sdk(user("ann@example.com")).theirs("ann", RuleUserPath).deleted(day(108))
	disk("unleased-path-stranger", "u-stranger").sdk(user(w.guid())).deleted(day(108))
	disk("unleased-path-me", "u-me").sdk("@me").dangle()
	disk("unleased-path-anonymized", "u-gone").sdk(replacementObjectID).dangle().deleted(day(109))
	disk("unleased-path-and-uid", "u-both").sdk(user(w.oid["alice"])).set(csvschema.ResourceUId, vm.cells[csvschema.ResourceUId]).
		theirs("alice", RuleUserPath).theirs("carol", RuleResource).third("carol").deleted(day(111))
	disk("unleased-nothing", "u-nothing").dangle()
	disk("unleased-nothing", "u-empty").set(csvschema.ResourceUId, "").set(csvschema.ResourceId, "").dangle()
	// A machine without IDs matches no disk: an empty ID matches nothing.
	w.owned(juneWest, "unleased-nothing", w.west, "ann").set(csvschema.ResourceUId, "").set(csvschema.ResourceId, "")
	// Nor does what is no ID, although both have it.
	for _, none := range []string{"00000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}", "NULL", "####", "1.23E+31", "0", "-"} {
		w.owned(juneWest, "unleased-no-id", w.west, "alice").set(csvschema.ResourceUId, none).set(csvschema.ResourceId, "NULL")
		disk("unleased-no-id", "u-no-id").set(csvschema.ResourceUId, none).set(csvschema.ResourceId, "NULL").set(csvschema.LeasedByVmId, "NULL").dangle()
	}

	first := w.vm(juneWest, "unleased-reused", w.west, "again").ownedBy("alice", w.mail("alice")).created(day(0)).deleted(day(31))
	second := w.vm(juneWest, "unleased-reused", w.west, "again").ownedBy("ann", w.mail("ann")).created(day(60))
	id := first.cells[csvschema.ResourceId]
	disk("unleased-reused", "u-first").set(csvschema.ResourceId, id).created(day(1)).deleted(day(20)).theirs("alice", RuleResource)
	disk("unleased-reused", "u-open").set(csvschema.ResourceId, id).created(day(1)).undetermined("alice", "ann")
	disk("unleased-reused", "u-by-uid").of(second).created(day(70)).theirs("ann", RuleResource)
	disk("unleased-reused", "u-uid-decides").of(first).created(day(1)).theirs("alice", RuleResource)
	disk("unleased-reused", "u-late").of(first).created(day(40)).undetermined("alice") // the ID does not count once the UID matches
}

// plantCopies plants copies of resources in overlapping exports.
func (w *world) plantCopies() {
	vm := w.owned(juneEast, "overlap", w.east, "alice").created(day(5))
	w.copyTo(august, vm).deleted(day(240))
	d := w.disk(juneDisks, "overlap", w.east, "o-both").leasedBy(vm).theirs("alice", RuleLease)
	w.copyTo(augDisks, d)
	w.copyTo(augDisks2, d).deleted(day(240)) // in both files of one export

	vm = w.owned(juneEast, "owner-changed", w.east, "alice")
	now := w.copyTo(august, vm)
	delete(now.truths, "alice")
	now.ownedBy("carol", w.mail("carol")).alias("alice") // carol may be alice under another name
	vm.alias("carol")
	d = w.disk(juneDisks, "owner-changed", w.east, "o-changed").leasedBy(vm).theirs("alice", RuleLease)
	d = w.copyTo(augDisks, d)
	delete(d.truths, "alice")
	d.theirs("carol", RuleLease) // its own export decides

	vm = w.owned(juneEast, "windowed", w.east, "bob").deleted(day(120))
	w.disk(augDisks, "windowed", w.east, "o-windowed").leasedBy(vm).theirs("bob", RuleLease)
	w.disk(augDisks2, "windowed", w.east, "o-windowed-uid").of(vm).theirs("bob", RuleResource)

	vm = w.owned(juneEast, "windowed-owner-changed", w.east, "bob")
	later := w.copyTo(other, vm)
	clear(later.truths)
	later.ownedBy("ann", w.mail("ann")).alias("bob")
	vm.alias("ann")
	w.disk(augDisks, "windowed-owner-changed", w.east, "o-elsewhere").leasedBy(vm).undetermined("bob", "ann")

	from, to := w.owned(juneEast, "transferred", w.east, "alice"), w.owned(juneEast, "transferred", w.east, "bob")
	w.copyTo(august, from)
	w.copyTo(august, to)
	d = w.disk(juneDisks, "transferred", w.east, "o-moved").leasedBy(from).theirs("alice", RuleLease)
	d = w.copyTo(augDisks, d).leasedBy(to)
	clear(d.truths)
	d.theirs("bob", RuleLease)

	vm = w.vm(juneEast, "own-export-first", w.east, "phoenix").ownedBy("alice", w.mail("alice"))
	again := w.vm(august, "own-export-first", w.east, "phoenix").ownedBy("ann", w.mail("ann")) // another machine of the same ResourceId
	w.disk(juneDisks, "own-export-first", w.east, "o-june").leasedBy(vm).theirs("alice", RuleLease)
	w.disk(augDisks, "own-export-first", w.east, "o-august").leasedBy(again).theirs("ann", RuleLease)
	w.disk(augDisks, "own-export-first", w.east, "o-august-id").set(csvschema.ResourceId, vm.cells[csvschema.ResourceId]).theirs("ann", RuleResource)
	// A ResourceUId of another export comes before a ResourceId of the disk's own.
	w.disk(augDisks, "uid-before-id", w.east, "o-uid").of(vm).theirs("alice", RuleResource)
	// If time excludes the machines of its own export, other exports do not count.
	short := w.vm(august, "own-export-excluded", w.east, "mayfly").ownedBy("alice", w.mail("alice")).created(day(200))
	w.vm(juneEast, "own-export-excluded", w.east, "mayfly").ownedBy("bob", w.mail("bob")).created(day(0))
	w.disk(augDisks, "own-export-excluded", w.east, "o-mayfly").leasedBy(short).created(day(10)).deleted(day(199)).undetermined("alice")

	twice := w.owned(juneEast, "twice-in-an-export", w.east, "carol")
	w.copyTo(juneWest, twice)
	w.disk(juneDisks, "twice-in-an-export", w.east, "o-twice").leasedBy(twice).theirs("carol", RuleLease)
	half := w.owned(juneEast, "twice-in-an-export", w.east, "carol")
	orphan := w.copyTo(juneWest, half)
	clear(orphan.truths)
	orphan.owner("").near("carol") // it is named after her
	w.disk(juneDisks, "twice-in-an-export", w.east, "o-half").leasedBy(half).undetermined("carol")

	two := w.owned(juneEast, "two-resource-ids", w.east, "ann").deleted(day(121))
	w.copyTo(juneEast, two).set(csvschema.ResourceId, two.cells[csvschema.ResourceId]+"-renamed")

	w.owned(other, "no-disks-file", w.south, "alice").deleted(day(150))
	w.owned(other, "no-disks-file", w.south, "ann").deleted(day(151))
}

// plantOrdinary plants machines and disks without a trap.
func (w *world) plantOrdinary(n int) {
	people := w.people[len(w.people)-ordinaryPeople:]
	for range n {
		person := people[w.rand.IntN(len(people))].Name
		l, p, disks := w.east, juneEast, juneDisks
		switch w.rand.IntN(4) {
		case 0:
			l, p = w.west, juneWest
		case 1:
			l, p, disks = w.south, other, place{}
		case 2:
			p, disks = august, augDisks
		}
		born := w.rand.IntN(200)
		vm := w.owned(p, "ordinary", l, person).created(day(born))
		if w.rand.IntN(3) == 0 {
			vm.environment(user(w.oid[person]))
		}
		if w.rand.IntN(2) == 0 {
			vm.deleted(day(born + w.rand.IntN(40)))
		}
		if disks.export == 0 {
			continue
		}
		d := w.disk(disks, "ordinary", l, w.derived(person)+"-os").created(day(born))
		switch w.rand.IntN(3) {
		case 0:
			d.of(vm).leasedBy(vm).theirs(person, RuleLease)
		case 1:
			d.sdk(user(w.oid[person])).leasedBy(vm).theirs(person, RuleUserPath)
		case 2:
			d.sdk(user(w.oid[person])).theirs(person, RuleUserPath)
		}
	}
}
