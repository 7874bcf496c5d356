package csvschema_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/labdsr/labdsr/csvschema"
)

// benchExport makes a virtual machines file of about 16 MiB in the plain
// dialect or with every data field quoted.
func benchExport(quoted bool) []byte {
	names := make([]string, 0, 23)
	for _, c := range csvschema.VirtualMachines.Columns() {
		names = append(names, c.String())
	}
	const lab = "/subscriptions/45d48c25-cbb7-4bd2-a7f5-5faacad04520/resourcegroups/devlabrg/providers/microsoft.devtestlab/labs/devlab"
	cells := []string{
		"45d48c25-cbb7-4bd2-a7f5-5faacad04520", "86545712-aadf-4172-bba2-5c738050417e", "DevLab", lab, "devlabrg",
		lab + "/virtualmachines/build042", "0dd2f8ae-8267-47c5-8cda-484792e203ee", "build042", "1/3/2017 11:17:09 PM", "2/4/2017 9:02:11 AM",
		"somebody@example.com", "Standard_DS2_v2", "Inactive",
		"/subscriptions/45d48c25-cbb7-4bd2-a7f5-5faacad04520/resourceGroups/DevLab-build042-496132/providers/Microsoft.Compute/virtualMachines/build042",
		"False", "", "", "latest", "WindowsServer", "MicrosoftWindowsServer", "2016-Datacenter", "Windows", "",
	}
	row := strings.Join(cells, ",") + "\n"
	if quoted {
		row = `"` + strings.Join(cells, `","`) + "\"\n"
	}
	var b bytes.Buffer
	b.WriteString(strings.Join(names, ",") + "\n")
	for b.Len() < 16<<20 {
		b.WriteString(row)
	}
	return b.Bytes()
}

// BenchmarkRecords reads every record and looks at one cell or at all of them,
// beside encoding/csv with ReuseRecord on the same bytes.
func BenchmarkRecords(b *testing.B) {
	for _, dialect := range []struct {
		name   string
		quoted bool
	}{{"plain", false}, {"quoted", true}} {
		text := benchExport(dialect.quoted)
		owner := []byte("someone.else@example.com")
		b.Run(dialect.name+"/labdsr one cell", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				rr := csvschema.NewRecordReader(bytes.NewReader(text), csvschema.VirtualMachines, nil)
				for {
					rec, err := rr.Read()
					if err == io.EOF {
						break
					}
					if err != nil || bytes.Equal(rec.Value(csvschema.ResourceOwner), owner) {
						b.Fatal(err)
					}
				}
			}
		})
		b.Run(dialect.name+"/labdsr all cells", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				rr := csvschema.NewRecordReader(bytes.NewReader(text), csvschema.VirtualMachines, nil)
				for {
					rec, err := rr.Read()
					if err == io.EOF {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					for i := range rec.Header().Len() {
						_ = rec.Cell(i)
					}
				}
			}
		})
		b.Run(dialect.name+"/encoding csv", func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				r := csv.NewReader(bytes.NewReader(text))
				r.ReuseRecord = true
				for {
					record, err := r.Read()
					if err == io.EOF {
						break
					}
					if err != nil || record[10] == string(owner) {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// BenchmarkForEachChunk does what a filter does with rare hits.
func BenchmarkForEachChunk(b *testing.B) {
	owner := []byte("someone.else@example.com")
	for _, quoted := range []bool{false, true} {
		text := benchExport(quoted)
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("quoted=%t/workers=%d", quoted, workers), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				for b.Loop() {
					rr := csvschema.NewRecordReader(bytes.NewReader(text), csvschema.VirtualMachines, nil)
					err := csvschema.ForEachChunkOf(b.Context(), rr, workers, func(c *csvschema.Chunk) (hits int) {
						for i := range c.Len() {
							if bytes.Equal(c.Record(i).Value(csvschema.ResourceOwner), owner) {
								hits++
							}
						}
						return hits
					}, func(*csvschema.Chunk, int) error { return nil })
					if err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
