package dsr_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

var fiveBehind = time.FixedZone("", -5*60*60)

func TestVirtualMachinesAreTheirOwners(t *testing.T) {
	t.Parallel()
	const (
		no     = "not theirs"
		near   = "near"
		alias  = "alias"
		env    = users + aliceID + "/environments/e"
		bobEnv = users + bobID + "/environments/e"
	)
	owns, environment := dsr.RuleOwner.String(), dsr.RuleEnvironment.String()
	for _, c := range []struct {
		name       string
		owner, env string
		want       string // for alice
	}{
		{"owner", alice, "", owns},
		{"mixed case, padded", "\t\u200bAlice@EXAMPLE.com\u00a0", "", owns},
		{"object ID in another form", "{0A11CE00000040008000000000000001}", "", owns},
		{"another", bob, "", no},
		{"longer at the front", "mal" + alice, "", no},
		{"longer at the end", alice + ".example.test", "", no},
		{"local part only", "alice", "", no},
		{"two addresses in one cell", alice + ";" + bob, "", near},
		{"quoted in a display name", "Alice <" + alice + ">", "", near},
		{"personal account", "live.com#" + alice, "", near},
		{"object ID at a tenant", aliceID + "@contoso", "", near},
		{"deleted account", "0a11ce00000040008000000000000001" + bob, "", near},
		{"personal account in an environment without owner", "", users + "live.com%23" + alice + "/e", near},
		{"personal account in an environment with owner", bob, users + "live.com%23" + alice + "/e", near},
		{"personal account in the subject's own environment", alice, users + "live.com%23" + alice + "/e", owns},
		{"nobody", "", "", no},
		{"anonymized", identity.ReplacementAddress, "", no},
		{"anonymized object ID", identity.ReplacementObjectID, "", no},

		{"environment without owner", "", env, environment},
		{"environment, owner blank", " \u200b", env, environment},
		{"environment in capitals", "", "/X/USERS/0A11CE00-0000-4000-8000-000000000001", environment},
		{"environment, encoded", "", "%2Fusers%2F" + aliceID, environment},
		{"environment of an address", "", users + alice + "/environments/e", environment},
		{"environment of the subject twice", "", env + "/users/" + alice, environment},
		{"environment of another", "", bobEnv, no},
		{"environment of whoever asks", "", users + "@me/e", no},
		{"object ID not after users", "", "/groups/" + aliceID + "/e", near},
		{"object ID alone, without owner", "", aliceID, near},
		{"backslashes, without owner", "", `\labs\l\users\` + aliceID + `\environments\e`, environment},
		{"backslashes and an address, without owner", "", `\labs\l\users\` + alice + `\environments\e`, near},
		{"guest without tenant, without owner", "", users + "alice_example.com#EXT#/environments/e", near},
		{"backslashes, of NULL", "NULL", `\labs\l\users\` + alice + `\environments\e`, near},
		{"backslashes, of another", bob, `\labs\l\users\` + aliceID + `\environments\e`, alias},
		{"backslashes, of the subject", alice, `\labs\l\users\` + aliceID + `\environments\e`, owns},
		{"object ID beside another user", "", "/groups/" + aliceID + "/users/" + bobID + "/e", no},

		{"near by folding", "alıce@example.com", "", near},
		{"near as a guest", "alice_example.com#EXT#@fabrikam.onmicrosoft.com", "", near},
		{"near at a tenant", "alice@fabrikam.onmicrosoft.com", "", near},
		{"near in an environment without owner", "", users + "ＡＬＩＣＥ@example.com/e", near},
		{"theirs and near in an environment without owner", "", env + "/users/ＡＬＩＣＥ@example.com", environment},
		{"near in an environment with owner", bob, users + "ＡＬＩＣＥ@example.com/e", near},
		{"near in an environment of an anonymized owner", identity.ReplacementAddress, users + "SMTP:" + alice + "/e", near},
		{"near only as a longer address, in an environment with owner", bob, users + "m" + alice + "/e", no},
		{"the subject's environment of another owner", bob, env, alias},
		{"the subject's environment of a near owner", "alice@fabrikam.onmicrosoft.com", env, "near+alias"},
		{"the subject's environment of a text", "build agent", env, alias},
		{"the subject's environment of an anonymized owner", identity.ReplacementAddress, env, alias},
		{"another's environment of the subject", alice, bobEnv, owns + "+alias"},
		{"an environment of two others of the subject", alice, bobEnv + "/users/" + twoLab, owns + "+alias"},
		{"the subject's own environment", alice, env, owns},
		{"an environment of whoever asks", alice, users + "@me/e", owns},
		{"an environment of another address", alice, users + bob + "/e", owns},
		{"an environment of a text", alice, users + "team/e", owns},
		{"an environment of nobody any more", alice, users + identity.ReplacementObjectID + "/e", owns},
		{"an environment of the nil GUID", alice, users + nilGUID + "/e", owns},
		{"an environment of the nil GUID in another form", alice, users + "{" + nilGUID + "}/e", owns},
		{"environment of both, without owner", "", env + "/users/" + bobID, environment + "+alias"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			exports := build(t, export{machines: []machine{{id: vm1, uid: uid1, owner: c.owner, env: c.env}}})
			got := verdicts(t, exports, place{csvschema.VirtualMachines, 1, 1, 1}, subject(t, alice, aliceID))
			if c.want == "near+alias" { // in any order
				assert.Contains(t, []string{"near+alias", "alias+near"}, got[0])
				return
			}
			assert.Equal(t, []string{c.want}, got)
		})
	}
}

func TestPeopleWithNearlyTheSameAddressGetOnlyTheirOwn(t *testing.T) {
	t.Parallel()
	people := []string{
		"ann@example.com", "joann@example.com", "ann@example.com.example.test", "ann@example.co", "ann@xexample.com", "straße@example.com", "strasse@example.com",
		"alice.smith@example.com", "alice.smyth@example.com", // in one slot of what a worker remembers
	}
	var machines []machine
	var disks []disk
	for i, p := range people {
		id := "/vm" + string(rune('a'+i))
		machines = append(machines, machine{id: id, owner: p})
		disks = append(disks, disk{lease: id})
	}
	exports := build(t, export{machines, disks})
	for i, p := range people {
		answers, _ := run(t, exports, []dsr.Subject{subject(t, p)}, nil)
		assert.Equal(t, map[place]dsr.Rule{
			{csvschema.VirtualMachines, 1, 1, i + 1}: dsr.RuleOwner,
			{csvschema.Disks, 1, 1, i + 1}:           dsr.RuleLease,
		}, answers[0].theirs, i)
	}
}

func TestAMachineBelongsToEachOwnerInThatOwnersCopy(t *testing.T) {
	t.Parallel()
	exports := build(
		t,
		export{[]machine{{id: vm1, uid: uid1, owner: alice}}, []disk{{lease: vm1}}},
		export{[]machine{{id: vm1, uid: uid1, owner: bob}}, []disk{{lease: vm1}}},
	)
	answers, _ := run(t, exports, []dsr.Subject{subject(t, alice), subject(t, bob)}, nil)
	for i, a := range answers {
		assert.Equal(t, map[place]dsr.Rule{
			{csvschema.VirtualMachines, i + 1, 1, 1}: dsr.RuleOwner,
			{csvschema.Disks, i + 1, 1, 1}:           dsr.RuleLease,
		}, a.theirs, i)
	}
}

func TestASubjectIsFoundAmongMoreOwnersThanAWorkerRemembers(t *testing.T) {
	t.Parallel()
	var machines []machine
	for i := range 10_000 {
		machines = append(machines, machine{id: vm1, owner: "u" + time.Unix(int64(i), 0).UTC().Format("150405") + "@example.com"})
		if i%1000 == 999 {
			machines = append(machines, machine{id: vm1, owner: alice})
		}
	}
	answers, _ := run(t, build(t, export{machines: machines}), []dsr.Subject{subject(t, alice)}, nil)
	assert.Len(t, answers[0].theirs, 10)
}
