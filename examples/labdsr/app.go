package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// An app is one run of the program.
type app struct {
	stdin   io.Reader
	stdout  io.Writer
	con     *console
	json    bool
	command string
	now     func() time.Time
	exports *exports // as soon as they are known
	outputs outputs

	result result // what --json writes
}

func newApp(args []string, stdin io.Reader, stdout, stderr *os.File) *app {
	a := &app{stdin: stdin, stdout: stdout, con: newConsole(stderr), now: time.Now}
	a.con.keepSecret(args...)
	return a
}

// A result is what a command found, to be written as one JSON object. Each command
// has a type of its own; the README describes them.
type result interface{ common() *outcome }

// An outcome is what all results have.
type outcome struct {
	Command   string      `json:"command"`
	Status    int         `json:"status"` // the exit status
	Error     string      `json:"error,omitempty"`
	Hint      string      `json:"hint,omitempty"`
	Inputs    []inputJSON `json:"inputs,omitempty"`
	LeftAlone []string    `json:"leftAlone,omitempty"` // files in folders that are no exports
}

func (o *outcome) common() *outcome { return o }

// end says what came out, removes what was not finished, and returns the exit
// status.
func (a *app) end(ctx context.Context, err error) int {
	a.con.bar.clear()
	a.outputs.discard()
	for _, do := range a.con.atEnd {
		do()
	}
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
		o.Inputs, o.LeftAlone = a.exports.describe(a.con.hide), hideAll(a.con, a.exports.leftAlone)
	}
	if a.json {
		if err := a.writeJSON(); err != nil {
			a.con.fail("standard output: "+err.Error(), "")
			return statusFailed
		}
	}
	return o.Status
}

func (a *app) failed(ctx context.Context, o *outcome, err error) {
	o.Status = statusFailed
	if _, isUsage := errors.AsType[*usageError](err); isUsage {
		o.Status = statusUsage
	}
	if ctx.Err() != nil {
		err = hinted(errInterrupted, "nothing was written; run it again")
	}
	text, hint := a.exports.explain(err), hintOf(err)
	if o.Status == statusUsage && hint == "" {
		hint = "labdsr " + a.command + " --help"
		if a.command == "" {
			hint = "labdsr --help"
		}
	}
	a.con.fail(text, hint)
	o.Error, o.Hint = a.con.hide(text), a.con.hide(hint)
}

var errInterrupted = errors.New("interrupted")

func (a *app) writeJSON() error {
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(a.result)
}

// parseInstant reads an instant such as that of --at.
func parseInstant(flag, text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil || t.IsZero() {
		return time.Time{}, usagef("--%s is no instant such as 2026-07-01T09:00:00Z", flag)
	}
	return t, nil
}

func hideAll(c *console, texts []string) []string {
	var out []string
	for _, text := range texts {
		out = append(out, c.hide(text))
	}
	return out
}

// A keyJSON names a resource.
type keyJSON struct {
	Role        string `json:"role"`
	LabUID      string `json:"labUId"`
	ResourceUID string `json:"resourceUId"`
}

func newKeyJSON(k csvschema.Key) keyJSON {
	return keyJSON{k.Role().String(), k.LabUId(), k.ResourceUId()}
}
