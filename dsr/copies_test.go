package dsr_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

// TestRowsThatWaitAreTheSameHeldOrReadAgain compares everything that a search says while it
// runs, in its order, with rows that are held, read again, and emitted at once.
func TestRowsThatWaitAreTheSameHeldOrReadAgain(t *testing.T) {
	t.Parallel()
	forEachRefWorld(t, 400, func(t *testing.T, w *refWorld) {
		said := func(o dsr.Options, hold int) (said []string, _ *dsr.Report) {
			dsr.HoldAtMost(&o, hold)
			o.Workers = w.workers
			o.Decide = func(f dsr.Finding) dsr.Decision {
				said = append(said, fmt.Sprint("decide ", f.Kind, f.Subject, f.FileID, f.Row, f.Line, f.Key, f.TakesTheirs))
				return takenBy(f, w.decision(fmt.Sprint(f.FileID, f.Row), f.Subject, f.Kind.String()))
			}
			report, err := dsr.Filter(t.Context(), w.sources(t), w.realSubjects(t), func(m dsr.Match) error {
				said = append(said, fmt.Sprint("emit ", m.Subject, m.FileID, m.Row, m.Rule, m.Key, m.Record.Line(), string(m.Record.Raw())))
				for i := range m.Record.Header().Len() {
					said = append(said, string(m.Record.Cell(i)))
				}
				return nil
			}, &o)
			require.NoError(t, err)
			return said, report
		}
		want, report := said(dsr.Options{}, 0)
		inOrder, _ := said(dsr.Options{CopyOwners: true}, 0)
		for _, hold := range []int{0, 1, 20_000} {
			got, gotReport := said(dsr.Options{CopyOwners: true}, hold)
			assert.Equal(t, inOrder, got)
			assert.Equal(t, report.Scope, gotReport.Scope)
			assert.Equal(t, report.Subjects, gotReport.Subjects)
			assert.Equal(t, report.Findings, gotReport.Findings)
			assert.ElementsMatch(t, want, got)
		}
	})
}

