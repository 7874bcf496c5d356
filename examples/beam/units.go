package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
)

// NOTE. The rules of the library join rows of one LabUId, and no others: a disk belongs to
// machines of its lab, and copies of a resource have one LabUId. A row without a LabUId is
// joined with nothing. So files that share no lab can be worked on apart, and the results
// are those of all files together:
//
//	a/virtualmachines.csv  lab 1 ─┐
//	a/disks.csv            lab 1 ─┴─ unit
//	b/virtualmachines.csv  lab 2 ─┐
//	c/both.csv        labs 2 and 3 ├─ unit of two labs: "labs joined"
//	d/disks.csv            lab 3 ─┘
//
// Which files are of one export, and when it was made, is found out for all files of a root
// before that, as source.Find does: it may depend on other folders.
//
// A file without a lab goes with the first file of its folder. A file that cannot be read
// may have rows of any lab of its folder, so all of these fail with it, and so does the lab
// that the folder names.

func init() {
	register.DoFn5x1[context.Context, int, func(*looked) bool, func(unit), func(outcome), error](&grouper{})
	register.Iter1[looked]()
	register.Emitter1[unit]()
	register.Emitter1[outcome]()
}

// A grouper makes units of all files.
type grouper struct{ Job job }

// ProcessElement makes units of files. Those with a file that cannot be read are outcomes,
// and so are all if a hold is on no row, or a request is nobody's.
//
// It claims the output, before the first unit is worked on. Where all are refused the output
// stays as it was, for a run with other holds.
func (g *grouper) ProcessElement(ctx context.Context, _ int, next func(*looked) bool, emit func(unit), fail func(outcome)) error {
	var all []looked
	var rest outcome
	for l := (looked{}); next(&l); l = (looked{}) {
		if l.Role == 0 && l.Fault == "" {
			rest.Left++
			continue
		}
		all = append(all, l)
	}
	refused, err := g.check(all, &rest)
	if err != nil {
		return err
	}
	fail(rest)
	if !refused {
		if err := g.Job.claim(ctx); err != nil {
			return err
		}
	}
	slices.SortFunc(all, func(a, b looked) int {
		return cmp.Or(cmp.Compare(a.File.Root, b.File.Root), slices.Compare(strings.Split(a.File.Path, "/"), strings.Split(b.File.Path, "/")))
	})
	grouped, err := g.exports(all)
	if err != nil {
		return err
	}
	for _, members := range unite(all) {
		u := unit{ID: id(all, members)}
		labs := map[string]bool{}
		failed := outcome{Unit: u.ID}
		for _, i := range members {
			for _, lab := range all[i].Labs {
				labs[lab] = true
			}
			if fault := all[i].Fault; fault != "" {
				failed.Failures = append(failed.Failures, failure{u.ID, g.Job.shown(all[i].File), fault})
			}
		}
		u.Labs = len(labs)
		failed.Files, failed.Labs, failed.Refused = len(members), u.Labs, refused
		if len(failed.Failures) > 0 || refused {
			fail(failed)
			continue
		}
		u.Exports = grouped.of(members)
		emit(u)
	}
	return nil
}

// A grouping is which export each file is of, by its number in all.
type grouping struct {
	all   []looked
	place []csvschema.FileID // with numbers of exports that count on over the roots
	made  []csvschema.Export // by number of the export, from 1
}

// exports groups the files of each root, as [source.Find] does. Only a file whose
// role is known has a place.
func (g *grouper) exports(all []looked) (*grouping, error) {
	result := &grouping{all, make([]csvschema.FileID, len(all)), make([]csvschema.Export, 1)}
	for root := range g.Job.Roots {
		var files []source.File
		var numbers []int
		for i, l := range all {
			if l.File.Root == root+1 && l.Role != 0 {
				files = append(files, source.File{FileID: csvschema.FileID{Role: l.Role}, Path: l.File.Path})
				numbers = append(numbers, i)
			}
		}
		zone, err := g.Job.policy()
		if err != nil {
			return nil, err
		}
		exports := source.Group(files, zone.Zone)
		for k, i := range numbers {
			result.place[i] = files[k].FileID
			result.place[i].Export += len(result.made) - 1
		}
		result.made = append(result.made, exports...)
	}
	return result, nil
}

// of returns the parts of exports that some files are.
func (g *grouping) of(members []int) []export {
	members = slices.SortedFunc(slices.Values(members), func(a, b int) int {
		x, y := g.place[a], g.place[b]
		return cmp.Or(cmp.Compare(x.Export, y.Export), cmp.Compare(x.Role, y.Role), cmp.Compare(x.File, y.File))
	})
	var exports []export
	last := 0
	for _, i := range members {
		if number := g.place[i].Export; number != last {
			exports = append(exports, export{Made: g.made[number].Made, DisksElsewhere: len(g.made[number].Disks) > 0})
			last = number
		}
		e := &exports[len(exports)-1]
		if g.all[i].Role == csvschema.Disks {
			e.Disks, e.DisksElsewhere = append(e.Disks, g.all[i].File), false
		} else {
			e.VirtualMachines = append(e.VirtualMachines, g.all[i].File)
		}
	}
	return exports
}

// unite returns the numbers of the files of each unit, in the order of their first files.
func unite(all []looked) [][]int {
	parent := make([]int, len(all))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	union := func(a, b int) { // the first file stays the root
		a, b = find(a), find(b)
		parent[max(a, b)] = min(a, b)
	}
	labs := map[string]int{}
	type place struct {
		root   int
		folder string
	}
	folders := map[place][]int{}
	for i, l := range all {
		for _, lab := range l.Labs {
			if first, ok := labs[lab]; ok {
				union(first, i)
			} else {
				labs[lab] = i
			}
		}
		at := place{l.File.Root, path.Dir(l.File.Path)}
		folders[at] = append(folders[at], i)
	}
	for _, files := range folders {
		// The first file with a lab, or else the first one.
		with := max(0, slices.IndexFunc(files, func(i int) bool { return len(all[i].Labs) > 0 }))
		fails := slices.ContainsFunc(files, func(i int) bool { return all[i].Fault != "" })
		for _, i := range files {
			if fails || len(all[i].Labs) == 0 {
				union(files[with], i)
			}
		}
	}
	units := map[int][]int{}
	var order []int
	for i := range all {
		root := find(i)
		if units[root] == nil {
			order = append(order, root)
		}
		units[root] = append(units[root], i)
	}
	result := make([][]int, len(order))
	for k, root := range order {
		result[k] = units[root]
	}
	return result
}

// id returns a name of a unit that is the same in every run over the same files.
func id(all []looked, members []int) string {
	sum := sha256.New()
	for _, i := range members {
		_, _ = fmt.Fprintf(sum, "%d/%s\x00", all[i].File.Root, all[i].File.Path) // it never fails
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

// exports returns the exports of a unit.
func (u *unit) exports(stores func(root int) store) []csvschema.Export {
	sources := func(files []file) (all []csvschema.Source) {
		for _, f := range files {
			all = append(all, stores(f.Root).source(f))
		}
		return all
	}
	var all []csvschema.Export
	for _, e := range u.Exports {
		all = append(all, csvschema.Export{VirtualMachines: sources(e.VirtualMachines), Disks: sources(e.Disks), Made: e.Made})
	}
	return all
}
