package header_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/anonymize/verify/internal/header"
)

func TestName(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"": "", "LabUId": "LabUId", " Lab_UId\r": "LabUId", "\uFEFF\uFEFF\"LabUId\"": "LabUId", "'Lab\tUId'\n": "LabUId", "Lab\nUId": "Lab\nUId", "Lab-UId": "Lab-UId", "éLabUId": "LabUId",
		strings.Repeat("_", 58) + "LabUId": "LabUId", strings.Repeat("_", 59) + "LabUId": "",
	} {
		assert.Equal(t, want, header.Name([]byte(cell)), "%q", cell)
	}
}

func TestHoldsValue(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]bool{
		"": false, "LabUId": false, "/Subscriptions/s": true, "/subscriptions": false, "'36F675CC-81e7-4ef5-a8e2-5d940ed90475'": true, "36f675cc-81e7-4ef5-a8e2-5d940ed9047": false,
	} {
		assert.Equal(t, want, header.HoldsValue([]byte(cell)), cell)
	}
}