func TestAnotherOwnerOfTheSameMachineIsListedForBoth(t *testing.T) {
	t.Parallel()
	const alias, none, near = "alias", "not theirs", "near"
	own := machine{uid: uid1, owner: alice}
	for _, test := range []struct {
		name            string
		own, other      machine
		alicesToo, bobs string // what the other row is for alice, and her row for bob
		isBobs          bool   // whether the other row is bob's
	}{
		{"another owner", own, machine{uid: uid1, owner: bob}, alias, alias, true},
		{"upper case", own, machine{uid: strings.ToUpper(uid1), owner: bob}, alias, alias, true},
		{"in braces", own, machine{uid: "{" + uid1 + "}", owner: bob}, alias, alias, true},
		{"without hyphens", own, machine{uid: strings.ReplaceAll(uid1, "-", ""), owner: bob}, alias, alias, true},
		{"blanks around", own, machine{uid: " " + uid1 + "\u00a0", owner: bob}, alias, alias, true},
		{"the lab in upper case", own, machine{lab: strings.ToUpper(oneLab), uid: uid1, owner: bob}, alias, alias, true},
		{"another ResourceId", machine{uid: uid1, owner: alice, id: vm1}, machine{uid: uid1, owner: bob, id: vm2}, alias, alias, true},
		{"an owner of another form", own, machine{uid: uid1, owner: "Bob Miller"}, alias, none, false},
		{"an object ID", own, machine{uid: uid1, owner: bobID}, alias, none, false},
		{"hers by the environment", machine{uid: uid1, env: "/users/" + aliceID + "/environments/e"}, machine{uid: uid1, owner: bob}, alias, alias, true},
		{"without an owner, in somebody's environment", own, machine{uid: uid1, env: "/users/" + bobID + "/environments/e"}, alias, none, false},
		{"in an environment that was anonymized", own, machine{uid: uid1, env: "/users/" + identity.ReplacementObjectID + "/environments/e"}, none, none, false},
		{"in an environment of the nil GUID", own, machine{uid: uid1, env: "/users/{" + nilGUID + "}/environments/e"}, none, none, false},
		{"in an environment without a user", own, machine{uid: uid1, env: "/environments/e"}, none, none, false},
		{"the same owner", own, machine{uid: uid1, owner: " ALICE@example.com"}, "owner of the virtual machine", none, false},
		{"near her", own, machine{uid: uid1, owner: "alice@fabrikam.onmicrosoft.com"}, near, none, false},
		{"her environment", own, machine{uid: uid1, owner: bob, env: "/users/" + aliceID + "/environments/e"}, alias, alias, true},
		{"no owner", own, machine{uid: uid1}, none, none, false},
		{"a blank owner", own, machine{uid: uid1, owner: " \u200b"}, none, none, false},
		{"an owner who was anonymized", own, machine{uid: uid1, owner: identity.ReplacementAddress}, none, none, false},
		{"an anonymized object ID", own, machine{uid: uid1, owner: strings.ToUpper(identity.ReplacementObjectID)}, none, none, false},
		{"another machine", own, machine{uid: uid2, owner: bob}, none, none, true},
		{"another machine of the same ResourceId", machine{uid: uid1, id: vm1, owner: alice}, machine{uid: uid2, id: vm1, owner: bob}, none, none, true},
		{"another lab", own, machine{lab: twoLab, uid: uid1, owner: bob}, none, none, true},
		{"no lab", machine{lab: "-", uid: uid1, owner: alice}, machine{lab: "-", uid: uid1, owner: bob}, none, none, true},
		{"the nil GUID", machine{uid: "00000000-0000-0000-0000-000000000000", owner: alice}, machine{uid: "00000000-0000-0000-0000-000000000000", owner: bob}, none, none, true},
		{"NULL", machine{uid: "NULL", owner: alice}, machine{uid: "NULL", owner: bob}, none, none, true},
		{"a lost number", machine{uid: "1.23E+31", owner: alice}, machine{uid: "1.23E+31", owner: bob}, none, none, true},
		{"no ResourceUId", machine{owner: alice}, machine{owner: bob}, none, none, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			filler := machine{uid: "3" + uid1[1:], owner: "carol@example.com"}
			hers, others := []machine{filler, test.own}, []machine{test.other, filler}
			a, b := subject(t, alice, aliceID), subject(t, bob)
			for order, exports := range [][]csvschema.Export{
				build(t, export{machines: hers}, export{machines: others}),
				build(t, export{machines: others}, export{machines: hers}),
				build(t, export{machines: append(slices.Clone(others), hers...)}),
				rowExports(machineRows(others, hers), nil),
			} {
				at, other := place{csvschema.VirtualMachines, 1, 1, 2}, place{csvschema.VirtualMachines, 2, 1, 1}
				switch order {
				case 1:
					at.export, other.export = 2, 1
				case 2, 3:
					at.row, other.export = 4, 1
				}
				assert.Equal(t, []string{test.alicesToo}, verdicts(t, exports, other, a), order)
				assert.Equal(t, []string{test.bobs}, verdicts(t, exports, at, b), order)
				assert.Equal(t, verdicts(t, exports, at, b)[0], verdicts(t, exports, at, a, b)[1], "as alone")
				assert.Equal(t, verdicts(t, exports, other, a)[0], verdicts(t, exports, other, b, a)[1], "as alone")
				if test.isBobs {
					assert.Contains(t, verdicts(t, exports, other, b)[0], "owner of the virtual machine")
				}
			}
		})
	}
}

// machineRows are typed rows of the same cells as those of a file.
func machineRows(groups ...[]machine) (rows []csvschema.VirtualMachineRow) {
	for _, m := range slices.Concat(groups...) {
		rows = append(rows, csvschema.VirtualMachineRow{
			LabUId: labOf(m.lab), ResourceUId: m.uid, ResourceId: csvschema.NewPersonalText(m.id),
			ResourceOwner: csvschema.NewPersonalText(m.owner), EnvironmentId: csvschema.NewPersonalText(m.env), Name: csvschema.NewPersonalText(m.name),
		})
	}
	return rows
}

