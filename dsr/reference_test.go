package dsr_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

// NOTE. This is whose a row is, written a second time from the documents, as plainly as
// possible: every row is compared with every subject, and every disk with every machine.
// It shares with package dsr only the names of its rules.

// refRow is a row of a file, read by encoding/csv.
type refRow struct {
	id     string // the cell Row, by which the worlds number their rows
	export int
	role   csvschema.Role
	cells  map[string]string
}

// refAnswer is all that a request says, in a form that can be compared.
type refAnswer struct {
	Rows               map[string]string // what a row is for a subject, by row and subject
	Third              []int64
	Needs, None        []bool // a decision; no data held
	Dangling           int64
	UnreadableDates    int64
	First, Last        time.Time
	Labs               map[string][2]int64 // numbers of machines and disks
	WithoutDisksFile   map[string]bool
	Machines, DisksSum int64
}

func newRefAnswer(subjects int) *refAnswer {
	return &refAnswer{
		Rows: map[string]string{}, Third: make([]int64, subjects), Needs: make([]bool, subjects), None: make([]bool, subjects),
		Labs: map[string][2]int64{}, WithoutDisksFile: map[string]bool{},
	}
}

// add adds a word about a row and a subject. Words are sorted.
func (a *refAnswer) add(id string, subject int, word string) {
	at := fmt.Sprint(id, " for ", subject)
	words := []string{word}
	if a.Rows[at] != "" {
		words = append(words, strings.Split(a.Rows[at], ", ")...)
	}
	slices.Sort(words)
	a.Rows[at] = strings.Join(words, ", ")
}

// refRows returns the rows of a world.
func refRows(t *testing.T, w *refWorld) (rows []refRow) {
	t.Helper()
	for i, e := range w.exports {
		for _, f := range e {
			records, err := csv.NewReader(bytes.NewReader(f.text(t))).ReadAll()
			require.NoError(t, err)
			for _, record := range records[1:] {
				row := refRow{export: i, role: f.role, cells: map[string]string{}}
				for c, name := range records[0] {
					row.cells[name] = record[c]
				}
				row.id = row.cells["Row"]
				rows = append(rows, row)
			}
		}
	}
	return rows
}

var refLayouts = []string{
	"1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM", "1/2/2006 15:04:05", "1/2/2006 15:04", "1/2/2006",
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02",
	"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05 -07:00",
}

// refDate reads a date. It is zero if the cell holds none.
func refDate(cell string) (t time.Time, unreadable bool) {
	if cell == "" {
		return t, false
	}
	cell = strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(cell)
	for _, layout := range refLayouts {
		if t, err := time.Parse(layout, cell); err == nil {
			return t.UTC(), t.Year() < 1900 && !t.IsZero()
		}
	}
	return t, true
}

// refLife is when a resource was created and deleted.
type refLife struct {
	created, deleted time.Time
	unreadable       bool
}

func (r refRow) life() refLife {
	created, isBad := refDate(r.cells["CreatedTime"])
	deleted, isBadToo := refDate(r.cells["DeletedDate"])
	return refLife{created, deleted, isBad || isBadToo}
}

// excludes reports whether a disk cannot have been that of a machine, by their dates.
func (machine refLife) excludes(disk refLife) bool {
	second := machine.created.Truncate(time.Second)
	isOne := !second.IsZero() && second.Equal(disk.deleted.Truncate(time.Second)) &&
		(disk.created.IsZero() || second.Equal(disk.created.Truncate(time.Second)))
	if !machine.created.IsZero() && !disk.deleted.IsZero() && !machine.created.Before(disk.deleted) && !isOne {
		return true
	}
	isEndKnown := !machine.created.IsZero() && machine.deleted.After(machine.created)
	return isEndKnown && !disk.created.IsZero() && !machine.deleted.After(disk.created)
}

// refSubject is a set of identifiers.
type refSubject []refID

