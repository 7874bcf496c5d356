package verify_test

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// BenchmarkExports verifies an output of the same plan, and reads both sides with
// encoding/csv, one record at a time into the same slice.
func BenchmarkExports(b *testing.B) {
	large := csvschematest.NewLarge(1, 64<<20, nil)
	file, err := io.ReadAll(large.Reader(csvschema.VirtualMachines))
	require.NoError(b, err)
	var p anonymize.Policy
	before := []csvschema.Export{exportOf(csvschema.VirtualMachines, file)}
	plan, err := p.Plan(b.Context(), later, before)
	require.NoError(b, err)
	var out bytes.Buffer
	_, err = plan.Apply(b.Context(), plan.Report().Files[0].FileID, &out)
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
				r := csv.NewReader(bufio.NewReaderSize(bytes.NewReader(text), 1<<20))
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