func TestFindingsAboutAnotherOwnerAreDecidedOneByOne(t *testing.T) {
	t.Parallel()
	exports := build(t,
		export{machines: []machine{{uid: uid1, owner: alice}, {uid: uid1, owner: bob}}, disks: []disk{{uid: uid1}}},
		export{machines: []machine{{uid: uid1, owner: "carol@example.com"}, {uid: uid1, owner: bob}}},
	)
	for _, copyOwners := range []bool{false, true} {
		var asked []string
		report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice)}, ignore, &dsr.Options{
			CopyOwners: copyOwners,
			Decide: func(f dsr.Finding) dsr.Decision {
				asked = append(asked, fmt.Sprint(f.Kind, " ", f.Export, f.File, f.Role, f.Row, f.Line))
				switch {
				case f.Kind == dsr.Undetermined:
				case f.Export == 1:
					return dsr.NotTheirs
				}
				return dsr.Undecided
			},
		})
		require.NoError(t, err)
		alias := dsr.AliasCandidate.String()
		assert.Equal(t, []string{
			alias + " 1 1 virtualmachines 2 3", alias + " 2 1 virtualmachines 1 2", alias + " 2 1 virtualmachines 2 3",
			dsr.Undetermined.String() + " 1 1 disks 1 2",
		}, asked)
		assert.Equal(t, int64(2), report.Subjects[0].VirtualMachines.Aliases)
		assert.Equal(t, int64(1), report.Subjects[0].VirtualMachines.Theirs())
		require.Len(t, report.Findings, 3)
		assert.Equal(t, int64(1), report.Findings[0].Row)
		assert.Equal(t, int64(4), report.Scope.VirtualMachines)
	}
}

func TestMatchesHaveTheOwnersOfAllCopiesOnRequest(t *testing.T) {
	t.Parallel()
	exports := build(
		t,
		export{machines: []machine{
			{uid: uid1, id: vm1, owner: bob},
			{uid: uid1, id: vm1, owner: bob},
			{uid: uid1, id: vm1, owner: identity.ReplacementAddress},
			{uid: uid1, id: vm1, owner: "BOB@contoso.com"},
			{uid: uid2, id: vm2, owner: "dora@example.com"},
		}},
		export{
			[]machine{{uid: uid1, id: vm1, owner: alice}, {uid: uid2, id: vm2, owner: "ann@example.com"}},
			[]disk{{lease: vm1, id: "/users/" + aliceID + "/disks/d"}, {lease: vm2, id: "/users/" + aliceID + "/disks/e"}, {uid: uid1}},
		},
	)
	all := []string{bob, "BOB@contoso.com", alice}
	for _, others := range [][]dsr.Subject{nil, {subject(t, bob)}, {subject(t, "dora@example.com"), subject(t, bob, "ann@example.com")}} {
		subjects := append([]dsr.Subject{subject(t, alice, aliceID)}, others...)
		for _, asks := range []bool{false, true} {
			got := map[place][]string{}
			_, err := dsr.Filter(t.Context(), exports, subjects, func(m dsr.Match) error {
				if m.Subject == 0 {
					at := place{m.Role, m.Export, m.File, int(m.Row)}
					got[at] = []string{}
					for _, owner := range m.CopyOwners {
						got[at] = append(got[at], owner.Reveal())
					}
				}
				return nil
			}, &dsr.Options{CopyOwners: asks})
			require.NoError(t, err)
			want := map[place][]string{
				{csvschema.VirtualMachines, 2, 1, 1}: all, {csvschema.Disks, 2, 1, 1}: all, {csvschema.Disks, 2, 1, 3}: all,
				{csvschema.Disks, 2, 1, 2}: {}, // its machine was never hers
			}
			if !asks {
				for at := range want {
					want[at] = []string{}
				}
			}
			for at := range got {
				slices.Sort(got[at])
			}
			for at := range want {
				slices.Sort(want[at])
			}
			assert.Equal(t, want, got, asks)
		}
	}
}

