package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestConsoleHidesIdentifiers(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	c := &console{w: &said}
	c.keepSecret("--subject=6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11", "--out", "dir")
	c.line("read", "ann@example.com/6F0C2F3E5F0D4C539D0E0A4F1C7B2E11.csv of lab 36f675cc-81e7-4ef5-a8e2-5d940ed90475")
	c.fail("bob%40example.com.csv: no such file", "ask {6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11}")
	assert.Equal(t, "read       [hidden]/[hidden].csv of lab 36f675cc-81e7-4ef5-a8e2-5d940ed90475\n"+
		"labdsr: [hidden]: no such file\n  hint: ask [hidden]\n", said.String())
}

func TestNumbersAgreeWithTheirNouns(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "1 row", count(1, "row"))
	assert.Equal(t, "0 rows", count(0, "row"))
	assert.Equal(t, "1,234,567 other addresses", count(1_234_567, "other address"))
}
