package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

func TestSubjectsAreReadLineByLine(t *testing.T) {
	for _, test := range []struct {
		name, text string
		subjects   int
		err        error
		line       string
	}{
		{"two", "alice@contoso.com 0a11ce00-0000-4000-8000-000000000001\n\n# bob left\r\nbob@contoso.com\r\n", 2, nil, ""},
		{"nobody", "# nobody\n", 0, dsr.ErrNoIdentifier, ""},
		{"no identifier", "alice@contoso.com\nbob\n", 0, identity.ErrIdentifier, "line 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			j := newTestJob(t, access, nil)
			require.NoError(t, os.WriteFile(j.Subjects, []byte(test.text), 0o600))
			err := j.begin()
			require.ErrorIs(t, err, test.err)
			if err != nil {
				assert.Contains(t, err.Error(), test.line)
				assert.NotContains(t, err.Error(), "bob")
				return
			}
			g, err := j.given()
			require.NoError(t, err)
			assert.Len(t, g.subjects, test.subjects)
			require.NoError(t, os.WriteFile(j.Subjects, []byte("carol@contoso.com\n"), 0o600))
			_, err = j.given()
			assert.ErrorIs(t, err, errGiven)
		})
	}
}

func TestSecretFilesAreNobodyElses(t *testing.T) {
	name := filepath.Join(t.TempDir(), "s")
	require.NoError(t, os.WriteFile(name, []byte("alice@contoso.com\n"), 0o644))
	const want = "other people of this machine may read the "
	j := newTestJob(t, access, nil)
	j.Subjects = name
	require.ErrorContains(t, j.begin(), want)
	require.ErrorContains(t, (&job{Action: anonymizing, Key: name}).begin(), want)
	_, err := (&job{Credentials: name}).credentials()
	require.ErrorContains(t, err, want)
	assert.Error(t, (&job{Action: anonymizing}).begin())
}

func TestRunsHaveFingerprintsOfTheirOwn(t *testing.T) {
	a, b := newTestJob(t, access, nil), newTestJob(t, access, nil)
	require.NoError(t, a.begin())
	require.NoError(t, b.begin())
	lab := a.fingerprint([]byte("lab"))
	assert.Equal(t, lab, a.fingerprint([]byte("lab")))
	assert.NotEqual(t, a.fingerprint([]byte("lab")), a.fingerprint([]byte("another")))
	assert.NotEqual(t, a.fingerprint([]byte("lab")), b.fingerprint([]byte("lab")))
	assert.NotEqual(t, a.Run, b.Run)
}

// TestNobodyCanGuessWhatWasGiven knows the salt, which is in the graph and in the claim, and
// all but the key.
func TestNobodyCanGuessWhatWasGiven(t *testing.T) {
	for _, action := range []string{access, anonymizing} {
		j := newTestJob(t, action, nil)
		if action == anonymizing {
			j.Erase = []string{listFile(t, j, "erase", "alice@contoso.com,2026-05-01\n")}
		}
		require.NoError(t, j.begin())
		sum := j.Sum
		anotherKey(t, j)
		g, err := j.read()
		require.NoError(t, err)
		assert.NotEqual(t, sum, j.sumOf(g), action)
		assert.NotEqual(t, sum, j.seal(g.text), action)
	}
}

func TestCredentialsAreOfTheFileOrElseOfTheEnvironment(t *testing.T) {
	t.Setenv(sasVariable, "sig=of the environment")
	t.Setenv(connectionVariable, "")
	c, err := (&job{}).credentials()
	require.NoError(t, err)
	assert.Equal(t, "sig=of the environment", c.SAS)
	name := filepath.Join(t.TempDir(), "s")
	for text, want := range map[string][2]string{"sv=1&sig=2\n": {"sv=1&sig=2", ""}, "AccountName=x;AccountKey=y": {"", "AccountName=x;AccountKey=y"}} {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
		c, err := (&job{Credentials: name}).credentials()
		require.NoError(t, err)
		assert.Equal(t, want, [2]string{c.SAS, c.ConnectionString})
	}
}
