package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

func TestThePlanAndTheVerificationHaveToAgree(t *testing.T) {
	t.Parallel()
	a := newApp(nil, nil, os.Stdout, os.Stderr)
	a.exports = &inputs.Exports{}
	failed := func(n int) *verify.Verification {
		v := &verify.Verification{Failed: int64(n)}
		for i := range min(n, 100) {
			v.Failures = append(v.Failures, verify.Failure{FileID: csvschema.FileID{Role: csvschema.Disks}, Line: int64(i + 2), Number: 17, Kind: verify.IdentifierLeft})
		}
		return v
	}
	for _, test := range []struct {
		name    string
		changed int64
		failed  int
		want    string // "" for no error
	}{
		{"nothing had to be gone", 0, 0, ""},
		{"one is left", 1, 1, "not anonymized: 1 row holds what had to be gone at 1 January 0001 00:00 UTC: disks line 2, column number 17"},
		{"many are left", 200, 300, "; disks line 11, column number 17; and 290 more places"},
		{"the plan alone finds something", 1, 0, "disagree"},
		{"the verification alone finds something", 0, 1, "disagree"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := a.judge(&planning{total: anonymize.Stats{Changed: test.changed}}, failed(test.failed))
			if test.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, test.want)
			assert.NotContains(t, err.Error(), "line 12")
		})
	}
}
