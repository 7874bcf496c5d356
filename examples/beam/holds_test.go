package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/receipt"
)

// What each of the labs has: a deleted machine and its disk, with one ResourceUId.
const deleted = "0f21ddb6-6cad-4a26-8d11-6ece1738f7d9"

// hold writes a list of holds for a job, and returns its path.
func hold(t *testing.T, j *job, lines ...string) string {
	t.Helper()
	list := listFile(t, j, fmt.Sprintf("holds%d.csv", len(j.Holds)), "LabUId,ResourceUId,reason,until\n"+strings.Join(lines, "\n")+"\n")
	j.Holds = append(j.Holds, list)
	return list
}

// listFile writes a private file beside those of a job, and returns its path.
func listFile(t *testing.T, j *job, name, text string) string {
	t.Helper()
	list := filepath.Join(filepath.Dir(j.Key), name)
	require.NoError(t, os.WriteFile(list, []byte(text), 0o600))
	return list
}

// runs runs a job, and returns what it says and its report.
func runs(t *testing.T, j *job) (failed bool, said string, got *report) {
	t.Helper()
	needsRunner(t)
	var text bytes.Buffer
	failed, err := j.run(t.Context(), "prism", &text)
	require.NoError(t, err)
	got, err = j.readReport(t.Context())
	require.NoError(t, err)
	return failed, text.String(), got
}

func TestAHoldThatIsOnNoRowLetsNothingBeWritten(t *testing.T) {
	none := strings.ReplaceAll(deleted, "0f21", "1f21")
	for _, test := range []struct {
		name    string
		lines   []string
		damaged bool
		unmet   []int // lines
		want    string
		allowed bool // it runs with --allow-unmet-holds
	}{
		{"mistyped", []string{labUID(1) + "," + none + ",,"}, false, []int{3}, "holds that are on no row: 1;", true},
		{"two", []string{labUID(1) + "," + none + ",,", labUID(7) + "," + none + ",,"}, false, []int{3, 4}, "holds that are on no row: 2;", true},
		{"exchanged", []string{deleted + "," + labUID(1) + ",,"}, false, nil, "line 3: LabUId and ResourceUId are exchanged", false},
		{"of another lab", []string{labUID(7) + "," + deleted + ",,"}, false, nil, "line 3: these exports have this ResourceUId in another lab", false},
		{"no row could be read", []string{labUID(2) + "," + none + ",,"}, true, []int{3}, "files that cannot be read, and may have such a row: 2", true},
	} {
		for _, allow := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, allowed %v", test.name, allow), func(t *testing.T) {
				files := labs(t, 3)
				if test.damaged {
					for name := range files {
						if strings.Contains(name, labUID(2)) {
							files[name] = "\x1f\x8b\x08 damaged"
						}
					}
				}
				j := newTestJob(t, anonymizing, files)
				list := hold(t, j, append([]string{labUID(0) + "," + deleted + ",claim 7,"}, test.lines...)...)
				j.AllowUnmetHolds = allow
				failed, said, got := runs(t, j)
				var unmet []place
				for _, line := range test.unmet {
					unmet = append(unmet, place{list, line})
					assert.Contains(t, said, fmt.Sprintf("hold on no row: %s line %d\n", list, line))
				}
				assert.Equal(t, unmet, got.Holds.Unmet)
				assert.Equal(t, 3, got.Units)
				assert.NotContains(t, said, labUID(7))
				if allow && test.allowed {
					assert.Equal(t, test.damaged, failed, said)
					assert.NotEmpty(t, lasting(t, j))
					return
				}
				assert.True(t, failed)
				assert.Equal(t, 3, got.Failed)
				assert.Contains(t, said, "failed: ")
				assert.Contains(t, said, test.want)
				assert.Contains(t, got.Failures[0].Error, test.want)
				assert.Equal(t, []string{j.reportName()}, slices.Collect(maps.Keys(treeAt(t, j.Out))), "not even a claim")

				// The next run, with a list that is correct, needs no other output.
				j.Holds = nil
				hold(t, j, labUID(0)+","+deleted+",claim 7,")
				failed, said, got = runs(t, j)
				assert.Equal(t, test.damaged, failed, said)
				assert.Empty(t, got.Holds)
				assert.Len(t, lasting(t, j), 3*(3-got.Failed), "two files and a receipt of each lab")
			})
		}
	}
}

