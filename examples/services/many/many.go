// Package many writes the packages of many people with one search of the exports.
package many

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/response"
)

// A Person is somebody who asked.
type Person struct {
	Request     string   // such as DSR-2026-0042; the package is {Request}.zip
	Identifiers []string // all that are known
}

// Write makes a folder with the package of each person. It appears when all packages are
// complete. The result is the requests that a person must look at before they are sent.
func Write(ctx context.Context, exports []csvschema.Export, people []Person, folder string, o response.Options) (open []string, err error) {
	subjects := make([]dsr.Subject, len(people))
	for i, p := range people {
		if subjects[i], err = dsr.ParseSubject(p.Identifiers...); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Request, err)
		}
	}
	work, err := os.MkdirTemp(filepath.Dir(folder), "unfinished-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(work) }()
	spool, err := os.CreateTemp(filepath.Dir(folder), "rows-") // if they do not fit into memory
	if err != nil {
		return nil, err
	}
	defer func() { _, _ = spool.Close(), os.Remove(spool.Name()) }()
	o.Spool = spool
	report, err := response.WriteAll(ctx, exports, subjects, func(i int) (io.WriteCloser, error) {
		return os.OpenFile(filepath.Join(work, filepath.Base(people[i].Request)+".zip"), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	}, &o)
	if err != nil {
		return nil, err
	}
	for i, p := range people {
		if report.NeedsDecision(i) || len(report.Subjects[i].NotAPerson) > 0 {
			open = append(open, p.Request)
		}
	}
	return open, os.Rename(work, folder)
}
