package verify_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// FuzzTwoOpinionsOnIDsAgree compares what this package takes for an ID with what the
// package that it checks takes for one.
func FuzzTwoOpinionsOnIDsAgree(f *testing.F) {
	for _, text := range []string{
		"", "-", "0", "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000001", "{00000000000000000000000000000000}",
		"0dd2f8ae-8267-47c5-8cda-484792e203ee", "0dd2f8ae_8267-47c5-8cda-484792e203ee", "0dd2f8ae-826747c5-8cda-4847-92e203ee", "NULL", "(null)", "nullable",
		"####", "#N/A", "1.23E+31", "e", "ee", "1e", "é", "lab-1", "/NULL", "null/", "\\N", "n/a ", "'none'", "-null", "#\nx",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		normal := identity.Normal(text)
		assert.Equal(t, csvschema.Identifies(csvschema.ResourceUId, []byte(normal)), verify.IsUID(normal), "%q", normal)
		for _, c := range []csvschema.Column{csvschema.LabUId, csvschema.ResourceId, csvschema.LeasedByVmId} {
			assert.Equal(t, csvschema.Identifies(c, []byte(normal)), verify.IsText(normal), "%q", normal)
		}
	})
}
