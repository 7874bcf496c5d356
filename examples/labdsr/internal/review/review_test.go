package review_test

import (
	"fmt"
	"io"
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

const (
	header    = "role,LabUId,ResourceUId,input,line,reason,choices,decision\n" // without its origin
	lab       = "36f675cc-81e7-4ef5-a8e2-5d940ed90475"
	machine   = "0f21ddb6-6cad-4a26-8d11-6ece1738f7d9"
	diskLine2 = "disks," + lab + "," + machine + ",d.csv,2,,,"
	machineID = "virtualmachines," + lab + "," + machine + ",vm.csv,2,,,"
)

// fileOf returns exports of one file, and its fingerprint.
func fileOf(fingerprint byte, name string) (*inputs.Exports, map[csvschema.FileID][32]byte) {
	id := csvschema.FileID{Export: 1, File: 1, Role: csvschema.Disks}
	return &inputs.Exports{Files: []*inputs.File{{FileID: id, Path: name}}}, map[csvschema.FileID][32]byte{id: {fingerprint}}
}

// searchOf returns the origin of a search, and planOf that of a plan.
func searchOf(fingerprint byte, name string, person ...identity.Identifier) review.Origin {
	e, fingerprints := fileOf(fingerprint, name)
	return review.OfSearch(e, fingerprints, strings.ToLower, person)
}

func planOf(fingerprint byte, name string, requests ...identity.Identifier) review.Origin {
	e, fingerprints := fileOf(fingerprint, name)
	var all []anonymize.Request
	for _, id := range requests {
		all = append(all, anonymize.Request{Identifier: id})
	}
	return review.OfPlan(e, fingerprints, strings.ToLower, all)
}

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "review.csv")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// decisions reads a review with those lines.
func decisions(t *testing.T, lines ...string) *review.Decisions {
	t.Helper()
	first := header
	if strings.Contains(lines[0], ",of-") {
		first = strings.Join(review.Header(), ",") + "\n"
	}
	d, err := review.Read(file(t, first+strings.Join(lines, "\n")+"\n"))
	require.NoError(t, err)
	return d
}

// found returns an export of a machine and a disk, with paths in a folder.
func found(t *testing.T, dir string) *inputs.Exports {
	t.Helper()
	for name, text := range map[string]string{
		"vm.csv": "LabUId,ResourceUId,ResourceId,ResourceOwner\n" + lab + "," + machine + ",id,ann@example.com\n",
		"d.csv":  "LabUId,ResourceUId,ResourceId,LeasedByVmId\n" + lab + "," + machine + ",id,x\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	var f inputs.Finder
	require.NoError(t, f.Find(t.Context(), dir, 0))
	return f.Group(time.UTC, time.Time{})
}

// key returns the key of a machine.
func key(t *testing.T) csvschema.Key {
	t.Helper()
	row := csvschema.VirtualMachineRow{LabUId: lab, ResourceUId: machine}
	return row.Key()
}

func TestReviewThatIsNotFilledInDecidesNothing(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	require.NoError(t, review.Write(&b, []review.Question{{Role: csvschema.VirtualMachines, LabUId: lab, ResourceUId: machine, File: "a,b.csv", Line: 7, Reason: "why?", Choices: "theirs or other"}}, planOf(1, "A,B.csv")))
	assert.Equal(t, "role,LabUId,ResourceUId,input,line,of,reason,choices,decision\nvirtualmachines,"+lab+","+machine+",\"a,b.csv\",7,of-01000000000000000000 sum-4424e7f9,why?,theirs or other,\n", b.String())
	d, err := review.Read(file(t, b.String()))
	require.NoError(t, err)
	used, unused := d.Count()
	assert.Zero(t, used+unused)
}

func TestSpreadsheetsMayChangeTheSeparator(t *testing.T) {
	t.Parallel()
	for _, comma := range []string{",", ";", "\t"} {
		d, err := review.Read(file(t, "\ufeff"+strings.ReplaceAll(header+machineID+" Other \n", ",", comma)))
		require.NoError(t, err, comma)
		assert.NoError(t, d.CheckSearch())
		_, unused := d.Count()
		assert.Equal(t, 1, unused)
	}
}

func TestDamagedReviewsAreRefused(t *testing.T) {
	t.Parallel()
	const canary = "canary"
	for _, test := range []struct{ name, text, want string }{
		{"another file", "canary,decision\n", "line 1: this is no file that --review wrote"},
		{"columns in one", "\"role,LabUId\",ResourceUId,input,line,reason,choices,decision\n", "line 1: this is no file"},
		{"a quote in the first field", header + "\n\"canary\n", "line 3: cannot be read"},
		{"fields are missing", header + "canary,canary\n", "line 2: cannot be read"},
		{"role", header + "canary,l,r,i,1,,,theirs\n", "line 2, column role"},
		{"line", header + "disks,l,r,i,canary,,,theirs\n", "line 2, column line"},
		{"line 0", header + "disks,l,r,i,0,,,canary\n", "line 2, column line"},
		{"contradiction", header + diskLine2 + "theirs\n" + machineID + "other\n" + diskLine2 + "THEIRS\n" + diskLine2 + "canary\n", "line 5, column decision: line 2 decides otherwise"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := review.Read(file(t, test.text))
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), canary)
		})
	}
	none, err := review.Read("")
	require.NoError(t, err)
	assert.Nil(t, none)
}

