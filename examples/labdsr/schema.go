package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/dsr/response/data"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// dataName is the name of the file for programs in a package.
const dataName = "data.json"

// newSchema returns the command that writes the JSON Schemas.
func newSchema(a *app) *cobra.Command {
	cmd := newCommand("schema [COMMAND|data.json]", "Write the JSON Schema of what --json writes",
		`Schema writes to standard output the JSON Schema (draft 2020-12) of the objects that a
command writes with --json, also if it fails; without a command, of the objects of all
commands; and with data.json, of the file for programs in the package of a person.`, nil)
	cmd.Args, cmd.ValidArgs = cobra.ArbitraryArgs, append(results.Commands(), dataName)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		name := strings.Join(args, " ")
		schema := results.Schema(name)
		if name == dataName {
			schema = data.Schema()
		}
		if schema == nil {
			return fault.Usage("there is no such schema: the command is one of %s; or %s", strings.Join(results.Commands(), ", "), dataName)
		}
		_, err := a.stdout.Write(schema)
		return err
	}
	return cmd
}
