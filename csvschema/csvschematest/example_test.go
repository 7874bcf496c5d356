package csvschematest_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// A test runs a pipeline over a generated row and checks the output. This pipeline
// replaces the owner everywhere, except where it is percent-encoded.
func Example() {
	pipeline := func(in []byte, owner string) []byte {
		return bytes.ReplaceAll(in, []byte(owner), []byte("removed@anonymized.invalid"))
	}

	set := csvschematest.New(1, nil)
	var row *csvschematest.Row
	for r := range set.Rows() {
		if r.Trap == "text-percent" {
			row = r
		}
	}
	owner := row.Value(csvschema.ResourceOwner)
	before := append(bytes.Clone(set.Files[0].Header), row.Raw...)
	after := pipeline(before, owner)

	t := &printing{} // in a test, the *testing.T
	csvschematest.AssertConserved(t, before, after, func(int) bool {
		return row.Due(set.Now, set.Retention)
	})
	csvschematest.AssertNoIdentifiers(t, after, owner)
	fmt.Println("as expected:", bytes.Equal(after[len(set.Files[0].Header):], row.Anonymized()))
	// Output:
	// identifier 1 is in row 1 (line 2), column 23
	// as expected: false
}

// A row says whose it is, and why.
func ExampleRow_Truth() {
	set := csvschematest.New(1, nil)
	for row := range set.Rows() {
		if row.Trap == "transferred" && row.Role == csvschema.Disks {
			alice, bob := row.Truth("alice"), row.Truth("bob")
			fmt.Printf("export %d: alice's? %v (%v); bob's? %v (%v)\n", row.Export, alice.Verdict, alice.Rule, bob.Verdict, bob.Rule)
		}
	}
	// Output:
	// export 1: alice's? theirs (lease); bob's? not theirs ()
	// export 2: alice's? not theirs (); bob's? theirs (lease)
}

// A large export streams. A filter should find the rows of the subject and no others.
func ExampleNewLarge() {
	large := csvschematest.NewLarge(1, 4<<20, nil)
	data, err := io.ReadAll(large.Reader(csvschema.VirtualMachines))
	if err != nil {
		panic(err)
	}
	subject := large.Subjects()[0]
	found := strings.Count(string(data), `,"`+subject.Identifiers[0]+`",`)
	fmt.Println("found", found, "of", len(large.Hits()))
	// Output:
	// found 6 of 6
}

// An error must not reveal text of the input, at any depth.
func ExampleAssertNoLeak() {
	const cell = "ann@example.com"
	err := fmt.Errorf("line 7: %w", &csvschema.Error{Line: 7, Err: csvschema.ErrValue})
	csvschematest.AssertNoLeak(&printing{}, err, cell)
	fmt.Println("no leak so far")

	err = errors.Join(err, errors.New("cannot read "+cell))
	t := &printing{quiet: true}
	csvschematest.AssertNoLeak(t, err, cell)
	fmt.Println("leaks:", t.failed)
	// Output:
	// no leak so far
	// leaks: true
}

// printing is a testing.TB that prints failures.
type printing struct {
	testing.TB

	quiet, failed bool
}

func (p *printing) Helper() {}

func (p *printing) Errorf(format string, args ...any) {
	p.failed = true
	if !p.quiet {
		fmt.Printf(format+"\n", args...)
	}
}
