package inputs

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// OutputNames returns, for each file, the name of the file that is made of it, with
// slashes. One pair of files makes virtualmachines.csv and disks.csv. More than that
// keep their paths, relative to their deepest common folder. No name holds an address.
func (e *Exports) OutputNames() (map[*File]string, error) {
	names := make(map[*File]string, len(e.Files))
	files := map[csvschema.Role]int{}
	for _, file := range e.Files {
		files[file.Role]++
	}
	if files[csvschema.VirtualMachines] <= 1 && files[csvschema.Disks] <= 1 {
		for _, file := range e.Files {
			names[file] = file.Role.String() + ".csv"
		}
		return names, nil
	}
	common := e.commonFolder()
	taken := map[string]*File{}
	for _, file := range e.Files {
		name := "stdin.csv"
		if file.abs != "" {
			rel, err := filepath.Rel(common, file.abs)
			if err != nil || !filepath.IsLocal(rel) {
				return nil, fault.WithHint(fmt.Errorf("%s: lies on another drive than the others", file.Path), "answer in several runs")
			}
			name = filepath.ToSlash(rel)
		}
		if namesPerson(filepath.ToSlash(file.abs), name) {
			return nil, fault.WithHint(errors.New("the path of an input holds an e-mail address or the object ID of a user, which would be in the name of an output"), "rename the file or folder")
		}
		folded := strings.ToLower(name)
		if other := taken[folded]; other != nil {
			return nil, fault.WithHint(fmt.Errorf("%s and %s would both be %s", other.Path, file.Path, name), "is one a compressed copy of the other? give only one of them")
		}
		taken[folded], names[file] = file, name
	}
	return names, nil
}

// commonFolder returns the deepest folder that holds all files, perhaps in folders
// below it. Files from pipes do not count.
func (e *Exports) commonFolder() string {
	common := ""
	for _, file := range e.Files {
		if file.abs == "" {
			continue
		}
		if common == "" {
			common = file.folder()
		}
		for {
			up := filepath.Dir(common)
			if isBelow(file.abs, common) || up == common {
				break
			}
			common = up
		}
	}
	return common
}

// namesPerson reports whether the last part of a path, which is an output's name, has an
// identifier of a person. The folder users before an object ID may be above it. Characters
// that nobody sees do not count.
func namesPerson(whole, name string) bool {
	if whole == "" {
		whole = name
	}
	var finder identity.Finder
	for _, clean := range []func(string) string{strings.Clone, withoutControls} {
		text, above := clean(whole), len(clean(whole))-len(clean(name))
		for _, span := range finder.Find(nil, []byte(text)) {
			isPerson := span.Kind == identity.AddressSpan || span.Kind == identity.UserSpan && anyGUID.MatchString(text[span.Start:span.End])
			if isPerson && span.End > above {
				return true
			}
		}
	}
	return false
}

var anyGUID = regexp.MustCompile(`(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

func withoutControls(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, text)
}