func TestAHoldKeepsTheMachineAndTheDisk(t *testing.T) {
	files := labs(t, 2)
	j := newTestJob(t, anonymizing, files)
	hold(t, j, labUID(0)+","+deleted+",claim 7,2026-07-02", labUID(1)+","+deleted+",claim 8,2026-06-30")
	hold(t, j, labUID(0)+","+deleted+",claim 9,2026-06-30") // the longer one counts
	failed, said, got := runs(t, j)
	assert.False(t, failed)
	assert.Contains(t, said, "1 holds have ended and keep nothing any more\n")
	assert.Equal(t, holdsOutcome{Ended: 1}, got.Holds)
	assert.Equal(t, int64(2), got.Counts["held"])
	assert.Equal(t, int64(2), got.Counts["findings.held"])
	rows := func(text, id string) (all []string) {
		for line := range strings.Lines(text) {
			if strings.Contains(line, id) {
				all = append(all, line)
			}
		}
		return all
	}
	for name, text := range treeAt(t, path.Join(j.Out, exportsFolder)) {
		require.Len(t, rows(text, deleted), 1)
		if strings.Contains(name, labUID(0)) {
			assert.Equal(t, rows(files[name], deleted), rows(text, deleted))
		} else if strings.HasSuffix(name, "virtualmachines.csv") {
			assert.NotEqual(t, rows(files[name], deleted), rows(text, deleted))
		}
	}
	key, err := j.key()
	require.NoError(t, err)
	for _, sealed := range treeAt(t, path.Join(j.Out, receiptsFolder)) {
		r, err := receipt.Open([]byte(sealed), receipt.MACKey(key))
		require.NoError(t, err)
		assert.Contains(t, string(r.Policy), `"holds":4`, "three lines, and a disk")
	}
}

// TestAUnitHasTheHoldsOfItsRowsAlone has a list that is longer than what a unit has of it.
// What a policy with many holds costs would be the cost of each unit.
func TestAUnitHasTheHoldsOfItsRowsAlone(t *testing.T) {
	j := newTestJob(t, anonymizing, labs(t, 2))
	hold(t, j, labUID(0)+","+deleted+",claim 7,", labUID(1)+","+deleted+",claim 8,", labUID(2)+","+labUID(2)+",claim 9,")
	j.AllowUnmetHolds = true
	units, _ := unitsOf(t, j)
	require.Len(t, units, 2)
	given, err := j.given()
	require.NoError(t, err)
	policy, terms, err := (&worker{Job: *j, given: given}).policy(t.Context(), units[1].exports(func(int) store { return folder(j.Roots[0]) }))
	require.NoError(t, err)
	require.Len(t, policy.Holds, 2)
	for _, hold := range policy.Holds {
		assert.Equal(t, labUID(1), hold.Key.LabUId())
	}
	assert.Equal(t, 4, terms.Holds, "three lines, and a disk")
}

// TestListsAreThoseOfTheBeginningOfTheRun changes the list before each step.
func TestListsAreThoseOfTheBeginningOfTheRun(t *testing.T) {
	for _, change := range []func(list string) error{
		func(list string) error {
			return os.WriteFile(list, []byte("LabUId,ResourceUId,reason,until\n"+labUID(1)+","+deleted+",,\n"), 0o600)
		},
		func(list string) error {
			return os.WriteFile(list, []byte("LabUId,ResourceUId,reason,until\n"+labUID(0)+","+deleted+",,2026-07-02\n"), 0o600)
		},
		func(list string) error { return os.WriteFile(list, []byte("no list"), 0o600) },
		os.Remove,
		func(list string) error {
			return os.WriteFile(path.Join(path.Dir(list), "erase"), []byte("bob.baker@contoso.com,2026-05-01\n"), 0o600)
		},
		func(list string) error {
			return os.WriteFile(path.Join(path.Dir(list), "erase"), []byte("alice.archer@contoso.com,2026-05-02\n"), 0o600)
		},
		func(list string) error { return os.Chmod(path.Join(path.Dir(list), "erase"), 0o644) },
	} {
		j := newTestJob(t, anonymizing, labs(t, 2))
		list := hold(t, j, labUID(0)+","+deleted+",,")
		j.Erase = []string{listFile(t, j, "erase", "alice.archer@contoso.com,2026-05-01\n")}
		units, _ := unitsOf(t, j)
		require.Len(t, units, 2)
		require.NoError(t, change(list))
		require.ErrorIs(t, (&looker{Job: *j}).ProcessElement(t.Context(), units[0].files()[0], func(looked) { t.Error("looked") }), errGiven)
		require.ErrorIs(t, (&grouper{*j}).ProcessElement(t.Context(), 0, func(*looked) bool { return false }, func(unit) { t.Error("a unit") }, func(outcome) {}), errGiven)
		done := worked(t, j, units[0])
		require.Len(t, done.Failures, 1)
		assert.Equal(t, errGiven.Error(), done.Failures[0].Error)
		assert.Empty(t, lasting(t, j))
	}
}