// TestNearMatchesNeedNoFurtherPass counts the passes over rows of which one is nearly the
// subject's: no other row has its machine.
func TestNearMatchesNeedNoFurtherPass(t *testing.T) {
	t.Parallel()
	for name, near := range map[string]machine{
		"owner":       {uid: uid1, owner: "SMTP:" + alice},
		"environment": {uid: uid1, owner: bob, env: "/users/SMTP:" + alice + "/environments/e"},
		"name":        {uid: uid1, name: "alice042"},
	} {
		exports := build(t, export{machines: []machine{{uid: uid2, owner: alice}, near, {uid: "3" + uid1[1:], owner: "carol@example.com"}}})
		passes := 0
		_, report := run(t, exports, []dsr.Subject{subject(t, alice)}, &dsr.Options{Progress: func(p csvschema.Progress) { passes = p.Pass }})
		assert.Equal(t, int64(1), report.Subjects[0].VirtualMachines.Near, name)
		assert.Equal(t, 1, passes, name)
	}
}

func TestMachinesWithoutAnOwnerThatAreNamedAfterTheSubjectAreListed(t *testing.T) {
	t.Parallel()
	const near, none = "near", "not theirs"
	for _, test := range []struct{ subject, name, want string }{
		{alice, "alice042", near},
		{alice, "alice", near},
		{alice, "ALICE", near},
		{alice, "alice-0042", near},
		{alice, "Alice_1", near},
		{alice, "al-ice7", near},
		{alice, "ａｌｉｃｅ042", near},
		{"pat.o'neil@example.com", "patoneil042", near},
		{"pat.o'neil@example.com", "Pat-ONeil", near},
		{"straße.hans@example.com", "strassehans001", near},
		{"christopher.smith@example.com", "christophersmith042", near},
		{"alice+lab@example.com", "alice042", near},
		{"alice_contoso.com#EXT#@tenant.onmicrosoft.com", "alice042", near},
		{"bo@example.com", "bo042", near},
		{"admin@example.com", "admin01", near},
		{"admin@example.com", "web-admin", none},
		{"admin@example.com", "sql-admin-01", none},
		{"admin@example.com", "Admin Center", none},
		{"dev@example.com", "contoso-dev", none},
		{"test@example.com", "test-win10", none},
		{alice, "ALICE-web", none},
		{alice, "lab-alice042", none},
		{alice, "alice00042", none},
		{alice, "joalice042", none},
		{alice, "alicia042", none},
		{alice, "alices042", none},
		{alice, "web-042", none},
		{alice, "", none},
		{"christopher.smith@example.com", "christopher042", none},
		{"christopher.smith@example.com", "christopher-dev", none},
		{"christopher.smith@example.com", "christophersm", none},
		{"pat.o'neil@example.com", "pat042", none},
		{"bo@example.com", "bo-web", none},
		{aliceID, "alice042", none},
		{"''@example.com", "042", none},
	} {
		s := subject(t, test.subject)
		at := place{csvschema.VirtualMachines, 1, 1, 1}
		for _, owner := range []string{"", " ", "\u200b", "NULL", "(null)", "-", "#N/A", "@", "#@x", "00000000-0000-0000-0000-000000000000"} {
			exports := build(t, export{machines: []machine{{uid: uid1, owner: owner, name: test.name}}})
			assert.Equal(t, []string{test.want}, verdicts(t, exports, at, s), "%s, %s", test.subject, test.name)
			assert.Equal(t, []string{none, test.want}, verdicts(t, exports, at, subject(t, bob), s), "%s, %s", test.subject, test.name)
		}
		for _, owner := range []string{bob, bobID, "build agent", identity.ReplacementAddress} {
			exports := build(t, export{machines: []machine{{uid: uid1, owner: owner, name: test.name}}})
			assert.Equal(t, []string{none}, verdicts(t, exports, at, s), "an owner")
		}
	}
	verbatim, err := identity.Verbatim("alice@example.com")
	require.NoError(t, err)
	s, err := dsr.NewSubject(verbatim)
	require.NoError(t, err)
	exports := build(t, export{machines: []machine{{uid: uid1, name: "alice042"}}})
	assert.Equal(t, []string{none}, verdicts(t, exports, place{csvschema.VirtualMachines, 1, 1, 1}, s), "a text of an owner has no local part")
	// A subject does not become near through the local part of another.
	exports = build(t, export{machines: []machine{{uid: uid1, name: "aliceb042"}}})
	assert.Equal(t, []string{none, near}, verdicts(t, exports, place{csvschema.VirtualMachines, 1, 1, 1}, subject(t, alice), subject(t, "alice.b@example.com")))
	// Several may have the same letters, and digits may be those of a local part or a number.
	exports = build(t, export{machines: []machine{{uid: uid1, name: "alice7042"}}})
	assert.Equal(t, []string{near, none, near, near, near, none}, verdicts(t, exports, place{csvschema.VirtualMachines, 1, 1, 1},
		subject(t, "alice7@example.com"), subject(t, bob), subject(t, alice, "al.ice7@example.com"), subject(t, "al-ice@contoso.com"),
		subject(t, "alice70@example.com"), subject(t, "alice70421@example.com")))
	// What is hers by the environment is no question.
	env := "/users/" + aliceID + "/environments/e"
	exports = build(t, export{machines: []machine{{uid: uid1, name: "alice042", env: env}, {uid: uid2, name: "alice042", env: "/users/" + bobID}}})
	s = subject(t, alice, aliceID)
	assert.Equal(t, []string{"user of the environment of a virtual machine without an owner"}, verdicts(t, exports, place{csvschema.VirtualMachines, 1, 1, 1}, s))
	assert.Equal(t, []string{near}, verdicts(t, exports, place{csvschema.VirtualMachines, 1, 1, 2}, s))
	// A person can decide.
	handedOut := 0
	_, err = dsr.Filter(context.Background(), exports, []dsr.Subject{s}, func(m dsr.Match) error {
		if m.Rule == dsr.RuleDecision {
			handedOut++
		}
		return nil
	}, &dsr.Options{Decide: func(dsr.Finding) dsr.Decision { return dsr.Theirs }})
	require.NoError(t, err)
	assert.Equal(t, 1, handedOut)
}

