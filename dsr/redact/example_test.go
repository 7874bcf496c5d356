package redact_test

import (
	"context"
	"fmt"
	"os"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

// The rows that a person gets name nobody else. The controller looks at what was hidden
// and decides item by item what may be shown: here the address of a team.
func Example() {
	const machines = `LabUId,ResourceId,ResourceUId,Name,ResourceOwner,Notes
lab-1,/labs/dev/virtualmachines/alice042,vm-1,alice042,alice@example.com,"from bob@contoso.com, was bob007"
lab-1,/labs/dev/virtualmachines/build,vm-2,build,alice@example.com,questions to build-team@example.com
`
	exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{source([]byte(machines))}}}
	subject, err := dsr.ParseSubject("alice@example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	answer := func(shown *redact.Shown) (*redact.Summary, error) {
		redactor, err := redact.New(subject, shown)
		if err != nil {
			return nil, err
		}
		report, err := redact.Records(context.Background(), exports, []*redact.Redactor{redactor}, func(m redact.Match) error {
			_, err := os.Stdout.Write(m.Record.AppendTo(nil))
			return err
		}, nil)
		if err != nil {
			return nil, err
		}
		return report.Hidden[0], nil
	}
	hidden, err := answer(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("hidden: %d addresses, %d names\n", hidden.Addresses, hidden.Names)
	shown := &redact.Shown{}
	for _, c := range hidden.Candidates {
		fmt.Printf("%v, in %d row: %v\n", c.Reason, c.Rows, c.Value)
		if c.Identifier.Reveal() == "build-team@example.com" { // here a person is asked
			shown.Identifiers = append(shown.Identifiers, c.Identifier)
		}
	}
	if _, err := answer(shown); err != nil {
		fmt.Println(err)
	}
	// Output:
	// lab-1,/labs/dev/virtualmachines/alice042,vm-1,alice042,alice@example.com,"from [hidden], was [hidden]"
	// lab-1,/labs/dev/virtualmachines/build,vm-2,build,alice@example.com,questions to [hidden]
	// hidden: 2 addresses, 1 names
	// address of somebody else, in 1 row: [redacted]
	// name derived from an address of somebody else, in 1 row: [redacted]
	// address of somebody else, in 1 row: [redacted]
	// lab-1,/labs/dev/virtualmachines/alice042,vm-1,alice042,alice@example.com,"from [hidden], was [hidden]"
	// lab-1,/labs/dev/virtualmachines/build,vm-2,build,alice@example.com,questions to build-team@example.com
}
