package csvschema_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/gocarina/gocsv"

	"github.com/labdsr/labdsr/csvschema"
)

const exampleDisks = `SubscriptionId,LabUId,LabName,LabResourceId,ResourceGroupName,ResourceId,ResourceUId,Name,CreatedTime,DeletedDate,ResourceStatus,DiskBlobName,DiskSizeGB,DiskType,LeasedByVmId
"sub-1","lab-1","Dev","/labs/dev","rg","/labs/dev/disks/os","disk-1","os","1/3/2017 11:17:09 PM","","Active","os.vhd","128","0","/labs/dev/virtualmachines/build"
"sub-1","lab-1","Dev","/labs/dev","rg","/labs/dev/disks/data","disk-2","data, ""old""","1/4/2017","2/4/2017","Inactive","data.vhd","1024","1",""
`

// Typed rows are read from a file and written to another. Cells keep their text;
// the writer quotes those that need it.
func Example() {
	w := csvschema.NewWriter[csvschema.DiskRow](os.Stdout, nil)
	for row, err := range csvschema.NewReader[csvschema.DiskRow](strings.NewReader(exampleDisks), nil).All() {
		if err != nil {
			fmt.Println(err)
			return
		}
		if size, ok := row.DiskSizeGB.Int64(); ok && size < 1000 {
			continue
		}
		if err := w.Write(row); err != nil {
			fmt.Println(err)
			return
		}
	}
	if err := w.Close(); err != nil {
		fmt.Println(err)
	}
	// Output:
	// SubscriptionId,LabUId,LabName,LabResourceId,ResourceGroupName,ResourceId,ResourceUId,Name,CreatedTime,DeletedDate,ResourceStatus,DiskBlobName,DiskSizeGB,DiskType,LeasedByVmId
	// sub-1,lab-1,Dev,/labs/dev,rg,/labs/dev/disks/data,disk-2,"data, ""old""",1/4/2017,2/4/2017,Inactive,data.vhd,1024,1,
}

// Records are the bytes of the file: choose first, decode afterwards.
func ExampleRecordReader() {
	r := csvschema.NewRecordReader(strings.NewReader(exampleDisks), csvschema.Disks, nil)
	for {
		rec, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		if len(rec.Value(csvschema.LeasedByVmId)) > 0 {
			continue
		}
		row, err := csvschema.DecodeRecord[csvschema.DiskRow](rec)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(rec.Line(), row.Name.Reveal(), row.DeletedDate)
	}
	// Output:
	// 3 data, "old" 2/4/2017
}

// Gocsv fills a struct of the program with the columns that it names. The file is checked
// as any other: a machines file is an error, and so is a column that is missing.
func ExampleRecordReader_Gocsv() {
	type disk struct {
		Name    csvschema.PersonalText `csv:"Name"`
		Size    csvschema.Integer      `csv:"DiskSizeGB"`
		Deleted csvschema.DateTime     `csv:"DeletedDate"`
	}
	var disks []disk
	records := csvschema.NewRecordReader(strings.NewReader(exampleDisks), csvschema.Disks, nil)
	if err := gocsv.UnmarshalCSV(records.Gocsv(), &disks); err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range disks {
		fmt.Printf("%q: %v GB, deleted %q\n", d.Name.Reveal(), d.Size, d.Deleted)
	}
	// Output:
	// "os": 128 GB, deleted ""
	// "data, \"old\"": 1024 GB, deleted "2/4/2017"
}

// A Writer writes a table for a spreadsheet: formulas are neutralised, and every cell is
// in quotes. Close writes what is left, so its error counts.
func ExampleWriter() {
	rows := []csvschema.DiskRow{
		{LabName: "Dev", Name: csvschema.NewPersonalText("os")},
		{LabName: "=1+1", Name: csvschema.NewPersonalText(`data, "old"`)},
	}
	var file bytes.Buffer
	w := csvschema.NewWriter[csvschema.DiskRow](&file, &csvschema.WriterOptions{QuoteAll: true, NeutralizeFormulas: true})
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			fmt.Println(err)
			return
		}
	}
	if err := w.Close(); err != nil {
		fmt.Println(err)
		return
	}
	lines := strings.Split(file.String(), "\n")
	fmt.Println(lines[1])
	fmt.Println(lines[2])
	// Output:
	// "","","Dev","","","","","os","","","","","","",""
	// "","","'=1+1","","","","","data, ""old""","","","","","","",""
}

// A source of a file is opened once for each pass, by the call that reads it.
func ExampleSource() {
	exports := os.DirFS("../examples/quickstart/exports")
	source := csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
		return exports.Open("contoso-dev/disks.csv")
	}}
	files, err := csvschema.Files([]csvschema.Export{{Disks: []csvschema.Source{source}}}, csvschema.FileOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range files {
		rows := 0
		err := csvschema.ForEachChunk(context.Background(), f, csvschema.Pass[int]{
			Work: (*csvschema.Chunk).Len, // in several goroutines
			Emit: func(_ *csvschema.Chunk, n int) error { // in the order of the file
				rows += n
				return nil
			},
		})
		fmt.Println(f, rows, err)
	}
	// Output:
	// disks file 1 of export 1 6 <nil>
}

// An error names the place in the file, never the content.
func ExampleError() {
	cut := exampleDisks[:strings.LastIndex(exampleDisks, "Inactive")]
	r := csvschema.NewReader[csvschema.DiskRow](strings.NewReader(cut), nil)
	for _, err := range r.All() {
		if err != nil {
			fmt.Println(err)
		}
	}
	// Output:
	// labdsr: disks, line 3, column ResourceStatus: quoted field not closed, or text after its closing quote (")
}
