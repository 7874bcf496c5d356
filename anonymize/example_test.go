package anonymize_test

import (
	"context"
	"fmt"
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
