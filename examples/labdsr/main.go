// Labdsr answers GDPR data-subject requests over usage exports of Azure DevTest
// Labs from the command line: it hands out the rows of one person, plans, applies
// and verifies the removal of identifiers, and tells deadlines.
//
//	go run -C examples/labdsr . --help
//
// It is the library of the same name, and files around it: inputs are found by
// their header, outputs appear whole or not at all, and messages are for people who
// do not write Go.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // zones where the system has none
)

func main() { os.Exit(execute()) }

// execute runs the program with the arguments of the process and returns its exit
// status.
func execute() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// run is the program without the process around it.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr *os.File) int {
	a := newApp(args, stdin, stdout, stderr)
	root := newRoot(a)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return a.end(ctx, err)
}
