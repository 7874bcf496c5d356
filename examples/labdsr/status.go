package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
)

// The exit statuses. Programs around this one rely on them.
const (
	statusDone       = 0 // also when no data is held
	statusFailed     = 1
	statusUsage      = 2
	statusUndecided  = 3 // done, but rows that concern the request need a person's decision
	statusUnverified = 4
)

// A usageError is a command line that cannot be meant.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usagef(format string, args ...any) error { return &usageError{fmt.Sprintf(format, args...)} }

// A hintError is an error and what to do about it.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

// hinted returns an error with what to do about it.
func hinted(err error, format string, args ...any) error {
	return &hintError{err, fmt.Sprintf(format, args...)}
}

// hintOf returns what a person can do about an error, or "".
func hintOf(err error) string {
	var hint *hintError
	var place *csvschema.Error
	switch {
	case errors.As(err, &hint):
		return hint.hint
	case errors.Is(err, context.Canceled):
		return "nothing was written; run it again"
	case errors.Is(err, syscall.ENOSPC):
		return "nothing was written; make room, or choose another folder with --out"
	case errors.Is(err, fs.ErrNotExist):
		return "check the name, and the folder in which you are"
	case errors.Is(err, fs.ErrPermission):
		return "this needs more rights: ask its owner, or whoever administers this machine"
	case errors.Is(err, csvschema.ErrSourceChanged):
		return "the file was changed while it was read; wait until it is complete, and run it again"
	case errors.Is(err, anonymize.ErrTooManyIdentifiers):
		return "no row of an export is like that; look at the line"
	case errors.As(err, &place):
		return hintOfFile(place)
	}
	return ""
}

// hintOfFile returns what a person can do about an error in a file.
func hintOfFile(e *csvschema.Error) string {
	switch {
	case e.Hint != "":
		return e.Hint
	case errors.Is(e, csvschema.ErrWrongRole):
		return "give it with the other of --virtualmachines and --disks"
	case errors.Is(e, csvschema.ErrValue) && e.Column == csvschema.DeletedDate:
		return "correct the date, or keep such rows with --keep-unreadable-dates"
	case errors.Is(e, csvschema.ErrFieldCount), errors.Is(e, csvschema.ErrQuote), errors.Is(e, csvschema.ErrBareQuote):
		return "was the download cut off, or the file saved by a spreadsheet? use the original download"
	case errors.Is(e, csvschema.ErrUTF8), errors.Is(e, csvschema.ErrUTF16), errors.Is(e, csvschema.ErrNUL):
		return "the file is damaged or in another encoding; use the original download"
	case errors.Is(e, csvschema.ErrMissingColumn), errors.Is(e, csvschema.ErrRepeatedColumn), errors.Is(e, csvschema.ErrNoHeader):
		return "use the original download"
	}
	return ""
}