func TestDecisionsAreAmongTheChoices(t *testing.T) {
	t.Parallel()
	const withoutID = "virtualmachines," + lab + ",NULL,vm.csv,2,,,"
	alias := strings.Replace(machineID, ",2,,", ",2,two cells or rows of the machine name different people: one of them the person under another name?,", 1)
	near := strings.Replace(machineID, ",2,,", `,2,"near an identifier of a request, in 1 row",`, 1)
	for _, test := range []struct {
		line         string
		search, plan bool // whether it is allowed
	}{
		{machineID + "Theirs", true, false},
		{machineID + "other", true, false},
		{machineID + "exists", false, true},
		{machineID + "2026-05-01", false, true},
		{machineID + "canary", false, false},
		{machineID + "1/5/2026", false, false},
		{alias + "other", true, false},
		{alias + "theirs", false, false},
		{near + "other", true, true},
		{near + "exists", false, false},
		{withoutID + "exists", false, true},
		{withoutID + "2026-05-01", false, false},
	} {
		t.Run(test.line, func(t *testing.T) {
			t.Parallel()
			d := decisions(t, test.line)
			check := func(allowed bool, err error) {
				if allowed {
					assert.NoError(t, err)
					return
				}
				require.Error(t, err)
				assert.Regexp(t, `review\.csv: line 2, column decision: not one of the choices$`, err.Error())
			}
			check(test.search, d.CheckSearch())
			check(test.plan, d.CheckPlan())
		})
	}
	var none *review.Decisions
	assert.NoError(t, none.CheckSearch())
	assert.NoError(t, none.CheckPlan())
}

// A cell of a review is no formula, and is read as what it was before.
func TestNoCellOfAReviewIsAFormula(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"=1+1", "+1", "-1", "@sum(1)", "＝1+1", "＋1", "－1", "＠sum(1)", "'=1", "''", "'x", "[hidden]", "x=1", ""} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			q := review.Question{Role: csvschema.Disks, LabUId: text, ResourceUId: text, File: text, Line: 7, Reason: "why?", Choices: "theirs or other"}
			var b strings.Builder
			require.NoError(t, review.Write(&b, []review.Question{q}, review.Origin{}))
			assert.NotRegexp(t, "(?m)(^|,)\"?[=+@\t\r＝＋－＠-]", b.String())
			d, err := review.Read(file(t, strings.TrimSuffix(b.String(), "\n")+"theirs\n"))
			require.NoError(t, err)
			assert.True(t, d.Answers(q))
			q.ResourceUId += "x"
			assert.False(t, d.Answers(q))
		})
	}
}

