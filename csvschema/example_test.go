package csvschema_test

import (
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
		if size, ok := row.DiskSizeGB.Value(); ok && size < 1000 {
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
