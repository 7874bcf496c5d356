package reveal_test

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// oddTexts are cells that are easily changed on their way.
var oddTexts = []string{
	"", " a ", "a,b", `a"b`, "a\nb", "a\r\n", "<b>&amp;", "é", "\u2028", "\uFFFD", "\uFEFF", "\U0001F600", "\x01\x7f", `\u0041`, "[redacted]", "NULL", "null", "1/3/2017",
	"1/3/2017 11:17:09\u202FPM", "2017-01-03T23:17:09.1234567+01:00", "0001-01-01", "tRUE", "010",
}

// rowsOf returns rows of generated exports, and rows with odd texts in all cells that can
// hold them.
func rowsOf[T csvschema.Row](t *testing.T) (rows []T) {
	t.Helper()
	var zero T
	role := csvschema.CellsOf(&zero).Role()
	for seed := range uint64(3) {
		for _, f := range csvschematest.New(seed, nil).Files {
			if f.Role != role {
				continue
			}
			r := csvschema.NewReader[T](bytes.NewReader(f.Data), &csvschema.ReaderOptions{AllowUnknownColumns: true})
			for {
				row, err := r.Read()
				if err == io.EOF {
					break
				}
				require.NoError(t, err)
				rows = append(rows, row)
			}
		}
	}
	require.NotEmpty(t, rows)
	for i := range oddTexts {
		var row T
		cells := csvschema.CellsOf(&row)
		for j, c := range role.Columns() {
			for k := range oddTexts {
				if cells.SetCell(c, oddTexts[(i+j+k)%len(oddTexts)]) == nil {
					break
				}
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// printed returns what package fmt and both handlers of log/slog make of a value.
func printed(value any) (all []string) {
	for _, verb := range "vsqxXd" {
		for _, flag := range []string{"", "+", "#"} {
			all = append(all, fmt.Sprintf("%"+flag+string(verb), value), fmt.Sprintf("%"+flag+string(verb), &value))
		}
	}
	var out strings.Builder
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).With("row", value).Info("", "row", value, slog.Group("g", "row", value))
	}
	return append(all, out.String())
}
