package dsr_test

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

// takenBy returns the decision if the finding takes it, and else dsr.Undecided.
func takenBy(f dsr.Finding, d dsr.Decision) dsr.Decision {
	if d == dsr.Theirs && !f.TakesTheirs {
		return dsr.Undecided
	}
	return d
}

// decisionKey returns a key of 32 equal bytes.
func decisionKey(t *testing.T, b byte) identity.SecretKey {
	t.Helper()
	key, err := identity.NewSecretKey(bytes.Repeat([]byte{b}, identity.MinSecretKeyBytes))
	require.NoError(t, err)
	return key
}

// cellsOf are the cells of one row by column.
type cellsOf map[csvschema.Column]string

// with returns the cells with another one.
func (c cellsOf) with(column csvschema.Column, cell string) cellsOf {
	changed := maps.Clone(c)
	changed[column] = cell
	return changed
}

// fileOf returns a file of these rows, with all documented columns.
func fileOf(role csvschema.Role, rows ...cellsOf) csvschema.Source {
	var b strings.Builder
	line := func(cell func(csvschema.Column) string) {
		for i, c := range role.Columns() {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(`"` + cell(c) + `"`)
		}
		b.WriteByte('\n')
	}
	line(csvschema.Column.String)
	for _, row := range rows {
		line(func(c csvschema.Column) string { return row[c] })
	}
	return source([]byte(b.String()))
}

// nearMachine is near alice by its owner, and undetermined is a disk that may be hers:
// whose machine it is depends on dates that leave two.
var (
	nearMachine = cellsOf{
		csvschema.LabUId: oneLab, csvschema.ResourceUId: uid1, csvschema.ResourceId: vm1, csvschema.Name: "vm1",
		csvschema.CreatedTime: "3/1/2026 8:00:00 AM", csvschema.ResourceOwner: "SMTP:" + alice, csvschema.EnvironmentId: users + bobID + "/environments/e",
	}
	undetermined = cellsOf{
		csvschema.LabUId: oneLab, csvschema.ResourceUId: uid2, csvschema.ResourceId: "/labs/l/disks/d", csvschema.Name: "d",
		csvschema.DiskBlobName: "d.vhd", csvschema.CreatedTime: "3/1/2026 8:00:00 AM", csvschema.DeletedDate: "5/1/2026 8:00:00 AM", csvschema.LeasedByVmId: vm1,
	}
)

// nearExport returns an export of these rows, and what makes the disk undetermined.
func nearExport(machine, disk cellsOf) csvschema.Export {
	theirs := cellsOf{csvschema.LabUId: oneLab, csvschema.ResourceUId: uid2, csvschema.ResourceId: vm1, csvschema.ResourceOwner: alice}
	return csvschema.Export{
		VirtualMachines: []csvschema.Source{fileOf(csvschema.VirtualMachines, machine, theirs, theirs.with(csvschema.ResourceOwner, bob).with(csvschema.ResourceUId, uid1))},
		Disks:           []csvschema.Source{fileOf(csvschema.Disks, disk)},
	}
}

// findings searches for people and returns the findings of a kind.
func findings(t *testing.T, exports []csvschema.Export, kind dsr.FindingKind, people ...dsr.Subject) []dsr.Finding {
	t.Helper()
	report, err := dsr.Filter(t.Context(), exports, people, ignore, nil)
	require.NoError(t, err)
	return slices.DeleteFunc(report.Findings, func(f dsr.Finding) bool { return f.Kind != kind })
}

