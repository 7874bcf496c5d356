package response_test

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
	"github.com/labdsr/labdsr/dsr/response"
)

// BenchmarkWriteAll compares the packages of many people with what is the least work for
// them: one search for all, with what names others hidden. Most rows are somebody's.
func BenchmarkWriteAll(b *testing.B) {
	const people = 1000
	large := csvschematest.NewLarge(1, 8<<20, &csvschematest.LargeOptions{Subjects: people, Hits: 20})
	var export csvschema.Export
	size := 0
	for role, sources := range map[csvschema.Role]*[]csvschema.Source{csvschema.VirtualMachines: &export.VirtualMachines, csvschema.Disks: &export.Disks} {
		data, err := io.ReadAll(large.Reader(role))
		require.NoError(b, err)
		*sources = []csvschema.Source{source(data)}
		size += len(data)
	}
	exports := []csvschema.Export{export}
	var subjects []dsr.Subject
	var redactors []*redact.Redactor
	for _, p := range large.Subjects() {
		subjects = append(subjects, subjectOf(b, p.Identifiers...))
		r, err := redact.New(subjects[len(subjects)-1], nil)
		require.NoError(b, err)
		redactors = append(redactors, r)
	}
	b.Run("redact", func(b *testing.B) {
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for b.Loop() {
			_, err := redact.Records(b.Context(), exports, redactors, func(redact.Match) error { return nil }, nil)
			require.NoError(b, err)
		}
	})
	b.Run("write-all", func(b *testing.B) {
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for b.Loop() {
			_, err := response.WriteAll(b.Context(), exports, subjects, func(int) (io.WriteCloser, error) { return closer{io.Discard, nil}, nil },
				&response.Options{Controller: complete, Spool: &memorySpool{}})
			require.NoError(b, err)
		}
	})
}

// BenchmarkWrite compares the package of one person, who has few rows of many, with the
// search for them.
func BenchmarkWrite(b *testing.B) {
	large := csvschematest.NewLarge(1, 32<<20, nil)
	var export csvschema.Export
	size := 0
	for role, sources := range map[csvschema.Role]*[]csvschema.Source{csvschema.VirtualMachines: &export.VirtualMachines, csvschema.Disks: &export.Disks} {
		data, err := io.ReadAll(large.Reader(role))
		require.NoError(b, err)
		*sources = []csvschema.Source{source(data)}
		size += len(data)
	}
	exports, subject := []csvschema.Export{export}, subjectOf(b, large.Subjects()[0].Identifiers...)
	b.Run("filter", func(b *testing.B) {
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for b.Loop() {
			_, err := dsr.Filter(b.Context(), exports, []dsr.Subject{subject}, func(dsr.Match) error { return nil }, nil)
			require.NoError(b, err)
		}
	})
	b.Run("write", func(b *testing.B) {
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for b.Loop() {
			_, err := response.Write(b.Context(), io.Discard, exports, subject, &response.Options{Controller: complete})
			require.NoError(b, err)
		}
	})
}
