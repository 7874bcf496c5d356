package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/text/encoding/unicode"

	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
	"github.com/labdsr/labdsr/examples/labdsr/results"
	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

// A tablesCommand makes tables for reports.
type tablesCommand struct {
	planFlags
	formats     []string
	withOwners  bool
	deleteAfter string
	out         string
	force       bool

	wanted []tables.Format
	keep   time.Duration // of deleteAfter
}

// tablesGCPercent is GOGC while tables are made.
const tablesGCPercent = 70

func newTables(a *app) *cobra.Command {
	var f tablesCommand
	cmd := newCommand("tables --virtualmachines F… [--disks F…] --at T --out DIR", "Make tables for reports, of machines, disks and months",
		`Tables makes three tables of any number of exports: one of machines and one of disks, each
without copies, and one of months, which adds up machines and their hours by lab, size and
status. Of the copies of a resource it takes that of the newest export, and tells where
they contradict each other. Instants are in UTC, sizes are numbers, empty cells are null.

It takes anonymized exports: if labdsr anonymize would change something at --at, it says
where, and makes nothing. A table outlives the 30 days, and nobody cleans it. So in rows
that are not yet due, the cells that name people, or may, are null.

With --with-owners it takes any exports and writes every cell. The tables are personal
data then; --delete-after says how long they may be kept, and they say so themselves.`,
		func(ctx context.Context) error { return f.run(ctx, a) })
	f.inputs.add(cmd, a)
	addAt(cmd, &f.at, "`instant` at which identifiers have to be gone, and up to which months are made, such as 2026-07-01T09:00:00Z (RFC 3339)")
	f.policy.add(cmd)
	f.review.addDecisions(cmd, "`file` of the --review of anonymize, with the last column filled in")
	addOut(cmd, &f.out, "`folder` for the tables, or the URL of a prefix in a container")
	flags := cmd.Flags()
	flags.StringArrayVar(&f.formats, "format", nil, "parquet, sqlite or csv: what the tables are written as; may be repeated (default parquet)")
	flags.BoolVar(&f.withOwners, "with-owners", false, "take any exports, and write every cell: the tables are personal data; needs --delete-after")
	flags.StringVar(&f.deleteAfter, "delete-after", "", "with --with-owners: `time` after --at by which the tables have to be deleted, such as 90d")
	addForce(cmd, &f.force)
	return cmd
}

// check refuses flags that make no sense or do not go together.
func (f *tablesCommand) check() (err error) {
	switch {
	case f.out == "":
		return fault.Usage("--out is needed: a folder for the tables")
	case f.withOwners && f.deleteAfter == "":
		return fault.Usage("--with-owners makes personal data, which must not be kept without end: say with --delete-after how long, such as 90d")
	case f.withOwners && (len(f.policy.holds)+len(f.policy.erase)+len(f.policy.removed) > 0 || f.review.decisions != ""):
		return fault.Usage("--with-owners writes every cell: holds, requests and decisions, which say what has to be gone, are not for it")
	case !f.withOwners && f.deleteAfter != "":
		return fault.Usage("--delete-after is for tables of --with-owners: without it they hold no personal data")
	}
	if f.deleteAfter != "" {
		if f.keep, err = parsePeriod("delete-after", f.deleteAfter); err != nil {
			return err
		}
	}
	f.wanted = nil
	for _, name := range f.formats {
		i := slices.IndexFunc(tables.Formats[:], func(one tables.Format) bool { return one.String() == name })
		if i < 0 {
			return fault.Usage("--format is parquet, sqlite or csv")
		}
		if !slices.Contains(f.wanted, tables.Formats[i]) {
			f.wanted = append(f.wanted, tables.Formats[i])
		}
	}
	if len(f.wanted) == 0 {
		f.wanted = []tables.Format{tables.Parquet}
	}
	return nil
}

func (f *tablesCommand) run(ctx context.Context, a *app) error {
	if err := f.check(); err != nil {
		return err
	}
	p, err := f.ready(ctx, a)
	if err != nil {
		return err
	}
	out, err := a.outputs.Begin(f.out, output.Folder(), f.force)
	if err != nil {
		return err
	}
	o := tables.Options{
		At: p.at, Zone: p.policy.Zone, KeepUnreadableDates: p.policy.KeepUnreadableDates, WithOwners: f.withOwners,
		Pseudonyms: p.policy.Replacement == identity.PseudonymReplacement, Progress: a.con.Reading,
	}
	if !f.withOwners {
		if err := f.gate(ctx, a, p); err != nil {
			return err
		}
		o.Due = func(key csvschema.Key) bool { return p.plan.Keeping(key).Fate == fate.GoesNow }
	}
	// The plan and the index of the tables hold no pointers, so that to collect garbage more often
	// costs little, and garbage beside them would take as much as they do.
	defer debug.SetGCPercent(debug.SetGCPercent(tablesGCPercent))
	about := f.about(p)
	o.Metadata = about.metadata()
	w, err := newTableWriters(ctx, out, f.wanted, o.Metadata)
	if err != nil {
		return err
	}
	defer w.discard()
	a.con.Show("making tables", 2*a.exports.Size(0))
	report, err := tables.Make(ctx, a.exports.List, o, w.write)
	if err != nil {
		return err
	}
	if err := w.finish(ctx, about, report); err != nil {
		return err
	}
	if err := a.outputs.Commit(out); err != nil {
		return err
	}
	f.tell(a, about, report, w.names)
	return nil
}

