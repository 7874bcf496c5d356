package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// The exit statuses. Programs that run this one rely on them.
const (
	statusDone       = 0 // also when no data is held
	statusFailed     = 1
	statusUsage      = 2
	statusUndecided  = 3 // done, but rows that concern the request need a person's decision; or, of plan, a hold is on nothing
	statusUnverified = 4
)

// An app is one run of the program.
type app struct {
	stdout  *checkedWriter
	con     *console.Console
	json    bool
	command string
	now     func() time.Time
	finder  inputs.Finder
	exports *inputs.Exports // nil until they are found
	outputs output.Set
	storage *storage

	replacing atomic.Bool // blobs, in place: an interrupt does not undo that

	export azure.ExportOptions    // of tests: how the lab service is asked
	again  atomic.Pointer[string] // what to do after an interrupt, if that is not to run it again

	result result // with --json it is written
}

func newApp(args []string, stdin io.Reader, stdout, stderr *os.File) *app {
	a := &app{stdout: &checkedWriter{Writer: stdout}, con: console.New(stderr), now: time.Now, storage: &storage{ctx: context.Background()}}
	a.outputs.ProtectOpen("standard output", stdout)
	a.outputs.ProtectOpen("standard error", stderr)
	if file, ok := stdin.(*os.File); ok {
		a.outputs.ProtectOpen("standard input", file)
	}
	a.con.KeepArguments(args)
	a.finder = inputs.Finder{Stdin: stdin, Read: a.con.Advance, Package: isPackage, Lists: [][]string{lists.HoldsHeader(), review.Header(), review.OldHeader()}, Store: a.storage}
	a.outputs.Store, a.outputs.Temporary = a.storage, a.finder.Temporary
	return a
}

// A place is a path where exports are looked for. Role is 0 for any.
type place struct {
	path string
	role csvschema.Role
}

// find finds the exports. Where the folder of an export does not say when it was made,
// exportedAt says it; it may be "".
func (a *app) find(ctx context.Context, places []place, zone *time.Location, exportedAt string) error {
	made := time.Time{}
	if exportedAt != "" {
		var err error
		if made, err = parseInstant("exported-at", exportedAt); err != nil {
			return err
		}
	}
	for _, p := range places {
		if err := a.finder.Find(ctx, p.path, p.role); err != nil {
			return err
		}
	}
	a.exports = a.finder.Group(zone, made)
	if n := len(a.exports.LeftAlone); n > 0 {
		a.con.Line("left alone", "%s that %s no export of lab usage: %s", console.Count(n, "file"), console.Agree(n, "is", "are"), console.Some(a.exports.LeftAlone))
	}
	if n := len(a.exports.Ignored); n > 0 {
		a.con.Warn("ignored", "%s that --ignore names, and %s not read: %s", console.Count(n, "path"), console.Agree(n, "was", "were"), console.Some(a.exports.Ignored))
	}
	if n := len(a.exports.Twice); n > 0 {
		a.con.Warn("twice", "%s given more than once, and read once: %s", console.Count(n, "file"), console.Some(a.exports.Twice))
	}
	return nil
}

// end writes the result, makes the outputs final, and returns the exit status. What a
// program cannot be told, because standard output is full or closed, has not been done:
// then, and after any other error, end puts back what was there before the outputs.
func (a *app) end(ctx context.Context, err error) int {
	a.con.Clear()
	a.finder.Close()
	if err == nil {
		if err = a.write(); err == nil {
			return a.done()
		}
	}
	r := &results.Error{Outcome: results.Outcome{Command: a.command}}
	a.result = result{r, &r.Outcome, nil}
	a.failed(ctx, r, err, a.outputs.Discard())
	if a.json && a.stdout.err == nil {
		if err := writeJSON(a.stdout, r); err != nil {
			a.con.Fail("standard output: "+err.Error(), "")
		}
	}
	return r.Status
}

// write writes the result, if a program wants it.
func (a *app) write() error {
	var err error
	if a.result.object != nil {
		a.result.outcome.Command = a.command
		if a.result.inputs != nil {
			*a.result.inputs = a.inputs()
		}
		if a.json {
			err = writeJSON(a.stdout, a.result.object)
		}
	}
	if a.stdout.err != nil {
		err = a.stdout.err
	}
	if inPath, ok := errors.AsType[*fs.PathError](err); ok {
		err = inPath.Err
	}
	if err != nil {
		err = fault.In("standard output", err)
	}
	return err
}

// done makes the outputs final.
func (a *app) done() int {
	for _, left := range a.outputs.Keep() {
		a.con.Warn("left", "%s: remove it yourself", left)
	}
	if a.result.object == nil {
		return statusDone // of help, for instance
	}
	return a.result.outcome.Status
}

// failed says what went wrong, and what is there although it should not be.
func (a *app) failed(ctx context.Context, r *results.Error, err error, left []string) {
	r.Status = statusFailed
	switch {
	case fault.IsUsage(err):
		r.Status = statusUsage
	case fault.IsUnverified(err):
		r.Status = statusUnverified
	}
	if ctx.Err() != nil {
		err = fault.WithHint(errInterrupted, "%s", a.runAgain())
	}
	text, hint := fault.Text(err, a.exports.PathOf), fault.Hint(err)
	if r.Status == statusUsage && hint == "" {
		hint = "labdsr " + a.command + " --help"
		if a.command == "" {
			hint = "labdsr --help"
		}
	}
	if a.replacing.Load() && ctx.Err() == nil {
		text, hint = text+"; before that blobs were replaced, and they stay so", a.runAgain()
	}
	if len(left) > 0 {
		text += "; " + strings.Join(left, "; ")
		hint = notPutRight
	}
	a.con.Fail(text, hint)
	r.Text, r.Hint = a.con.Hide(text), a.con.Hide(hint)
}

// runAgain is the hint for a run that was interrupted.
func (a *app) runAgain() string {
	if a.replacing.Load() {
		return "each blob is what it was, or what it is to be, and whole; run it again"
	}
	if again := a.again.Load(); again != nil {
		return *again
	}
	return fault.RunAgain
}

// notPutRight is the hint for outputs that exist although the run failed.
const notPutRight = "this could not be put right; look at it before you run it again"

var errInterrupted = errors.New("interrupted")