func TestDecidedRowsHaveTheOwnersOfTheirCopies(t *testing.T) {
	t.Parallel()
	exports := build(t,
		export{machines: []machine{{uid: uid1, owner: bob}, {uid: uid2, owner: "dora@example.com"}}},
		export{machines: []machine{{uid: uid1, name: "alice042"}, {uid: uid2, owner: "SMTP:" + alice}}},
	)
	for _, decision := range []dsr.Decision{dsr.Theirs, dsr.Undecided, dsr.NotTheirs} {
		var got []string
		report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject(t, alice)}, func(m dsr.Match) error {
			for _, owner := range m.CopyOwners {
				got = append(got, owner.Reveal())
			}
			return nil
		}, &dsr.Options{CopyOwners: true, Decide: func(dsr.Finding) dsr.Decision { return decision }})
		require.NoError(t, err)
		var want []string
		if decision == dsr.Theirs {
			want = []string{bob, "dora@example.com", "SMTP:" + alice}
		}
		assert.Equal(t, want, got, decision)
		assert.Zero(t, report.Subjects[0].VirtualMachines.Aliases, "no row is hers by its owner")
	}
}

func TestALabIsWithoutADisksFileIfOneExportIs(t *testing.T) {
	t.Parallel()
	with, without := export{[]machine{{uid: uid1}}, []disk{{lease: vm1}}}, export{machines: []machine{{uid: uid1}}}
	for _, exports := range [][]export{{with, without}, {without, with}, {with, without, with}} {
		_, report := run(t, build(t, exports...), []dsr.Subject{subject(t, alice)}, nil)
		require.Len(t, report.Scope.Labs, 1)
		assert.True(t, report.Scope.Labs[0].WithoutDisksFile)
	}
	_, report := run(t, build(t, with, with), []dsr.Subject{subject(t, alice)}, nil)
	assert.False(t, report.Scope.Labs[0].WithoutDisksFile)
}
