package main

import (
	"context"
	"errors"
	"regexp"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

const rootLong = `labdsr answers GDPR data-subject requests over the usage exports of Azure
DevTest Labs, virtualmachines.csv and disks.csv.

Inputs are files, or folders that are searched for exports. Exports are found by
their header, whatever their names are. They may be plain, .gz, .zst or .zip. The
path - is standard input. The URL of a container of Azure Blob Storage, of a prefix
or of a blob in it is an input like a folder or file; see --storage-credentials.

Exit status:
  0  done, also when no data is held
  1  failed; no output was made or changed, unless the message names one;
     or, of --in-place and --delete-copies, something was left
  2  wrong usage
  3  done, but rows that concern the request need a person's decision,
     or, of plan, a hold is on nothing in these exports
  4  verification failed: files, a receipt or a chain are not what they must be`

// newRoot returns the root command, which holds all others.
func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:               "labdsr",
		Short:             "Answer data-subject requests over Azure DevTest Labs usage exports",
		Long:              rootLong,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		Args:              noArguments,
		RunE: func(*cobra.Command, []string) error {
			return fault.Usage("which command?")
		},
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			a.command = nameOf(cmd)
			a.protect(cmd)
			return checkURLs(cmd)
		},
	}
	root.SetOut(a.stdout)
	root.PersistentFlags().BoolVar(&a.json, "json", false, "write one JSON object to standard output")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		a.command = nameOf(cmd)
		return flagError(cmd, err)
	})
	root.AddCommand(newExport(a), newFilter(a), newAccess(a), newPlan(a), newAnonymize(a), newVerify(a), newTables(a), newCopies(a), newReceipts(a), newDeadline(a), newSchema(a), newMan(a))
	return root
}

// newCommand returns a command that has flags and no arguments.
func newCommand(use, short, long string, run func(context.Context) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Long: long, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context()) },
	}
}

func nameOf(cmd *cobra.Command) string {
	return strings.TrimPrefix(strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()), " ")
}

func noArguments(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case !cmd.HasParent():
		return fault.Usage("there is no such command")
	}
	return fault.Usage("%s has no arguments, only flags: a file needs its flag in front of it, each time", cmd.Name())
}

// flagError says what is wrong with the flags. It does not repeat what was typed, which
// may be an identifier.
func flagError(cmd *cobra.Command, err error) error {
	var needsValue *pflag.ValueRequiredError
	var badValue *pflag.InvalidValueError
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &needsValue):
		return fault.Usage("--%s needs a value", needsValue.GetFlag().Name)
	case errors.As(err, &badValue):
		return fault.Usage("the value of --%s is not allowed", badValue.GetFlag().Name)
	case errors.As(err, &unknown) && flagName.MatchString(unknown.GetSpecifiedName()):
		return fault.Usage("%s has no flag --%s", cmd.CommandPath(), unknown.GetSpecifiedName())
	}
	return fault.Usage("there is a flag that %s does not have", cmd.CommandPath())
}

var flagName = regexp.MustCompile(`^[a-z-]{2,24}$`)
