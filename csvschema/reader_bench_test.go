package csvschema_test

import (
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/gocarina/gocsv"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// stringRow is what a program writes that uses gocsv alone: no cell is checked.
type stringRow struct {
	SubscriptionId, LabUId, LabName, LabResourceId, ResourceGroupName, ResourceId, ResourceUId, Name,
	CreatedTime, DeletedDate, ResourceOwner, PricingTier, ResourceStatus, ComputeResourceId, Claimable,
	EnvironmentId, ExpirationDate, GalleryImageReferenceVersion, GalleryImageReferenceOffer,
	GalleryImageReferencePublisher, GalleryImageReferenceSku, GalleryImageReferenceOsType, CustomImageId string
}

// benchmarkFile returns a file of virtual machines in the dialect of exports.
func benchmarkFile(tb testing.TB, rows int) []byte {
	tb.Helper()
	var b bytes.Buffer
	w := csvschema.NewWriter[csvschema.VirtualMachineRow](&b, &csvschema.WriterOptions{QuoteAll: true, CRLF: true})
	for i := range rows {
		var row csvschema.VirtualMachineRow
		lab := "/subscriptions/11111111-1111-4111-8111-111111111111/resourcegroups/contosorg/providers/microsoft.devtestlab/labs/contosolab"
		for column, text := range map[csvschema.Column]string{
			csvschema.SubscriptionId:                 "11111111-1111-4111-8111-111111111111",
			csvschema.LabUId:                         "22222222-2222-4222-8222-222222222222",
			csvschema.LabName:                        "ContosoLab",
			csvschema.LabResourceId:                  lab,
			csvschema.ResourceGroupName:              "contosorg",
			csvschema.ResourceId:                     fmt.Sprintf("%s/virtualmachines/alice%d", lab, i),
			csvschema.ResourceUId:                    fmt.Sprintf("33333333-3333-4333-8333-%012d", i),
			csvschema.Name:                           fmt.Sprintf("alice%d", i),
			csvschema.CreatedTime:                    "1/3/2017 11:17:09 PM",
			csvschema.DeletedDate:                    "2/3/2017 1:07:00 AM",
			csvschema.ResourceOwner:                  fmt.Sprintf("alice%d@example.com", i),
			csvschema.PricingTier:                    "Standard_DS1",
			csvschema.ResourceStatus:                 "Inactive",
			csvschema.ComputeResourceId:              fmt.Sprintf("/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/ContosoLab-alice%d-123456/providers/Microsoft.Compute/virtualMachines/alice%d", i, i),
			csvschema.Claimable:                      "False",
			csvschema.GalleryImageReferenceVersion:   "latest",
			csvschema.GalleryImageReferenceOffer:     "WindowsServer",
			csvschema.GalleryImageReferencePublisher: "MicrosoftWindowsServer",
			csvschema.GalleryImageReferenceSku:       "2016-Datacenter",
			csvschema.GalleryImageReferenceOsType:    "Windows",
		} {
			require.NoError(tb, csvschema.CellsOf(&row).SetCell(column, text))
		}
		require.NoError(tb, w.Write(row))
	}
	require.NoError(tb, w.Close())
	return b.Bytes()
}

const benchmarkRows = 4000

func BenchmarkReader(b *testing.B) {
	file := benchmarkFile(b, benchmarkRows)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		rows := 0
		for _, err := range csvschema.NewReader[csvschema.VirtualMachineRow](bytes.NewReader(file), nil).All() {
			if err != nil {
				b.Fatal(err)
			}
			rows++
		}
		if rows != benchmarkRows {
			b.Fatal(rows)
		}
	}
}

// BenchmarkGocsvCallback is the rival: the same file into strings, unchecked.
func BenchmarkGocsvCallback(b *testing.B) {
	file := benchmarkFile(b, benchmarkRows)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		rows := 0
		if err := gocsv.UnmarshalToCallback(bytes.NewReader(file), func(stringRow) { rows++ }); err != nil {
			b.Fatal(err)
		}
		if rows != benchmarkRows {
			b.Fatal(rows)
		}
	}
}

func BenchmarkDecodeRecord(b *testing.B) {
	rec, err := csvschema.NewRecordReader(bytes.NewReader(benchmarkFile(b, 1)), csvschema.VirtualMachines, nil).Read()
	require.NoError(b, err)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := csvschema.DecodeRecord[csvschema.VirtualMachineRow](rec); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriter(b *testing.B) {
	file := benchmarkFile(b, benchmarkRows)
	var rows []csvschema.VirtualMachineRow
	for row, err := range csvschema.NewReader[csvschema.VirtualMachineRow](bytes.NewReader(file), nil).All() {
		require.NoError(b, err)
		rows = append(rows, row)
	}
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		w := csvschema.NewWriter[csvschema.VirtualMachineRow](io.Discard, &csvschema.WriterOptions{QuoteAll: true})
		for _, row := range rows {
			if err := w.Write(row); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkParseTime(b *testing.B) {
	for _, cell := range []string{"1/3/2017 11:17:09 PM", "2017-01-03T23:17:09.1234567+01:00"} {
		b.Run(cell, func(b *testing.B) {
			text := []byte(cell)
			for b.Loop() {
				if _, _, err := csvschema.ParseTime(text, time.UTC); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
