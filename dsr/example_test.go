package dsr_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
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

// A person asks for their data. The rows that are certain are emitted as they are in
// the exports. The rows that a person must look at are listed by key.
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

// No data held is an answer. It is about what was read, and nothing else.
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

// A program stores what people decided, by the digests of findings, and gives it to the next
// search. The key is the program's own; the digests are of no use without it.
func ExampleDecisions() {
	ctx, exports := context.Background(), exampleExports()
	subject, _ := dsr.ParseSubject("alice@example.com")
	key, _ := identity.NewSecretKey([]byte("32 random bytes that the program keeps"))
	emit := func(m dsr.Match) error {
		fmt.Println(m.Key, "by the rule:", m.Rule)
		return nil
	}
	report, err := dsr.Filter(ctx, exports, []dsr.Subject{subject}, func(dsr.Match) error { return nil }, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	stored := map[identity.Digest]dsr.Decision{} // a table of a database
	for _, f := range report.Findings {
		if f.Subject != dsr.NoSubject {
			stored[f.Digest(key, subject)] = dsr.Theirs // as a person says
		}
	}
	decisions := dsr.NewDecisions(key, []dsr.Subject{subject}, stored)
	if _, err = dsr.Filter(ctx, exports, []dsr.Subject{subject}, emit, &dsr.Options{Decide: decisions.Decide}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("decisions that met no finding:", len(decisions.Unmet()))
	// Output:
	// virtualmachines lab-1/vm-1 by the rule: owner of the virtual machine
	// virtualmachines lab-1/vm-3 by the rule: decided by a person
	// disks lab-1/disk-1 by the rule: disk attached to a virtual machine of the person
	// decisions that met no finding: 0
}

// Whoever decides about a finding looks at its row, and at the rows of the virtual machines
// that compete for a disk.
func ExampleShow() {
	subject, _ := dsr.ParseSubject("alice@example.com")
	machine := func(uid, owner string) csvschema.VirtualMachineRow {
		return csvschema.VirtualMachineRow{
			LabUId: "lab-1", ResourceUId: uid,
			ResourceId: csvschema.NewPersonalText("/labs/dev/virtualmachines/web"), ResourceOwner: csvschema.NewPersonalText(owner),
		}
	}
	machines := []csvschema.VirtualMachineRow{machine("vm-1", "alice@example.com"), machine("vm-2", "bob@contoso.com")}
	disks := []csvschema.DiskRow{{LabUId: "lab-1", ResourceUId: "disk-1", LeasedByVmId: csvschema.NewPersonalText("/labs/dev/virtualmachines/web")}}
	exports := []csvschema.Export{{
		VirtualMachines: []csvschema.Source{csvschema.RowSource(csvschema.Rows(machines))},
		Disks:           []csvschema.Source{csvschema.RowSource(csvschema.Rows(disks))},
	}}
	report, err := dsr.Filter(context.Background(), exports, []dsr.Subject{subject}, func(dsr.Match) error { return nil }, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	err = dsr.Show(context.Background(), exports, report.Findings, func(s dsr.Shown) error {
		if s.Competes {
			fmt.Printf("  may be of %v, owner %s\n", s.Key, s.Record.Value(csvschema.ResourceOwner))
			return nil
		}
		fmt.Printf("%v: %v, line %d\n", report.Findings[s.Finding].Kind, s.Key, s.Line)
		return nil
	}, nil)
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// undetermined: disks lab-1/disk-1, line 2
	//   may be of virtualmachines lab-1/vm-1, owner alice@example.com
	//   may be of virtualmachines lab-1/vm-2, owner bob@contoso.com
}

// A program filters rows that it holds, such as those of a database.
func ExampleFilterRows() {
	subject, _ := dsr.ParseSubject("alice@example.com")
	machines := []csvschema.VirtualMachineRow{
		{LabUId: "lab-1", ResourceUId: "vm-1", ResourceOwner: csvschema.NewPersonalText("alice@example.com")},
		{LabUId: "lab-1", ResourceUId: "vm-2", ResourceOwner: csvschema.NewPersonalText("bob@contoso.com")},
	}
	exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{csvschema.RowSource(csvschema.Rows(machines))}}}
	rows, err := dsr.FilterRows(context.Background(), exports, subject, nil)
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
