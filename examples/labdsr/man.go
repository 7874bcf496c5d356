package main

import (
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// newMan returns the command that writes manual pages, as packages need them.
func newMan(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:   "man --out DIR",
		Short: "Write manual pages",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if out == "" {
				return usagef("--out is needed: a folder for the manual pages")
			}
			o, err := a.newOutput(out, true, false)
			if err != nil {
				return err
			}
			pages, err := writePages(o, cmd.Root())
			if err != nil {
				return err
			}
			if err := a.commit(o); err != nil {
				return err
			}
			a.con.line("written", "%s, in %s; read one with: man %s/labdsr.1", count(pages, "page"), out, out)
			a.result = &outcome{}
			return nil
		},
	}
	addOut(cmd, &out, "`folder` for the pages")
	return cmd
}

// writePages writes the page of a command and of all below it, and returns how many.
func writePages(o *output, cmd *cobra.Command) (int, error) {
	header := &doc.GenManHeader{Section: "1", Source: "labdsr", Manual: "labdsr"}
	name := strings.ReplaceAll(cmd.CommandPath(), " ", "-") + ".1"
	err := o.write(name, func(w io.Writer) error { return doc.GenMan(cmd, header, w) })
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
