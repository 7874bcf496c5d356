// Quickstart does the main job of labdsr on small synthetic exports of two labs:
// it answers one person's request ("what do you hold on me?"), anonymizes what
// is 30 days past its deletion, and tells what a lab administrator has to know.
//
//	go run ./examples/quickstart
//
// The result is in the folder out. The exports are those in exports/; nobody in
// them exists.
package main

import (
	"context"
	"embed"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

//go:embed exports
var embedded embed.FS

// The labs are the folders of their exports. A real program would be told them.
var labs = []string{"contoso-dev", "fabrikam-test"}

// The person gave an e-mail address and the object ID in one of the tenants.
var identifiers = []string{"alice.archer@contoso.com", "6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11"}

// The instant is fixed, so that the example says the same on every day.
var now = time.Date(2026, time.July, 1, 9, 0, 0, 0, time.UTC)

func main() {
	out := flag.String("out", "out", "`folder` for the result; an earlier result is replaced, anything else is not")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *out); err != nil {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1)
	}
}

// run writes the result into the folder out and the summary to w.
func run(ctx context.Context, w io.Writer, out string) error {
	o, err := newOutput(out)
	if err != nil {
		return err
	}
	defer o.discard()
	report, err := answer(ctx, o)
	if err != nil {
		return err
	}
	stats, err := anonymizeAll(ctx, o)
	if err != nil {
		return err
	}
	if err := o.commit(); err != nil {
		return err
	}
	return summary(w, out, report, stats)
}

// answer writes the person's rows: for each file of the exports one with the
// same header, if it holds any.
func answer(ctx context.Context, o *output) (*dsr.Report, error) {
	subject, err := dsr.ParseSubject(identifiers...)
	if err != nil {
		return nil, err
	}
	var exports []csvschema.Export
	for _, lab := range labs {
		exports = append(exports, csvschema.Export{
			VirtualMachines: []csvschema.Source{source(lab, csvschema.VirtualMachines)},
			Disks:           []csvschema.Source{source(lab, csvschema.Disks)},
		})
	}
	files := map[string]*os.File{}
	defer func() {
		for _, f := range files {
			_ = f.Close() // a second time, unless something failed
		}
	}()
	report, err := dsr.Filter(ctx, exports, []dsr.Subject{subject}, func(m dsr.Match) error {
		header := m.Record.Header()
		name := path.Join("answer", labs[m.Export-1], header.Role().String()+".csv")
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

// anonymizeAll writes every file of the exports again, without the identifiers
// of the rows that are due by the documented policy.
func anonymizeAll(ctx context.Context, o *output) (anonymize.Stats, error) {
	var policy anonymize.Policy
	var total anonymize.Stats
	for _, lab := range labs {
		for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
			in, err := source(lab, role).Open()
			if err != nil {
				return total, err
			}
			out, err := o.create(path.Join("anonymized", lab, role.String()+".csv"))
			if err != nil {
				return total, err
			}
			stats, err := policy.Copy(ctx, now, role, out, in)
			if err != nil {
				_ = out.Close()
				return total, err
			}
			if err := out.Close(); err != nil {
				return total, err
			}
			total.Add(stats)
		}
	}
	return total, nil
}

// source returns a file of the embedded exports.
func source(lab string, role csvschema.Role) csvschema.Source {
	return csvschema.Source{Open: func() (io.ReadCloser, error) {
		return embedded.Open(path.Join("exports", lab, role.String()+".csv"))
	}}
}
