package anonymize_test

import (
	"context"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// BenchmarkApply carries out a plan in which most rows are due, and copies the same file. Planning takes two passes itself.
func BenchmarkApply(b *testing.B) {
	large := csvschematest.NewLarge(1, 64<<20, nil)
	file, err := io.ReadAll(large.Reader(csvschema.VirtualMachines))
	require.NoError(b, err)
	for _, workers := range []int{1, 0} {
		p := &anonymize.Policy{Workers: workers}
		name := map[int]string{0: "all", 1: "one"}[workers]
		exports := []csvschema.Export{exportOf(csvschema.VirtualMachines, file)}
		plan, err := p.Plan(b.Context(), later, exports)
		require.NoError(b, err)
		for task, run := range map[string]func() error{
			"Apply": func() error {
				_, err := plan.Apply(b.Context(), fileID(1, 1, csvschema.VirtualMachines), io.Discard)
				return err
			},
			"Copy": func() error {
				r, err := exports[0].VirtualMachines[0].Open(context.Background())
				if err == nil {
					_, err = p.Copy(b.Context(), later, csvschema.VirtualMachines, io.Discard, r)
				}
				return err
			},
			"Plan": func() error {
				_, err := p.Plan(b.Context(), later, exports)
				return err
			},
		} {
			b.Run(task+"/"+name, func(b *testing.B) {
				b.SetBytes(int64(len(file)))
				for b.Loop() {
					require.NoError(b, run())
				}
			})
		}
	}
}
