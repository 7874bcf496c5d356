package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

func addOut(cmd *cobra.Command, out *string, usage string) {
	cmd.Flags().StringVar(out, "out", "", usage)
}

func addForce(cmd *cobra.Command, force *bool) {
	cmd.Flags().BoolVar(force, "force", false, "replace outputs that labdsr wrote before")
}

func addAt(cmd *cobra.Command, at *string, usage string) {
	cmd.Flags().StringVar(at, "at", "", usage)
}

func addZone(cmd *cobra.Command, zone *string) {
	cmd.Flags().StringVar(zone, "zone", "UTC", "time `zone` of the dates in the exports, such as Europe/Berlin")
}

func addExportedAt(cmd *cobra.Command, exportedAt *string) {
	cmd.Flags().StringVar(exportedAt, "exported-at", "", "`instant` at which the exports were made, for exports whose folder does not say it (RFC 3339)")
}

// addIgnore adds the flag that says what a search passes over.
func addIgnore(cmd *cobra.Command, a *app) {
	cmd.Flags().StringArrayVar(&a.finder.Ignore, "ignore", nil, "`pattern` of files that a search passes over although they may be exports, such as archive/*.xlsx: of their paths below the folder or ZIP, or of a folder there; may be repeated")
}

// parseInstant reads the value of a flag such as --at.
func parseInstant(flag, text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || t.IsZero() {
		return time.Time{}, fault.Usage("--%s is no instant such as 2026-07-01T09:00:00Z", flag)
	}
	return t, nil
}

// parseZone reads the value of --zone.
func parseZone(text string) (*time.Location, error) {
	zone, err := time.LoadLocation(text)
	if err != nil || text == "" || strings.EqualFold(text, "local") {
		return nil, fault.Usage("--zone is no time zone such as UTC or Europe/Berlin")
	}
	return zone, nil
}

// inputFlags say which exports to read.
type inputFlags struct {
	machines, disks []string
	exportedAt      string
	zone            string
}

func (f *inputFlags) add(cmd *cobra.Command, a *app) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.machines, "virtualmachines", nil, "virtual machines `file`, or a folder or ZIP with exports; may be repeated; - is standard input")
	flags.StringArrayVar(&f.disks, "disks", nil, "disks `file`, or a folder or ZIP with exports; may be repeated")
	addIgnore(cmd, a)
	addStorage(cmd, a)
	addExportedAt(cmd, &f.exportedAt)
	addZone(cmd, &f.zone)
}

// find finds the exports.
func (f *inputFlags) find(ctx context.Context, a *app, zone *time.Location) error {
	if len(f.machines) == 0 {
		return fault.Usage("--virtualmachines is needed: a file, or a folder with exports")
	}
	if slices.Contains(f.machines, inputs.Stdin) && slices.Contains(f.disks, inputs.Stdin) {
		return inputs.ErrStdinTwice
	}
	var places []place
	for _, path := range f.machines {
		places = append(places, place{path, csvschema.VirtualMachines})
	}
	for _, path := range f.disks {
		places = append(places, place{path, csvschema.Disks})
	}
	return a.find(ctx, places, zone, f.exportedAt)
}

// findAll finds the exports of a person's rows. Without virtual machines nobody can say
// whose the disks are.
func (f *inputFlags) findAll(ctx context.Context, a *app, zone *time.Location) error {
	if err := f.find(ctx, a, zone); err != nil {
		return err
	}
	if !slices.ContainsFunc(a.exports.Files, func(file *inputs.File) bool { return file.Role == csvschema.VirtualMachines }) {
		return fault.WithHint(errors.New("only disks and no virtual machines were found: whose most of them are cannot be told"),
			"give the virtual machines of these labs, too, with --virtualmachines")
	}
	return nil
}

// subjectFlags say who asks.
type subjectFlags struct{ texts, files, owners []string }

func (f *subjectFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.texts, "subject", nil, "`identifier` of the person: an e-mail address, user principal name or object ID; may be repeated; other people of this machine may see it in the list of processes: --subject-file avoids that")
	cmd.Flags().StringArrayVar(&f.files, "subject-file", nil, "`file` with one identifier a line, or owner: and a text as of --owner, which keeps them out of the shell's history and the list of processes; may be repeated; - is standard input")
	cmd.Flags().StringArrayVar(&f.owners, "owner", nil, "`text` of the column ResourceOwner by which the person's machines are meant, whatever it says, such as NULL; compared with the whole cell; may be repeated")
}

// subject returns the person, whose identifiers the console then hides.
func (f *subjectFlags) subject(ctx context.Context, a *app) (dsr.Subject, error) {
	var ids []identity.Identifier
	for i, text := range f.texts {
		id, why := lists.Parse(text)
		if why != "" {
			return dsr.Subject{}, fault.Usage("--subject number %d is %s", i+1, why)
		}
		a.con.KeepSecret(id)
		ids = append(ids, id)
	}
	for _, path := range f.files {
		more, err := a.identifiers(ctx, path)
		a.con.KeepSecret(more...)
		if err != nil {
			return dsr.Subject{}, err
		}
		ids = append(ids, more...)
	}
	for i, text := range f.owners {
		id, err := identity.Verbatim(text)
		if err != nil {
			return dsr.Subject{}, fault.Usage("--owner number %d is %s", i+1, lists.WhyNoOwner(err))
		}
		a.con.KeepSecret(id)
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return dsr.Subject{}, fault.Usage("who asks? give --subject, --subject-file or --owner")
	}
	subject, err := dsr.NewSubject(ids...)
	if errors.Is(err, dsr.ErrNilObjectID) {
		return dsr.Subject{}, fault.Usage("an owner of --owner or --subject-file is the nil GUID, which is written where there is no object ID: it identifies nobody")
	}
	return subject, err
}

// identifiers reads the identifiers of a file or of standard input. An interrupt does not
// end a read from a terminal, and so it is waited for beside it.
func (a *app) identifiers(ctx context.Context, path string) ([]identity.Identifier, error) {
	if path != inputs.Stdin || a.finder.Stdin == nil {
		return lists.Identifiers(path)
	}
	in, err := a.finder.TakeStdin()
	if err != nil {
		return nil, err
	}
	type read struct {
		ids []identity.Identifier
		err error
	}
	done := make(chan read, 1)
	go func() {
		ids, err := lists.IdentifiersIn(inputs.StdinName, in)
		done <- read{ids, err}
	}()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case r := <-done:
		return r.ids, r.err
	}
}
