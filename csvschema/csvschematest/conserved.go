package csvschematest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/labdsr/labdsr/csvschema"
)

// AssertConserved asserts that two versions of a file differ only where they may.
// Both must have the same header, byte for byte, and the same rows in the same order.
//
// A row must have the same bytes unless mayChange, called with its number from 1,
// returns true. If mayChange is nil no row may change. A row that may change must
// still have the same number of cells, the same LabUId and ResourceUId and the same
// line end. A quoted cell must still be quoted, and an unquoted cell unquoted. The new
// text of changed cells is not checked.
//
// Reports give places by row (the header is row 0), line and column from 1. They hold
// nothing of the files.
func AssertConserved(tb testing.TB, before, after []byte, mayChange func(row int) bool) {
	tb.Helper()
	old, oldEnd, ok1 := checkedRecords(tb, "before", before)
	changed, changedEnd, ok2 := checkedRecords(tb, "after", after)
	if !ok1 || !ok2 {
		return
	}
	if len(old) != len(changed) {
		tb.Errorf("%d rows before, %d rows after", len(old)-1, len(changed)-1)
	}
	places := reporter{tb: tb}
	for row := range min(len(old), len(changed)) {
		a, b := old[row], changed[row]
		if !bytes.Equal(a.gap, b.gap) {
			places.add("row %d (line %d): the empty lines before it have changed", row, a.line)
		}
		switch {
		case bytes.Equal(a.raw, b.raw):
		case row == 0:
			places.add("the header has changed, at column %d", firstDifference(a, b))
		case mayChange == nil || !mayChange(row):
			places.add("row %d (line %d) has changed, at column %d", row, a.line, firstDifference(a, b))
		default:
			compareChanged(&places, row, old[0], a, b)
		}
	}
	if !bytes.Equal(oldEnd, changedEnd) {
		places.add("the empty lines at the end have changed")
	}
	places.done()
}

// checkedRecords splits a file. It reports an error to tb and returns false unless
// encoding/csv reads the same records and cells.
func checkedRecords(tb testing.TB, which string, data []byte) (records []rawRecord, end []byte, ok bool) {
	tb.Helper()
	records, end = splitRecords(data)
	rows, err := csv.NewReader(bytes.NewReader(withoutMark(data))).ReadAll()
	if err != nil {
		if parse, ok := errors.AsType[*csv.ParseError](err); ok { // its Err is a sentinel of encoding/csv
			tb.Errorf("the file %s is not CSV: line %d, column %d: %v", which, parse.Line, parse.Column, parse.Err)
		} else {
			tb.Errorf("the file %s is not CSV", which)
		}
		return nil, nil, false
	}
	if len(rows) == 0 {
		tb.Errorf("the file %s is empty", which)
		return nil, nil, false
	}
	if !slices.EqualFunc(records, rows, sameCells) {
		tb.Errorf("the file %s has a carriage return that readers disagree about", which)
		return nil, nil, false
	}
	return records, end, true
}

// sameCells reports whether encoding/csv read the same cells. It changes CR LF in
// quotes to LF.
func sameCells(r rawRecord, row []string) bool {
	return slices.EqualFunc(r.cells, row, func(cell []byte, text string) bool {
		return strings.ReplaceAll(string(unquoted(cell)), "\r\n", "\n") == text
	})
}

// firstDifference returns the number of the first cell that differs, from 1. If no
// cell differs, but a line end or the byte-order mark, it returns the last cell.
func firstDifference(a, b rawRecord) int {
	n := min(len(a.cells), len(b.cells))
	for i := range n {
		if !bytes.Equal(a.cells[i], b.cells[i]) {
			return i + 1
		}
	}
	return max(n, 1)
}

// compareChanged compares two versions of a row that may change.
func compareChanged(places *reporter, row int, header, a, b rawRecord) {
	places.tb.Helper()
	if !bytes.Equal(lineEndOf(a.raw), lineEndOf(b.raw)) {
		places.add("row %d (line %d): its line end has changed", row, a.line)
	}
	for i := range a.cells {
		x, y := a.cells[i], b.cells[i]
		if bytes.Equal(x, y) {
			continue
		}
		name := strings.TrimSpace(string(unquoted(header.cells[i])))
		switch {
		case isQuoted(x) != isQuoted(y):
			places.add("row %d (line %d), column %d: its quoting has changed", row, a.line, i+1)
		case strings.EqualFold(name, csvschema.LabUId.String()), strings.EqualFold(name, csvschema.ResourceUId.String()):
			places.add("row %d (line %d), column %d: it belongs to another row", row, a.line, i+1)
		}
	}
}

// lineEndOf returns the line end of a record.
func lineEndOf(raw []byte) []byte { return raw[len(bytes.TrimRight(raw, "\r\n")):] }

// AssertIdempotent asserts that a function does not change its own output. It reports
// the first place that differs. An error of the function is a failure, too. It is
// reported by its type, because its text may hold text of the input.
func AssertIdempotent(tb testing.TB, apply func(in []byte) ([]byte, error), input []byte) {
	tb.Helper()
	once, err := apply(bytes.Clone(input))
	if err != nil {
		tb.Errorf("the first run failed: %T", err)
		return
	}
	once = bytes.Clone(once)
	twice, err := apply(bytes.Clone(once))
	if err != nil {
		tb.Errorf("the second run failed: %T", err)
		return
	}
	if bytes.Equal(once, twice) {
		return
	}
	a, _ := splitRecords(once)
	b, _ := splitRecords(twice)
	for row := range min(len(a), len(b)) {
		if !bytes.Equal(a[row].raw, b[row].raw) {
			tb.Errorf("the second run changed row %d (line %d), column %d", row, a[row].line, firstDifference(a[row], b[row]))
			return
		}
	}
	tb.Errorf("the second run changed %d rows into %d, or the empty lines between them", max(len(a)-1, 0), max(len(b)-1, 0))
}
