package anonymize_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
)

// The documented policy on the first of March: Zoe's machine was deleted more
// than 30 days before, Bob's less.
func Example() {
	in := strings.NewReader(`LabUId,ResourceId,ResourceUId,Name,DeletedDate,ResourceOwner
lab-1,/labs/dev/virtualmachines/build,vm-1,build of zoe@contoso.com,1/3/2017 11:17:09 PM,Zoe@contoso.com
lab-1,/labs/dev/virtualmachines/web,vm-2,web,2/20/2017 9:00:00 AM,bob@contoso.com
`)
	var policy anonymize.Policy
	now := time.Date(2017, time.March, 1, 0, 0, 0, 0, time.UTC)
	stats, err := policy.Copy(context.Background(), now, csvschema.VirtualMachines, os.Stdout, in)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d of %d rows were due; the next one is on %s\n", stats.Due, stats.Rows, stats.NextDue.Format(time.DateTime))
	// Output:
	// LabUId,ResourceId,ResourceUId,Name,DeletedDate,ResourceOwner
	// lab-1,/labs/dev/virtualmachines/build,vm-1,build of removed@anonymized.invalid,1/3/2017 11:17:09 PM,removed@anonymized.invalid
	// lab-1,/labs/dev/virtualmachines/web,vm-2,web,2/20/2017 9:00:00 AM,bob@contoso.com
	// 1 of 2 rows were due; the next one is on 2017-03-22 09:00:00
}

// A service that holds rows and not files.
func ExamplePolicy_Rows() {
	deleted, _ := csvschema.ParseDateTime("1/3/2017 11:17:09 PM")
	rows := []csvschema.VirtualMachineRow{{
		DeletedDate:   deleted,
		ResourceOwner: csvschema.NewPersonalText("zoe@contoso.com"),
	}}
	var policy anonymize.Policy
	if _, err := policy.Rows(deleted.In(time.UTC).Add(anonymize.DefaultRetention), rows, nil); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rows[0].ResourceOwner.Reveal())
	// Output:
	// removed@anonymized.invalid
}

// Two exports of one lab: what is due is known before anything is written. The
// machine that the older export shows as active was deleted since, so both copies
// of its row are due.
func ExamplePolicy_Plan() {
	const header = "LabUId,ResourceId,ResourceUId,DeletedDate,ResourceOwner,ResourceStatus\n"
	exports := []csvschema.Export{
		{VirtualMachines: []csvschema.Source{text(header +
			"lab-1,/labs/dev/virtualmachines/build,vm-1,,zoe@contoso.com,Active\n")}},
		{VirtualMachines: []csvschema.Source{text(header +
			"lab-1,/labs/dev/virtualmachines/build,vm-1,1/3/2017 11:17:09 PM,zoe@contoso.com,Inactive\n" +
			"lab-1,/labs/dev/virtualmachines/web,vm-2,1/9/2017 9:00:00 AM,bob@contoso.com,Active\n")}},
	}
	var policy anonymize.Policy
	now := time.Date(2017, time.March, 1, 0, 0, 0, 0, time.UTC)
	plan, err := policy.Plan(context.Background(), now, exports)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range plan.Report().Files {
		fmt.Printf("export %d: %d of %d rows are due\n", f.Export, f.Stats.Due, f.Stats.Rows)
	}
	for _, f := range plan.Report().Findings {
		fmt.Printf("to decide: %v: %v\n", f.Key, f.Kind)
	}
	if _, err := plan.Apply(context.Background(), 1, 1, csvschema.VirtualMachines, os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// export 1: 1 of 1 rows are due
	// export 2: 1 of 2 rows are due
	// to decide: virtualmachines lab-1/vm-2: active, with a DeletedDate
	// LabUId,ResourceId,ResourceUId,DeletedDate,ResourceOwner,ResourceStatus
	// lab-1,/labs/dev/virtualmachines/build,vm-1,,removed@anonymized.invalid,Active
}

// text returns a source of a text.
func text(s string) csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }}
}