// is reports whether a text is one of the identifiers. Only an owner is a verbatim one.
func (s refSubject) is(text string, isOwner bool) bool {
	normal := refNormal(text)
	return slices.ContainsFunc(s, func(id refID) bool { return id.text == normal && (isOwner || !id.verbatim) })
}

// isNear reports whether a text is none of the identifiers, and contains one or nearly so.
func (s refSubject) isNear(text string) bool {
	return !s.is(text, false) && slices.ContainsFunc(s, func(id refID) bool { return refContains(refLook{text, id}) })
}

// machine returns the rule by which a machine is the subject's, or 0, and what else it is.
func (s refSubject) machine(r refRow) (rule dsr.Rule, isNear, isAlias bool) {
	owner, users := r.cells["ResourceOwner"], refUserSegments(r.cells["EnvironmentId"])
	isUser := func(x string) bool { return s.is(x, false) }
	if refNormal(owner) == "" {
		if slices.ContainsFunc(users, isUser) {
			rule = dsr.RuleEnvironment
		}
		isNear = slices.ContainsFunc(users, s.isNear)
	} else {
		if s.is(owner, true) {
			rule = dsr.RuleOwner
		}
		isNear = s.isNear(owner) || slices.ContainsFunc(users, s.isNear)
		isAlias = slices.ContainsFunc(users, isUser)
	}
	if len(users) == 0 && refPlaced(refNormal(owner)) == "" {
		env := r.cells["EnvironmentId"]
		isNear = isNear || s.is(env, false) || s.isNear(env)
	}
	if rule != 0 { // another account in the environment
		isNear = false
		isAlias = slices.ContainsFunc(users, func(x string) bool {
			return refGUID.MatchString(refNormal(x)) && !refNobody(x) && !s.is(x, false)
		})
	}
	return rule, isNear, isAlias
}

// mayBe reports whether a person may decide that a machine is the subject's.
func (s refSubject) mayBe(r refRow) bool {
	rule, isNear, isAlias := s.machine(r)
	isNear = isNear || rule == 0 && !isAlias && s.isNamesake(r)
	return isNear || isAlias && rule == 0 && refPlaced(refNormal(r.cells["ResourceOwner"])) == ""
}

// isNamesake reports whether a machine whose owner is nobody has the name that the portal
// proposes for the subject.
func (s refSubject) isNamesake(r refRow) bool {
	if refPlaced(refNormal(r.cells["ResourceOwner"])) != "" {
		return false
	}
	var locals []string
	for _, id := range s {
		if id.isAddress() {
			local := refFold(id.text)
			local = local[:strings.LastIndex(local, "@")]
			if stem, isGuest := strings.CutSuffix(local, "#ext#"); isGuest {
				local = stem[:max(0, strings.LastIndex(stem, "_"))]
			}
			before, _, _ := strings.Cut(local, "+")
			locals = append(locals, refNoWord.ReplaceAllString(local, ""), refNoWord.ReplaceAllString(before, ""))
		}
	}
	name := refNoWord.ReplaceAllString(refFold(r.cells["Name"]), "")
	return slices.ContainsFunc(locals, func(l string) bool {
		number, found := strings.CutPrefix(name, l)
		return l != "" && found && len(number) <= 4 && strings.Trim(number, "0123456789") == ""
	})
}

// isCopy reports whether a machine that names somebody else is the subject's in another row.
func (s refSubject) isCopy(r refRow, machines []refRow) bool {
	lab, uid := refPlaced(refNormal(r.cells["LabUId"])), refUID(r.cells["ResourceUId"])
	owner := refNormal(r.cells["ResourceOwner"])
	names := owner != "" && !refReplacement.MatchString(owner)
	if owner == "" {
		names = slices.ContainsFunc(refUserSegments(r.cells["EnvironmentId"]), func(x string) bool { return !refNobody(x) })
	}
	return names && lab != "" && uid != "" && slices.ContainsFunc(machines, func(m refRow) bool {
		rule, _, _ := s.machine(m)
		return rule != 0 && refNormal(m.cells["LabUId"]) == lab && refUID(m.cells["ResourceUId"]) == uid
	})
}