// TestDigestsOfFindingsDoNotChange has what programs have stored.
func TestDigestsOfFindingsDoNotChange(t *testing.T) {
	t.Parallel()
	exports, person, key := []csvschema.Export{nearExport(nearMachine, undetermined)}, subject(t, alice, aliceID), decisionKey(t, 7)
	whole, err := identity.Verbatim(alice)
	require.NoError(t, err)
	verbatim, err := dsr.NewSubject(whole)
	require.NoError(t, err)
	for _, test := range []struct {
		kind   dsr.FindingKind
		person dsr.Subject
		want   string
	}{
		{dsr.NearMatch, person, "f4e47f440cb267fcac859a5c8317d3c0c9cd653016a0a93231940ef3fd35df47"},
		{dsr.NearMatch, subject(t, alice), "9025c13a19c281ec03b766f58257496be06881b4513686acd7a161e8132d5770"},
		{dsr.NearMatch, verbatim, "c2ad43138964dee67d3aaa4a145d9709ff465a81c4348fe26fddb79f8caa2f57"},
		{dsr.Undetermined, person, "71576eef68d5bd8b545dc9f953ec4f58098b28e09f36bd2a2cd5def26d0bf0b3"},
	} {
		all := findings(t, exports, test.kind, person)
		require.Len(t, all, 1)
		assert.Equal(t, test.want, all[0].Digest(key, test.person).String())
	}
	assert.Zero(t, dsr.Finding{Kind: dsr.NearMatch}.Digest(key, person), "no search made it")
	assert.Panics(t, func() { dsr.Finding{}.Digest(identity.SecretKey{}, person) })
	assert.Panics(t, func() { dsr.NewDecisions(identity.SecretKey{}, nil, nil) })
}

// TestADecisionAnswersItsRowInEveryExport decides about the two findings of an export, and
// searches another one, in which a cell of the row differs.
func TestADecisionAnswersItsRowInEveryExport(t *testing.T) {
	t.Parallel()
	person, key := subject(t, alice, aliceID), decisionKey(t, 7)
	for _, test := range []struct {
		kind      dsr.FindingKind
		row       cellsOf
		same      map[csvschema.Column]string // other texts that say the same
		differing cellsOf
	}{
		{kind: dsr.NearMatch, row: nearMachine, same: map[csvschema.Column]string{csvschema.LabUId: strings.ToUpper(oneLab), csvschema.ResourceOwner: " smtp:" + strings.ToUpper(alice)}, differing: cellsOf{
			csvschema.LabUId: "9" + oneLab[1:], csvschema.ResourceUId: "9" + uid1[1:], csvschema.ResourceId: vm1 + "2", csvschema.Name: "vm12",
			csvschema.CreatedTime: "3/1/2026 8:00:01 AM", csvschema.ResourceOwner: "sip:" + alice, csvschema.EnvironmentId: "",
		}},
		{kind: dsr.Undetermined, row: undetermined, same: map[csvschema.Column]string{csvschema.LabUId: strings.ToUpper(oneLab), csvschema.Name: "D"}, differing: cellsOf{
			csvschema.ResourceUId: "9" + uid1[1:], csvschema.ResourceId: "/labs/l/disks/d2", csvschema.Name: "d2", csvschema.DiskBlobName: "d2.vhd",
			csvschema.CreatedTime: "3/1/2026 8:00:01 AM", csvschema.DeletedDate: "", csvschema.LeasedByVmId: "https://management.azure.com" + vm1,
		}},
	} {
		exportOf := func(row cellsOf) csvschema.Export {
			if test.kind == dsr.NearMatch {
				return nearExport(row, undetermined)
			}
			return nearExport(nearMachine, row)
		}
		digest := findings(t, []csvschema.Export{exportOf(test.row)}, test.kind, person)[0].Digest(key, person)
		role := csvschema.VirtualMachines
		if test.kind == dsr.Undetermined {
			role = csvschema.Disks
		}
		answers := func(row cellsOf) bool {
			exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{fileOf(csvschema.VirtualMachines, cellsOf{csvschema.LabUId: oneLab, csvschema.ResourceOwner: bob})}}, exportOf(row)}
			decisions := dsr.NewDecisions(key, []dsr.Subject{person}, map[identity.Digest]dsr.Decision{digest: dsr.NotTheirs})
			for range 2 { // as a program that searches twice does
				report, err := dsr.Filter(t.Context(), exports, []dsr.Subject{person}, ignore, &dsr.Options{Decide: decisions.Decide})
				require.NoError(t, err)
				left := slices.DeleteFunc(report.Findings, func(f dsr.Finding) bool { return f.Kind != test.kind })
				if unmet := decisions.Unmet(); len(unmet) > 0 {
					assert.Equal(t, []identity.Digest{digest}, unmet)
				}
				if isMet := len(decisions.Unmet()) == 0; isMet != (len(left) == 0) {
					t.Fatal("a decision that is met removes its finding")
				}
			}
			return len(decisions.Unmet()) == 0
		}
		assert.True(t, answers(test.row))
		for _, c := range role.Columns() {
			if same := test.same[c]; same != "" {
				assert.True(t, answers(test.row.with(c, same)), c)
			}
			if different, isDecisive := test.differing[c]; isDecisive {
				assert.False(t, answers(test.row.with(c, different)), c)
			} else if c != csvschema.LabUId && c != csvschema.DeletedDate && c != csvschema.ResourceStatus {
				assert.True(t, answers(test.row.with(c, "7")), c)
			}
		}
		if test.kind == dsr.NearMatch {
			assert.True(t, answers(test.row.with(csvschema.DeletedDate, "5/1/2026 8:00:00 AM").with(csvschema.ResourceStatus, "Inactive")), "deleted since")
		}
	}
}

