package main

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

// NOTE. These are all types that flow through a pipeline, beside numbers. A runner keeps
// and copies elements, and shows samples of them. So they hold references and counts: no
// cell of a file, no identifier of a subject, no key. What may name a person is a path,
// for whoever chose it; what is shown of it is hidden by shown.

// A file is a file of a root as it was listed.
type file struct {
	Root  int    // number of the root, from 1
	Path  string // in the root, with slashes
	Stamp string // by which it is known to be the same; see store
	// Fault is why the file cannot be taken, or "".
	Fault string
}

// A looked is a file that was read once, or cannot be.
type looked struct {
	File  file
	Role  csvschema.Role `json:",omitempty"` // 0 if it is no export and left alone
	Labs  []string       // fingerprints of the labs that its rows name
	Holds lists.Sights   `json:",omitempty"` // what its rows have of holds
	// NotPeople are the columns that have the object IDs of requests, by their numbers from 0.
	NotPeople map[int]csvschema.Column `json:",omitempty"`
	Fault     string
}

// A unit is what is worked on by itself: all files of some labs.
type unit struct {
	ID      string // of its files
	Exports []export
	Labs    int // how many labs its rows name
}

// An export is the part of an export that is in a unit.
type export struct {
	Made                   time.Time
	VirtualMachines, Disks []file
	// DisksElsewhere says that no disks of the export are in the unit, and some in others.
	DisksElsewhere bool `json:",omitempty"`
}

// files returns all files in the order in which package csvschema numbers them.
func (u *unit) files() []file {
	var all []file
	for _, e := range u.Exports {
		all = append(append(all, e.VirtualMachines...), e.Disks...)
	}
	return all
}

// at returns the file with a number.
func (u *unit) at(id csvschema.FileID) file {
	if id.Role == csvschema.Disks {
		return u.Exports[id.Export-1].Disks[id.File-1]
	}
	return u.Exports[id.Export-1].VirtualMachines[id.File-1]
}

// An outcome is what became of a unit, or of files that belong to none.
type outcome struct {
	Unit  string
	Files int
	Labs  int
	Left  int // files that are no exports
	// Refused says that the unit was not worked on because of the holds or requests.
	Refused bool             `json:",omitempty"`
	Holds   holdsOutcome     `json:",omitzero"`
	Counts  map[string]int64 `json:",omitempty"`
	// Written are the names of the unit's files in the output.
	Written []string `json:",omitempty"`
	// Head is that of the receipt of the unit.
	Head string `json:",omitempty"`
	// Subjects are those of whom the unit holds something.
	Subjects []subjectOutcome `json:",omitempty"`
	// Requests are those of which the unit holds something.
	Requests []requestOutcome `json:",omitempty"`
	Failures []failure        `json:",omitempty"`
}

// A requestOutcome is what becomes of the rows that hold the identifier of a request.
type requestOutcome struct {
	Request int                   `json:"request"` // number, from 1: those of --erase, and then of --removed
	Kind    anonymize.RequestKind `json:"kind"`
	Rows    map[fate.Fate]int64   `json:"rows,omitempty"`
}

// A holdsOutcome is which holds keep nothing.
type holdsOutcome struct {
	// Unmet are the holds that have not ended and are on no row that could be read.
	Unmet []place `json:"unmet,omitempty"`
	Ended int     `json:"ended,omitempty"` // of those that are on a row
}

// A place is a line of a list.
type place struct {
	Path string `json:"path"` // in which what names a person is hidden
	Line int    `json:"line"`
}

// A subjectOutcome is what a unit holds of a subject.
type subjectOutcome struct {
	Subject int              `json:"subject"` // number in the file of subjects, from 1
	Counts  map[string]int64 `json:"counts"`
	// NotAPerson are columns in which an identifier of the subject is that of something else.
	NotAPerson []string `json:"notAPerson,omitempty"`
}

// A failure is why a unit failed.
type failure struct {
	Unit string `json:"unit,omitempty"`
	// Path is that of a file, in which what names a person is hidden; "" if none is at fault.
	Path  string `json:"path,omitempty"`
	Error string `json:"error"`
}

func init() {
	beam.RegisterCoder(reflect.TypeFor[file](), encodeFile, decodeFile)
	beam.RegisterCoder(reflect.TypeFor[looked](), encodeLooked, decodeLooked)
	beam.RegisterCoder(reflect.TypeFor[unit](), encodeUnit, decodeUnit)
	beam.RegisterCoder(reflect.TypeFor[outcome](), encodeOutcome, decodeOutcome)
}

// The coders are JSON, so that what is encoded is what the fields say. Beam knows them by
// their names, which those of a generic function would not have.

func encodeFile(f file) ([]byte, error)          { return json.Marshal(f) }
func decodeFile(text []byte) (file, error)       { return decode[file](text) }
func encodeLooked(l looked) ([]byte, error)      { return json.Marshal(l) }
func decodeLooked(text []byte) (looked, error)   { return decode[looked](text) }
func encodeUnit(u unit) ([]byte, error)          { return json.Marshal(u) }
func decodeUnit(text []byte) (unit, error)       { return decode[unit](text) }
func encodeOutcome(o outcome) ([]byte, error)    { return json.Marshal(o) }
func decodeOutcome(text []byte) (outcome, error) { return decode[outcome](text) }

func decode[T any](text []byte) (element T, err error) {
	err = json.Unmarshal(text, &element)
	return element, err
}

// shown returns the path of a file for people. What names a person in it is hidden.
func (j *job) shown(f file) string {
	if len(j.Roots) > 1 {
		return fmt.Sprintf("%d/%s", f.Root, hidden(f.Path))
	}
	return hidden(f.Path)
}

// hidden returns a path without what names a person in it.
func hidden(name string) string {
	text := strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, name)
	var finder identity.Finder
	spans := finder.Find(nil, []byte(strings.ReplaceAll(text, `\`, "/")))
	for _, span := range slices.Backward(spans) {
		text = text[:span.Start] + "[hidden]" + text[span.End:]
	}
	return text
}

// name is where the files that are made of a file go, in the output.
func (j *job) name(f file) string {
	if len(j.Roots) > 1 {
		return fmt.Sprintf("%d/%s", f.Root, f.Path)
	}
	return f.Path
}

// atLine says in which line of a file of options an error is.
func atLine(line int, err error) error { return fmt.Errorf("line %d: %w", line, err) }