func TestDecisionsAreAboutTheFileAndThePeopleOfTheReview(t *testing.T) {
	t.Parallel()
	id := func(text string) identity.Identifier {
		id, err := identity.Parse(text)
		require.NoError(t, err)
		return id
	}
	const name, why, near = "d.csv", "why?", "near an identifier of a request, in 1 row"
	ann, bob := id("ann@example.com"), id("bob@example.com")
	annsText, err := identity.Verbatim("ann@example.com")
	require.NoError(t, err)
	many := manyOf(t, 40)
	for _, test := range []struct {
		name, reason string
		was, is      review.Origin
		different    string
	}{
		{"the same plan", why, planOf(1, name), planOf(1, name), ""},
		{"a plan of other exports", why, planOf(1, name), planOf(2, name), "about other exports"},
		{"a plan of another file", why, planOf(1, name), planOf(2, "e.csv"), ""},
		{"other requests", why, planOf(1, name, ann), planOf(1, name, bob), ""},
		{"near the same requests", near, planOf(1, name, ann, bob), planOf(1, name, bob, ann, bob), ""},
		{"near other requests", near, planOf(1, name, ann), planOf(1, name, bob), "about other requests"},
		{"near one of more requests", near, planOf(1, name, ann), planOf(1, name, ann, bob), "about other requests"},
		{"near one of fewer requests", near, planOf(1, name, ann, bob), planOf(1, name, ann), "about other requests"},
		{"near an owner of the same text", near, planOf(1, name, ann), planOf(1, name, annsText), "about other requests"},
		{"an owner of the same text", why, searchOf(1, name, ann), searchOf(1, name, annsText), "about another person"},
		{"the same person", why, searchOf(1, name, ann), searchOf(1, name, ann), ""},
		{"the same person, other exports", why, searchOf(1, name, ann), searchOf(2, name, ann), "about other exports"},
		{"another person", why, searchOf(1, name, ann), searchOf(1, name, bob), "about another person"},
		{"one more identifier", why, searchOf(1, name, ann), searchOf(1, name, bob, ann), ""},
		{"one identifier less", why, searchOf(1, name, bob, ann), searchOf(1, name, ann), "about another person"},
		{"the same person with many identifiers", why, searchOf(1, name, many...), searchOf(1, name, many...), ""},
		{"many identifiers, one less", why, searchOf(1, name, many...), searchOf(1, name, many[1:]...), "about another person"},
		{"more identifiers, many by now", why, searchOf(1, name, many[:9]...), searchOf(1, name, many...), ""},
		{"another person with many identifiers", why, searchOf(1, name, ann), searchOf(1, name, many...), "about another person"},
		{"a person, and a plan", why, searchOf(1, name, ann), planOf(1, name, ann), "about other requests, or about a person"},
		{"a plan, and a person", why, planOf(1, name, ann), searchOf(1, name, ann), "about a plan"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var b strings.Builder
			q := review.Question{Role: csvschema.Disks, LabUId: lab, ResourceUId: machine, File: name, Line: 7, Reason: test.reason}
			require.NoError(t, review.Write(&b, []review.Question{q}, test.was))
			assert.NotContains(t, b.String(), "example.com")
			d, err := review.Read(file(t, b.String()))
			require.NoError(t, err)
			require.NoError(t, d.CheckOrigin(test.is), "nothing is decided")
			d, err = review.Read(file(t, strings.TrimSuffix(b.String(), "\n")+"other\n"))
			require.NoError(t, err)
			assert.False(t, d.IsOld())
			err = d.CheckOrigin(test.is)
			if test.different == "" {
				require.NoError(t, err)
				return
			}
			assert.ErrorContains(t, err, "line 2: the decision is "+test.different)
		})
	}
	old := decisions(t, machineID+"other")
	assert.True(t, old.IsOld())
	require.NoError(t, old.CheckOrigin(planOf(1, name)))
	var none *review.Decisions
	assert.NoError(t, none.CheckOrigin(planOf(1, name)))
}

// manyOf returns identifiers of one person.
func manyOf(t *testing.T, n int) []identity.Identifier {
	t.Helper()
	var all []identity.Identifier
	for i := range n {
		one, err := identity.Parse(fmt.Sprintf("ann%d@example.com", i))
		require.NoError(t, err)
		all = append(all, one)
	}
	return all
}

func TestReviewDoesNotGrowWithQuestionsTimesIdentifiers(t *testing.T) {
	t.Parallel()
	questions := make([]review.Question, 1000)
	for i := range questions {
		questions[i] = review.Question{Role: csvschema.Disks, LabUId: lab, ResourceUId: machine, File: "d.csv", Line: int64(i + 1)}
	}
	var b strings.Builder
	require.NoError(t, review.Write(&b, questions, searchOf(1, "d.csv", manyOf(t, 1000)...)))
	assert.Less(t, b.Len(), 1_000_000)
}

func TestLargeReviewsAreReadAgain(t *testing.T) {
	t.Parallel()
	questions := make([]review.Question, 60_000)
	for i := range questions {
		questions[i] = review.Question{
			Role: csvschema.Disks, LabUId: lab, ResourceUId: machine, File: "exports/contoso-dev/d.csv", Line: int64(i + 1),
			Reason: strings.Repeat("why ", 25), Choices: strings.Repeat("this or that ", 6),
		}
	}
	origin := searchOf(1, "exports/contoso-dev/d.csv", manyOf(t, 3)...)
	var b strings.Builder
	require.NoError(t, review.Write(&b, questions, origin))
	require.Greater(t, b.Len(), 16<<20)
	_, err := review.Read(file(t, b.String()))
	require.NoError(t, err)
	require.NoError(t, review.WriteUpTo(io.Discard, questions, origin, int64(b.Len())))
	assert.ErrorContains(t, review.WriteUpTo(io.Discard, questions, origin, int64(b.Len())-1), "too many questions")
}