// TestOneDecisionHandsOutOneDisk has two disks whose keys are the same, since the x of
// /users/{x} is masked in a key.
func TestOneDecisionHandsOutOneDisk(t *testing.T) {
	t.Parallel()
	person, key := subject(t, alice, aliceID), decisionKey(t, 7)
	disk := undetermined.with(csvschema.LeasedByVmId, "")
	one := disk.with(csvschema.ResourceId, users+"SMTP:"+alice+"/disks/d")
	other := disk.with(csvschema.ResourceId, users+"sip:"+alice+"/disks/d")
	exports := []csvschema.Export{{Disks: []csvschema.Source{fileOf(csvschema.Disks, one, other)}}}
	found := findings(t, exports, dsr.NearMatch, person)
	require.Len(t, found, 2)
	require.Equal(t, found[0].Key, found[1].Key)
	decisions := dsr.NewDecisions(key, []dsr.Subject{person}, map[identity.Digest]dsr.Decision{found[1].Digest(key, person): dsr.Theirs})
	var rows []int64
	_, err := dsr.Filter(t.Context(), exports, []dsr.Subject{person}, func(m dsr.Match) error {
		rows = append(rows, m.Row)
		return nil
	}, &dsr.Options{Decide: decisions.Decide})
	require.NoError(t, err)
	assert.Equal(t, []int64{2}, rows)
	assert.Empty(t, decisions.Unmet())
}

func TestADecisionIsAboutOnePersonAndOneKind(t *testing.T) {
	t.Parallel()
	exports := []csvschema.Export{nearExport(nearMachine, undetermined)}
	people, key := []dsr.Subject{subject(t, bob), subject(t, alice), subject(t, alice, "ann@example.com")}, decisionKey(t, 7)
	found := findings(t, exports, dsr.NearMatch, people...)
	require.Len(t, found, 2, "both have alice's address")
	first := found[0]
	require.Equal(t, 1, first.Subject)
	digests := map[identity.Digest]bool{first.Digest(key, people[1]): true, found[1].Digest(key, people[1]): true}
	assert.Len(t, digests, 1, "the person is the one that is given")
	alias := first
	alias.Kind = dsr.AliasCandidate
	for _, other := range []identity.Digest{found[1].Digest(key, people[2]), first.Digest(decisionKey(t, 8), people[1]), alias.Digest(key, people[1]), first.Digest(key, dsr.Subject{})} {
		digests[other] = true
	}
	assert.Len(t, digests, 5)

	stored := map[identity.Digest]dsr.Decision{first.Digest(key, people[1]): dsr.Theirs, {1}: dsr.NotTheirs, {0: 1, 31: 1}: dsr.NotTheirs}
	for _, persons := range [][]dsr.Subject{people, people[:2]} {
		decisions := dsr.NewDecisions(key, persons, stored)
		var theirs []int
		_, err := dsr.Filter(t.Context(), exports, people, func(m dsr.Match) error {
			if m.Rule == dsr.RuleDecision {
				theirs = append(theirs, m.Subject)
			}
			return nil
		}, &dsr.Options{Decide: decisions.Decide})
		require.NoError(t, err)
		assert.Equal(t, []int{1}, theirs)
		assert.Equal(t, []identity.Digest{{1}, {0: 1, 31: 1}}, decisions.Unmet())
	}
	assert.Equal(t, dsr.Undecided, dsr.NewDecisions(key, people, stored).Decide(dsr.Finding{Subject: dsr.NoSubject}))
}

