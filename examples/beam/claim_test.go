package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAnOutputIsOfOneJob(t *testing.T) {
	for _, test := range []struct {
		name   string
		action string
		change func(t *testing.T, j *job)
		want   error
	}{
		{"the same subjects", access, func(*testing.T, *job) {}, nil},
		{"the same terms", anonymizing, func(*testing.T, *job) {}, nil},
		{"other subjects", access, func(t *testing.T, j *job) {
			require.NoError(t, os.WriteFile(j.Subjects, []byte("bob.baker@contoso.com\n"), 0o600))
		}, errClaimed},
		{"another action", access, func(_ *testing.T, j *job) { j.Action = anonymizing }, errClaimed},
		{"other roots", anonymizing, func(_ *testing.T, j *job) { j.Roots = append(j.Roots, j.Roots[0]+"2") }, errClaimed},
		{"another instant", anonymizing, func(_ *testing.T, j *job) { j.At = j.At.Add(time.Second) }, errClaimed},
		{"another zone", anonymizing, func(_ *testing.T, j *job) { j.Policy.Zone = "Europe/Berlin" }, errClaimed},
		{"the same holds elsewhere", anonymizing, func(t *testing.T, j *job) {
			to := filepath.Join(filepath.Dir(j.Key), "elsewhere")
			require.NoError(t, os.Rename(j.Holds[0], to))
			j.Holds = []string{to}
		}, nil},
		{"no holds", anonymizing, func(_ *testing.T, j *job) { j.Holds = nil }, errClaimed},
		{"more holds", anonymizing, func(t *testing.T, j *job) { hold(t, j, labUID(0)+","+deleted+",,") }, errClaimed},
		{"other holds", anonymizing, func(t *testing.T, j *job) {
			j.Holds = nil
			hold(t, j, labUID(0)+","+deleted+",,2027-01-01")
		}, errClaimed},
		{"a request", anonymizing, func(t *testing.T, j *job) { j.Erase = []string{listFile(t, j, "erase", "alice.archer@contoso.com\n")} }, errClaimed},
		{"another key", anonymizing, anotherKey, errClaimed},
		{"another key for access", access, anotherKey, errClaimed},
		{"a damaged claim", anonymizing, func(t *testing.T, j *job) {
			require.NoError(t, os.WriteFile(filepath.Join(j.Out, claimFile), []byte("{"), 0o600))
		}, errClaimed},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := newTestJob(t, test.action, labs(t, 1))
			if test.action == anonymizing {
				hold(t, j, labUID(0)+","+deleted+",,")
			}
			require.NoError(t, j.begin())
			require.NoError(t, j.checkClaim(t.Context()), "nobody's")
			require.NoError(t, j.claim(t.Context()))
			test.change(t, j)
			require.NoError(t, j.begin()) // another run
			require.ErrorIs(t, j.checkClaim(t.Context()), test.want)
			require.ErrorIs(t, j.claim(t.Context()), test.want)
		})
	}
}

// TestNobodysRowsComeIntoTheFolderOfAnother runs for another subject, after a worker was
// killed before it said what it had found.
func TestNobodysRowsComeIntoTheFolderOfAnother(t *testing.T) {
	j := newTestJob(t, access, labs(t, 1))
	mustRun(t, j)
	require.NoError(t, os.RemoveAll(filepath.Join(j.Out, unitsFolder)))
	before := treeAt(t, filepath.Join(j.Out, subjectsFolder))
	require.NoError(t, os.WriteFile(j.Subjects, []byte("nobody@contoso.com\n"), 0o600))
	_, err := j.run(t.Context(), "prism", nil)
	require.ErrorIs(t, err, errClaimed)
	assert.Equal(t, before, treeAt(t, filepath.Join(j.Out, subjectsFolder)))
}

func TestAnOutputWithoutListsIsOfOneKey(t *testing.T) {
	j := newTestJob(t, anonymizing, labs(t, 1))
	require.NoError(t, j.begin())
	require.NoError(t, j.claim(t.Context()))
	anotherKey(t, j)
	_, err := j.given()
	require.ErrorIs(t, err, errGiven)
	require.NoError(t, j.begin())
	require.ErrorIs(t, j.claim(t.Context()), errClaimed)
}

// anotherKey writes another key into the file of the key.
func anotherKey(t *testing.T, j *job) {
	t.Helper()
	require.NoError(t, os.WriteFile(j.Key, []byte("another key of receipts, which is long enough"), 0o600))
}
