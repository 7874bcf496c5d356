package main

import (
	"context"
	"errors"
	"io"
	"os"
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
	statusUndecided  = 3 // done, but rows that concern the request need a person's decision
	statusUnverified = 4
)

// An app is one run of the program.
type app struct {
	stdout  io.Writer
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
	a := &app{stdout: stdout, con: console.New(stderr), now: time.Now}
	a.con.KeepArguments(args)
	a.finder = inputs.Finder{Stdin: stdin, Read: a.con.Advance, Lists: [][]string{lists.HoldsHeader(), review.Header(), review.OldHeader()}}
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
	a.outputs.Exports = a.exports
	if n := len(a.exports.LeftAlone); n > 0 {
		a.con.Line("left alone", "%s that %s no export of lab usage: %s", console.Count(n, "file"), console.Agree(n, "is", "are"), console.Some(a.exports.LeftAlone))
	}
	if n := len(a.exports.Twice); n > 0 {
		a.con.Warn("twice", "%s given more than once, and read once: %s", console.Count(n, "file"), console.Some(a.exports.Twice))
	}
	return nil
}

// end says what went wrong, writes the result, removes what was not finished, and
// returns the exit status.
func (a *app) end(ctx context.Context, err error) int {
	a.con.Clear()
	a.outputs.Discard()
	a.finder.Close()
	if a.result == nil && err == nil {
		return statusDone // of help, for instance
	}
	if err != nil {
		a.result = &outcome{}
	}
	o := a.result.common()
	o.Command = a.command
	if err != nil {
		a.failed(ctx, o, err)
	} else if a.exports != nil {
		o.Inputs, o.LeftAlone = a.inputsJSON(), a.con.HideAll(a.exports.LeftAlone)
	}
	if a.json {
		if err := writeJSON(a.stdout, a.result); err != nil {
			a.con.Fail("standard output: "+err.Error(), "")
			return statusFailed
		}
	}
	return o.Status
}

func (a *app) failed(ctx context.Context, o *outcome, err error) {
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
	a.con.Fail(text, hint)
	o.Error, o.Hint = a.con.Hide(text), a.con.Hide(hint)
}

var errInterrupted = errors.New("interrupted")