// TestADecisionThatIsNoAnswerIsRefused has a finding of each kind that does not take
// dsr.Theirs, and one that is no decision.
func TestADecisionThatIsNoAnswerIsRefused(t *testing.T) {
	t.Parallel()
	person := []dsr.Subject{subject(t, alice, aliceID)}
	for _, test := range []struct {
		name     string
		machines []machine
		decision dsr.Decision
		line     int64
	}{
		{"another owner", []machine{{uid: uid2, owner: bob}, {uid: uid1, owner: bob, env: users + aliceID + "/environments/e"}}, dsr.Theirs, 3},
		{"the owner of another copy", []machine{{uid: uid1, owner: alice}, {uid: uid1, owner: bob}}, dsr.Theirs, 3},
		{"no decision", []machine{{uid: uid1, owner: "SMTP:" + alice}}, dsr.NotTheirs + 1, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, copyOwners := range []bool{false, true} {
				report, err := dsr.Filter(t.Context(), build(t, export{machines: test.machines}), person, ignore, &dsr.Options{
					CopyOwners: copyOwners, Decide: func(dsr.Finding) dsr.Decision { return test.decision },
				})
				assert.Nil(t, report)
				require.ErrorIs(t, err, dsr.ErrDecision)
				place, ok := err.(*csvschema.Error)
				require.True(t, ok)
				assert.Equal(t, csvschema.Error{FileID: csvschema.FileID{Export: 1, File: 1, Role: csvschema.VirtualMachines}, Line: test.line, Err: dsr.ErrDecision}, *place)
			}
		})
	}
}

// TestEachFindingOfARowCanBeTheirs has a row that is nearly the person's by one user of its
// environment, and shows another identifier by the other.
func TestEachFindingOfARowCanBeTheirs(t *testing.T) {
	t.Parallel()
	person := []dsr.Subject{subject(t, alice)}
	exports := build(t, export{machines: []machine{{uid: uid1, owner: "NULL", env: users + alice + users + "live.com#" + alice}}})
	report, err := dsr.Filter(t.Context(), exports, person, ignore, nil)
	require.NoError(t, err)
	require.Len(t, report.Findings, 2)
	stored := map[identity.Digest]dsr.Decision{}
	for _, f := range report.Findings {
		require.True(t, f.TakesTheirs, f)
		stored[f.Digest(decisionKey(t, 1), person[0])] = dsr.Theirs
	}
	var rules []dsr.Rule
	decisions := dsr.NewDecisions(decisionKey(t, 1), person, stored)
	report, err = dsr.Filter(t.Context(), exports, person, func(m dsr.Match) error {
		rules = append(rules, m.Rule)
		return nil
	}, &dsr.Options{Decide: decisions.Decide})
	require.NoError(t, err)
	assert.Equal(t, []dsr.Rule{dsr.RuleDecision}, rules, "once")
	assert.Empty(t, report.Findings)
	assert.Empty(t, decisions.Unmet())
	assert.Equal(t, int64(1), report.Subjects[0].VirtualMachines.Decided)
}

