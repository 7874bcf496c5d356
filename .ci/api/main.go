// Api lists what the packages of the module export and compares the list with api.txt,
// so that nobody changes the API without noticing. With -update it writes the list.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
)

const changed = `the exported API is not that of %[1]s. If the change is meant, run go run ./.ci/api -update, commit %[1]s
with the change, and say what callers see in .github/CHANGELOG.md ("Versions" in .github/CONTRIBUTING.md)`

func main() {
	update := flag.Bool("update", false, "write the list instead of comparing it")
	file := flag.String("list", ".ci/api/api.txt", "`file` with the list")
	flag.Parse()
	if err := run(os.Stdout, *file, *update); err != nil {
		fmt.Fprintln(os.Stderr, "api:", err)
		os.Exit(1)
	}
}

// run compares the API with the list in the file, or writes the list.
func run(w io.Writer, file string, update bool) error {
	packages, err := load("./anonymize/...", "./csvschema/...", "./dsr/...")
	if err != nil {
		return err
	}
	var have []string
	for _, p := range packages {
		have = append(have, list(p)...)
	}
	if update {
		return os.WriteFile(file, []byte(strings.Join(have, "\n")+"\n"), 0o644)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	lines := diff(strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"), have)
	for _, line := range lines {
		_, _ = fmt.Fprintln(w, line)
	}
	if len(lines) > 0 {
		return fmt.Errorf(changed, file)
	}
	return nil
}

// load returns the packages of the patterns that other modules can import, in the order
// of their paths. They are read from what the compiler wrote.
func load(patterns ...string) ([]*types.Package, error) {
	out, err := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Export,DepOnly"}, patterns...)...).Output()
	if err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			err = errors.New(string(exit.Stderr))
		}
		return nil, err
	}
	exports := map[string]string{} // files, by import path
	var paths []string
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath, Export string
			DepOnly            bool
		}
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			return nil, err
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly && !slices.Contains(strings.Split(p.ImportPath, "/"), "internal") {
			paths = append(paths, p.ImportPath)
		}
	}
	slices.Sort(paths)
	imports := importer.ForCompiler(token.NewFileSet(), "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	var packages []*types.Package
	for _, path := range paths {
		p, err := imports.Import(path)
		if err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
	return packages, nil
}

// diff returns the lines that only one of the lists has: with a minus those of want, with
// a plus those of have.
func diff(want, have []string) []string {
	var lines []string
	for _, line := range want {
		if !slices.Contains(have, line) {
			lines = append(lines, "- "+line)
		}
	}
	for _, line := range have {
		if !slices.Contains(want, line) {
			lines = append(lines, "+ "+line)
		}
	}
	return lines
}
