package review_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
)

func TestDecisionsAreFoundByTheirRow(t *testing.T) {
	t.Parallel()
	d := decisions(t, diskLine2+"2026-05-01", machineID+"exists")
	have, err := d.ForPlan(t.Context(), found(t, t.TempDir()), filepath.Base)
	require.NoError(t, err)
	require.Len(t, have, 2)
	assert.Equal(t, csvschema.VirtualMachines, have[0].Key.Role())
	assert.Zero(t, have[0].Deleted)
	assert.Equal(t, csvschema.Disks, have[1].Key.Role())
	assert.Equal(t, time.Date(2026, time.May, 1, 0, 0, 0, 0, time.UTC), have[1].Deleted)
	used, unused := d.Count()
	assert.Equal(t, 2, used)
	assert.Zero(t, unused)
}

func TestDecisionsAboutOtherRowsAreRefusedOrNotUsed(t *testing.T) {
	t.Parallel()
	other := strings.Replace(machineID, ",,,", ",another reason,,", 1)
	for _, test := range []struct{ name, lines, want string }{
		{"another disk", strings.Replace(diskLine2, machine, lab, 1) + "exists", "line 2: another resource is on that line"},
		{"another machine", strings.Replace(machineID, machine, lab, 1) + "exists", "line 2: another resource is on that line"},
		{"another lab", strings.Replace(machineID, lab, machine, 1) + "exists", "line 2: another resource is on that line"},
		{"contradiction", other + "2026-05-01\n" + machineID + "exists", "line 3, column decision: line 2 decides otherwise"},
		{"a line that is not there", strings.Replace(diskLine2, ",2,", ",3,", 1) + "exists", ""},
		{"a file that is not there", strings.Replace(machineID, "vm.csv", "v.csv", 1) + "exists", ""},
		{"a file of the other role", strings.Replace(machineID, "vm.csv", "d.csv", 1) + "exists", ""},
		{"what is near a request", strings.Replace(machineID, ",,,", `,"near an identifier of a request, in 1 row",,`, 1) + "other", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			d := decisions(t, test.lines)
			have, err := d.ForPlan(t.Context(), found(t, t.TempDir()), filepath.Base)
			if test.want != "" {
				require.ErrorContains(t, err, test.want)
				return
			}
			require.NoError(t, err)
			assert.Empty(t, have)
			used, unused := d.Count()
			assert.Equal(t, 1, unused)
			assert.Zero(t, used)
		})
	}
	same := decisions(t, other+"2026-05-01", machineID+"2026-05-01T00:00:00Z")
	have, err := same.ForPlan(t.Context(), found(t, t.TempDir()), filepath.Base)
	require.NoError(t, err)
	assert.Len(t, have, 1, "both say the same")
}

const columns = "LabUId,ResourceUId,ResourceId,ResourceOwner,ResourceStatus,DeletedDate\n"

const contradictions = columns + lab + "," + machine + `,/m/1,bob@contoso.com,Inactive,1/1/2026
` + lab + "," + machine + `,/m/1,ann@contoso.onmicrosoft.com,Active,1/1/2026
` + lab + "," + machine + `,/m/1,ann@contoso.onmicrosoft.com,Inactive,1/1/2026
` + lab + `,NULL,/m/2,bob@contoso.com,Active,1/1/2026
` + lab + `,NULL,/m/3,ann@contoso.onmicrosoft.com,Active,
` + lab + `,bob@contoso.com,/m/4,carol@contoso.com,Active,soon
`

// planned plans to erase ann's rows of the contradictions.
func planned(t *testing.T, e *inputs.Exports, change func(*anonymize.Policy)) *anonymize.Plan {
	t.Helper()
	ann, err := identity.Parse("ann@contoso.com")
	require.NoError(t, err)
	now := time.Date(2026, time.July, 1, 0, 0, 0, 0, time.UTC)
	p := &anonymize.Policy{KeepUnreadableDates: true, Requests: []anonymize.Request{{Kind: anonymize.Erase, Identifier: ann, At: now}}}
	change(p)
	plan, err := p.Plan(t.Context(), now, e.List)
	require.NoError(t, err)
	return plan
}

// exportOf returns an export of virtual machines with that text.
func exportOf(t *testing.T, text string, made time.Time) *inputs.Exports {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vm.csv")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	var f inputs.Finder
	require.NoError(t, f.Find(t.Context(), path, 0))
	return f.Group(time.UTC, made)
}

// hide hides the one identifier that is in place of an ID.
func hide(text string) string {
	return strings.ReplaceAll(filepath.Base(text), "bob@contoso.com", "[hidden]")
}

