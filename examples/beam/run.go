package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
)

// checkRoots makes folders absolute, since workers may run elsewhere, and refuses an output
// that is within an input, or the other way round: what is written would be read.
func (j *job) checkRoots() (err error) {
	if j.Out, err = absolute(j.Out); err != nil {
		return err
	}
	roots := make([]string, len(j.Roots))
	for i, root := range j.Roots {
		if roots[i], err = absolute(root); err != nil {
			return err
		}
		if isBelow(roots[i], j.Out) || isBelow(j.Out, roots[i]) {
			return fmt.Errorf("root %d and the output are within each other", i+1)
		}
		for k, other := range roots[:i] {
			if isBelow(roots[i], other) || isBelow(other, roots[i]) {
				return fmt.Errorf("roots %d and %d are within each other", k+1, i+1)
			}
		}
	}
	j.Roots = roots
	paths := []*string{&j.Subjects, &j.Key, &j.Credentials}
	for _, all := range [][]string{j.Holds, j.Erase, j.Removed} {
		for i := range all {
			paths = append(paths, &all[i])
		}
	}
	for _, path := range paths {
		if *path == "" {
			continue
		}
		if *path, err = filepath.Abs(*path); err != nil {
			return err
		}
	}
	return nil
}

// absolute returns a root as all workers know it. A URL that holds a secret is refused
// before a runner gets it.
func absolute(root string) (string, error) {
	if isBucket(root) {
		return plainBucket(root)
	}
	if isURL(root) {
		u, err := url.Parse(root)
		if err != nil || u.User != nil || u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
			return "", errURL
		}
		u.Host, u.RawPath = strings.ToLower(u.Host), "" // one spelling of each
		return strings.TrimRight(u.String(), "/"), nil
	}
	if strings.Contains(root, "://") { // no folder of that name is meant
		return "", errScheme
	}
	at, err := filepath.Abs(root)
	if err != nil {
		return "", err
	}
	return withoutLinks(at), nil
}

// withoutLinks returns a path without links, of which the last folders may not be there yet.
func withoutLinks(at string) string {
	found, err := filepath.EvalSymlinks(at)
	switch {
	case err == nil:
		return found
	case filepath.Dir(at) == at:
		return at
	}
	return filepath.Join(withoutLinks(filepath.Dir(at)), filepath.Base(at))
}

// errURL says that a URL is not that of a container or a prefix alone. It does not show the
// URL, which may hold a SAS.
var errURL = errors.New("a root is no plain URL of a container: give a SAS by --storage-credentials or by " + sasVariable)

// errScheme says that a URL is of no kind that is known.
var errScheme = errors.New("a root is a URL of another kind than https, s3 and gs, which are written in small letters")

// isBelow reports whether a root is another one, or within it.
func isBelow(root, other string) bool {
	separator := string(filepath.Separator)
	if isURL(root) {
		separator = "/"
	}
	return root == other || strings.HasPrefix(root, strings.TrimSuffix(other, separator)+separator)
}

// checkFolders refuses a root that is no folder, before the output is made. A pipeline would say so
// in many lines of Beam's.
func (j *job) checkFolders() error {
	for i, root := range j.Roots {
		if isURL(root) {
			continue
		}
		info, err := os.Stat(root)
		if err == nil && !info.IsDir() {
			err = errors.New("is no folder")
		}
		if err != nil {
			return fmt.Errorf("root %d: %w", i+1, withoutPath(err))
		}
	}
	return nil
}

// run runs the job, and says what it did. It reports whether a unit failed.
func (j *job) run(ctx context.Context, runner string, stdout io.Writer) (failed bool, err error) {
	if err := j.checkFolders(); err != nil {
		return false, err
	}
	if err := j.begin(); err != nil {
		return false, err
	}
	unlock, err := j.lock()
	if err != nil {
		return false, err
	}
	defer unlock()
	if err := j.checkClaim(ctx); err != nil {
		return false, err
	}
	if !isURL(j.Out) {
		// What a run left that was killed.
		if err := os.RemoveAll(filepath.Join(j.Out, unfinished)); err != nil {
			return false, withoutPath(err)
		}
	}
	if runner == "prism" {
		if err := usePrism(ctx); err != nil {
			return false, err
		}
		runner = "universal"
	}
	if err := useSelf(); err != nil {
		return false, err
	}
	if _, err := beam.Run(ctx, runner, j.pipeline()); err != nil {
		return false, fmt.Errorf("the pipeline failed; run it again, and it does the rest: %w", err)
	}
	t, err := j.readReport(ctx)
	if err != nil {
		return false, err
	}
	if !isURL(j.Out) {
		if err := os.Remove(filepath.Join(j.Out, unfinished)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return false, withoutPath(err)
		}
	}
	if t.Units == 0 {
		return false, csvschema.ErrNoFiles
	}
	t.print(stdout)
	return len(t.Failures) > 0, nil
}

// print says what a run did.
func (t *report) print(w io.Writer) {
	_, _ = fmt.Fprintf(w, "%d labs in %d units, %d files; %d labs joined, %d other files left alone\n", t.Labs, t.Units, t.Files, t.LabsJoined, t.FilesLeft)
	if t.Action == anonymizing {
		_, _ = fmt.Fprintf(w, "%d of %d rows due, %d anonymized, %d held; %d verified\n", t.Counts["due"], t.Counts["rows"], t.Counts["changed"], t.Counts["held"], t.Counts["verified.rows"])
	}
	if t.Action == access {
		_, _ = fmt.Fprintf(w, "%d virtual machines and %d disks read; rows or findings of %d subjects; %d disks dangle; %d labs without a disks file\n",
			t.Counts["virtualMachines.rows"], t.Counts["disks.rows"], len(t.Subjects), t.Counts["dangling"], t.Counts["labsWithoutDisksFile"])
	}
	if n := t.Counts["findings.near-request"]; n > 0 {
		_, _ = fmt.Fprintf(w, "%d rows keep what is near an identifier that was asked for\n", n)
	}
	for _, q := range t.Requests {
		var rows []string
		for f := fate.GoesNow; f <= fate.KeptUndecided; f++ {
			if q.Rows[f] > 0 {
				rows = append(rows, fmt.Sprintf("%d rows %v", q.Rows[f], f))
			}
		}
		if rows == nil {
			rows = []string{"no row in the units that are whole"}
		}
		_, _ = fmt.Fprintf(w, "request number %d (%v): %s\n", q.Request, q.Kind, strings.Join(rows, ", "))
	}
	if t.Holds.Ended > 0 {
		_, _ = fmt.Fprintf(w, "%d holds have ended and keep nothing any more\n", t.Holds.Ended)
	}
	for _, hold := range t.Holds.Unmet {
		_, _ = fmt.Fprintf(w, "hold on no row: %s line %d\n", hold.Path, hold.Line)
	}
	for _, f := range t.Failures {
		words := []string{"failed:"}
		if f.Unit != "" {
			words = append(words, "unit "+f.Unit+":")
		}
		if f.Path != "" {
			words = append(words, f.Path)
		}
		_, _ = fmt.Fprintln(w, strings.Join(append(words, f.Error), " "))
	}
	if t.FilesOther > 0 {
		_, _ = fmt.Fprintf(w, "%d files of the output are of no unit of this run that is whole\n", t.FilesOther)
	}
	_, _ = fmt.Fprintf(w, "report: %s/%s.json\n", runsFolder, t.Run)
}
