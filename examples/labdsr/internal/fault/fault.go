// Package fault answers one question: what went wrong, in words for people who do
// not write Go, and what can they do about it?
//
// A text of this package holds no cell of a file and no value of a flag. It may hold
// the path of a file, which can name a person: the console hides that.
package fault

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
)

// A usageError is an error in the command line.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

// Usage returns an error in the command line.
func Usage(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// IsUsage reports whether err is an error in the command line.
func IsUsage(err error) bool {
	_, is := errors.AsType[*usageError](err)
	return is
}

// A hintError is an error and what to do about it.
type hintError struct {
	error
	hint string
}

func (e *hintError) Unwrap() error { return e.error }

// WithHint returns err together with what to do about it.
func WithHint(err error, format string, args ...any) error {
	return &hintError{err, fmt.Sprintf(format, args...)}
}

// A fileError is an error in a file.
type fileError struct {
	path string
	err  error
}

func (e *fileError) Error() string { return e.path + ": " + plain(e.err) }
func (e *fileError) Unwrap() error { return e.err }

// In returns err with the path of the file that it is in, unless err holds a path.
func In(path string, err error) error {
	if _, hasPath := errors.AsType[*fs.PathError](err); hasPath {
		return err
	}
	return &fileError{path, err}
}

// Text returns what went wrong. The library gives the number of a file and not its
// path: pathOf returns the path, or "" if it does not know the file.
func Text(err error, pathOf func(*csvschema.Error) string) string {
	_, inFile := errors.AsType[*fileError](err)
	_, inPath := errors.AsType[*fs.PathError](err) // of an output, perhaps: the input is not at fault
	if !inFile && !inPath {
		if place, ok := errors.AsType[*csvschema.Error](err); ok {
			if path := pathOf(place); path != "" {
				return path + ": " + plain(err)
			}
		}
	}
	return plain(err)
}

func plain(err error) string {
	if inFile, ok := errors.AsType[*fileError](err); ok {
		return inFile.Error()
	}
	if inPath, ok := errors.AsType[*fs.PathError](err); ok {
		return inPath.Path + ": " + inPath.Err.Error()
	}
	if place, ok := errors.AsType[*csvschema.Error](err); ok {
		return placeText(place) + plain(place.Err)
	}
	return strings.TrimPrefix(err.Error(), "labdsr: ")
}

// placeText returns the line and the column of an error, followed by a colon.
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
