//go:build !race

package dsr_test

// The race detector makes this test slow, in which only one goroutine works.

import (
	"bytes"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr/redact"
)

// The rows of everybody are redacted for each subject, not only the subject's own.
func TestRowsAreRedactedAsThePlainReferenceDoes(t *testing.T) {
	t.Parallel()
	hidden := 0
	forEachRefWorld(t, 1000, func(t *testing.T, w *refWorld) {
		for i, s := range w.realSubjects(t) {
			redactor, err := redact.New(s, nil)
			require.NoError(t, err)
			for _, e := range w.exports {
				for _, f := range e {
					plain := refHider{w.subjects[i], f.header}
					rr := csvschema.NewRecordReader(bytes.NewReader(f.text(t)), f.role, &csvschema.RecordOptions{Required: []csvschema.Column{}})
					for _, row := range f.rows {
						rec, err := rr.Read()
						require.NoError(t, err)
						redacted := redactor.Record(rec)
						var got []string
						for c := range row {
							got = append(got, string(redacted.Cell(c)))
						}
						want := plain.redact(row)
						for c := range row {
							if want[c] != got[c] {
								t.Errorf("%s of %q\nfor  %+v\nwas  %q\nwant %q\ngot  %q", f.header[c], row, w.subjects[i], row[c], want[c], got[c])
							}
						}
						if !slices.Equal(want, row) {
							hidden++
						}
					}
				}
			}
		}
	})
	assert.Greater(t, hidden, 100)
}