// TestAListThatIsWrittenAnewIsTheSame has the same lines in another spelling.
func TestAListThatIsWrittenAnewIsTheSame(t *testing.T) {
	j := newTestJob(t, anonymizing, labs(t, 1))
	list := hold(t, j, labUID(0)+","+deleted+",,")
	require.NoError(t, j.begin())
	require.NoError(t, os.WriteFile(list, []byte("LabUId;ResourceUId;Reason;Until\n{"+strings.ToUpper(labUID(0))+"};"+deleted+";;\n"), 0o600))
	_, err := j.given()
	assert.NoError(t, err)
}

func TestAListThatIsNoneStopsTheRun(t *testing.T) {
	j := newTestJob(t, anonymizing, labs(t, 1))
	list := hold(t, j, labUID(0)+","+deleted+",for canary@contoso.com,")
	_, err := j.run(t.Context(), "prism", nil)
	require.ErrorContains(t, err, list+": line 2, column reason: names a person")
	assert.NotContains(t, err.Error(), "canary")
	j.Holds, j.Erase = nil, []string{listFile(t, j, "erase", "canary\n")}
	_, err = j.run(t.Context(), "prism", nil)
	require.ErrorContains(t, err, j.Erase[0]+": line 1: neither an e-mail address nor an object ID")
	assert.NotContains(t, err.Error(), "canary")
	require.NoError(t, os.Chmod(j.Erase[0], 0o640))
	_, err = j.run(t.Context(), "prism", nil)
	require.ErrorContains(t, err, "other people of this machine may read the file")
	assert.Empty(t, treeAt(t, j.Out))
}

func TestAListIsNoPipe(t *testing.T) {
	j := newTestJob(t, anonymizing, labs(t, 1))
	j.Holds = []string{os.DevNull}
	require.ErrorIs(t, j.begin(), errPipe)
	j.Holds, j.Key = nil, os.DevNull
	require.ErrorIs(t, j.begin(), errPipe)
}

func TestRequestsAreCarriedOutInAllUnits(t *testing.T) {
	j := newTestJob(t, anonymizing, labs(t, 2))
	j.Erase = []string{listFile(t, j, "erase", "alice.archer@contoso.com\nnobody@contoso.com,2026-06-01\nALICE.ARCHER@contoso.com,2026-05-01\n")}
	j.Removed = []string{listFile(t, j, "removed", "bob.baker@contoso.com,2026-06-25\n")}
	j.EraseExisting = true
	failed, said, got := runs(t, j)
	assert.False(t, failed)
	require.Len(t, got.Requests, 3)
	assert.Contains(t, said, "request number 1 (erase): 10 rows anonymized now\n")
	assert.Contains(t, said, "request number 2 (erase): no row in the units that are whole\n")
	assert.Contains(t, said, "request number 3 (removed): ")
	assert.NotContains(t, said, "@")
	for _, text := range treeAt(t, path.Join(j.Out, exportsFolder)) {
		assert.NotContains(t, strings.ReplaceAll(strings.ToLower(text), "malice.archer@", ""), "alice.archer@")
	}
	key, err := j.key()
	require.NoError(t, err)
	for _, sealed := range treeAt(t, path.Join(j.Out, receiptsFolder)) {
		r, err := receipt.Open([]byte(sealed), receipt.MACKey(key))
		require.NoError(t, err)
		assert.Contains(t, string(r.Policy), `"requests":3`)
	}
}

func TestARequestForSomethingElseThanAPersonLetsNothingBeWritten(t *testing.T) {
	j := newTestJob(t, anonymizing, labs(t, 3))
	j.Removed = []string{listFile(t, j, "removed", "bob.baker@contoso.com,2026-06-25\n"+labUID(2)+",2026-06-25\n")}
	failed, said, got := runs(t, j)
	assert.True(t, failed)
	assert.Equal(t, 3, got.Failed)
	assert.Contains(t, said, "failed: the object ID of request number 2 (removed) is in column LabUId of these exports: it is no person's\n")
	assert.NotContains(t, said, "request number 1")
	assert.Equal(t, []string{j.reportName()}, slices.Collect(maps.Keys(treeAt(t, j.Out))))
}
