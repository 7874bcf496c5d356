package anonymize_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
)

// TestAPlanReadsWhatItCannotRecall plans a file of several chunks. It is read a second time
// only if what pass 1 remembers does not tell all, and the chunks that are read again have
// the same rulings as those that are recalled; see planOf.
func TestAPlanReadsWhatItCannotRecall(t *testing.T) {
	t.Parallel()
	const rows = 4000 // of which 500 make a chunk
	now := later
	soon := now.AddDate(0, 0, -7).Format("1/2/2006 3:04:05 PM")
	file := func(special map[int]string) []byte {
		var text strings.Builder
		for i := range rows {
			deleted, owner := "2/4/2017 1:00:00 AM", "zoe@contoso.com"
			switch i % 5 {
			case 1:
				owner = "removed@anonymized.invalid"
			case 2:
				deleted = ""
			case 3:
				deleted = soon
			}
			row, ok := special[i]
			if !ok {
				row = vm(deleted, owner, map[csvschema.Column]string{csvschema.ResourceUId: uid(i)})
			}
			header, record, _ := strings.Cut(row, "\n")
			if i == 0 {
				text.WriteString(header + "\n")
			}
			text.WriteString(record)
		}
		return []byte(text.String())
	}
	copyOfRow := func(i int, deleted, owner string) string {
		return vm(deleted, owner, map[csvschema.Column]string{csvschema.ResourceUId: uid(i)})
	}
	keyOf := func(uid string) csvschema.Key {
		return csvschema.VirtualMachineRow{LabUId: "86545712-aadf-4172-bba2-5c738050417e", ResourceUId: uid}.Key()
	}
	held := keyOf(uid(2000))
	for name, test := range map[string]struct {
		special map[int]string
		policy  anonymize.Policy
		opened  int
	}{
		"all is recalled":                         {opened: 1},
		"a copy exists":                           {special: map[int]string{3001: copyOfRow(5, "", "zoe@contoso.com")}, opened: 1},
		"a copy that was anonymized exists":       {special: map[int]string{3001: copyOfRow(5, "", "removed@anonymized.invalid")}, opened: 2},
		"an anonymized row was deleted later":     {special: map[int]string{3000: copyOfRow(1, soon, "zoe@contoso.com")}, opened: 2},
		"a row was deleted later":                 {special: map[int]string{3000: copyOfRow(0, soon, "zoe@contoso.com")}, opened: 2},
		"the row of no resource":                  {special: map[int]string{3000: vm("2/4/2017", "zoe@contoso.com", map[csvschema.Column]string{csvschema.ResourceUId: ""})}, opened: 2},
		"a hold":                                  {policy: anonymize.Policy{Holds: []anonymize.Hold{{Key: held, Reason: "court"}}}, opened: 2},
		"a hold of nothing":                       {policy: anonymize.Policy{Holds: []anonymize.Hold{{Key: keyOf(uid("x")), Reason: "court"}}}, opened: 1},
		"a decision":                              {policy: anonymize.Policy{Decisions: []anonymize.Decision{{Key: held}}}, opened: 2},
		"a row that may hold too many":            {special: map[int]string{3000: copyOfRow(3000, "2/4/2017", "zoe@contoso.com"+strings.Repeat(" ", 3000))}, opened: 2},
		"such a row that exists":                  {special: map[int]string{3002: copyOfRow(3002, "", "zoe@contoso.com"+strings.Repeat(" ", 3000))}, opened: 1},
		"a date that is none":                     {special: map[int]string{3000: copyOfRow(3000, "soon", "zoe@contoso.com")}, policy: anonymize.Policy{KeepUnreadableDates: true}, opened: 2},
		"anonymous owners and others in the rows": {special: map[int]string{3001: vm("2/4/2017", "removed@anonymized.invalid", map[csvschema.Column]string{csvschema.Name: "zoe@contoso.com"})}, opened: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := exportOf(csvschema.VirtualMachines, file(test.special))
			planOf(t, &test.policy, now, e)
			opened, open := 0, e.VirtualMachines[0].Open
			e.VirtualMachines[0].Open = func(ctx context.Context) (io.ReadCloser, error) {
				opened++
				return open(ctx)
			}
			var last csvschema.Progress
			test.policy.Progress = func(p csvschema.Progress) { last = p }
			plan, err := test.policy.Plan(t.Context(), now, []csvschema.Export{e})
			require.NoError(t, err)
			assert.Equal(t, test.opened, opened)
			assert.Equal(t, opened, last.Pass)
			assert.Equal(t, int64(rows), plan.Report().Total.Rows)
		})
	}
}
