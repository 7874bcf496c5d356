// Package review answers one question: what does a person have to decide, and what did
// they decide?
//
// [Search.Questions] and [Decisions.OfPlan] return the open questions. [Write] writes them
// as a CSV file with an empty column. A person fills it in, and [Read] reads it again for
// the next run. The file names rows by keys, file and line; no identifier of a person is
// in it.
package review

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// A Question is a row, or a resource, that a person has to decide about.
type Question struct {
	Role                csvschema.Role
	LabUId, ResourceUId string // in normal form; no identifier of a person is in them
	File                string // of the row, or of the first row of the resource; see [inputs.Exports.Names]
	Line                int64  // of that row
	Reason              string
	Choices             string               // what a person can decide
	Kind                results.QuestionKind // the code of the reason
	Takes               []results.Choice     // the codes of the choices
	Rows                int64                // how many rows it is about
	Competing           []Place              // rows of machines to compare it with; see [Search.Compete]

	of string // of a search with a key: the column of; "" leaves it to the origin
}

// A Place is a row of an input.
type Place struct {
	File string // see [inputs.Exports.Names]
	Line int64
}

// newQuestion returns the question about a row of a resource.
func newQuestion(key csvschema.Key, file string, line int64, w wording, hide func(string) string) Question {
	return Question{
		Role: key.Role(), LabUId: hide(key.LabUId()), ResourceUId: hide(key.ResourceUId()), File: file, Line: line, Reason: w.reason, Choices: w.choices,
		Kind: w.kind, Takes: w.takes, Rows: 1,
	}
}

// Header returns the header of a review.
func Header() []string {
	return []string{"role", "LabUId", "ResourceUId", "input", "line", "of", "reason", "choices", "decision"}
}

// OldHeader returns the header of reviews that do not say of what they are.
func OldHeader() []string { return slices.Delete(Header(), ofColumn, ofColumn+1) }

// Indices of the columns that are read again.
const (
	roleColumn     = 0
	labColumn      = 1
	resourceColumn = 2
	inputColumn    = 3
	lineColumn     = 4
	ofColumn       = 5
	reasonColumn   = 6
	decisionColumn = 8
)

// How large a review may be. A person may save it as UTF-16, with quotes around each
// cell, and then it can still be read.
const (
	maxWritten = 256 << 20
	maxRead    = 4 * maxWritten
)

// Write writes a review. A spreadsheet takes none of its cells for a formula. More than
// [Read] can read is an error.
func Write(w io.Writer, questions []Question, of Origin) error {
	return writeUpTo(w, questions, of, maxWritten)
}

func writeUpTo(w io.Writer, questions []Question, of Origin, limit int64) error {
	out, sum := csv.NewWriter(&limited{w, limit}), uint32(0)
	if err := out.Write(Header()); err != nil {
		return err
	}
	for _, q := range questions {
		about := q.of
		if about == "" {
			about = of.text(q.asked())
		}
		cells := []string{
			q.Role.String(), neutral(q.LabUId), neutral(q.ResourceUId), neutral(q.File), strconv.FormatInt(q.Line, 10), about, q.Reason, q.Choices, "",
		}
		sum = sumOf(sum, cells)
		cells[ofColumn] += fmt.Sprintf(" %s%08x", sumPrefix, sum)
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// A limited writer fails before it writes more than is left.
type limited struct {
	io.Writer
	left int64
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= int64(len(p)); l.left < 0 {
		return 0, fault.WithHint(errors.New("there are too many questions for one review"), "run it for fewer exports at a time")
	}
	return l.Writer.Write(p)
}

// sumPrefix begins the last word of the column of: a checksum of the line and all lines
// before it. It is there to find what a person wrote into the review.
const sumPrefix = "sum-"

// sumOf returns the checksum of a line after one with the sum before.
func sumOf(before uint32, cells []string) uint32 {
	return crc32.Update(before, crc32.MakeTable(crc32.Castagnoli), []byte(strings.Join(cells, "\x00")+"\n"))
}

// beforeSum returns a cell of the column of without the checksum: a person may have
// sorted the lines.
func beforeSum(of string) string {
	of, _, _ = strings.Cut(of, " "+sumPrefix)
	return of
}

// IsAsWritten reports whether a file is a review as [Write] wrote it, in which nobody has
// written anything.
func IsAsWritten(file io.Reader) bool {
	have, want := sha256.New(), sha256.New()
	in, out, sum := csv.NewReader(io.TeeReader(file, have)), csv.NewWriter(want), uint32(0)
	for n := 0; ; n++ {
		cells, err := in.Read()
		if err != nil {
			out.Flush()
			return err == io.EOF && n > 0 && bytes.Equal(have.Sum(nil), want.Sum(nil))
		}
		if err := out.Write(cells); err != nil { // never fails
			return false
		}
		if n == 0 {
			if !slices.Equal(cells, Header()) {
				return false
			}
			continue
		}
		_, said, _ := strings.Cut(cells[ofColumn], " "+sumPrefix)
		cells[ofColumn] = beforeSum(cells[ofColumn])
		if sum = sumOf(sum, cells); said != fmt.Sprintf("%08x", sum) || cells[decisionColumn] != "" {
			return false
		}
	}
}

// neutral puts an apostrophe before a text that a spreadsheet may take for a formula, and
// before one that begins with an apostrophe.
func neutral(text string) string {
	if csvschema.IsFormula(text) || strings.HasPrefix(text, "'") {
		return "'" + text
	}
	return text
}

// notNeutral returns the text again of which neutral made a cell.
func notNeutral(cell string) string { return strings.TrimPrefix(cell, "'") }

// Decisions are the lines of a review that a person filled in. Nil means that none were given.
type Decisions struct {
	path  string
	list  []*decision
	by    map[asked]*decision
	isOld bool // the review does not say of what it is

	stored *dsr.Decisions // those with a key, in a search; see keyed.go
}

// An asked is all that a question says about what is asked. A decision answers the
// question that has the same, and no other: another copy of a resource, or another
// reason, may name another person.
type asked struct {
	role          csvschema.Role
	lab, resource string // in normal form
	input         string
	line          int64
	reason        string
}

// A decision is one line of a review.
type decision struct {
	asked
	of       string          // see [Origin] and keyed.go
	digest   identity.Digest // of a decision with a key
	decision string          // in lower case
	number   int             // of the line in the review
	used     bool
}

// Read reads a review that was filled in. An empty path is no decisions.
func Read(path string) (*Decisions, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // no file is no decisions
	}
	text, err := lists.TextUpTo(path, maxRead)
	if err != nil {
		return nil, err
	}
	d := &Decisions{path: path, by: map[asked]*decision{}}
	r := lists.CSV(text, Header())
	if r == nil {
		r, d.isOld = lists.CSV(text, OldHeader()), true
	}
	if r == nil {
		return nil, fault.In(path, fault.WithHint(errors.New("line 1: this is no file that --review wrote"), "its first line is: %s", strings.Join(Header(), ",")))
	}
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return d, nil
		}
		if err != nil {
			return nil, d.damaged(fmt.Errorf("line %d: cannot be read", lists.CSVLine(err)))
		}
		number, _ := r.FieldPos(0)
		if d.isOld {
			cells = slices.Insert(cells, ofColumn, "")
		}
		one, err := newDecision(cells)
		if err != nil {
			return nil, d.damaged(fmt.Errorf("line %d, %w", number, err))
		}
		one.number = number
		if one.decision == "" {
			continue
		}
		have := d.find(one.asked)
		if have == nil {
			d.list = append(d.list, one)
			d.by[one.asked] = one
		} else if have.decision != one.decision {
			return nil, d.contradicts(one, have)
		}
	}
}

