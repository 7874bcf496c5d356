// Labdsr answers GDPR data-subject requests over usage exports of Azure DevTest
// Labs from the command line. It hands out the rows of one person, plans, applies and
// verifies the removal of identifiers, and computes deadlines.
//
//	go run -C examples/labdsr . --help
//
// This package has the commands, one file for each, and what they share. The rest is in
// the packages of internal, which know no command, and in package results, which has the
// types of what --json writes. Each of internal answers one question:
//
//	inputs    which files are the exports, and what are their plain bytes?
//	output    is an output whole, or not there at all?
//	marker    did this program write that folder, and nobody else anything in it?
//	lists     what does a file say that a person wrote?
//	review    what does a person have to decide, and what did they decide?
//	evidence  which bytes did a run read and write?
//	console   what does the person at the terminal see?
//	fault     what went wrong, and what can a person do about it?
//
// What is in containers of Azure Blob Storage is read and written by package azure, and tables
// for reports are made by package tables. Other programs can import both. To inputs and output
// a container is a store.
package main

import (
	"context"
	"io"
	"os"
	_ "time/tzdata" // zones where the system has none

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/log"
)

func main() { os.Exit(execute()) }

// execute runs the program with the arguments of the process and returns its exit
// status.
func execute() int {
	silence()
	return run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// silence ends the log of the Azure SDK. A variable of the environment makes it write
// requests to standard error.
func silence() { log.SetListener(nil) }

// run runs the program with other arguments and files. It hears the signals of the
// process.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr *os.File) int {
	return newApp(args, stdin, stdout, stderr).run(ctx, args)
}

func (a *app) run(ctx context.Context, args []string) int {
	ctx, stop := a.listen(ctx)
	defer stop()
	a.storage.ctx = ctx
	root := newRoot(a)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return a.end(ctx, err)
}
