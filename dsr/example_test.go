package dsr_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
)

const exampleMachines = `LabUId,ResourceId,ResourceUId,Name,ResourceOwner
lab-1,/labs/dev/virtualmachines/alice042,vm-1,alice042,Alice@example.com
lab-1,/labs/dev/virtualmachines/build,vm-2,build,bob@contoso.com
lab-1,/labs/dev/virtualmachines/data,vm-3,data,alice@example.onmicrosoft.com
`

const exampleDisks = `LabUId,ResourceId,ResourceUId,Name,LeasedByVmId
lab-1,/labs/dev/disks/os,disk-1,os,/Labs/Dev/VirtualMachines/Alice042
lab-1,/labs/dev/disks/old,disk-2,old,/labs/dev/virtualmachines/gone
`

// text is a source that opens a text; a program opens a file.
func text(s string) csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(s)), nil
	}}
}

func exampleExports() []csvschema.Export {
	return []csvschema.Export{{
		VirtualMachines: []csvschema.Source{text(exampleMachines)},
		Disks:           []csvschema.Source{text(exampleDisks)},
	}}
}

// A person asks for their data. What is certain is handed out as it stands in the
// exports; what a person must look at is listed by key.
func Example() {
	subject, err := dsr.ParseSubject("alice@example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := dsr.Filter(context.Background(), exampleExports(), []dsr.Subject{subject}, func(m dsr.Match) error {
		fmt.Printf("%v, by the %v:\n  ", m.Key, m.Rule)
		_, err := os.Stdout.Write(m.Record.Raw())
		return err
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range report.Findings {
		fmt.Printf("%v, line %d: %v\n", f.Key, f.Line, f.Kind)
	}
	found := report.Subjects[0]
	fmt.Printf("theirs: %d of %d virtual machines, %d of %d disks\n",
		found.VirtualMachines.Theirs(), found.VirtualMachines.Rows, found.Disks.Theirs(), found.Disks.Rows)
	// Output:
	// virtualmachines lab-1/vm-1, by the owner of the virtual machine:
	//   lab-1,/labs/dev/virtualmachines/alice042,vm-1,alice042,Alice@example.com
	// disks lab-1/disk-1, by the disk attached to a virtual machine of the person:
	//   lab-1,/labs/dev/disks/os,disk-1,os,/Labs/Dev/VirtualMachines/Alice042
	// virtualmachines lab-1/vm-3, line 4: nearly an identifier of the person
	// disks lab-1/disk-2, line 3: virtual machine not in the exports
	// theirs: 1 of 3 virtual machines, 1 of 2 disks
}

// What a person gets names nobody else. The controller looks at what was hidden, and
// decides item by item what may be shown: here the address of a team.
func ExampleRedact() {
	const machines = `LabUId,ResourceId,ResourceUId,Name,ResourceOwner,Notes
lab-1,/labs/dev/virtualmachines/alice042,vm-1,alice042,alice@example.com,"from bob@contoso.com, was bob007"
lab-1,/labs/dev/virtualmachines/build,vm-2,build,alice@example.com,questions to build-team@example.com
`
	exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{text(machines)}}}
	subject, err := dsr.ParseSubject("alice@example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	answer := func(shown *dsr.Shown) (*dsr.HiddenReport, error) {
		redactor, err := dsr.NewRedactor(subject, shown)
		if err != nil {
			return nil, err
		}
		report, err := dsr.Redact(context.Background(), exports, []*dsr.Redactor{redactor}, func(m dsr.Redacted) error {
			_, err := os.Stdout.Write(m.Record.AppendTo(nil))
			return err
		}, nil)
		if err != nil {
			return nil, err
		}
		return report.Subjects[0].Hidden, nil
	}
	hidden, err := answer(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("hidden: %d addresses, %d names\n", hidden.Addresses, hidden.Names)
	shown := &dsr.Shown{}
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

// No data held is an answer. It is said of what was read, and of nothing else.
func ExampleReport_NoDataHeld() {
	subject, _ := dsr.ParseSubject("carol@fabrikam.com")
	report, err := dsr.Filter(context.Background(), exampleExports(), []dsr.Subject{subject}, func(dsr.Match) error { return nil }, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	scope := report.Scope
	fmt.Println("no data held:", report.NoDataHeld(0))
	fmt.Printf("in %d export of %d lab: %d virtual machines and %d disks, %d of which may be anybody's\n",
		scope.Exports, len(scope.Labs), scope.VirtualMachines, scope.Disks, report.Dangling)
	// Output:
	// no data held: true
	// in 1 export of 1 lab: 3 virtual machines and 2 disks, 1 of which may be anybody's
}

// A loop over the matches, for a program that needs no report.
func ExampleMatches() {
	subject, _ := dsr.ParseSubject("bob@contoso.com")
	for m, err := range dsr.Matches(context.Background(), exampleExports(), []dsr.Subject{subject}, nil) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(m.Key)
	}
	// Output:
	// virtualmachines lab-1/vm-2
}

// A service that holds rows asks about these.
func ExampleFilterRows() {
	subject, _ := dsr.ParseSubject("alice@example.com")
	machines := []csvschema.VirtualMachineRow{
		{LabUId: "lab-1", ResourceUId: "vm-1", ResourceOwner: csvschema.NewPersonalText("alice@example.com")},
		{LabUId: "lab-1", ResourceUId: "vm-2", ResourceOwner: csvschema.NewPersonalText("bob@contoso.com")},
	}
	rows, err := dsr.FilterRows(subject, machines, nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, row := range rows.VirtualMachines {
		fmt.Println(row.Key(), "by the", rows.VirtualMachineRules[i])
	}
	// Output:
	// virtualmachines lab-1/vm-1 by the owner of the virtual machine
}
