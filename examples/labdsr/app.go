package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
	"github.com/labdsr/labdsr/examples/labdsr/internal/lists"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
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

	result result // what --json writes
}

func newApp(args []string, stdin io.Reader, stdout, stderr *os.File) *app {
	a := &app{stdout: &checkedWriter{Writer: stdout}, con: console.New(stderr), now: time.Now}
	a.outputs.ProtectOpen("standard output", stdout)
	a.outputs.ProtectOpen("standard error", stderr)
	if file, ok := stdin.(*os.File); ok {
		a.outputs.ProtectOpen("standard input", file)
	}
	a.con.KeepArguments(args)
	a.finder = inputs.Finder{Stdin: stdin, Read: a.con.Advance, Package: isPackage, Lists: [][]string{lists.HoldsHeader(), review.Header(), review.OldHeader()}}
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
	o := &outcome{Command: a.command}
	a.failed(ctx, o, err, a.outputs.Discard())
	if a.json && a.stdout.err == nil {
		if err := writeJSON(a.stdout, o); err != nil {
			a.con.Fail("standard output: "+err.Error(), "")
		}
	}
	return o.Status
}

// write writes the result, if a program wants it.
func (a *app) write() error {
	if a.result != nil {
		o := a.result.common()
		o.Command = a.command
		if a.exports != nil {
			o.Inputs, o.LeftAlone, o.Ignored = a.inputsJSON(), a.con.HideAll(a.exports.LeftAlone), a.con.HideAll(a.exports.Ignored)
		}
		if a.json {
			_ = writeJSON(a.stdout, a.result) // which remembers the error
		}
	}
	err := a.stdout.err
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
	if a.result == nil {
		return statusDone // of help, for instance
	}
	return a.result.common().Status
}

// failed says what went wrong, and what is there although it should not be.
func (a *app) failed(ctx context.Context, o *outcome, err error, left []string) {
	o.Status = statusFailed
	switch {
	case fault.IsUsage(err):
		o.Status = statusUsage
	case fault.IsUnverified(err):
		o.Status = statusUnverified
	}
	if ctx.Err() != nil {
		err = fault.WithHint(errInterrupted, fault.RunAgain)
	}
	text, hint := fault.Text(err, a.exports.PathOf), fault.Hint(err)
	if o.Status == statusUsage && hint == "" {
		hint = "labdsr " + a.command + " --help"
		if a.command == "" {
			hint = "labdsr --help"
		}
	}
	if len(left) > 0 {
		text += "; " + strings.Join(left, "; ")
		hint = notPutRight
	}
	a.con.Fail(text, hint)
	o.Error, o.Hint = a.con.Hide(text), a.con.Hide(hint)
}

// notPutRight is the hint for outputs that exist although the run failed.
const notPutRight = "this could not be put right; look at it before you run it again"

var errInterrupted = errors.New("interrupted")
