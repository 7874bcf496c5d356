package main

import (
	"context"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// newMan returns the command that writes manual pages, as packages need them.
func newMan(a *app) *cobra.Command {
	var out string
	var cmd *cobra.Command
	cmd = newCommand("man --out DIR", "Write manual pages", "", func(context.Context) error {
		if out == "" {
			return fault.Usage("--out is needed: a folder for the manual pages")
		}
		o, err := a.outputs.Begin(out, output.Folder(), false)
		if err != nil {
			return err
		}
		pages, err := writePages(o, cmd.Root())
		if err != nil {
			return err
		}
		if err := a.outputs.Commit(o); err != nil {
			return err
		}
		a.con.Line("written", "%s, in %s; read one with: man %s/labdsr.1", console.Count(pages, "page"), out, out)
		r := &results.Man{}
		a.result = result{r, &r.Outcome, nil}
		return nil
	})
	addOut(cmd, &out, "`folder` for the pages")
	return cmd
}

// writePages writes the pages of a command and of all its commands, and returns how
// many.
func writePages(o *output.Output, cmd *cobra.Command) (int, error) {
	header := &doc.GenManHeader{Section: "1", Source: "labdsr", Manual: "labdsr"}
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
	err := o.Write(name, func(w io.Writer) error { return doc.GenMan(cmd, header, w) })
	if err != nil {
		return 0, err
	}
	pages := 1
	for _, below := range cmd.Commands() {
		if below.IsAvailableCommand() && !below.IsAdditionalHelpTopicCommand() {
			n, err := writePages(o, below)
			if err != nil {
				return 0, err
			}
			pages += n
		}
	}
	return pages, nil
}