// contradicts reports whether a disk without a lease may be the subject's, although its
// ResourceUId and its ResourceId are not those of one machine.
func (s refSubject) contradicts(disk refRow, machines []refRow) bool {
	lab, uid, id := refPlaced(refNormal(disk.cells["LabUId"])), refUID(disk.cells["ResourceUId"]), refARM(disk.cells["ResourceId"])
	if lab == "" || uid == "" || refARM(disk.cells["LeasedByVmId"]) != "" {
		return false
	}
	ids := map[string]bool{} // the ResourceIds of the machines with the ResourceUId
	isByUID, isUIDTheirs, isIDTheirs, isOneMachine, isAnother := false, false, false, false, false
	for _, m := range machines {
		if refNormal(m.cells["LabUId"]) != lab {
			continue
		}
		rule, _, _ := s.machine(m)
		own := refARM(m.cells["ResourceId"])
		isTheirs := rule != 0 || s.mayBe(m)
		if refUID(m.cells["ResourceUId"]) == uid {
			isByUID, isUIDTheirs = true, isUIDTheirs || isTheirs
			isOneMachine = isOneMachine || id != "" && own == id
			if own != "" {
				ids[own] = true
				isAnother = isAnother || strings.Contains(id, "/virtualmachines/") && own != id && refARM(m.cells["ComputeResourceId"]) != id
			}
		}
		isIDTheirs = isIDTheirs || isTheirs && id != "" && own == id
	}
	return isUIDTheirs && (len(ids) > 1 || isAnother) || isByUID && isIDTheirs && !isOneMachine
}

// refNobody reports whether a user is a replacement of ours or the nil GUID.
func refNobody(x string) bool {
	return refReplacement.MatchString(refNormal(x)) || refNormal(x) == nilGUID
}

// refCandidates returns the machines that a disk may belong to.
func refCandidates(machines []refRow, disk refRow) (all []refRow, rule dsr.Rule) {
	collect := func(is func(refRow) bool) []refRow {
		var own, others []refRow
		lab := refPlaced(refNormal(disk.cells["LabUId"]))
		for _, m := range machines {
			switch {
			case lab == "" || refNormal(m.cells["LabUId"]) != lab || !is(m):
			case m.export == disk.export:
				own = append(own, m)
			default:
				others = append(others, m)
			}
		}
		if len(own) > 0 {
			return own
		}
		return others
	}
	if lease := refARM(disk.cells["LeasedByVmId"]); lease != "" {
		return collect(func(m refRow) bool {
			return refARM(m.cells["ResourceId"]) == lease || refARM(m.cells["ComputeResourceId"]) == lease
		}), dsr.RuleLease
	}
	if uid := refUID(disk.cells["ResourceUId"]); uid != "" {
		all = collect(func(m refRow) bool { return refUID(m.cells["ResourceUId"]) == uid })
	}
	if id := refARM(disk.cells["ResourceId"]); id != "" && len(all) == 0 {
		all = collect(func(m refRow) bool { return refARM(m.cells["ResourceId"]) == id })
	}
	return all, dsr.RuleResource
}

