// Quickstart does the main job of labdsr on small synthetic exports of two labs.
// It answers one person's request ("what do you hold on me?"). It plans which rows
// are due 30 days after the deletion of their resource, anonymizes them, and
// verifies the files that were written. It seals a receipt of each, and prints what
// a lab administrator has to know.
//
//	go run ./examples/quickstart
//
// The program writes its result into the folder out. Its input is the folder
// exports; all people in it are invented.
package main

import (
	"context"
	"embed"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
)

//go:embed exports
var embedded embed.FS

// The export of each lab is in a folder of the same name. A real program takes
// these from its arguments.
var labs = []string{"contoso-dev", "fabrikam-test"}

// The person gave an e-mail address, and the object ID in one of the tenants.
var identifiers = []string{"alice.archer@contoso.com", "6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11"}

// The instant is fixed, so that the example prints the same every day.
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

// run writes the result into the folder out, and the summary to w.
func run(ctx context.Context, w io.Writer, out string) error {
	o, err := newOutput(out)
	if err != nil {
		return err
	}
	defer o.discard()
	found, err := answer(ctx, o)
	if err != nil {
		return err
	}
	erased, err := erase(ctx, o)
	if err != nil {
		return err
	}
	if err := seal(ctx, o, found, erased); err != nil {
		return err
	}
	if err := o.commit(); err != nil {
		return err
	}
	return summary(w, out, found, erased)
}

// given returns the exports that the program answers for.
func given() []csvschema.Export { return exports(embedded, "exports") }

// exports returns the exports of the labs in a folder of a file system.
func exports(fsys fs.FS, folder string) []csvschema.Export {
	from := func(lab string, role csvschema.Role) []csvschema.Source {
		return []csvschema.Source{source.FromFS(fsys, path.Join(folder, fileName(lab, role)))}
	}
	var all []csvschema.Export
	for _, lab := range labs {
		all = append(all, csvschema.Export{VirtualMachines: from(lab, csvschema.VirtualMachines), Disks: from(lab, csvschema.Disks)})
	}
	return all
}

func fileName(lab string, role csvschema.Role) string { return path.Join(lab, role.String()+".csv") }
