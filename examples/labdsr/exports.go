package main

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
)

// of returns the input that the library knows by these numbers, or nil.
func (e *exports) of(export, number int, role csvschema.Role) *input {
	if e == nil {
		return nil
	}
	for _, i := range e.inputs {
		if i.export == export && i.number == number && i.role == role {
			return i
		}
	}
	return nil
}

// path returns the path of the input that the library knows by these numbers.
func (e *exports) path(export, number int, role csvschema.Role) string {
	if i := e.of(export, number, role); i != nil {
		return i.path
	}
	return role.String()
}

// size returns how many bytes one pass over the files of a role reads; 0 stands for
// all files.
func (e *exports) size(role csvschema.Role) int64 {
	var size int64
	for _, i := range e.inputs {
		if role == 0 || i.role == role {
			size += i.size
		}
	}
	return size
}

// An inputJSON is one file that was read.
type inputJSON struct {
	File   string `json:"file"`
	Role   string `json:"role"`
	Export int    `json:"export"`         // number of the export that it belongs to, from 1
	Made   string `json:"made,omitempty"` // when that was made, if it is known
}

func (e *exports) describe(hide func(string) string) []inputJSON {
	var all []inputJSON
	for _, i := range e.inputs {
		in := inputJSON{File: hide(i.path), Role: i.role.String(), Export: i.export}
		if made := e.list[i.export-1].Made; !made.IsZero() {
			in.Made = instant(made)
		}
		all = append(all, in)
	}
	return all
}

// explain says what an error is, with the path of the file.
func (e *exports) explain(err error) string {
	var place *csvschema.Error
	var inFile *fileError
	if errors.As(err, &place) && !errors.As(err, &inFile) {
		if i := e.of(max(place.Export, 1), max(place.File, 1), place.Role); i != nil {
			return i.path + ": " + plainText(err)
		}
	}
	return plainText(err)
}

// plainText says what an error is, for people.
func plainText(err error) string {
	var inFile *fileError
	var place *csvschema.Error
	var inPath *fs.PathError
	switch {
	case errors.As(err, &inFile):
		return inFile.Error()
	case errors.As(err, &place):
		return placeText(place) + plainText(place.Err)
	case errors.As(err, &inPath):
		return inPath.Path + ": " + inPath.Err.Error()
	}
	return strings.TrimPrefix(err.Error(), "labdsr: ")
}

// placeText says where in a file something is wrong, with a colon behind it.
func placeText(place *csvschema.Error) string {
	var parts []string
	if place.Line > 0 {
		parts = append(parts, "line "+strconv.FormatInt(place.Line, 10))
	}
	switch {
	case place.Column != 0:
		parts = append(parts, "column "+place.Column.String())
	case place.Number > 0:
		parts = append(parts, fmt.Sprintf("column number %d", place.Number))
	}
	if parts == nil {
		return ""
	}
	return strings.Join(parts, ", ") + ": "
}