// disk returns the rule by which a disk is the subject's, or 0, and whether it may be.
func (s refSubject) disk(disk refRow, candidates []refRow, byMachine dsr.Rule) (rule dsr.Rule, isUndetermined bool) {
	if slices.ContainsFunc(refUserSegments(disk.cells["ResourceId"]), func(x string) bool { return s.is(x, false) }) {
		return dsr.RuleUserPath, false
	}
	life := disk.life()
	unreadable, owned, remaining, remainingOwned := life.unreadable, 0, 0, 0
	isPossible, remainsPossible := false, false
	for _, m := range candidates {
		isTheirs, _, _ := s.machine(m)
		unreadable = unreadable || m.life().unreadable
		isMaybe := s.mayBe(m)
		isPossible = isPossible || isMaybe
		if isTheirs != 0 {
			owned++
		}
		if m.life().excludes(life) {
			continue
		}
		remainsPossible = remainsPossible || isMaybe
		remaining++
		if isTheirs != 0 {
			remainingOwned++
		}
	}
	switch {
	case owned == 0 && !isPossible:
	case unreadable, remaining == 0, remainsPossible, 0 < remainingOwned && remainingOwned < remaining:
		return 0, true
	case remainingOwned == remaining:
		return byMachine, false
	}
	return 0, false
}

// Words for what a row is for a subject, besides those of rules.
const (
	refUndetermined = "undetermined"
	refNear         = "near"
	refAlias        = "alias"
	refDangling     = "dangling"
)

// refFilter answers a request.
func refFilter(t *testing.T, w *refWorld) *refAnswer {
	t.Helper()
	rows := refRows(t, w)
	var machines []refRow
	a := newRefAnswer(len(w.subjects))
	hasDisksFile := map[int]bool{}
	for i, e := range w.exports {
		hasDisksFile[i] = slices.ContainsFunc(e, func(f refFile) bool { return f.role == csvschema.Disks })
	}
	for _, r := range rows {
		a.addScope(r, hasDisksFile[r.export])
		if r.role == csvschema.VirtualMachines {
			machines = append(machines, r)
		}
	}
	for _, r := range rows {
		users := refUserSegments(r.cells["ResourceId"])
		users = slices.DeleteFunc(slices.Clone(users), func(x string) bool { return refNobody(x) })
		candidates, byMachine := refCandidates(machines, r)
		dangles := r.role == csvschema.Disks && len(candidates) == 0 && (byMachine == dsr.RuleLease || len(users) == 0)
		danglesForOne := false
		for i, s := range w.subjects {
			if r.role == csvschema.VirtualMachines {
				rule, isNear, isAlias := s.machine(r)
				isNothing := rule == 0 && !isNear && !isAlias
				isNear = isNear || isNothing && s.isNamesake(r)
				takesAlias := isAlias && refPlaced(refNormal(r.cells["ResourceOwner"])) == ""
				isAlias = isAlias || isNothing && s.isCopy(r, machines)
				a.decide(w, r, i, rule, takesAlias, map[string]bool{refNear: isNear, refAlias: isAlias})
				continue
			}
			rule, isUndetermined := s.disk(r, candidates, byMachine)
			if rule != dsr.RuleUserPath && s.contradicts(r, machines) {
				rule, isUndetermined = 0, true
			}
			isNear := rule == 0 && !isUndetermined && slices.ContainsFunc(users, s.isNear)
			if path := r.cells["ResourceId"]; dangles && len(users) == 0 {
				isNear = isNear || rule == 0 && !isUndetermined && (s.is(path, false) || s.isNear(path))
			}
			a.decide(w, r, i, rule, false, map[string]bool{refNear: isNear, refUndetermined: isUndetermined})
			if rule != 0 && slices.ContainsFunc(users, func(x string) bool { return !s.is(x, false) }) {
				a.Third[i]++
			}
			danglesForOne = danglesForOne || rule == 0 && !isNear
		}
		if dangles && danglesForOne {
			a.Dangling++
			a.add(r.id, dsr.NoSubject, refDangling)
		}
	}
	for i := range w.subjects {
		a.None[i] = !a.Needs[i]
		for at, words := range a.Rows {
			if strings.HasSuffix(at, fmt.Sprint(" for ", i)) && words != "" {
				a.None[i] = false
			}
		}
	}
	return a
}