// gate refuses exports in which something is that had to be gone. The plan and the
// verification, which share no rules, have to agree.
func (f *tablesCommand) gate(ctx context.Context, a *app, p *planning) error {
	if err := f.readRows(ctx, a, p); err != nil {
		return err
	}
	if err := f.policy.refuseUnmet(p.unmet.holds); err != nil {
		return err
	}
	p.policy.Preview = true
	if err := f.make(ctx, a, p); err != nil {
		return err
	}
	a.con.Show("verifying", a.policyBytes(p.policy))
	v, err := verify.Exports(ctx, p.policy, p.at, a.exports.List, asWritten(a.exports.List))
	if err != nil {
		return err
	}
	return a.judge(p, v)
}

// asWritten returns exports as anonymize writes them where it changes nothing: in UTF-8.
func asWritten(exports []csvschema.Export) []csvschema.Export {
	written := slices.Clone(exports)
	for i := range written {
		e := &written[i]
		for _, sources := range []*[]csvschema.Source{&e.VirtualMachines, &e.Disks} {
			*sources = slices.Clone(*sources)
			for j, s := range *sources {
				(*sources)[j].Open = func(ctx context.Context) (io.ReadCloser, error) { return openInUTF8(ctx, s) }
			}
		}
	}
	return written
}

// openInUTF8 opens a source, and reads UTF-16 as UTF-8.
func openInUTF8(ctx context.Context, s csvschema.Source) (io.ReadCloser, error) {
	in, err := s.Open(ctx)
	if err != nil {
		return nil, err
	}
	text := bufio.NewReader(in)
	if mark, _ := text.Peek(2); string(mark) != "\xff\xfe" && string(mark) != "\xfe\xff" { // an error comes again
		return readCloser{text, in}, nil
	}
	return readCloser{unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Reader(text), in}, nil
}

type readCloser struct {
	io.Reader
	io.Closer
}

// judge returns an error unless the plan and the verification say that nothing had to be gone.
func (a *app) judge(p *planning, v *verify.Verification) error {
	changed := p.total.Changed
	switch {
	case changed == 0 && v.OK():
		return nil
	case changed == 0 || v.OK():
		return fault.WithHint(errors.New("the plan and the verification disagree about what has to be gone from these exports: nothing is made of them"),
			"one of the two is wrong; please report it, without the exports")
	}
	return fault.WithHint(
		fmt.Errorf("not anonymized: %s %s what had to be gone at %s: %s", console.Count(changed, "row"), console.Agree(changed, "holds", "hold"), console.Minute(p.at), a.places(v)),
		"labdsr anonymize with the same flags, and then tables of what it wrote; or --with-owners, if the tables may be personal data")
}

// placesShown is how many places a message names, at most.
const placesShown = 10

// places returns where verification failed.
func (a *app) places(v *verify.Verification) string {
	var all []string
	for _, failure := range v.Failures[:min(len(v.Failures), placesShown)] {
		place := fmt.Sprintf("%s line %d", a.exports.Path(failure.FileID), failure.Line)
		switch {
		case failure.Column != 0:
			place += ", column " + failure.Column.String()
		case failure.Number != 0:
			place += fmt.Sprintf(", column number %d", failure.Number)
		}
		all = append(all, place)
	}
	text := strings.Join(all, "; ")
	if more := v.Failed - int64(len(all)); more > 0 {
		text += fmt.Sprintf("; and %s", console.Count(more, "more place"))
	}
	return text
}

// about returns what the tables say of themselves.
func (f *tablesCommand) about(p *planning) *aboutTables {
	if !f.withOwners {
		return &aboutTables{at: p.at, anonymized: p.policy.Terms().Retention}
	}
	return &aboutTables{at: p.at, personal: true, retention: f.deleteAfter, deleteBy: results.DateOf(p.at.UTC().Add(f.keep))}
}

