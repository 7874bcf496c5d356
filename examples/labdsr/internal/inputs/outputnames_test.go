package inputs_test

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOutputNames(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		files []string
		want  []string
	}{
		{"one pair has the documented names", []string{"x/vm", "d.txt"}, []string{"virtualmachines.csv", "disks.csv"}},
		{"several keep their paths", []string{"a/vm", "a/d", "b/c/vm"}, []string{"a/vm", "a/d", "b/c/vm"}},
		{"below the deepest common folder", []string{"a/b/vm1", "a/b/vm2"}, []string{"vm1", "vm2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := group(t, t.TempDir(), time.Time{}, test.files...)
			names, err := e.OutputNames()
			require.NoError(t, err)
			var have []string
			for _, file := range e.Files {
				have = append(have, names[file])
			}
			assert.Equal(t, test.want, have)
		})
	}
}

func TestOutputNamesNameNobody(t *testing.T) {
	t.Parallel()
	const canary = "ann.canary@example.com"
	_, err := group(t, t.TempDir(), time.Time{}, canary+"/vm", "b/vm").OutputNames()
	require.ErrorContains(t, err, "e-mail address")
	assert.NotContains(t, err.Error(), canary)
}

func TestOutputNamesNameNobodyInAnotherWay(t *testing.T) {
	t.Parallel()
	const id = "6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11"
	for _, names := range [][]string{
		{"x/users/" + id + "/vm", "x/users/e/vm"},
		{"x/users/" + id + ".csv", "x/users/a.csv"},
		{"ann.canary\x01@example.com/vm", "b/vm"},
		{"ann.canary@exa\u200bmple.com/vm", "b/vm"},
		{`ann.canary\u0040example.com/vm`, "b/vm"},
	} {
		if runtime.GOOS == "windows" && strings.ContainsAny(names[0], "\x01\\") {
			continue // no names there
		}
		_, err := group(t, t.TempDir(), time.Time{}, names...).OutputNames()
		require.ErrorContains(t, err, "e-mail address", "%q", names)
	}
	_, err := group(t, filepath.Join(t.TempDir(), "users", id, "ann@example.com"), time.Time{}, "a/vm", "b/vm").OutputNames()
	require.NoError(t, err, "above the outputs")
}

func TestOutputNamesAreDifferent(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "VM.csv.gz"), gzipped(t, machinesHeader))
	_, err := group(t, dir, time.Time{}, "vm.csv", "sub/vm.csv").OutputNames()
	assert.ErrorContains(t, err, "would both be vm.csv")
}

func TestOutputNamesHoldNoUser(t *testing.T) {
	t.Parallel()
	const canary = "6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11"
	_, err := group(t, t.TempDir(), time.Time{}, "users/"+canary+"/vm", "b/vm").OutputNames()
	require.ErrorContains(t, err, "object ID of a user")
	assert.NotContains(t, err.Error(), canary)
	_, err = group(t, t.TempDir(), time.Time{}, "lab/"+canary+"/vm", "b/vm").OutputNames()
	require.NoError(t, err, "a lab has such an ID")
}