// TestADecisionAboutADiskEndsWithAnotherRival decides about an undetermined disk, and then
// finds out more about the machines that it may belong to.
func TestADecisionAboutADiskEndsWithAnotherRival(t *testing.T) {
	t.Parallel()
	person, key := []dsr.Subject{subject(t, alice)}, decisionKey(t, 7)
	uid3 := "9" + uid1[1:]
	disks := []disk{{id: "/labs/l/disks/d", uid: uid3, lease: vm1, created: day2}}
	own := machine{id: vm1, uid: uid1, owner: alice, created: "soon"}
	rival := machine{id: vm1, uid: uid2, owner: bob, created: day1}
	search := func(d *dsr.Decisions, exports ...export) (theirs, open int) {
		o := &dsr.Options{}
		if d != nil {
			o.Decide = d.Decide
		}
		report, err := dsr.Filter(t.Context(), build(t, exports...), person, ignore, o)
		require.NoError(t, err)
		return int(report.Subjects[0].Disks.Decided), int(report.Subjects[0].Disks.Undetermined)
	}
	for _, test := range []struct {
		name          string
		before, after []export
		isSame        bool
	}{
		{"the same", []export{{[]machine{own}, disks}}, []export{{[]machine{own}, disks}}, true},
		{"in another order", []export{{[]machine{own, rival}, disks}}, []export{{[]machine{rival, own}, disks}}, true},
		{"other dates", []export{{[]machine{own, rival}, disks}}, []export{{[]machine{own, {id: vm1, uid: uid2, owner: "BOB" + bob[3:], created: day2}}, disks}}, true},
		{"a machine of another name", []export{{[]machine{own}, disks}}, []export{{[]machine{own, {id: vm2, uid: uid2, owner: bob}}, disks}}, true},
		{"a copy in another export", []export{{[]machine{own}, disks}}, []export{{[]machine{own}, disks}, {[]machine{own}, nil}}, true},
		{"a rival", []export{{[]machine{own}, disks}}, []export{{[]machine{own, rival}, disks}}, false},
		{"a rival in another export", []export{{[]machine{own}, disks}}, []export{{[]machine{own}, disks}, {[]machine{rival}, nil}}, false},
		{"another owner of the rival", []export{{[]machine{own, rival}, disks}}, []export{{[]machine{own, {id: vm1, uid: uid2, owner: "carol@example.com", created: day1}}, disks}}, false},
		{"another machine of the rival", []export{{[]machine{own, rival}, disks}}, []export{{[]machine{own, rival, {id: vm1, uid: uid3, owner: bob, created: day1}}, disks}}, false},
	} {
		report, err := dsr.Filter(t.Context(), build(t, test.before...), person, ignore, nil)
		require.NoError(t, err)
		i := slices.IndexFunc(report.Findings, func(f dsr.Finding) bool { return f.Kind == dsr.Undetermined })
		require.GreaterOrEqual(t, i, 0, test.name)
		stored := map[identity.Digest]dsr.Decision{report.Findings[i].Digest(key, person[0]): dsr.Theirs}
		theirs, open := search(dsr.NewDecisions(key, person, stored), test.after...)
		assert.Equal(t, test.isSame, theirs == 1 && open == 0, test.name)
		assert.Equal(t, 1, theirs+open, test.name)
	}
}

// TestFindingsOfOnePersonAreThoseOfTheSamePersonAmongMany compares the digests of a search
// for everybody with those of a search for each.
func TestFindingsOfOnePersonAreThoseOfTheSamePersonAmongMany(t *testing.T) {
	t.Parallel()
	key, count := decisionKey(t, 7), 0
	for seed := range min(uint64(seeds), 3) {
		set := csvschematest.New(seed, nil)
		var people []dsr.Subject
		for _, p := range set.People {
			people = append(people, subject(t, p.Identifiers...))
		}
		digests := func(subject int, people []dsr.Subject, o *dsr.Options) (all []identity.Digest) {
			report, err := dsr.Filter(t.Context(), set.Exports(), people, ignore, o)
			require.NoError(t, err)
			for _, f := range report.Findings {
				if f.Subject == subject {
					all = append(all, f.Digest(key, people[subject]))
				}
			}
			return all
		}
		for i, person := range people {
			want := digests(0, []dsr.Subject{person}, nil)
			require.Equal(t, want, digests(i, people, nil))
			require.Equal(t, want, digests(i, people, &dsr.Options{CopyOwners: true, Workers: 1}))
			count += len(want)
		}
	}
	assert.Greater(t, count, 25*seeds)
}
