package anonymize_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// BenchmarkApply carries out a plan in which a tenth of a percent of the rows are
// due, and copies the same file beside it. Planning takes two passes itself.
func BenchmarkApply(b *testing.B) {
	large := csvschematest.NewLarge(1, 64<<20, &csvschematest.LargeOptions{DeletedEvery: 1000})
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

// BenchmarkVerify verifies an output of the same plan, and reads both sides with
// encoding/csv beside it, one record at a time into the same slice.
func BenchmarkVerify(b *testing.B) {
	large := csvschematest.NewLarge(1, 64<<20, &csvschematest.LargeOptions{DeletedEvery: 1000})
	file, err := io.ReadAll(large.Reader(csvschema.VirtualMachines))
	require.NoError(b, err)
	var p anonymize.Policy
	before := []csvschema.Export{exportOf(csvschema.VirtualMachines, file)}
	plan, err := p.Plan(b.Context(), later, before)
	require.NoError(b, err)
	var out bytes.Buffer
	_, err = plan.Apply(b.Context(), fileID(1, 1, csvschema.VirtualMachines), &out)
	require.NoError(b, err)
	after := []csvschema.Export{exportOf(csvschema.VirtualMachines, out.Bytes())}
	b.Run("labdsr", func(b *testing.B) {
		b.SetBytes(2 * int64(len(file)))
		for b.Loop() {
			v, err := verify.Exports(b.Context(), &p, later, before, after)
			require.NoError(b, err)
			require.True(b, v.OK())
		}
	})
	b.Run("encoding csv", func(b *testing.B) {
		b.SetBytes(2 * int64(len(file)))
		for b.Loop() {
			for _, text := range [][]byte{file, out.Bytes()} {
				r := csv.NewReader(bytes.NewReader(text))
				r.ReuseRecord = true
				for {
					if _, err := r.Read(); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		}
	})
}
