package main

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
)

// graceTime is how long a run that was interrupted may take to end by itself. What waits
// for the other end of a pipe, or for a disk that is gone, never does.
const graceTime = time.Second

// listen returns a context that ends when the process is to end. A second signal, or the
// end of the grace time, ends the process at once. In either case nothing is left on the
// disk. The function that it returns ends the listening.
func (a *app) listen(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	signals, stop := make(chan os.Signal, 8), make(chan struct{})
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE} {
		if !signal.Ignored(s) { // nohup stays nohup
			signal.Notify(signals, s)
		}
	}
	go func() {
		var end <-chan time.Time
		for {
			select {
			case <-stop:
				return
			case <-end:
				a.abort()
			case s := <-signals:
				if end == nil {
					cancel()
					end = time.After(graceTime)
				} else if s != syscall.SIGPIPE { // of each line that nobody reads there is one
					a.abort()
				}
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(stop)
		cancel()
	}
}

// abort ends the process, unless it is ending by itself with outputs that are final.
func (a *app) abort() {
	left, aborted := a.outputs.Abort()
	if !aborted {
		return
	}
	con := console.New(os.Stderr) // the other one is in use
	con.KeepArguments(os.Args[1:])
	text, hint := errInterrupted.Error(), a.runAgain()
	if len(left) > 0 {
		text, hint = text+"; "+strings.Join(left, "; "), notPutRight
	}
	con.Fail(text, hint)
	os.Exit(statusFailed)
}