func TestPlanAsksAboutEachContradictionAndWhatIsNear(t *testing.T) {
	t.Parallel()
	e := exportOf(t, contradictions, time.Time{})
	var none *review.Decisions
	questions, more := none.OfPlan(planned(t, e, func(*anonymize.Policy) {}), e, hide)
	assert.Zero(t, more)
	var b strings.Builder
	require.NoError(t, review.Write(&b, questions, planOf(1, "vm.csv")))
	assert.NotContains(t, b.String(), "@")
	type asked struct {
		line     int64
		resource string
		reason   string
		choices  string
	}
	var have []asked
	for _, q := range questions {
		choices, _, _ := strings.Cut(q.Choices, " ")
		have = append(have, asked{q.Line, q.ResourceUId, q.Reason, choices})
	}
	assert.Equal(t, []asked{
		{2, machine, "active, with a DeletedDate", "exists,"},
		{3, machine, "near an identifier of a request, in 2 rows", "other;"},
		{5, "null", "active, with a DeletedDate", "exists;"},
		{6, "null", "near an identifier of a request, in 1 row", "other;"},
		{7, "[hidden]", "unreadable date of deletion", "exists;"},
	}, have)

	// Each choice can be taken, and the next plan asks nothing.
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")[1:]
	for i, decision := range []string{"2026-01-01", "other", "exists", "other", "exists"} {
		lines[i] += decision
	}
	d := decisions(t, lines...)
	require.NoError(t, d.CheckPlan())
	decided, err := d.ForPlan(t.Context(), e, hide)
	require.NoError(t, err)
	plan := planned(t, e, func(p *anonymize.Policy) { p.Decisions = decided })
	questions, _ = d.OfPlan(plan, e, hide)
	// The rows of the machine go now, so that nothing near is left there.
	assert.Empty(t, questions)
	used, unused := d.Count()
	assert.Equal(t, []int{4, 1}, []int{used, unused})

	// A decision about one row is none about another, even without an ID.
	d = decisions(t, lines[2])
	questions, _ = d.OfPlan(planned(t, e, func(*anonymize.Policy) {}), e, hide)
	assert.Len(t, questions, 4)
}

func TestPlanTellsHowManyRowsAreNotListed(t *testing.T) {
	t.Parallel()
	e := exportOf(t, contradictions, time.Time{})
	var none *review.Decisions
	questions, more := none.OfPlan(planned(t, e, func(p *anonymize.Policy) { p.MaxFindings = 1 }), e, hide)
	assert.Len(t, questions, 3)
	assert.Equal(t, int64(2), more)
}

// TestRowWithoutAnIDThatGoesIsNotAskedAbout has a row that the policy treats as deleted.
func TestRowWithoutAnIDThatGoesIsNotAskedAbout(t *testing.T) {
	t.Parallel()
	e := exportOf(t, columns+lab+",NULL,/m/1,bob@contoso.com,Inactive,\n", time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC))
	var none *review.Decisions
	for stale, want := range map[bool]int{false: 1, true: 0} {
		questions, _ := none.OfPlan(planned(t, e, func(p *anonymize.Policy) { p.DeleteStale = stale }), e, hide)
		assert.Len(t, questions, want, stale)
	}
}

// TestContradictionsOfAResourceAreOneQuestion has two kinds of them. The first row goes
// because ann asks for it, and the resource stays.
func TestContradictionsOfAResourceAreOneQuestion(t *testing.T) {
	t.Parallel()
	row := lab + "," + machine + ",/m/1,"
	e := exportOf(t, columns+row+"ann@contoso.com,Active,1/1/2026\n"+row+"bob@contoso.com,Inactive,soon\n", time.Time{})
	plan := planned(t, e, func(p *anonymize.Policy) { p.Requests[0].Existing = true })
	require.Equal(t, int64(1), plan.Report().Total.Due)
	var none *review.Decisions
	questions, _ := none.OfPlan(plan, e, hide)
	require.Len(t, questions, 1)
	assert.Equal(t, int64(2), questions[0].Line)
}

// One date is not that of all resources that have an ID, so none is offered.
func TestSeveralResourcesWithOneIDAreNotOfferedADate(t *testing.T) {
	t.Parallel()
	e := exportOf(t, columns+lab+","+machine+",/m/1,bob@contoso.com,Inactive,1/1/2026\n"+lab+","+machine+",/m/2,ann@contoso.com,Active,\n", time.Time{})
	questions, more := (*review.Decisions)(nil).OfPlan(planned(t, e, func(*anonymize.Policy) {}), e, hide)
	assert.Zero(t, more)
	require.Len(t, questions, 1)
	assert.Contains(t, questions[0].Choices, "exists; if one was deleted, correct the rows")
	assert.NotContains(t, questions[0].Choices, "2026-05-01")
}
