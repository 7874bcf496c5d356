package results

import (
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr/deadline"
)

// An Outcome is what all objects have.
type Outcome struct {
	// Command is the command, such as "access" or "receipts check".
	Command string `json:"command"`
	// Status is the exit status.
	Status int `json:"status"`
}

// An Error is the object of a run that failed.
type Error struct {
	Outcome
	// Text is what went wrong, in words.
	Text string `json:"error"`
	// Hint is what to do about it, in words. It is absent if there is no hint.
	Hint string `json:"hint,omitempty"`
}

// Man is the object of the command man.
type Man struct {
	Outcome
}

// Inputs are the files of a run.
type Inputs struct {
	// Files are the files that were read, in the order of the exports.
	Files []Input `json:"inputs"`
	// LeftAlone are the files in folders and ZIPs that are no exports.
	LeftAlone []string `json:"leftAlone"`
	// Ignored are the files and folders that --ignore names.
	Ignored []string `json:"ignored"`
}

// An Input is a file that was read.
type Input struct {
	// File is its path.
	File string `json:"file"`
	// Role is the kind of file.
	Role csvschema.Role `json:"role"`
	// Export is the number of the export that it belongs to, from 1.
	Export int `json:"export"`
	// Made is when the export was made. It is absent if that is not known.
	Made time.Time `json:"made,omitzero"`
}

// A Key names a resource.
type Key struct {
	// Role is the kind of file that the resource is in.
	Role csvschema.Role `json:"role"`
	// LabUID is the LabUId of its rows.
	LabUID string `json:"labUId"`
	// ResourceUID is the ResourceUId of its rows.
	ResourceUID string `json:"resourceUId"`
}

// A Place is a line of an input or of a list.
type Place struct {
	// File is its path.
	File string `json:"file"`
	// Line is the number of the line, from 1.
	Line int64 `json:"line"`
}

// A Question is a row, or a resource, that a person has to decide about.
type Question struct {
	Key
	// File is the path of the file that has the row, or the first row of the resource.
	File string `json:"file"`
	// Line is the number of its line, from 1.
	Line int64 `json:"line"`
	// Kind is why a person has to decide.
	Kind QuestionKind `json:"kind"`
	// Rows is how many rows the question is about.
	Rows int64 `json:"rows"`
	// Choices are what a person can decide.
	Choices []Choice `json:"choices"`
	// Competing are rows of machines to compare it with, up to ten. It is absent if there are
	// none.
	Competing []Place `json:"competing,omitempty"`
}

// A QuestionKind is the code of why a person has to decide: one of dsr.FindingKind for the
// rows of a person, one of anonymize.FindingKind for a plan, or one of these.
type QuestionKind string

// The kinds that have no code in the library.
const (
	// OwnedByNobody is a machine whose owner is a word for nobody, in an environment of the
	// person.
	OwnedByNobody QuestionKind = "owned-by-nobody"
)

// A Choice is what a person can decide, as the last column of a review.
type Choice string

// The choices.
const (
	Theirs Choice = "theirs" // the row is the person's
	Other  Choice = "other"  // it is somebody else's, or nothing that was asked for
	Exists Choice = "exists" // the resource exists
	Day    Choice = "day"    // the day on which the resource was deleted, such as 2026-05-01
)

// Instant returns an instant as a result holds it: not after the year 9999.
func Instant(t time.Time) time.Time {
	if last := time.Date(9999, time.December, 31, 23, 59, 59, 0, time.UTC); t.After(last) {
		return last
	}
	if t.Year() > 9999 { // in its zone
		return t.UTC()
	}
	return t
}

// DateOf returns the day of an instant in its zone, as a result holds it.
func DateOf(t time.Time) deadline.Date { return deadline.DateOf(Instant(t), Instant(t).Location()) }
