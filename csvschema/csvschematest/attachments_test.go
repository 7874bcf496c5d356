package csvschematest_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

func TestTruthOfDisksFollowsTheRules(t *testing.T) {
	t.Parallel()
	everySeed(t, func(t *testing.T, s *csvschematest.Set) {
		for row := range s.Rows() {
			if row.Role != csvschema.Disks {
				continue
			}
			for _, p := range s.People {
				want, dangling := judgeDisk(s, row, p)
				assert.Equal(t, want, row.Truth(p.Name), "%s of %s, export %d file %d row %d", p.Name, row.Trap, row.Export, row.File, row.Number)
				assert.Equal(t, dangling, row.Dangling, "%s, export %d file %d row %d", row.Trap, row.Export, row.File, row.Number)
			}
		}
	})
}

// judgeDisk finds the truth about a disk and a person. It also reports whether the disk
// is dangling.
func judgeDisk(s *csvschematest.Set, row *csvschematest.Row, p csvschematest.Person) (truth csvschematest.Truth, dangling bool) {
	lab := normal(row.Value(csvschema.LabUId))
	uid, id, lease := uidOf(row), armID(row, csvschema.ResourceId), armID(row, csvschema.LeasedByVmId)
	path := users(row.Value(csvschema.ResourceId))
	var candidates []*csvschematest.Row
	rule := csvschematest.RuleLease
	collect := func(match func(vm *csvschematest.Row) bool) {
		for _, own := range []bool{true, false} {
			for vm := range s.Rows() {
				if vm.Role == csvschema.VirtualMachines && (vm.Export == row.Export) == own && lab != "" && normal(vm.Value(csvschema.LabUId)) == lab && match(vm) {
					candidates = append(candidates, vm)
				}
			}
			if candidates != nil {
				return
			}
		}
	}
	if lease != "" {
		collect(func(vm *csvschematest.Row) bool {
			return armID(vm, csvschema.ResourceId) == lease || armID(vm, csvschema.ComputeResourceId) == lease
		})
	} else {
		rule = csvschematest.RuleResource
		if uid != "" {
			collect(func(vm *csvschematest.Row) bool { return uidOf(vm) == uid })
		}
		if candidates == nil && id != "" {
			collect(func(vm *csvschematest.Row) bool { return armID(vm, csvschema.ResourceId) == id })
		}
	}
	dangling = candidates == nil && (lease != "" || !slices.ContainsFunc(path, func(x string) bool { return x != "@me" && !anonymous(x) }))

	owns := func(vm *csvschematest.Row) bool { return judgeMachine(vm, p).Verdict == csvschematest.Theirs }
	may := func(vm *csvschematest.Row) bool {
		truth := judgeMachine(vm, p)
		return truth.Near || truth == csvschematest.Truth{} && isNamesake(vm, p)
	}
	either := func(vm *csvschematest.Row) bool { return owns(vm) || may(vm) }
	remaining, readable := remaining(row, candidates)
	switch {
	case slices.ContainsFunc(path, func(x string) bool { return names(p, x) }):
		truth.Verdict, truth.Rule = csvschematest.Theirs, csvschematest.RuleUserPath
	case dangling:
		truth.Verdict = csvschematest.Dangling
	case !slices.ContainsFunc(candidates, either):
	case !readable || len(remaining) == 0:
		truth.Verdict = csvschematest.Undetermined
	case !slices.ContainsFunc(remaining, func(vm *csvschematest.Row) bool { return !owns(vm) }):
		truth.Verdict, truth.Rule = csvschematest.Theirs, rule
	case slices.ContainsFunc(remaining, either):
		truth.Verdict = csvschematest.Undetermined
	}
	truth.ThirdParty = truth.Verdict == csvschematest.Theirs &&
		slices.ContainsFunc(path, func(x string) bool { return x != "@me" && !names(p, x) && !anonymous(x) })
	return truth, dangling
}

// uidOf returns the ResourceUId of a row, or "" if it is none.
func uidOf(row *csvschematest.Row) string {
	uid := normal(row.Value(csvschema.ResourceUId))
	if !uidPattern.MatchString(uid) || strings.Trim(uid, "0-") == "" {
		return ""
	}
	return uid
}

var uidPattern = regexp.MustCompile("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")

// armID returns an ARM ID of a row, or "" if it is none.
func armID(row *csvschematest.Row, c csvschema.Column) string {
	id := strings.ReplaceAll(strings.ReplaceAll(normal(row.Value(c)), "%25", "%"), "%2f", "/")
	id = strings.TrimPrefix(id, "https://management.azure.com")
	segments := slices.DeleteFunc(strings.Split(id, "/"), func(s string) bool { return s == "" })
	if id = strings.Join(segments, "/"); id == "null" {
		return ""
	}
	return id
}

// remaining returns the candidates that time does not exclude, and reports whether all
// dates can be read.
func remaining(disk *csvschematest.Row, candidates []*csvschematest.Row) (rest []*csvschematest.Row, readable bool) {
	born, gone, readable := lifetime(disk)
	for _, vm := range candidates {
		created, deleted, ok := lifetime(vm)
		readable = readable && ok
		endKnown := !created.IsZero() && deleted.After(created)
		second := created.Truncate(time.Second)
		isOneCreation := second.Equal(born.Truncate(time.Second)) && second.Equal(gone.Truncate(time.Second))
		tooLate := !created.IsZero() && !gone.IsZero() && !created.Before(gone) && !isOneCreation
		tooEarly := endKnown && !born.IsZero() && !deleted.After(born)
		if !tooLate && !tooEarly {
			rest = append(rest, vm)
		}
	}
	return rest, readable
}

// lifetime returns the dates of a row, and reports whether both can be read.
func lifetime(row *csvschematest.Row) (created, deleted time.Time, readable bool) {
	created, a := date(row.Value(csvschema.CreatedTime))
	deleted, b := date(row.Value(csvschema.DeletedDate))
	return created, deleted, a && b
}

// date parses a date, and reports whether it can be read. An empty date is the zero
// time.
func date(cell string) (time.Time, bool) {
	switch cell {
	case "", "0001-01-01", "1/1/0001 12:00:00 AM":
		return time.Time{}, true
	}
	cell = strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(cell)
	for _, layout := range []string{"1/2/2006 3:04:05 PM", "1/2/2006 3:04 PM", "1/2/2006 15:04", "1/2/2006", time.RFC3339Nano, time.DateTime, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, cell); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
