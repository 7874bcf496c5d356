package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// grouped returns the units of files, and the outcomes of those that cannot be read.
func grouped(t *testing.T, all ...looked) (units []unit, failed []outcome) {
	t.Helper()
	j := newTestJob(t, anonymizing, nil)
	j.Roots = []string{"first", "second"}
	require.NoError(t, j.begin())
	g := &grouper{*j}
	next := func(l *looked) bool {
		if len(all) == 0 {
			return false
		}
		*l, all = all[0], all[1:]
		return true
	}
	require.NoError(t, g.ProcessElement(t.Context(), 0, next, func(u unit) { units = append(units, u) }, func(o outcome) { failed = append(failed, o) }))
	return units, failed
}

func seen(root int, path string, role csvschema.Role, labs ...string) looked {
	return looked{File: file{Root: root, Path: path}, Role: role, Labs: labs}
}

func unread(root int, path string, labs ...string) looked {
	return looked{File: file{Root: root, Path: path}, Labs: labs, Fault: "damaged"}
}

const (
	vms   = csvschema.VirtualMachines
	disks = csvschema.Disks
)

func TestUnitsAreWholeLabs(t *testing.T) {
	for _, test := range []struct {
		name   string
		files  []looked
		units  [][]string // paths in their order
		failed int        // files of units that cannot be read
	}{
		{"labs apart", []looked{seen(1, "b/d.csv", disks, "2"), seen(1, "a/v.csv", vms, "1"), seen(1, "b/v.csv", vms, "2"), seen(1, "a/d.csv", disks, "1")}, [][]string{{"a/v.csv", "a/d.csv"}, {"b/v.csv", "b/d.csv"}}, 0},
		{"one lab in two exports", []looked{seen(1, "a/v.csv", vms, "1"), seen(1, "b/v.csv", vms, "1")}, [][]string{{"a/v.csv", "b/v.csv"}}, 0},
		{"one lab in two roots", []looked{seen(2, "a/v.csv", vms, "1"), seen(1, "a/v.csv", vms, "1")}, [][]string{{"a/v.csv", "a/v.csv"}}, 0},
		{"labs joined by a file", []looked{seen(1, "a/v.csv", vms, "1"), seen(1, "b/v.csv", vms, "1", "2"), seen(1, "c/v.csv", vms, "2"), seen(1, "d/v.csv", vms, "3")}, [][]string{{"a/v.csv", "b/v.csv", "c/v.csv"}, {"d/v.csv"}}, 0},
		{"labs of one folder", []looked{seen(1, "v1.csv", vms, "1"), seen(1, "v2.csv", vms, "2"), seen(1, "d1.csv", disks, "1")}, [][]string{{"v1.csv", "d1.csv"}, {"v2.csv"}}, 0},
		{"a file without rows", []looked{seen(1, "a/d.csv", disks), seen(1, "a/v.csv", vms, "1"), seen(1, "b/v.csv", vms)}, [][]string{{"a/v.csv", "a/d.csv"}, {"b/v.csv"}}, 0},
		{"no file has rows", []looked{seen(1, "a/d.csv", disks), seen(1, "a/v.csv", vms)}, [][]string{{"a/v.csv", "a/d.csv"}}, 0},
		{"folders in their order", []looked{seen(1, "a-b/v.csv", vms, "1"), seen(1, "a/v.csv", vms, "1")}, [][]string{{"a/v.csv", "a-b/v.csv"}}, 0},
		{"what cannot be read fails its folder", []looked{unread(1, "a/d.csv"), seen(1, "a/v1.csv", vms, "1"), seen(1, "a/v2.csv", vms, "2"), seen(1, "b/v.csv", vms, "3")}, [][]string{{"b/v.csv"}}, 3},
		{"and the labs of its folder elsewhere", []looked{unread(1, "a/d.csv"), seen(1, "a/v.csv", vms, "1"), seen(1, "b/v.csv", vms, "1")}, nil, 3},
		{"and the lab that its folder names", []looked{unread(1, "a/d.csv", "1"), seen(1, "b/v.csv", vms, "1"), seen(1, "c/v.csv", vms, "2")}, [][]string{{"c/v.csv"}}, 2},
		{"but not the same folder of another root", []looked{unread(1, "a/d.csv"), seen(2, "a/v.csv", vms, "1")}, [][]string{{"a/v.csv"}}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			units, failed := grouped(t, test.files...)
			var paths [][]string
			ids := map[string]bool{}
			for _, u := range units {
				var in []string
				for _, f := range u.files() {
					in = append(in, f.Path)
				}
				paths = append(paths, in)
				ids[u.ID] = true
			}
			assert.Equal(t, test.units, paths)
			assert.Len(t, ids, len(units))
			files := 0
			for _, o := range failed {
				files += o.Files
			}
			assert.Equal(t, test.failed, files)
		})
	}
}

func TestUnitsKnowTheirExports(t *testing.T) {
	const lab = "l/36f675cc-81e7-4ef5-a8e2-5d940ed90475/"
	units, failed := grouped(t,
		seen(1, lab+"2-6-2026/full/v.csv", vms, "1"), seen(1, lab+"1-7-2026/full/v.csv", vms, "1"), seen(1, lab+"1-7-2026/full/d.csv", disks, "1"),
		seen(1, "readme.txt", 0))
	require.Len(t, units, 1)
	require.Len(t, units[0].Exports, 2)
	assert.Equal(t, time.Date(2026, time.July, 2, 0, 0, 0, 0, time.UTC), units[0].Exports[0].Made)
	assert.Equal(t, time.Date(2026, time.June, 3, 0, 0, 0, 0, time.UTC), units[0].Exports[1].Made)
	assert.Equal(t, 1, units[0].Labs)
	assert.Equal(t, []outcome{{Left: 1}}, failed)
	for i, f := range []csvschema.FileID{{Export: 1, File: 1, Role: vms}, {Export: 1, File: 1, Role: disks}, {Export: 2, File: 1, Role: vms}} {
		assert.Equal(t, units[0].files()[i], units[0].at(f))
	}
}
