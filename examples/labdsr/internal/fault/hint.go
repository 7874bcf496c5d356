package fault

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
)

// RunAgain is the hint for a run that was interrupted.
const RunAgain = "nothing was written; run it again"

// Hint returns what a person can do about an error, or "".
func Hint(err error) string {
	if hinted, ok := errors.AsType[*hintError](err); ok {
		return hinted.hint
	}
	switch {
	case errors.Is(err, context.Canceled):
		return RunAgain
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		return "nothing was written; make room, or choose another folder with --out"
	case errors.Is(err, fs.ErrNotExist):
		return "check the name, and the folder in which you are"
	case errors.Is(err, fs.ErrPermission):
		return "this needs more rights: ask its owner, or whoever administers this machine"
	case errors.Is(err, csvschema.ErrSourceChanged):
		return "the file was changed while it was read; wait until it is complete, and run it again"
	case errors.Is(err, anonymize.ErrTooManyIdentifiers):
		return "no row of an export is like that; look at the line"
	}
	if place, ok := errors.AsType[*csvschema.Error](err); ok {
		return hintOfPlace(place)
	}
	return ""
}

// hintOfPlace returns what a person can do about an error in a file of an export.
func hintOfPlace(e *csvschema.Error) string {
	switch {
	case e.Hint != "":
		return e.Hint
	case errors.Is(e, csvschema.ErrWrongRole):
		return "give it with the other of --virtualmachines and --disks"
	case errors.Is(e, csvschema.ErrHeaderAgain):
		return "use the original downloads, one file each"
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
