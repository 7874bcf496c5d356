package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"github.com/labdsr/labdsr/csvschema"
)

func init() {
	register.DoFn3x1[context.Context, unit, func(outcome), error](&worker{})
}

// A worker does the work of a run on one unit after the other.
//
// A runner may give a unit to a worker again, or to two at once: after a failure of its
// own, or because the first is slow. So all that is written is the same each time, has its
// final name only when it is whole, and is never overwritten.
type worker struct {
	Job job

	stores  map[string]store
	given   *given
	written func(dir string) // tests: called before what was written is verified
}

// Setup is called when a process begins to work.
func (w *worker) Setup() { w.stores = map[string]store{} }

// ProcessElement works on a unit. That it fails is an outcome, and stops no other unit.
func (w *worker) ProcessElement(ctx context.Context, u unit, emit func(outcome)) error {
	done := outcome{Unit: u.ID, Files: len(u.files()), Labs: u.Labs}
	err := w.work(ctx, &u, &done)
	if ctx.Err() != nil {
		return ctx.Err() // nobody knows what the unit would have come to
	}
	if err != nil {
		done = outcome{Unit: u.ID, Files: done.Files, Labs: u.Labs, Failures: []failure{w.failure(&u, err)}}
	}
	emit(done)
	return nil
}

// failure returns why a unit failed.
func (w *worker) failure(u *unit, err error) failure {
	why := failure{Unit: u.ID, Error: hidden(faultOf(err))}
	if e, ok := errors.AsType[*csvschema.Error](err); ok && e.Export > 0 && e.File > 0 {
		why.Path = w.Job.shown(u.at(e.FileID))
	}
	return why
}

// work does what is to be done for a unit.
func (w *worker) work(ctx context.Context, u *unit, done *outcome) (err error) {
	for _, root := range append([]string{w.Job.Out}, w.Job.Roots...) {
		if w.stores[root] == nil {
			if w.stores[root], err = w.Job.store(root); err != nil {
				return err
			}
		}
	}
	if w.given == nil {
		if w.given, err = w.Job.given(); err != nil {
			return err
		}
	}
	out := w.stores[w.Job.Out]
	dir, err := out.work()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, withoutPath(os.RemoveAll(dir))) }()
	exports := u.exports(func(root int) store { return w.stores[w.Job.Roots[root-1]] })
	if w.Job.Action == access {
		return w.access(ctx, u, exports, dir, out, done)
	}
	return w.anonymize(ctx, u, exports, dir, out, done)
}

// writeFile writes a new file of a work folder.
func writeFile(dir, name string, write func(io.Writer) error) error {
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return withoutPath(err)
	}
	w := bufio.NewWriterSize(f, 64<<10)
	err = write(w)
	if err == nil {
		err = errors.Join(withoutPath(w.Flush()), withoutPath(f.Sync()))
	}
	return errors.Join(err, withoutPath(f.Close()))
}
