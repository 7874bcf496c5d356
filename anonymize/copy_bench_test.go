package anonymize_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"testing"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// BenchmarkCopy anonymizes a file for the first time, when most rows are due, next to
// what a program of a few lines does with encoding/csv: replace the owner of the rows
// that are due, and nothing in any other column.
func BenchmarkCopy(b *testing.B) {
	for _, dialect := range []struct {
		name string
		csvschematest.Dialect
	}{{"quoted", csvschematest.Real}, {"plain", csvschematest.Plain}} {
		file, err := io.ReadAll(csvschematest.NewLarge(1, 16<<20, &csvschematest.LargeOptions{Dialect: dialect.Dialect}).Reader(csvschema.VirtualMachines))
		if err != nil {
			b.Fatal(err)
		}
		for name, workers := range map[string]int{"labdsr": 0, "labdsr, one worker": 1} {
			b.Run(dialect.name+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(len(file)))
				b.ReportAllocs()
				for b.Loop() {
					p := anonymize.Policy{Workers: workers}
					if _, err := p.Copy(b.Context(), later, csvschema.VirtualMachines, io.Discard, bytes.NewReader(file)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		b.Run(dialect.name+"/encoding csv", func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				if err := replaceOwners(io.Discard, bytes.NewReader(file)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func replaceOwners(w io.Writer, r io.Reader) error {
	in, out := csv.NewReader(r), csv.NewWriter(w)
	in.ReuseRecord = true
	for line := 0; ; line++ {
		record, err := in.Read()
		if err == io.EOF {
			out.Flush()
			return out.Error()
		}
		if err != nil {
			return err
		}
		if line > 0 && record[9] != "" {
			deleted, err := time.Parse("1/2/2006 3:04:05 PM", record[9])
			if err != nil {
				return err
			}
			if !later.Before(deleted.Add(anonymize.DefaultRetention)) && record[10] != "" {
				record[10] = identity.ReplacementAddress
			}
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
}
