package main

import (
	"encoding/json"
	"io"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// A result is what a command found: an object of package results, and the parts of it that
// all commands have.
type result struct {
	object  any // nil if there is none
	outcome *results.Outcome
	inputs  *results.Inputs // nil if the command reads no exports
}

func writeJSON(w io.Writer, object any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(object)
}

// inputs returns what was found where exports were looked for.
func (a *app) inputs() results.Inputs {
	all := results.Inputs{Files: []results.Input{}, LeftAlone: a.con.HideAll(a.exports.LeftAlone), Ignored: a.con.HideAll(a.exports.Ignored)}
	names := a.exports.Names(a.con.Hide)
	for _, file := range a.exports.Files {
		all.Files = append(all.Files, results.Input{
			File: names[file.FileID], Role: file.Role, Export: file.Export, Made: results.Instant(a.exports.List[file.Export-1].Made),
		})
	}
	return all
}

// key names the resource of a key. The IDs of a row may be no IDs, but a person's.
func (a *app) key(k csvschema.Key) results.Key {
	return results.Key{Role: k.Role(), LabUID: a.con.Hide(k.LabUId()), ResourceUID: a.con.Hide(k.ResourceUId())}
}

func questionsOf(questions []review.Question) []results.Question {
	all := []results.Question{}
	for _, q := range questions {
		one := results.Question{
			Key: results.Key{Role: q.Role, LabUID: q.LabUId, ResourceUID: q.ResourceUId}, File: q.File, Line: q.Line,
			Kind: q.Kind, Rows: q.Rows, Choices: q.Takes,
		}
		for _, p := range q.Competing {
			one.Competing = append(one.Competing, results.Place(p))
		}
		all = append(all, one)
	}
	return all
}
