package main

import (
	"encoding/json"
	"io"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
)

// A result is what a command found, to be written as one JSON object. Each command has
// a type of its own; the README describes them.
type result interface{ common() *outcome }

// An outcome is what all results have.
type outcome struct {
	Command   string      `json:"command"`
	Status    int         `json:"status"` // the exit status
	Error     string      `json:"error,omitempty"`
	Hint      string      `json:"hint,omitempty"`
	Inputs    []inputJSON `json:"inputs,omitempty"`
	LeftAlone []string    `json:"leftAlone,omitempty"` // files in folders and ZIPs that are not exports
	Ignored   []string    `json:"ignored,omitempty"`   // files and folders that --ignore names
}

func (o *outcome) common() *outcome { return o }

func writeJSON(w io.Writer, r result) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// An inputJSON is one file that was read.
type inputJSON struct {
	File   string `json:"file"`
	Role   string `json:"role"`
	Export int    `json:"export"`         // number of the export that it belongs to, from 1
	Made   string `json:"made,omitempty"` // when the export was made, if that is known
}

func (a *app) inputsJSON() []inputJSON {
	var all []inputJSON
	names := a.exports.Names(a.con.Hide)
	for _, file := range a.exports.Files {
		all = append(all, inputJSON{
			File: names[file.FileID], Role: file.Role.String(), Export: file.Export, Made: instantOr(a.exports.List[file.Export-1].Made),
		})
	}
	return all
}

// A keyJSON names a resource.
type keyJSON struct {
	Role        string `json:"role"`
	LabUID      string `json:"labUId"`
	ResourceUID string `json:"resourceUId"`
}

// keyJSON names the resource of a key. The IDs of a row may be no IDs, but a person's.
func (a *app) keyJSON(k csvschema.Key) keyJSON {
	return keyJSON{k.Role().String(), a.con.Hide(k.LabUId()), a.con.Hide(k.ResourceUId())}
}

// A questionJSON is a row that a person has to decide about.
type questionJSON struct {
	keyJSON
	File    string `json:"file"`
	Line    int64  `json:"line"`
	Reason  string `json:"reason"`
	Choices string `json:"choices"`
	// Competing are rows of machines to compare it with, up to ten.
	Competing []competingJSON `json:"competing,omitempty"`
}

// A competingJSON is a row of an input.
type competingJSON struct {
	File string `json:"file"`
	Line int64  `json:"line"`
}

func questionsJSON(questions []review.Question) []questionJSON {
	all := []questionJSON{}
	for _, q := range questions {
		one := questionJSON{keyJSON: keyJSON{q.Role.String(), q.LabUId, q.ResourceUId}, File: q.File, Line: q.Line, Reason: q.Reason, Choices: q.Choices}
		for _, p := range q.Competing {
			one.Competing = append(one.Competing, competingJSON(p))
		}
		all = append(all, one)
	}
	return all
}

// instantOr writes an instant, or "" if it is zero.
func instantOr(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return console.Instant(t)
}
