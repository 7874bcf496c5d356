// Events reads the output of go test -json and prints "N passed, N failed". It
// exits with status 1 if a test failed, if no test ran, or if a test was skipped. A
// test may be skipped only if it says that shared data is absent, on a machine that
// does not have them.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"
)

type event struct {
	Action, Package, Test, Output string
}

func main() {
	failures := flag.Bool("failures", false, "print the output of everything that failed")
	flag.Parse()
	_, err := os.Stat("../shared/data")
	sharedAbsent := err != nil

	output := map[string][]string{} // by package and test
	passed, failed, refused := 0, 0, 0
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	for in.Scan() {
		var e event
		if json.Unmarshal(in.Bytes(), &e) != nil {
			fmt.Fprintln(os.Stderr, in.Text()) // not a line of the test runner
			continue
		}
		name := e.Package + " " + e.Test
		switch e.Action {
		case "output", "build-output":
			output[name] = append(output[name], e.Output)
			if e.Action == "build-output" {
				fmt.Fprint(os.Stderr, e.Output)
			}
		case "pass":
			if e.Test != "" {
				passed++
			}
			delete(output, name)
		case "fail":
			if e.Test != "" {
				failed++
			}
			if *failures {
				fmt.Fprint(os.Stderr, strings.Join(output[name], ""))
			}
		case "skip":
			text := strings.Join(output[name], "")
			if e.Test != "" && (!sharedAbsent || !strings.Contains(text, "shared data absent")) {
				refused++
				fmt.Fprintf(os.Stderr, "skipped: %s\n%s", name, text)
			}
		}
	}
	if in.Err() != nil {
		fmt.Fprintln(os.Stderr, in.Err())
		os.Exit(1)
	}
	fmt.Printf("%d passed, %d failed\n", passed, failed)
	if failed+refused > 0 || passed == 0 {
		os.Exit(1)
	}
}
