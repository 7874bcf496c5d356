package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A review is a CSV file of questions, with an empty column for the decisions. It
// names rows by keys, file and line, and nobody. Filled in, it is given to the next
// run.
var reviewHeader = []string{"role", "LabUId", "ResourceUId", "input", "line", "reason", "choices", "decision"}

const (
	reviewRole = iota
	reviewLab
	reviewResource
	reviewInput
	reviewLine
	reviewReason
	reviewChoices
	reviewDecision
)

// reviewFlags say where questions go and decisions come from.
type reviewFlags struct{ review, decisions string }

func (f *reviewFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.review, "review", "", "`file` for the rows that a person must decide about; written if there are any")
	cmd.Flags().StringVar(&f.decisions, "decisions", "", "`file` of --review with the last column filled in")
}

// writeReview writes the questions, if there are any and somebody asked for them.
func (a *app) writeReview(o *output, questions []question) error {
	if o == nil || len(questions) == 0 {
		return nil
	}
	return o.write("", func(w io.Writer) error {
		c := csv.NewWriter(w)
		rows := [][]string{reviewHeader}
		for _, q := range questions {
			rows = append(rows, []string{
				q.key.Role().String(), q.key.LabUId(), q.key.ResourceUId(), q.file, strconv.FormatInt(q.line, 10), q.reason, q.choices, "",
			})
		}
		return c.WriteAll(rows)
	})
}

// newReview begins the output of the questions; nil if nobody asked for it.
func (a *app) newReview(f *reviewFlags, force bool) (*output, error) {
	if f.review == "" {
		return nil, nil //nolint:nilnil // no output is an output that is not written
	}
	return a.newOutput(f.review, false, force)
}

// A decision is a line of a review that was filled in.
type decision struct {
	role          csvschema.Role
	lab, resource string // in normal form
	input         string
	line          int64
	decision      string
	number        int // of the line in the review
	used          bool
}

// decisions are those that were given. Nil are none.
type decisions struct {
	path string
	list []*decision
}

// readDecisions reads a review that was filled in. A spreadsheet may have put
// semicolons or tabs between the fields.
func (f *reviewFlags) read() (*decisions, error) {
	if f.decisions == "" {
		return nil, nil //nolint:nilnil // no file is no decisions
	}
	text, err := readText(f.decisions)
	if err != nil {
		return nil, err
	}
	d := &decisions{path: f.decisions}
	r := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	first, _, _ := strings.Cut(text, "\n")
	for _, comma := range ";\t" {
		if strings.Count(first, string(comma)) == len(reviewHeader)-1 {
			r.Comma = comma
		}
	}
	header, err := r.Read()
	if err != nil || strings.Join(header, ",") != strings.Join(reviewHeader, ",") {
		return nil, &fileError{d.path, hinted(errors.New("line 1: this is no file that --review wrote"), "its first line is: %s", strings.Join(reviewHeader, ","))}
	}
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return d, nil
		}
		number, _ := r.FieldPos(0)
		if err != nil {
			return nil, &fileError{d.path, hinted(fmt.Errorf("line %d: cannot be read", number), "change nothing but the last column")}
		}
		one, err := newDecision(cells)
		if err != nil {
			return nil, &fileError{d.path, hinted(fmt.Errorf("line %d, %w", number, err), "change nothing but the last column")}
		}
		one.number = number
		if one.decision != "" {
			d.list = append(d.list, one)
		}
	}
}

func newDecision(cells []string) (*decision, error) {
	d := &decision{
		lab: identity.Normal(cells[reviewLab]), resource: identity.Normal(cells[reviewResource]),
		input: cells[reviewInput], decision: strings.ToLower(strings.TrimSpace(cells[reviewDecision])),
	}
	switch cells[reviewRole] {
	case csvschema.VirtualMachines.String():
		d.role = csvschema.VirtualMachines
	case csvschema.Disks.String():
		d.role = csvschema.Disks
	default:
		return nil, errors.New("column role: no kind of export")
	}
	var err error
	if d.line, err = strconv.ParseInt(cells[reviewLine], 10, 64); err != nil || d.line < 1 {
		return nil, errors.New("column line: no number of a line")
	}
	return d, nil
}

// about returns the decision about a question, or nil. Virtual machines are known by
// their keys in whatever file they are; disks, whose documented keys may be those of
// their machines, by the place, too.
func (d *decisions) about(q question) *decision {
	if d == nil {
		return nil
	}
	for _, one := range d.list {
		if one.role == q.key.Role() && one.lab == q.key.LabUId() && one.resource == q.key.ResourceUId() &&
			(one.role == csvschema.VirtualMachines || one.input == q.file && one.line == q.line) {
			return one
		}
	}
	return nil
}

// check refuses decisions that are none of the words.
func (d *decisions) check(words ...string) error {
	if d == nil {
		return nil
	}
	for _, one := range d.list {
		ok := false
		for _, word := range words {
			ok = ok || one.decision == word
		}
		if !ok {
			return &fileError{d.path, hinted(fmt.Errorf("line %d, column decision: not one of the choices", one.number),
				"write %s, or nothing to decide later", strings.Join(words, " or "))}
		}
	}
	return nil
}

// tellDecisions says what became of the decisions.
func (a *app) tellDecisions(d *decisions) {
	if d == nil {
		return
	}
	used := 0
	for _, one := range d.list {
		if one.used {
			used++
		}
	}
	a.con.line("decided", "%s taken from %s", count(used, "decision"), d.path)
	if unused := len(d.list) - used; unused > 0 {
		a.con.warn("", "%s about nothing that is to be decided here", count(unused, "decision"))
	}
}