// decide adds what a row is for a subject, after what was decided.
func (a *refAnswer) decide(w *refWorld, r refRow, subject int, rule dsr.Rule, takesAlias bool, findings map[string]bool) {
	isTheirs := rule != 0
	if isTheirs {
		a.add(r.id, subject, rule.String())
	}
	for _, word := range []string{refUndetermined, refNear, refAlias} {
		if !findings[word] {
			continue
		}
		switch decision := w.decision(r.id, subject, word); {
		case decision == dsr.NotTheirs:
		case decision == dsr.Theirs && (word != refAlias || takesAlias && !isTheirs):
			isTheirs = true
			a.add(r.id, subject, dsr.RuleDecision.String())
		default:
			a.add(r.id, subject, word)
			a.Needs[subject] = true
		}
	}
}

// addScope adds a row to what was read.
func (a *refAnswer) addScope(r refRow, hasDisksFile bool) {
	lab := refNormal(r.cells["LabUId"])
	n := a.Labs[lab]
	if r.role == csvschema.VirtualMachines {
		n[0]++
		a.Machines++
		if !hasDisksFile {
			a.WithoutDisksFile[lab] = true
		}
	} else {
		n[1]++
		a.DisksSum++
	}
	a.Labs[lab] = n
	if r.life().unreadable {
		a.UnreadableDates++
	}
	for _, column := range []string{"CreatedTime", "DeletedDate"} {
		t, unreadable := refDate(r.cells[column])
		if t.IsZero() || unreadable {
			continue
		}
		if a.First.IsZero() || t.Before(a.First) {
			a.First = t
		}
		if t.After(a.Last) {
			a.Last = t
		}
	}
}

// realAnswer asks package dsr.
func realAnswer(t *testing.T, w *refWorld) *refAnswer {
	t.Helper()
	a := newRefAnswer(len(w.subjects))
	ids := map[place]string{}
	for i, e := range w.exports {
		number := map[csvschema.Role]int{}
		for _, f := range e {
			number[f.role]++
			for row := range f.rows {
				ids[place{f.role, i + 1, number[f.role], row + 1}] = f.rows[row][slices.Index(f.header, "Row")]
			}
		}
	}
	words := map[dsr.FindingKind]string{dsr.Undetermined: refUndetermined, dsr.NearMatch: refNear, dsr.AliasCandidate: refAlias, dsr.Dangling: refDangling}
	idOf := func(f dsr.Finding) string { return ids[place{f.Role, f.Export, f.File, int(f.Row)}] }
	options := &dsr.Options{Workers: w.workers, Decide: func(f dsr.Finding) dsr.Decision {
		return takenBy(f, w.decision(idOf(f), f.Subject, words[f.Kind]))
	}}
	report, err := dsr.Filter(t.Context(), w.sources(t), w.realSubjects(t), func(m dsr.Match) error {
		a.add(ids[place{m.Role, m.Export, m.File, int(m.Row)}], m.Subject, m.Rule.String())
		return nil
	}, options)
	require.NoError(t, err)
	for _, f := range report.Findings {
		a.add(idOf(f), f.Subject, words[f.Kind])
	}
	for i, s := range report.Subjects {
		a.Third[i], a.Needs[i], a.None[i] = s.Disks.ThirdParties, report.NeedsDecision(i), report.NoDataHeld(i)
	}
	a.Dangling, a.First, a.Last = report.Dangling, report.Scope.First, report.Scope.Last
	a.Machines, a.DisksSum = report.Scope.VirtualMachines, report.Scope.Disks
	for _, f := range report.Scope.Files {
		a.UnreadableDates += f.UnreadableDates
	}
	for _, l := range report.Scope.Labs {
		a.Labs[l.LabUId] = [2]int64{l.VirtualMachines, l.Disks}
		if l.WithoutDisksFile {
			a.WithoutDisksFile[l.LabUId] = true
		}
	}
	require.Equal(t, report.Dangling, report.DanglingListed)
	return a
}
