package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/csvschema"
)

// inputFlags say which exports to read.
type inputFlags struct {
	machines, disks []string
	exportedAt      string
	zone            string
}

func (f *inputFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.machines, "virtualmachines", nil, "virtual machines `file`, or a folder or ZIP with exports; may be repeated; - is standard input")
	flags.StringArrayVar(&f.disks, "disks", nil, "disks `file`, or a folder or ZIP with exports; may be repeated")
	flags.StringVar(&f.exportedAt, "exported-at", "", "`instant` at which the exports were made, for those whose folder does not tell (RFC 3339)")
	addZone(cmd, &f.zone)
}

func addZone(cmd *cobra.Command, zone *string) {
	cmd.Flags().StringVar(zone, "zone", "UTC", "time `zone` of the dates in the exports, such as Europe/Berlin")
}

// find finds the exports, which are then known to the run.
func (f *inputFlags) find(ctx context.Context, a *app) (*time.Location, error) {
	zone, err := parseZone(f.zone)
	if err != nil {
		return nil, err
	}
	if len(f.machines) == 0 {
		return nil, usagef("--virtualmachines is needed: a file, or a folder with exports")
	}
	if slices.Contains(f.machines, stdinName) && slices.Contains(f.disks, stdinName) {
		return nil, errStdinTwice
	}
	made := time.Time{}
	if f.exportedAt != "" {
		if made, err = parseInstant("exported-at", f.exportedAt); err != nil {
			return nil, err
		}
	}
	finder := &finder{con: a.con, stdin: a.stdin}
	for _, path := range f.machines {
		if err := finder.find(ctx, path, csvschema.VirtualMachines); err != nil {
			return nil, err
		}
	}
	for _, path := range f.disks {
		if err := finder.find(ctx, path, csvschema.Disks); err != nil {
			return nil, err
		}
	}
	a.exports = finder.group(zone, made)
	a.tellInputs()
	return zone, nil
}

// tellInputs says what of the inputs is not read, or only once.
func (a *app) tellInputs() {
	if n := len(a.exports.leftAlone); n > 0 {
		a.con.line("left alone", "%s that %s no export of lab usage: %s", count(n, "file"), agree(n, "is", "are"), some(a.exports.leftAlone))
	}
	if n := len(a.exports.twice); n > 0 {
		a.con.warn("twice", "%s given more than once, and read once: %s", count(n, "file"), some(a.exports.twice))
	}
}

// some returns the first few of many names.
func some(names []string) string {
	const few = 3
	if len(names) > few {
		return strings.Join(names[:few], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

func parseZone(text string) (*time.Location, error) {
	zone, err := time.LoadLocation(text)
	if err != nil || text == "" || strings.EqualFold(text, "local") {
		return nil, usagef("--zone is no time zone such as UTC or Europe/Berlin")
	}
	return zone, nil
}

// instant writes an instant as --at reads it.
func instant(t time.Time) string { return t.Format(time.RFC3339) }

// day writes an instant for people.
func day(t time.Time) string { return t.Format("2 January 2006") }

// minute writes an instant for people who need the time of day.
func minute(t time.Time) string { return t.Format("2 January 2006 15:04 MST") }
