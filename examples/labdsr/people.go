package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
	"github.com/labdsr/labdsr/dsr/response"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// subjects returns who asks, and with --people the line of each.
func (f *accessCommand) subjects(ctx context.Context, a *app) (all []dsr.Subject, lines []int, err error) {
	if f.people == "" {
		one, err := f.subject.subject(ctx, a)
		if err == nil && f.out == "" {
			err = fault.Usage("--out is needed: a ZIP file for the package")
		}
		return []dsr.Subject{one}, nil, err
	}
	people, err := lists.People(f.people)
	for _, p := range people {
		a.con.KeepSecret(p.Identifiers...)
	}
	switch {
	case err != nil:
		return nil, nil, err
	case len(f.subject.texts)+len(f.subject.files)+len(f.subject.owners) > 0:
		return nil, nil, fault.Usage("--people is instead of --subject, --subject-file and --owner")
	case f.review.review != "" || f.review.decisions != "" || f.receipt.receipt != "":
		return nil, nil, fault.Usage("--review, --decisions and --receipt are for one person: not with --people")
	case f.out == "":
		return nil, nil, fault.Usage("--out is needed: a folder for the packages")
	}
	for _, p := range people {
		one, err := dsr.NewSubject(p.Identifiers...)
		if err != nil {
			return nil, nil, f.inLine(p.Line, err)
		}
		all, lines = append(all, one), append(lines, p.Line)
	}
	return all, lines, nil
}

// inLine adds the line of a person to an error.
func (f *accessCommand) inLine(line int, err error) error {
	return fault.In(f.people, fmt.Errorf("line %d: %w", line, err))
}

// packageName returns the name of a package. No identifier is in it.
func packageName(line int) string { return "person-" + strconv.Itoa(line) + ".zip" }

// runPeople makes the packages of many people.
func (f *accessCommand) runPeople(ctx context.Context, a *app, r *answering) error {
	a.con.Show("answering", a.searchBytes())
	report, err := response.WriteAll(ctx, a.exports.List, r.subjects, func(subject int) (io.WriteCloser, error) {
		file, err := r.out.Create(packageName(r.lines[subject]))
		if err != nil {
			return nil, err
		}
		return &packageFile{bufio.NewWriter(file), file}, nil
	}, r.options)
	if err != nil {
		return err
	}
	for i, line := range r.lines {
		if err := checkIDs(report.Report, i); err != nil {
			return f.inLine(line, err)
		}
	}
	if err := a.outputs.Commit(r.out); err != nil {
		return err
	}
	f.tellPeople(a, r, report)
	return nil
}

// A packageFile is a package while it is written.
type packageFile struct {
	*bufio.Writer
	file *output.File
}

func (p *packageFile) Close() error { return p.file.Finish(p.Flush()) }

// A spool is a temporary file that is made when it is needed.
type spool struct {
	make func() (*os.File, error)
	*os.File
}

func (s *spool) Write(p []byte) (int, error) {
	if s.File == nil {
		var err error
		if s.File, err = s.make(); err != nil {
			return 0, err
		}
	}
	return s.File.Write(p)
}

func (f *accessCommand) tellPeople(a *app, r *answering, report *redact.Report) {
	found := &results.People{
		Scope: a.scope(report.Scope), At: results.Instant(r.options.Made), Out: a.con.Hide(f.out), Draft: isDraft(r.options.Controller),
	}
	var rows, hidden int64
	var nothing, undecided []string
	for i, line := range r.lines {
		s := report.Subjects[i]
		one := results.Person{
			Line: line, Package: packageName(line), VirtualMachines: s.VirtualMachines.Theirs(), Disks: s.Disks.Theirs(),
			NoDataHeld: report.NoDataHeld(i), Hidden: report.Hidden[i].Places(), Undecided: report.NeedsDecision(i),
		}
		if one.VirtualMachines+one.Disks == 0 {
			nothing = append(nothing, strconv.Itoa(line))
		}
		if one.Undecided {
			undecided = append(undecided, strconv.Itoa(line))
		}
		rows, hidden = rows+one.VirtualMachines+one.Disks, hidden+one.Hidden
		found.People = append(found.People, one)
	}
	a.tellScope(report.Report)
	a.con.Line("found", "%s of %s; a package for each in %s", console.Count(rows, "row"), console.People(len(r.lines)), f.out)
	if n := len(nothing); n > 0 {
		a.con.Line("", "no row of %s: %s %s", console.People(n), console.Agree(n, "line", "lines"), console.Some(nothing))
		a.con.Line("", "this says nothing of other labs, periods and systems, nor of other identifiers of them")
	}
	if hidden > 0 {
		a.con.Line("hidden", "%s in them, which %s somebody else", console.Count(hidden, "place"), console.Agree(hidden, "names", "name"))
	}
	if found.Draft {
		a.con.Warn("draft", "the reports lack what only the controller can say: give all of it with --controller")
	}
	if n := len(undecided); n > 0 {
		a.con.Warn("to decide", "rows of %s, by a person; left out for this reason: %s %s", console.People(n), console.Agree(n, "line", "lines"), console.Some(undecided))
		a.con.Line("", "%s must not be sent: answer %s one by one, with --subject and --review", console.Agree(n, "this package", "these packages"), console.Agree(n, "it", "them"))
		found.Status = statusUndecided
	}
	a.con.Line("next", "look through the packages, and send each to its person by a way that nobody else can read")
	a.result = result{found, &found.Outcome, &found.Inputs}
}
