package dsr_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

const (
	vm1   = "/subscriptions/s/resourcegroups/g/labs/l/virtualmachines/vm1"
	vm2   = "/subscriptions/s/resourcegroups/g/labs/l/virtualmachines/vm2"
	comp1 = "/subscriptions/s/resourceGroups/L-vm1-123456/providers/Microsoft.Compute/virtualMachines/vm1"
	users = "/subscriptions/s/resourcegroups/g/labs/l/users/"
	uid1  = "d15c0000-0000-4000-8000-000000000005"
	uid2  = "d15c0000-0000-4000-8000-000000000006"

	day1, day2, day3, day4 = "1/1/2020", "1/2/2020 12:00:00 PM", "2020-01-03T00:00:00Z", "2020-01-04 00:00:00"
	null                   = "1/1/0001 12:00:00 AM"
	nilGUID                = "00000000-0000-0000-0000-000000000000"
)

func TestDisksAreAttributedByTheRules(t *testing.T) {
	t.Parallel()
	theirs := map[string]string{"a": dsr.RuleUserPath.String(), "b": dsr.RuleLease.String(), "c": dsr.RuleResource.String()}
	aliceVM := func(created, deleted string) machine {
		return machine{id: vm1, uid: uid1, owner: alice, created: created, deleted: deleted}
	}
	bobVM := func(created, deleted string) machine {
		return machine{id: vm1, uid: uid2, owner: bob, created: created, deleted: deleted}
	}
	const (
		no, un, dang, near = "not theirs", "undetermined", "dangling", "near"
	)
	for _, c := range []struct {
		name     string
		disk     disk
		own      []machine   // of the disk's export
		others   [][]machine // of other exports
		want     string      // for alice: a rule's letter or a verdict
		wantBobs string
	}{
		// (a)
		{"path", disk{id: users + aliceID + "/disks/d"}, nil, nil, "a", no},
		{"path in capitals", disk{id: "/X/USERS/" + "{0A11CE00000040008000000000000001}"}, nil, nil, "a", no},
		{"path encoded", disk{id: "/x%2Fusers%2f" + aliceID + "%2Fdisks"}, nil, nil, "a", no},
		{"path with an address", disk{id: users + alice + "/disks/d"}, nil, nil, "a", no},
		{"path twice", disk{id: users + aliceID + "/users/" + alice}, nil, nil, "a", no},
		{"path of both", disk{id: users + aliceID + "/disks/users/" + bobID}, nil, nil, "a", "a"},
		{"path before the lease", disk{id: users + aliceID + "/d", lease: vm1}, []machine{bobVM("", "")}, nil, "a", "b"},
		{"path, lease dangles", disk{id: users + aliceID + "/d", lease: vm1}, nil, nil, "a", dang},
		{"path, lease undetermined", disk{id: users + aliceID + "/d", lease: vm1}, []machine{bobVM("", ""), aliceVM("", "")}, nil, "a", un},
		{"path near", disk{id: users + "SMTP:" + alice + "/d"}, nil, nil, near, no},
		{"path near, without hyphens and with an address", disk{id: users + "0a11ce00000040008000000000000001" + bob + "/d"}, nil, nil, near, near},
		{"path near, lease dangles", disk{id: users + "live.com%23" + alice + "/d", lease: vm2}, nil, nil, near, dang},
		{"path near, leased by theirs", disk{id: users + "SMTP:" + alice + "/d", lease: vm1}, []machine{aliceVM("", "")}, nil, "b", no},
		{"path near, undetermined", disk{id: users + "SMTP:" + alice + "/d", lease: vm1}, []machine{bobVM("", ""), aliceVM("", "")}, nil, un, un},
		{"path near and another", disk{id: users + "SMTP:" + alice + "/users/" + bob + "/d"}, nil, nil, near, "a"},
		{"path of a longer address", disk{id: users + "m" + alice + "/d"}, nil, nil, no, no},
		{"path, date unreadable", disk{id: users + aliceID + "/d", created: "soon"}, nil, nil, "a", no},
		{"a longer segment is somebody else", disk{id: users + aliceID + "0/d"}, nil, nil, near, no},
		{"a prefix of users is none", disk{id: "/superusers/" + aliceID + "/d"}, nil, nil, near, dang},
		{"object ID alone", disk{id: aliceID}, nil, nil, near, dang},
		{"object ID after whoever asks", disk{id: users + "@me/disks/" + aliceID}, nil, nil, near, dang},
		{"object ID elsewhere, lease dangles", disk{id: "/user/" + aliceID + "/d", lease: vm2}, nil, nil, near, dang},
		{"object ID elsewhere, of another's machine", disk{id: "/user/" + aliceID + "/d", lease: vm1}, []machine{bobVM("", "")}, nil, no, "b"},
		{"object ID elsewhere, a path names somebody", disk{id: users + "somebody/disks/" + aliceID}, nil, nil, no, no},
		{"object IDs of both elsewhere", disk{id: "/disks/" + aliceID + "-" + bobID}, nil, nil, near, near},
		{"backslashes", disk{id: `\users\` + aliceID + `\disks\d`}, nil, nil, "a", no},
		{"backslashes and an address", disk{id: `\users\` + alice + `\disks\d`}, nil, nil, near, dang},
		{"OData without quotation marks", disk{id: "/users(" + aliceID + ")/disks/d"}, nil, nil, "a", no},

		// (b) who is a candidate
		{"lease", disk{lease: vm1}, []machine{aliceVM("", "")}, nil, "b", no},
		{"lease of a compute ID", disk{lease: comp1}, []machine{{id: vm2, compute: comp1, owner: alice}}, nil, "b", no},
		{"lease in another case and padded", disk{lease: " \u200b" + "/SUBSCRIPTIONS/S/ResourceGroups/g/labs/l/virtualmachines/VM1 "}, []machine{aliceVM("", "")}, nil, "b", no},
		{"lease, lab in another case", disk{lease: vm1, lab: "{1AB00000-0000-4000-8000-000000000003}"}, []machine{aliceVM("", "")}, nil, "b", no},
		{"lease with a slash at its end", disk{lease: vm1 + "/"}, []machine{aliceVM("", "")}, nil, "b", no},
		{"machine with a slash at its end", disk{lease: vm1}, []machine{{id: vm1 + "//", owner: alice}}, nil, "b", no},
		{"lease without its first slash", disk{lease: vm1[1:]}, []machine{aliceVM("", "")}, nil, "b", no},
		{"lease with doubled slashes", disk{lease: strings.ReplaceAll(vm1, "/", "//")}, []machine{aliceVM("", "")}, nil, "b", no},
		{"lease with a doubled slash within", disk{lease: strings.Replace(vm1, "/labs/", "/labs//", 1)}, []machine{aliceVM("", "")}, nil, "b", no},
		{"lease is a URL", disk{lease: "https://management.azure.com" + vm1}, []machine{aliceVM("", "")}, nil, "b", no},
		{"lease is a URL of another cloud", disk{lease: "HTTPS://management.chinacloudapi.cn:443/" + vm1 + "/"}, []machine{aliceVM("", "")}, nil, "b", no},
		{"lease is percent-encoded", disk{lease: strings.ReplaceAll(vm1, "/", "%2F")}, []machine{aliceVM("", "")}, nil, "b", no},
		{"lease is percent-encoded twice", disk{lease: strings.ReplaceAll(vm1, "/", "%252f")}, []machine{aliceVM("", "")}, nil, "b", no},
		{"a letter of the lease is percent-encoded", disk{lease: strings.Replace(vm1, "vm1", "v%6D1", 1)}, []machine{aliceVM("", "")}, nil, "b", no},
		{"compute ID with a slash at its end", disk{lease: strings.ToUpper(comp1)}, []machine{{compute: comp1 + "/", owner: alice}}, nil, "b", no},
		{"compute ID is a URL", disk{lease: comp1}, []machine{{compute: "https://management.azure.com" + comp1, owner: alice}}, nil, "b", no},
		{"two spellings are one ID", disk{lease: vm1}, []machine{{id: vm1 + "/", owner: alice}, {id: vm1[1:], owner: bob}}, nil, un, un},
		{"only slashes are no lease", disk{lease: "//", uid: uid1}, []machine{aliceVM("", "")}, nil, "c", no},
		{"a slash more within a segment is another", disk{lease: strings.Replace(vm1, "vm1", "vm/1", 1)}, []machine{aliceVM("", "")}, nil, dang, dang},
		{"a segment more is another", disk{lease: vm1 + "/x"}, []machine{aliceVM("", "")}, nil, dang, dang},
		{"a segment less is another", disk{lease: strings.TrimSuffix(vm1, "/vm1")}, []machine{aliceVM("", "")}, nil, dang, dang},
		{"a query is another", disk{lease: vm1 + "?x"}, []machine{aliceVM("", "")}, nil, dang, dang},
		{"lease is no substring", disk{lease: vm1 + "0"}, []machine{aliceVM("", "")}, nil, dang, dang},
		{"lease of another lab", disk{lease: vm1, lab: twoLab}, []machine{aliceVM("", "")}, nil, dang, dang},
		{"empty labs are not the same", disk{lease: vm1, lab: "-"}, []machine{{lab: "-", id: vm1, owner: alice}}, nil, dang, dang},
		{"lease is not a ResourceUId", disk{lease: uid1}, []machine{aliceVM("", "")}, nil, dang, dang},
		{"lease, resource not asked", disk{lease: vm2, id: vm1, uid: uid1}, []machine{aliceVM("", "")}, nil, dang, dang},
		{"lease dangles, whoever the path names", disk{lease: vm2, id: users + "somebody/d"}, []machine{aliceVM("", "")}, nil, dang, dang},
		{"lease of an ownerless machine", disk{lease: vm1}, []machine{{id: vm1}}, nil, no, no},
		{"lease of an anonymized machine", disk{lease: vm1}, []machine{{id: vm1, owner: identity.ReplacementAddress}}, nil, no, no},
		{"lease of a machine by environment", disk{lease: vm1}, []machine{{id: vm1, env: users + aliceID + "/environments/e"}}, nil, "b", no},
		{"lease of a machine of somebody else with the subject's environment", disk{lease: vm1}, []machine{{id: vm1, owner: bob, env: users + aliceID + "/e"}}, nil, no, "b"},
		{"lease, path of another", disk{lease: vm1, id: users + bobID + "/d"}, []machine{aliceVM("", "")}, nil, "b", "a"},
		{"lease of a machine of a near owner", disk{lease: vm1}, []machine{{id: vm1, owner: "Alice <" + alice + ">"}}, nil, un, no},
		{"lease of a near compute ID", disk{lease: comp1}, []machine{{id: vm1, compute: comp1, owner: "live.com#" + alice}}, nil, un, no},
		{"lease of a machine of nobody with the subject's environment", disk{lease: vm1}, []machine{{id: vm1, owner: "NULL", env: users + aliceID + "/e"}}, nil, un, no},
		{"lease of a namesake", disk{lease: vm1}, []machine{{id: vm1, name: "alice042"}}, nil, un, no},
		{"lease of two machines near two", disk{lease: vm1}, []machine{{id: vm1, owner: "SMTP:" + alice}, {id: vm1, owner: "SMTP:" + bob}}, nil, un, un},
		{"lease of a near owner, date unreadable", disk{lease: vm1, created: "soon"}, []machine{{id: vm1, owner: "SMTP:" + alice}}, nil, un, no},
		{"lease of a near owner, excluded", disk{lease: vm1, created: day3}, []machine{{id: vm1, owner: "SMTP:" + alice, created: day1, deleted: day2}, bobVM(day3, "")}, nil, no, "b"},
		{"lease of a near owner, the only one and excluded", disk{lease: vm1, created: day3}, []machine{{id: vm1, owner: "SMTP:" + alice, created: day1, deleted: day2}}, nil, un, no},
		{"lease of a near owner in another export", disk{lease: vm1}, []machine{bobVM("", "")}, [][]machine{{{id: vm1, owner: "SMTP:" + alice}}}, no, "b"},

		// (b) several candidates
		{"one is theirs, one near", disk{lease: vm1}, []machine{aliceVM("", ""), {id: vm1, owner: "SMTP:" + alice}}, nil, un, no},
		{"one is near, one another's", disk{lease: vm1}, []machine{{id: vm1, owner: "SMTP:" + alice}, bobVM("", "")}, nil, un, un},
		{"all are theirs", disk{lease: vm1}, []machine{aliceVM("", ""), aliceVM(day1, "")}, nil, "b", no},
		{"some are theirs", disk{lease: vm1}, []machine{aliceVM("", ""), bobVM("", "")}, nil, un, un},
		{"one is ownerless", disk{lease: vm1}, []machine{aliceVM("", ""), {id: vm1}}, nil, un, no},
		{"by resource and by compute ID", disk{lease: vm1}, []machine{aliceVM("", ""), {compute: vm1, owner: bob}}, nil, un, un},

		// (b) exclusion: created at or after the disk's deletion, unless both were created in that second
		{"created after the deletion", disk{lease: vm1, deleted: day2}, []machine{aliceVM(day1, ""), bobVM(day3, "")}, nil, "b", no},
		{"created at the deletion, the disk at any time before", disk{lease: vm1, deleted: day3}, []machine{aliceVM(day1, ""), bobVM(day3, "")}, nil, un, un},
		{"created in the second of the deletion, the disk at any time before", disk{lease: vm1, deleted: day3}, []machine{bobVM("2020-01-03T00:00:00.9Z", "")}, nil, no, "b"},
		{"created a second after the deletion, the disk at any time before", disk{lease: vm1, deleted: day3}, []machine{aliceVM(day1, ""), bobVM("2020-01-03T00:00:01Z", "")}, nil, "b", no},
		{"created at the deletion of an older disk", disk{lease: vm1, created: day2, deleted: day3}, []machine{aliceVM(day1, ""), bobVM(day3, "")}, nil, "b", no},
		{"created a second before the disk's life", disk{lease: vm1, created: "2020-01-03T00:00:01Z", deleted: "2020-01-03T00:00:01Z"}, []machine{aliceVM(day3, ""), bobVM("2020-01-03T00:00:02Z", "")}, nil, "b", no},
		{"disk of one second, created in the second before", disk{lease: vm1, created: "2020-01-02T23:59:59.9Z", deleted: day3}, []machine{aliceVM(day1, ""), bobVM(day3, "")}, nil, "b", no},
		{"disk deleted before it was created", disk{lease: vm1, created: day3, deleted: day2}, []machine{aliceVM(day1, ""), bobVM(day3, "")}, nil, "b", no},
		{"two machines of that second", disk{lease: vm1, created: day3, deleted: day3}, []machine{aliceVM(day3, ""), bobVM("2020-01-03T00:00:00.9999999Z", "")}, nil, un, un},
		{"disk, and machine, in one second", disk{lease: vm1, created: day3, deleted: day3}, []machine{aliceVM(day3, "")}, nil, "b", no},
		{"disk, and machine, in one second, deleted too", disk{lease: vm1, created: day3, deleted: day3}, []machine{aliceVM(day3, day3)}, nil, "b", no},
		{"disk, and machine, in one second, not its first", disk{lease: vm1, created: day3, deleted: day3}, []machine{aliceVM("2020-01-03T00:00:00.5Z", day4)}, nil, "b", no},
		{"disk in one second, the machine ended before", disk{lease: vm1, created: day3, deleted: day3}, []machine{aliceVM(day3, ""), bobVM(day1, day2)}, nil, "b", no},
		{"disk in one second, the machine came later", disk{lease: vm1, created: day3, deleted: day3}, []machine{aliceVM(day3, ""), bobVM(day4, "")}, nil, "b", no},
		{"disk without a lease, and machine, in one second", disk{uid: uid1, created: day3, deleted: day3}, []machine{aliceVM(day3, day3)}, nil, "c", no},
		{"created before the deletion", disk{lease: vm1, deleted: "2020-01-03T00:00:00.0000001Z"}, []machine{aliceVM(day1, ""), bobVM(day3, "")}, nil, un, un},
		{"disk not deleted", disk{lease: vm1, deleted: null}, []machine{aliceVM(day1, ""), bobVM(day3, "")}, nil, un, un},
		{"creation not known", disk{lease: vm1, deleted: day2}, []machine{aliceVM(day1, ""), bobVM("", "")}, nil, un, un},
		// (b) exclusion: ended at or before the disk's creation
		{"ended before the creation", disk{lease: vm1, created: day3}, []machine{aliceVM(day2, ""), bobVM(day1, day2)}, nil, "b", no},
		{"ended at the creation", disk{lease: vm1, created: day3}, []machine{aliceVM(day2, ""), bobVM(day1, day3)}, nil, "b", no},
		{"ended after the creation", disk{lease: vm1, created: day3}, []machine{aliceVM(day2, ""), bobVM(day1, day4)}, nil, un, un},
		{"end equal to creation is not known", disk{lease: vm1, created: day3}, []machine{aliceVM(day2, ""), bobVM(day1, day1)}, nil, un, un},
		{"end before creation is not known", disk{lease: vm1, created: day3}, []machine{aliceVM(day2, ""), bobVM(day2, day1)}, nil, un, un},
		{"end without creation is not known", disk{lease: vm1, created: day3}, []machine{aliceVM(day2, ""), bobVM("", day1)}, nil, un, un},
		{"creation of the disk not known", disk{lease: vm1}, []machine{aliceVM(day2, ""), bobVM(day1, day2)}, nil, un, un},
		// (b) all excluded
		{"all excluded", disk{lease: vm1, created: day3}, []machine{aliceVM(day1, day2), bobVM(day1, day2)}, nil, un, un},
		{"the only one excluded", disk{lease: vm1, created: day3}, []machine{aliceVM(day1, day2)}, nil, un, no},
		{"the subject's excluded, another remains", disk{lease: vm1, created: day3}, []machine{aliceVM(day1, day2), bobVM(day3, "")}, nil, no, "b"},
		// (b) unreadable
		{"disk's creation unreadable", disk{lease: vm1, created: "13/13/2020"}, []machine{aliceVM("", "")}, nil, un, no},
		{"disk's deletion unreadable", disk{lease: vm1, deleted: "soon"}, []machine{aliceVM("", ""), bobVM("", "")}, nil, un, un},
		{"a candidate's creation unreadable", disk{lease: vm1}, []machine{aliceVM("", ""), bobVM("soon", "")}, nil, un, un},
		{"a candidate's deletion unreadable", disk{lease: vm1}, []machine{aliceVM("", "soon")}, nil, un, no},
		{"unreadable, dangling", disk{lease: vm1, created: "soon"}, nil, nil, dang, dang},
		{"unreadable, though the candidate is excluded", disk{lease: vm1, created: day3, deleted: "soon"}, []machine{aliceVM(day1, day2), bobVM(day3, "")}, nil, un, un},

		// (b) exports
		{"own export decides", disk{lease: vm1}, []machine{aliceVM("", "")}, [][]machine{{bobVM("", "")}}, "b", no},
		{"own export decides, though all are excluded", disk{lease: vm1, created: day3}, []machine{aliceVM(day1, day2)}, [][]machine{{bobVM("", "")}}, un, no},
		{"own export decides, though nobody's", disk{lease: vm1}, []machine{{id: vm1}}, [][]machine{{aliceVM("", "")}}, no, no},
		{"others decide", disk{lease: vm1}, nil, [][]machine{{aliceVM("", "")}}, "b", no},
		{"all others decide", disk{lease: vm1}, nil, [][]machine{{aliceVM("", "")}, {bobVM("", "")}}, un, un},

		// (c)
		{"same ResourceUId, near owner", disk{uid: uid1}, []machine{{uid: uid1, owner: "SMTP:" + alice}}, nil, un, no},
		{"same ResourceUId, near owner, another ResourceId", disk{id: vm2, uid: uid1}, []machine{{id: vm1, uid: uid1, owner: "SMTP:" + alice}}, nil, un, no},
		{"same ResourceUId", disk{id: vm1 + "/disks/d", uid: uid1}, []machine{{uid: uid1, owner: alice}}, nil, "c", no},
		{"same ResourceUId, the disk's own ID", disk{id: "/labs/l/users/somebody/disks/d", uid: uid1}, []machine{aliceVM("", "")}, nil, "c", no},
		{"same ResourceUId, no ResourceId", disk{uid: uid1}, []machine{{id: vm1, compute: comp1, uid: uid1, owner: alice}}, nil, "c", no},
		{"same ResourceUId, the disk's own ID, and a compute ID", disk{id: "/labs/l/users/somebody/disks/d", uid: uid1}, []machine{{id: vm1, compute: comp1, uid: uid1, owner: alice}}, nil, "c", no},
		{"same ResourceUId and compute ID", disk{id: comp1, uid: uid1}, []machine{{id: vm1, compute: comp1, uid: uid1, owner: alice}}, nil, "c", no},
		{"same ResourceUId, another ResourceId", disk{id: vm2, uid: uid1}, []machine{aliceVM("", "")}, nil, un, no},
		{"same ResourceUId, another ResourceId, no machine's", disk{id: "https://management.azure.com" + strings.ToUpper(vm2), uid: uid1}, []machine{aliceVM("", "")}, nil, un, no},
		{"same ResourceUId, another ResourceId, a stranger's", disk{id: vm2, uid: uid1}, []machine{aliceVM("", ""), {id: vm2, owner: bob}}, nil, un, un},
		{"one ResourceUId, two ResourceIds", disk{uid: uid1}, []machine{aliceVM("", ""), {id: vm2, uid: uid1, owner: alice}}, nil, un, no},
		{"one ResourceUId, two ResourceIds, in two exports", disk{uid: uid1}, []machine{aliceVM("", "")}, [][]machine{{{id: vm2, uid: "{" + uid1 + "}", owner: bob}}}, un, un},
		{"one ResourceUId, two ResourceIds, a stranger's", disk{uid: uid1}, []machine{aliceVM("", "")}, [][]machine{{{id: vm2, uid: uid1, owner: "x@example.com"}}}, un, no},
		{"one ResourceUId, two ResourceIds, and the disk has one", disk{id: vm1, uid: uid1}, []machine{aliceVM("", ""), {id: vm2, uid: uid1, owner: alice}}, nil, un, no},
		{"one ResourceUId, two spellings of a ResourceId", disk{id: vm1 + "/", uid: uid1}, []machine{aliceVM("", ""), {id: strings.ToUpper(vm1), uid: uid1, owner: alice}}, nil, "c", no},
		{"one ResourceUId, one without a ResourceId", disk{uid: uid1}, []machine{{uid: uid1, owner: alice}, aliceVM("", ""), {id: "NULL", uid: uid1, owner: alice}}, nil, "c", no},
		{"one ResourceUId, two ResourceIds, one after one without", disk{uid: uid1}, []machine{{uid: uid1, owner: alice}, aliceVM("", ""), {id: vm2, uid: uid1, owner: alice}}, nil, un, no},
		{"one ResourceUId, two ResourceIds, but a lease", disk{lease: vm1, uid: uid1}, []machine{aliceVM("", ""), {id: vm2, uid: uid1, owner: bob}}, nil, "b", no},
		{"one ResourceUId in two labs", disk{uid: uid1}, []machine{aliceVM("", ""), {lab: twoLab, id: vm2, uid: uid1, owner: alice}}, nil, "c", no},
		{"one ResourceId, two ResourceUIds over time", disk{id: vm1, uid: uid1}, []machine{aliceVM("", ""), bobVM("", "")}, nil, "c", no},
		{"contradiction, path of the person", disk{id: users + aliceID + "/d", uid: uid1}, []machine{aliceVM("", ""), {id: vm2, uid: uid1, owner: bob}}, nil, "a", un},
		{"same ResourceUId in another form", disk{lease: " ", uid: "{D15C0000000040008000000000000005}"}, []machine{aliceVM("", "")}, nil, "c", no},
		{"same ResourceId", disk{id: vm1, uid: uid2}, []machine{aliceVM("", "")}, nil, "c", no},
		{"same ResourceId in another spelling", disk{id: "https://management.azure.com/" + strings.ToUpper(vm1) + "/", uid: uid2}, []machine{aliceVM("", "")}, nil, "c", no},
		{"same ResourceId, no ResourceUId", disk{id: vm1}, []machine{aliceVM("", "")}, nil, "c", no},
		{"the ResourceUId and the ResourceId are of two", disk{id: vm1, uid: uid1}, []machine{{id: vm2, uid: uid1, owner: bob}, {id: vm1, uid: "x", owner: alice}}, nil, un, un},
		{"the ResourceUId of one without a ResourceId, the ResourceId of another", disk{id: vm1, uid: uid1}, []machine{{uid: uid1, owner: bob}, {id: vm1, uid: "x", owner: alice}}, nil, un, "c"},
		{"a stranger's ResourceUId", disk{id: vm1, uid: uid1}, []machine{{id: vm2, uid: uid1, owner: "x@example.com"}, {id: vm1, uid: "x", owner: alice}}, nil, un, no},
		{"a ResourceUId elsewhere and a ResourceId here", disk{id: vm1, uid: uid1}, []machine{{id: vm1, uid: "x", owner: alice}}, [][]machine{{{id: vm2, uid: uid1, owner: bob}}}, un, un},
		{"a ResourceUId elsewhere decides before a ResourceId here", disk{id: vm1, uid: uid1}, []machine{{id: vm1, uid: uid2, owner: alice}}, [][]machine{{{id: vm1, uid: uid1, owner: bob}}}, no, "c"},
		{"own export decides by ResourceUId", disk{uid: uid1}, []machine{aliceVM("", "")}, [][]machine{{{uid: uid1, owner: bob}}}, "c", no},
		{"own export decides by ResourceId", disk{id: vm1}, []machine{bobVM("", "")}, [][]machine{{aliceVM("", "")}}, no, "c"},
		{"a compute ID is not asked", disk{id: comp1}, []machine{{id: vm2, compute: comp1, owner: alice}}, nil, dang, dang},
		{"empty matches nothing", disk{}, []machine{{owner: alice}}, nil, dang, dang},
		{"the nil GUID matches nothing", disk{uid: nilGUID}, []machine{{uid: nilGUID, owner: alice}}, nil, dang, dang},
		{"the nil GUID in another form", disk{uid: strings.ReplaceAll(nilGUID, "-", "")}, []machine{{uid: "{" + nilGUID + "}", owner: alice}}, nil, dang, dang},
		{"the nil GUID does not decide before the ResourceId", disk{id: vm1, uid: nilGUID}, []machine{{id: vm2, uid: nilGUID, owner: bob}, {id: vm1, uid: nilGUID, owner: alice}}, nil, "c", no},
		{"NULL matches nothing", disk{id: "NULL", uid: "NULL"}, []machine{{id: "NULL", uid: "NULL", compute: "null", owner: alice}}, nil, dang, dang},
		{"NULL is no lease", disk{lease: "NULL", uid: uid1}, []machine{aliceVM("", ""), {id: "NULL", uid: "NULL", owner: bob}}, nil, "c", no},
		{"number signs match nothing", disk{uid: "####"}, []machine{{uid: "####", owner: alice}}, nil, dang, dang},
		{"a number matches nothing", disk{uid: "1.23E+31"}, []machine{{uid: "1.23E+31", owner: alice}}, nil, dang, dang},
		{"0 matches nothing", disk{uid: "0"}, []machine{{uid: "0", owner: alice}}, nil, dang, dang},
		{"a hyphen matches nothing", disk{id: "-", uid: "-"}, []machine{{id: "-", uid: "-", owner: alice}}, nil, dang, dang},
		{"a text is no ResourceUId", disk{uid: "vm-1"}, []machine{{uid: "vm-1", owner: alice}}, nil, dang, dang},
		{"a lab without an ID matches nothing", disk{lease: vm1, uid: uid1, lab: nilGUID}, []machine{{lab: nilGUID, id: vm1, uid: uid1, owner: alice}}, nil, dang, dang},
		{"NULL is no lab", disk{lease: vm1, uid: uid1, lab: "NULL"}, []machine{{lab: "NULL", id: vm1, uid: uid1, owner: alice}}, nil, dang, dang},
		{"of another lab", disk{id: vm1, uid: uid1, lab: twoLab}, []machine{aliceVM("", "")}, nil, dang, dang},
		{"some by ResourceId", disk{id: vm1}, []machine{aliceVM("", ""), bobVM("", "")}, nil, un, un},
		{"excluded by time", disk{id: vm1, created: day3}, []machine{aliceVM("", ""), bobVM(day1, day2)}, nil, "c", no},
		{"unreadable", disk{uid: uid1, created: "x"}, []machine{aliceVM("", "")}, nil, un, no},
		{"no candidate, a path names somebody", disk{id: users + "somebody/disks/d"}, nil, nil, no, no},
		{"no candidate, a path names whoever asks", disk{id: users + "@me/disks/d"}, nil, nil, dang, dang},
		{"no candidate, a path names the nil GUID", disk{id: users + strings.ReplaceAll(nilGUID, "-", "") + "/disks/d"}, nil, nil, dang, dang},
		{"no candidate, a path names nobody any more", disk{id: users + identity.ReplacementObjectID + "/disks/d"}, nil, nil, dang, dang},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			// Another disk and another machine keep all passes going.
			exports := []export{{
				machines: append([]machine{{id: "/other", uid: "o", owner: alice}}, c.own...),
				disks:    []disk{{lease: "/other"}, c.disk},
			}}
			for _, machines := range c.others {
				exports = append(exports, export{machines: machines})
			}
			at := place{csvschema.Disks, 1, 1, 2}
			a, b := subject(t, alice, aliceID), subject(t, bob, bobID)
			want := []string{c.want, c.wantBobs}
			for i, w := range want {
				if rule, ok := theirs[w]; ok {
					want[i] = rule
				}
			}
			assert.Equal(t, want, verdicts(t, build(t, exports...), at, a, b))
			assert.Equal(t, want[:1], verdicts(t, build(t, exports...), at, a), "alone")
			assert.Equal(t, want[1:], verdicts(t, build(t, exports...), at, b), "alone")
		})
	}
}

func TestAThirdPartyIsCountedWhereAPathNamesSomebodyElse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		disk disk
		want int64
	}{
		{"lease, path of another", disk{lease: vm1, id: users + bobID + "/d"}, 1},
		{"lease, path of one who is no identifier", disk{lease: vm1, id: users + "somebody/d"}, 1},
		{"lease, own path", disk{lease: vm1, id: users + aliceID + "/d"}, 0},
		{"own path twice", disk{id: users + aliceID + "/users/" + alice}, 0},
		{"path of both", disk{id: users + bobID + "/users/" + aliceID}, 1},
		{"path of whoever asks", disk{lease: vm1, id: users + "@me/d"}, 0},
		{"path of the nil GUID", disk{lease: vm1, id: users + nilGUID + "/d"}, 0},
		{"path of nobody any more", disk{lease: vm1, id: users + identity.ReplacementObjectID + "/d"}, 0},
		{"resource, path of another", disk{uid: uid1, id: users + bobID + "/d"}, 1},
		{"not theirs", disk{id: users + bobID + "/d"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			exports := build(t, export{[]machine{{id: vm1, uid: uid1, owner: alice}}, []disk{c.disk}})
			_, report := run(t, exports, []dsr.Subject{subject(t, alice, aliceID)}, nil)
			assert.Equal(t, c.want, report.Subjects[0].Disks.ThirdParties)
		})
	}
}

func TestADiskOfAnExportWithoutMachinesIsFoundThroughOthers(t *testing.T) {
	t.Parallel()
	exports := build(t, export{[]machine{{id: vm1, owner: alice}}, []disk{{lease: vm2}}})
	exports = append(exports, csvschema.Export{Disks: []csvschema.Source{source(disksText(t, []disk{{lease: vm1}}))}})
	assert.Equal(t, []string{dsr.RuleLease.String()}, verdicts(t, exports, place{csvschema.Disks, 2, 1, 1}, subject(t, alice)))
}

func TestAllFilesOfAnExportAreItsOwn(t *testing.T) {
	t.Parallel()
	exports := []csvschema.Export{{
		VirtualMachines: []csvschema.Source{
			source(machinesText(t, []machine{{id: vm2, owner: alice}})),
			source(machinesText(t, []machine{{id: vm1, owner: alice}})),
			source(machinesText(t, []machine{{id: vm1, owner: bob}})),
		},
		Disks: []csvschema.Source{
			source(disksText(t, []disk{{lease: vm2}})),
			source(disksText(t, []disk{{lease: vm1}})),
		},
	}, build(t, export{machines: []machine{{id: vm2, owner: bob}}})[0]}
	assert.Equal(t, []string{"undetermined"}, verdicts(t, exports, place{csvschema.Disks, 1, 2, 1}, subject(t, alice)))
	assert.Equal(t, []string{dsr.RuleLease.String()}, verdicts(t, exports, place{csvschema.Disks, 1, 1, 1}, subject(t, alice)))
}

func TestMachinesWithoutOwnerAreKeptApartByTheirEnvironments(t *testing.T) {
	t.Parallel()
	exports := build(t, export{
		[]machine{{id: vm1, env: users + aliceID}, {id: vm2, env: users + bobID}},
		[]disk{{lease: vm1}, {lease: vm2}},
	})
	answers, _ := run(t, exports, []dsr.Subject{subject(t, aliceID), subject(t, bobID)}, nil)
	for i, a := range answers {
		assert.Equal(t, map[place]dsr.Rule{
			{csvschema.VirtualMachines, 1, 1, i + 1}: dsr.RuleEnvironment,
			{csvschema.Disks, 1, 1, i + 1}:           dsr.RuleLease,
		}, a.theirs, i)
	}
}

func TestCivilTimesAreThoseOfTheZone(t *testing.T) {
	t.Parallel()
	// Noon of a place five hours west of UTC is 5 PM in UTC.
	exports := build(t, export{
		[]machine{{id: vm1, owner: alice, created: "2020-01-01T16:00:00Z"}},
		[]disk{{lease: vm1, deleted: "1/1/2020 12:00:00 PM"}},
	})
	at := place{csvschema.Disks, 1, 1, 1}
	answers, _ := run(t, exports, []dsr.Subject{subject(t, alice)}, nil)
	assert.Equal(t, []place{at}, answers[0].undetermined, "UTC unless told")
	answers, _ = run(t, exports, []dsr.Subject{subject(t, alice)}, &dsr.Options{Zone: fiveBehind})
	assert.Equal(t, dsr.RuleLease, answers[0].theirs[at])
}

// The ID of one machine may be the compute ID of another: no order of the rows hides that
// they are two.
func TestContradictionsDoNotDependOnTheOrderOfRows(t *testing.T) {
	t.Parallel()
	machines := []machine{{id: vm1, compute: vm2, uid: uid1, owner: alice}, {id: vm2, compute: comp1, uid: uid1, owner: alice}}
	for range 10 {
		for _, rows := range [][]machine{machines, {machines[1], machines[0]}} {
			exports := build(t, export{rows, []disk{{uid: uid1}}})
			assert.Equal(t, []string{"undetermined"}, verdicts(t, exports, place{csvschema.Disks, 1, 1, 1}, subject(t, alice)))
		}
	}
}

// What a person decides about a machine decides nothing about its disks.
func TestDisksOfMachinesThatWereDecidedStayUndetermined(t *testing.T) {
	t.Parallel()
	for _, m := range []machine{
		{id: vm1, owner: "live.com#" + alice},
		{id: vm1, owner: "NULL", env: users + aliceID + "/e"},
		{id: vm1, name: "alice001"},
	} {
		for decision, want := range map[dsr.Decision][]int64{dsr.Undecided: {0, 1}, dsr.Theirs: {1, 1}, dsr.NotTheirs: {0, 1}} {
			for _, asks := range []bool{false, true} {
				exports := build(t, export{[]machine{m, {id: vm1, owner: bob}}, []disk{{lease: vm1}}})
				handedOut := int64(0)
				report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice, aliceID)}, func(dsr.Match) error {
					handedOut++
					return nil
				}, &dsr.Options{CopyOwners: asks, Decide: func(f dsr.Finding) dsr.Decision {
					if f.Role == csvschema.Disks {
						return dsr.Undecided
					}
					return decision
				}})
				require.NoError(t, err)
				assert.Equal(t, want, []int64{handedOut, report.Subjects[0].Disks.Undetermined}, "%+v %v", m, decision)
			}
		}
	}
}