func (f *tablesCommand) tell(a *app, about *aboutTables, report *tables.Report, names []string) {
	a.con.Line("read", "%s of %s", console.Count(report.Machines.Read+report.Disks.Read, "row"), console.Count(len(a.exports.List), "export"))
	a.tellTable("machines", "machine", &report.Machines)
	a.tellTable("disks", "disk", &report.Disks)
	a.con.Line("months", "%s", console.Count(report.Months, "row"))
	if report.NoMonth > 0 {
		a.con.Warn("", "%s without a CreatedTime %s in no month", console.Count(report.NoMonth, "machine"), console.Agree(report.NoMonth, "is", "are"))
	}
	if report.NotYet > 0 {
		a.con.Warn("", "%s created after --at %s in no month", console.Count(report.NotYet, "machine"), console.Agree(report.NotYet, "is", "are"))
	}
	if report.UntilAt > 0 {
		n := report.UntilAt
		a.con.Line("", "%s %s not deleted, and %s until --at: %s no date, which --exported-at gives", console.Count(n, "machine"), console.Agree(n, "is", "are"),
			console.Agree(n, "counts", "count"), console.Agree(n, "its export has", "their exports have"))
	}
	places := a.exports.Names(a.con.Hide)
	for _, kind := range tables.ContradictionKinds {
		n := report.Found[kind]
		if n == 0 {
			continue
		}
		first := report.Contradictions[max(0, slices.IndexFunc(report.Contradictions, func(c tables.Contradiction) bool { return c.Kind == kind }))]
		more := ""
		if first.Kind == kind {
			more = fmt.Sprintf("; the first: %s line %d was taken, and %s line %d was not", places[first.Taken.FileID], first.Taken.Line, places[first.Other.FileID], first.Other.Line)
		}
		a.con.Warn("contradiction", "%s of copies: %s%s", console.Count(n, "pair"), kind, more)
	}
	if about.personal {
		a.con.Warn("personal data", "the tables name people; delete them by %s", about.deleteBy)
	}
	a.con.Line("written", "%s, in %s: %s", console.Count(len(names), "file"), f.out, strings.Join(names, ", "))
	a.result = f.newResult(a, about, report, names)
}

// tellTable says what a table was made of.
func (a *app) tellTable(label, noun string, r *tables.Resources) {
	a.con.Line(label, "%s, of %s in %s; %s %s", console.Count(r.Rows, noun), console.Count(r.Read, "row"), console.Count(r.Files, "file"),
		console.Count(r.Copies(), "row"), console.Agree(r.Copies(), "is another copy", "are other copies"))
	if r.NoResource > 0 {
		a.con.Warn("", "%s %s by no ID: each may be a copy of another", console.Count(r.NoResource, "row"), console.Agree(r.NoResource, "is identified", "are identified"))
	}
	if r.Hidden > 0 {
		a.con.Line("", "%s left out, which %s people or may", console.Count(r.Hidden, "cell"), console.Agree(r.Hidden, "names", "name"))
	}
	if r.Unreadable > 0 {
		a.con.Warn("", "%s left out, which cannot be read", console.Count(r.Unreadable, "date"))
	}
	if r.Cut > 0 {
		a.con.Line("", "%s cut to microseconds", console.Count(r.Cut, "instant"))
	}
}

func (f *tablesCommand) newResult(a *app, about *aboutTables, report *tables.Report, names []string) result {
	places := a.exports.Names(a.con.Hide)
	r := &results.Tables{
		At: results.Instant(about.at), PersonalData: about.personal, DeleteBy: about.deleteBy, Out: a.con.Hide(f.out), Outputs: names,
		Machines: newTableRows(&report.Machines), Disks: newTableRows(&report.Disks), Months: report.Months, NoMonth: report.NoMonth, NotYet: report.NotYet, UntilAt: report.UntilAt,
		Contradictions: []results.Contradiction{}, Found: []results.ContradictionCount{},
	}
	for _, c := range report.Contradictions {
		r.Contradictions = append(r.Contradictions, results.Contradiction{
			Key: a.key(c.Key), Kind: kindCode(c.Kind),
			Taken: results.Place{File: places[c.Taken.FileID], Line: c.Taken.Line}, Other: results.Place{File: places[c.Other.FileID], Line: c.Other.Line},
		})
	}
	for _, kind := range tables.ContradictionKinds {
		if n := report.Found[kind]; n > 0 {
			r.Found = append(r.Found, results.ContradictionCount{Kind: kindCode(kind), Pairs: n})
		}
	}
	return result{r, &r.Outcome, &r.Inputs}
}

func kindCode(kind tables.ContradictionKind) results.ContradictionKind {
	code, _ := kind.MarshalText() // never fails
	return results.ContradictionKind(code)
}

func newTableRows(r *tables.Resources) results.TableRows {
	return results.TableRows{
		Files: r.Files, Read: r.Read, Rows: r.Rows, Copies: r.Copies(), NoResource: r.NoResource, Hidden: r.Hidden, Unreadable: r.Unreadable, Cut: r.Cut,
	}
}
