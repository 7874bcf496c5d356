package anonymize_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
)

// march is the first of March of the examples.
var march = time.Date(2017, time.March, 1, 0, 0, 0, 0, time.UTC)

// Files are planned, written, and read again. The machine was deleted more than 30 days
// before, so its owner goes.
func Example() {
	exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{text(
		"LabUId,ResourceId,ResourceUId,DeletedDate,ResourceOwner\n" +
			"lab-1,/labs/dev/virtualmachines/build,00000000-0000-4000-8000-000000000001,1/3/2017 11:17:09 PM,zoe@contoso.com\n",
	)}}}
	// A program writes to temporary files, and renames them at the end.
	var file bytes.Buffer
	outputs := map[csvschema.FileID]io.Writer{{Export: 1, File: 1, Role: csvschema.VirtualMachines}: &file}
	written := []csvschema.Export{{VirtualMachines: []csvschema.Source{{
		Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file.Bytes())), nil },
	}}}}
	if err := erase(context.Background(), &anonymize.Policy{}, march, exports, outputs, written); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(file.String())
	// Output:
	// LabUId,ResourceId,ResourceUId,DeletedDate,ResourceOwner
	// lab-1,/labs/dev/virtualmachines/build,00000000-0000-4000-8000-000000000001,1/3/2017 11:17:09 PM,removed@anonymized.invalid
}

var errNotAsPlanned = errors.New("the files are not what was planned")

// erase is the code of the package comment.
func erase(ctx context.Context, policy *anonymize.Policy, now time.Time, exports []csvschema.Export, outputs map[csvschema.FileID]io.Writer, written []csvschema.Export) error {
	plan, err := policy.Plan(ctx, now, exports)
	if err != nil {
		return err
	}
	for _, f := range plan.Report().Files {
		if _, err := plan.Apply(ctx, f.FileID, outputs[f.FileID]); err != nil {
			return err // what was written must be thrown away
		}
	}
	verification, err := verify.Exports(ctx, policy, now, exports, written)
	if err == nil && !verification.OK() {
		err = errNotAsPlanned
	}
	return err
}

func TestTheCodeOfThePackageCommentIsTested(t *testing.T) {
	t.Parallel()
	doc, err := parser.ParseFile(token.NewFileSet(), "doc.go", nil, parser.ParseComments)
	require.NoError(t, err)
	var code strings.Builder
	for line := range strings.Lines(doc.Doc.Text()) {
		if strings.HasPrefix(line, "\t") {
			code.WriteString(line)
		}
	}
	tested, err := os.ReadFile("example_test.go")
	require.NoError(t, err)
	require.NotZero(t, code.Len())
	assert.Contains(t, string(tested), code.String())
}

// The documented policy on the first of March: Zoe's machine was deleted more
// than 30 days before, Bob's less.
func ExamplePolicy_Copy() {
	in := strings.NewReader(`LabUId,ResourceId,ResourceUId,Name,DeletedDate,ResourceOwner
lab-1,/labs/dev/virtualmachines/build,00000000-0000-4000-8000-000000000001,build of zoe@contoso.com,1/3/2017 11:17:09 PM,Zoe@contoso.com
lab-1,/labs/dev/virtualmachines/web,00000000-0000-4000-8000-000000000002,web,2/20/2017 9:00:00 AM,bob@contoso.com
`)
	var policy anonymize.Policy
	stats, err := policy.Copy(context.Background(), march, csvschema.VirtualMachines, os.Stdout, in)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d of %d rows were due; the next one is on %s\n", stats.Due, stats.Rows, stats.NextDue.Format(time.DateTime))
	// Output:
	// LabUId,ResourceId,ResourceUId,Name,DeletedDate,ResourceOwner
	// lab-1,/labs/dev/virtualmachines/build,00000000-0000-4000-8000-000000000001,build of removed@anonymized.invalid,1/3/2017 11:17:09 PM,removed@anonymized.invalid
	// lab-1,/labs/dev/virtualmachines/web,00000000-0000-4000-8000-000000000002,web,2/20/2017 9:00:00 AM,bob@contoso.com
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
			"lab-1,/labs/dev/virtualmachines/build,00000000-0000-4000-8000-000000000001,,zoe@contoso.com,Active\n")}},
		{VirtualMachines: []csvschema.Source{text(header +
			"lab-1,/labs/dev/virtualmachines/build,00000000-0000-4000-8000-000000000001,1/3/2017 11:17:09 PM,zoe@contoso.com,Inactive\n" +
			"lab-1,/labs/dev/virtualmachines/web,00000000-0000-4000-8000-000000000002,1/9/2017 9:00:00 AM,bob@contoso.com,Active\n")}},
	}
	var policy anonymize.Policy
	plan, err := policy.Plan(context.Background(), march, exports)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range plan.Report().Files {
		fmt.Println(f)
	}
	for _, f := range plan.Report().Findings {
		fmt.Printf("to decide: %v: %v\n", f.Key, f.Kind)
	}
	if _, err := plan.Apply(context.Background(), plan.Report().Files[0].FileID, os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// virtualmachines file 1 of export 1: 1 of 1 rows are due
	// virtualmachines file 1 of export 2: 1 of 2 rows are due
	// to decide: virtualmachines lab-1/00000000-0000-4000-8000-000000000002: active, with a DeletedDate
	// LabUId,ResourceId,ResourceUId,DeletedDate,ResourceOwner,ResourceStatus
	// lab-1,/labs/dev/virtualmachines/build,00000000-0000-4000-8000-000000000001,,removed@anonymized.invalid,Active
}

// A claim needs the machine of Zoe, whose rows are due. The other hold is mistyped: it meets
// no row, and would keep nothing.
func ExampleHold() {
	exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{text(
		"LabUId,ResourceId,ResourceUId,DeletedDate,ResourceOwner\n" +
			"lab-1,/labs/dev/virtualmachines/build,00000000-0000-4000-8000-000000000001,1/3/2017 11:17:09 PM,zoe@contoso.com\n",
	)}}}
	key := func(resource string) csvschema.Key {
		return csvschema.VirtualMachineRow{LabUId: "lab-1", ResourceUId: resource}.Key()
	}
	policy := anonymize.Policy{Holds: []anonymize.Hold{
		{Key: key("00000000-0000-4000-8000-000000000001"), Reason: "claim 7", Until: march.AddDate(1, 0, 0)},
		{Key: key("00000000-0000-4000-8000-000000000010"), Reason: "claim 8"},
	}}
	plan, err := policy.Plan(context.Background(), march, exports)
	if err != nil {
		fmt.Println(err)
		return
	}
	report := plan.Report()
	for _, f := range report.Findings {
		fmt.Printf("%v: %v until %s: %s\n", f.Key, f.Kind, f.Until.Format(time.DateOnly), f.Reason)
	}
	fmt.Printf("due: %d, held: %d\n", report.Total.Due, report.Total.Held)
	for _, i := range report.UnmetHolds {
		fmt.Println("no row has this hold:", policy.Holds[i].Reason)
	}
	// Output:
	// virtualmachines lab-1/00000000-0000-4000-8000-000000000001: held until 2018-03-01: claim 7
	// due: 0, held: 1
	// no row has this hold: claim 8
}

// text returns a source of a text.
func text(s string) csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(s)), nil }}
}