func (d *Decisions) damaged(err error) error {
	return fault.In(d.path, fault.WithHint(err, "change nothing but the last column"))
}

// contradicts returns the error for a decision that says something else than an earlier one.
func (d *Decisions) contradicts(one, earlier *decision) error {
	return fault.In(d.path, fault.WithHint(fmt.Errorf("line %d, column decision: line %d decides otherwise about the same", one.number, earlier.number),
		"leave one of them empty"))
}

func newDecision(cells []string) (*decision, error) {
	d := &decision{
		asked: asked{
			lab: identity.Normal(notNeutral(cells[labColumn])), resource: identity.Normal(notNeutral(cells[resourceColumn])),
			input: inputs.Tidy(notNeutral(cells[inputColumn])), reason: cells[reasonColumn],
		},
		of:       beforeSum(cells[ofColumn]),
		decision: strings.ToLower(strings.TrimSpace(cells[decisionColumn])),
	}
	switch cells[roleColumn] {
	case csvschema.VirtualMachines.String():
		d.role = csvschema.VirtualMachines
	case csvschema.Disks.String():
		d.role = csvschema.Disks
	default:
		return nil, errors.New("column role: no kind of export")
	}
	var err error
	if d.line, err = strconv.ParseInt(cells[lineColumn], 10, 64); err != nil || d.line < 1 {
		return nil, errors.New("column line: no number of a line")
	}
	return d, nil
}

// find returns the decision about what was asked, or nil.
func (d *Decisions) find(q asked) *decision {
	if d == nil {
		return nil
	}
	return d.by[q]
}

// about returns the decision about a question, or nil.
func (d *Decisions) about(q Question) *decision {
	return d.find(q.asked())
}

func (q Question) asked() asked {
	return asked{q.Role, q.LabUId, q.ResourceUId, q.File, q.Line, q.Reason}
}

// Path returns the path of the review.
func (d *Decisions) Path() string { return d.path }

// Count returns how many decisions were used, and how many were not because they are
// about nothing that is to be decided.
func (d *Decisions) Count() (used, unused int) {
	isUnmet := map[identity.Digest]bool{}
	if d.stored != nil {
		for _, digest := range d.stored.Unmet() {
			isUnmet[digest] = true
		}
	}
	for _, one := range d.list {
		if one.used || one.isKeyed() && d.stored != nil && !isUnmet[one.digest] {
			used++
		}
	}
	return used, len(d.list) - used
}

// notAChoice returns the error for a decision that is not one of the choices.
func (d *Decisions) notAChoice(one *decision, format string, args ...any) error {
	return fault.In(d.path, fault.WithHint(fmt.Errorf("line %d, column decision: not one of the choices", one.number), format, args...))
}
