package dsr_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
)

// BenchmarkFilter compares the filter with the least that a program with
// encoding/csv would do: look at the owner of every row.
func BenchmarkFilter(b *testing.B) {
	large := csvschematest.NewLarge(1, 64<<20, nil)
	read := func(role csvschema.Role) []byte {
		data, err := io.ReadAll(large.Reader(role))
		require.NoError(b, err)
		return data
	}
	machines, disks := read(csvschema.VirtualMachines), read(csvschema.Disks)
	source := func(data []byte) []csvschema.Source {
		return []csvschema.Source{{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}}
	}
	subject, err := dsr.ParseSubject(large.Subjects()[0].Identifiers...)
	require.NoError(b, err)
	filter := func(b *testing.B, export csvschema.Export, want, workers int) {
		b.Helper()
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			_, err := dsr.Filter(b.Context(), []csvschema.Export{export}, []dsr.Subject{subject}, func(dsr.Match) error {
				n++
				return nil
			}, &dsr.Options{Workers: workers})
			require.NoError(b, err)
			require.Equal(b, want, n)
		}
	}
	b.Run("encoding-csv/machines", func(b *testing.B) {
		owner := large.Subjects()[0].Identifiers[0]
		b.SetBytes(int64(len(machines)))
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			r := csv.NewReader(bytes.NewReader(machines))
			r.ReuseRecord = true
			for {
				record, err := r.Read()
				if err == io.EOF {
					break
				}
				require.NoError(b, err)
				if record[10] == owner {
					n++
				}
			}
			require.Equal(b, 6, n)
		}
	})
	for _, workers := range []int{1, 0} {
		name := map[int]string{1: "one-worker", 0: "all-workers"}[workers]
		b.Run("machines/"+name, func(b *testing.B) {
			b.SetBytes(int64(len(machines)))
			filter(b, csvschema.Export{VirtualMachines: source(machines)}, 6, workers)
		})
		b.Run("machines-and-disks/"+name, func(b *testing.B) {
			b.SetBytes(int64(len(machines) + len(disks)))
			filter(b, csvschema.Export{VirtualMachines: source(machines), Disks: source(disks)}, 12, workers)
		})
	}
}

// BenchmarkFilterMachines filters for some people of several labs, one row each.
func BenchmarkFilterMachines(b *testing.B) {
	for _, c := range []struct {
		name           string
		labs, subjects int
	}{
		{"one-lab/one-subject", 1, 1},
		{"one-lab/100-subjects", 1, 100},
		{"one-lab/10000-subjects", 1, 10_000},
		{"40-labs/one-subject", 40, 1},
	} {
		b.Run(c.name, func(b *testing.B) {
			large := csvschematest.NewLarge(1, 64<<20, &csvschematest.LargeOptions{Labs: c.labs, Subjects: c.subjects, Hits: 1})
			data, err := io.ReadAll(large.Reader(csvschema.VirtualMachines))
			require.NoError(b, err)
			var subjects []dsr.Subject
			for _, p := range large.Subjects() {
				subject, err := dsr.ParseSubject(p.Identifiers...)
				require.NoError(b, err)
				subjects = append(subjects, subject)
			}
			source := csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				n := 0
				_, err := dsr.Filter(b.Context(), []csvschema.Export{{VirtualMachines: []csvschema.Source{source}}}, subjects, func(dsr.Match) error {
					n++
					return nil
				}, &dsr.Options{Workers: 1})
				require.NoError(b, err)
				require.Equal(b, c.subjects, n)
			}
		})
	}
}
