package verify_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
)

// A program that only replaces the owner leaves the person in the name of the machine.
func ExampleExports() {
	const header = "LabUId,ResourceId,ResourceUId,Name,DeletedDate,ResourceOwner\n"
	before := text(header + "lab-1,/labs/dev/virtualmachines/build,00000000-0000-4000-8000-000000000001,build of zoe@contoso.com,1/3/2017,zoe@contoso.com\n")
	after := text(header + "lab-1,/labs/dev/virtualmachines/build,00000000-0000-4000-8000-000000000001,build of zoe@contoso.com,1/3/2017,removed@anonymized.invalid\n")
	var policy anonymize.Policy
	now := time.Date(2017, time.March, 1, 0, 0, 0, 0, time.UTC)
	verification, err := verify.Exports(context.Background(), &policy, now, before, after)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range verification.Failures {
		fmt.Println(f)
	}
	// Output:
	// virtualmachines file 1 of export 1, line 2, column Name: an identifier that had to go is there
}

// text returns an export of one file.
func text(s string) []csvschema.Export {
	return []csvschema.Export{{VirtualMachines: []csvschema.Source{{
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil },
	}}}}
}
