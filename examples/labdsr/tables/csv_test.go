package tables_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/tables"
)

func TestCSVLosesNothing(t *testing.T) {
	t.Parallel()
	s := kindsOf()
	var out bytes.Buffer
	w, err := tables.NewCSV(&out, s)
	write(t, w, err, batch(t, s, kindRows()[:2]...), batch(t, s, kindRows()[2:]...))
	assert.Equal(t, "Text,More,Is,Size,Hours,Day,At\n"+
		"\"a\",\"x\",1,127,1.5,2017-01-01,2017-01-03 23:17:09.000000\n"+
		"\"b\",,,,,,\n"+
		"\"c\",\"\",0,-9223372036854775808,0.0000001,1900-01-01,1900-01-01 00:00:00.000001\n"+
		"\"d\",\"a \"\"b\"\", c\r\nd\n\\.\ne\\\",0,9223372036854775807,744000000.25,9999-12-31,9999-12-31 23:59:59.999999\n"+
		"\"Ünïcødé 💻 =1+1\",\" \",1,0,0.1,1969-12-31,1969-12-31 23:59:59.500000\n", out.String())
}

func TestATableWithoutRowsIsAHeader(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w, err := tables.NewCSV(&out, kindsOf())
	write(t, w, err)
	assert.Equal(t, "Text,More,Is,Size,Hours,Day,At\n", out.String())
}

// FuzzCSVIsReadAgain writes texts and reads them by encoding/csv, which takes CR LF for LF.
func FuzzCSVIsReadAgain(f *testing.F) {
	for _, row := range kindRows() {
		f.Add(row[0].(string), "x")
	}
	f.Add("", "\r")
	f.Add("\"", "\"\"\r\n\"")
	f.Fuzz(func(t *testing.T, text, more string) {
		s := kindsOf()
		row := kindRows()[0]
		row[0], row[1] = text, more
		var out bytes.Buffer
		w, err := tables.NewCSV(&out, s)
		write(t, w, err, batch(t, s, row, row))
		records, err := csv.NewReader(&out).ReadAll()
		require.NoError(t, err)
		require.Len(t, records, 3)
		want := []string{strings.ReplaceAll(text, "\r\n", "\n"), strings.ReplaceAll(more, "\r\n", "\n"), "1", "127", "1.5", "2017-01-01", "2017-01-03 23:17:09.000000"}
		assert.Equal(t, want, records[1])
		assert.Equal(t, want, records[2])
	})
}
