package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners/prism"
)

// NOTE. Prism, the runner in this process, listens on all addresses, and whoever reaches
// it may run a program: a job names the command of its workers. It has no option for that.
// But it logs that it listens after it listens and before it takes the first connection,
// in the same goroutine. That is the moment in which rebind makes the socket one of this
// machine alone.

// errEverywhere says that prism would listen on all addresses.
var errEverywhere = errors.New("prism would listen on all addresses of this machine, and whoever reaches it may run programs here; " +
	"name another runner, or allow it with --all-addresses")

// startPrism starts prism in this process, for this machine alone, and returns where it
// listens: at a port that is free, since the kernel does not let a socket be bound again
// that was bound to a port by its number.
func startPrism(ctx context.Context, everywhere bool) (endpoint string, err error) {
	before := slog.Default()
	catch := &catcher{Handler: before.Handler()}
	slog.SetDefault(slog.New(catch))
	_, err = prism.CreateJobServer(ctx, prism.Options{})
	slog.SetDefault(before)
	switch {
	case err != nil:
		return "", err
	case catch.endpoint == "":
		return "", errors.New("prism does not say where it listens")
	case catch.err != nil && !everywhere:
		return "", catch.err
	}
	return catch.endpoint, nil
}

// usePrism makes prism in this process the runner, unless another endpoint is named.
func usePrism(ctx context.Context) (err error) {
	if *jobopts.Endpoint != "" {
		return nil
	}
	if *jobopts.Endpoint, err = startPrism(ctx, *everywhere); err != nil {
		return err
	}
	if *jobopts.EnvironmentType == "" {
		*jobopts.EnvironmentType = "loopback"
	}
	return nil
}

// servePrism is prism as a job server, for workers in processes of their own.
func servePrism(ctx context.Context, stdout io.Writer) error {
	endpoint, err := startPrism(ctx, *everywhere)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(stdout, "prism listens at", endpoint)
	<-ctx.Done()
	return nil
}

// A catcher is a log handler that is told where prism listens.
type catcher struct {
	slog.Handler
	once     sync.Once
	endpoint string
	err      error // of rebind
}

// Handle looks for the address.
func (c *catcher) Handle(ctx context.Context, r slog.Record) error {
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "endpoint" && strings.HasPrefix(r.Message, "Serving") {
			c.once.Do(func() {
				c.endpoint = a.Value.String()
				_, port, _ := strings.Cut(c.endpoint, ":")
				c.err = rebind(port)
			})
		}
		return true
	})
	return nil // it is told where needed
}

// Enabled makes slog ask for all levels.
func (c *catcher) Enabled(context.Context, slog.Level) bool { return true }
