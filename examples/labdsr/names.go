package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// outputNames returns, for each input, the name of the file that is made of it, with
// slashes. One pair of inputs makes virtualmachines.csv and disks.csv; several keep
// their paths, relative to their deepest common folder.
func (e *exports) outputNames() (map[*input]string, error) {
	names := make(map[*input]string, len(e.inputs))
	files := map[csvschema.Role]int{}
	for _, i := range e.inputs {
		files[i.role]++
	}
	if files[csvschema.VirtualMachines] <= 1 && files[csvschema.Disks] <= 1 {
		for _, i := range e.inputs {
			names[i] = i.role.String() + ".csv"
		}
		return names, nil
	}
	common := e.commonFolder()
	taken := map[string]*input{}
	for _, i := range e.inputs {
		name := "stdin.csv"
		if i.abs != "" {
			rel, err := filepath.Rel(common, i.abs)
			if err != nil || !filepath.IsLocal(rel) {
				return nil, hinted(fmt.Errorf("%s: lies on another drive than the others", i.path), "answer in several runs")
			}
			name = filepath.ToSlash(rel)
		}
		if holdsAddress(name) {
			return nil, hinted(errors.New("the path of an input holds an e-mail address, which would be in the name of an output"), "rename the file or folder")
		}
		folded := strings.ToLower(name)
		if other := taken[folded]; other != nil {
			return nil, hinted(fmt.Errorf("%s and %s would both be %s", other.path, i.path, name), "is one a compressed copy of the other? give only one of them")
		}
		taken[folded], names[i] = i, name
	}
	return names, nil
}

// commonFolder returns the deepest folder in or below which all inputs lie.
func (e *exports) commonFolder() string {
	common := ""
	for _, i := range e.inputs {
		if i.abs == "" {
			continue
		}
		if common == "" {
			common = i.folder()
		}
		for {
			rel, err := filepath.Rel(common, i.abs)
			up := filepath.Dir(common)
			if err == nil && filepath.IsLocal(rel) || up == common {
				break
			}
			common = up
		}
	}
	return common
}

func holdsAddress(name string) bool {
	var finder identity.Finder
	for _, span := range finder.Find(nil, []byte(name)) {
		if span.Kind == identity.AddressSpan {
			return true
		}
	}
	return false
}
