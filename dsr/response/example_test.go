package response_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"golang.org/x/text/language"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/response"
)

// A person asks what is held about them and gets an answer in German. The controller
// fills in its texts once.
func Example() {
	subject, err := dsr.ParseSubject("alice@example.com")
	if err != nil {
		fmt.Println(err)
		return
	}
	exports := exportOf(
		map[csvschema.Column]string{csvschema.ResourceOwner: "alice@example.com"},
		map[csvschema.Column]string{csvschema.ResourceOwner: "bob@example.com"},
	)
	made := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	plan, err := (&anonymize.Policy{KeepUnreadableDates: true}).Plan(context.Background(), made, exports)
	if err != nil {
		fmt.Println(err)
		return
	}
	var out bytes.Buffer
	report, err := response.Write(context.Background(), &out, exports, subject, &response.Options{
		Language:   language.German,
		Made:       made,
		Controller: response.Controller{Name: "Contoso GmbH", Purposes: "Abrechnung der Labs"},
		Keep:       plan.Keeping, // until when each record is kept
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("rows:", report.Subjects[0].VirtualMachines.Theirs(), "to decide:", report.NeedsDecision(0))
	archive, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range archive.File {
		fmt.Println(f.Name)
	}
	// Output:
	// rows: 1 to decide: false
	// index.html
	// virtualmachines.csv
	// disks.csv
	// machine/export1-virtualmachines1.csv
	// data.json
	// manifest.json
}

// Many people ask at once. One search makes all packages. What is not sent before a person
// decided is known afterwards.
func ExampleWriteAll() {
	var subjects []dsr.Subject
	for _, address := range []string{"alice@example.com", "bob@example.com"} {
		subject, err := dsr.ParseSubject(address)
		if err != nil {
			fmt.Println(err)
			return
		}
		subjects = append(subjects, subject)
	}
	exports := exportOf(
		map[csvschema.Column]string{csvschema.ResourceOwner: "alice@example.com"},
		map[csvschema.Column]string{csvschema.ResourceOwner: "bob@example.com"},
		map[csvschema.Column]string{csvschema.ResourceOwner: "live.com#bob@example.com"},
	)
	packages := make([]bytes.Buffer, len(subjects)) // a program creates files, and a temporary one as the Spool
	report, err := response.WriteAll(context.Background(), exports, subjects, func(subject int) (io.WriteCloser, error) {
		return closer{&packages[subject], nil}, nil
	}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range subjects {
		fmt.Println("rows:", report.Subjects[i].VirtualMachines.Theirs(), "to decide:", report.NeedsDecision(i), "written:", packages[i].Len() > 0)
	}
	// Output:
	// rows: 1 to decide: false written: true
	// rows: 1 to decide: true written: true
}
