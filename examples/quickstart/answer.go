package main

import (
	"context"
	"os"
	"path"

	"github.com/labdsr/labdsr/dsr"
)

// answer writes the person's rows: for each file of the exports one with the
// same header, if it holds any.
func answer(ctx context.Context, o *output) (*dsr.Report, error) {
	subject, err := dsr.ParseSubject(identifiers...)
	if err != nil {
		return nil, err
	}
	files := map[string]*os.File{}
	defer func() {
		for _, f := range files {
			_ = f.Close() // a second time, unless something failed
		}
	}()
	report, err := dsr.Filter(ctx, exports(openExport), []dsr.Subject{subject}, func(m dsr.Match) error {
		header := m.Record.Header()
		name := path.Join("answer", fileName(labs[m.Export-1], header.Role()))
		f := files[name]
		if f == nil {
			var err error
			if f, err = o.create(name); err != nil {
				return err
			}
			files[name] = f
			if _, err := f.Write(header.Raw()); err != nil {
				return err
			}
		}
		_, err := f.Write(m.Record.AppendTo(nil))
		return err
	}, nil)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
	return report, nil
}
