package rawcsv_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
)

// A parse is what a reader makes of a file, up to its end or the first fault.
type parse struct {
	records [][]string // the first one, which is the header, included
	lines   []int64    // of the records, from 1
	fault   *fault     // nil at the end of the file
	raw     []byte     // the text up to there
}

// A fault is what is wrong with a file, and where.
type fault struct {
	err    error
	line   int64
	cell   int // from 0; -1 if the fault belongs to none
	fields int
}

// read reads a file in chunks of chunkBytes.
func read(t testing.TB, r io.Reader, chunkBytes, maxRecordBytes int) (p parse) {
	t.Helper()
	if maxRecordBytes == 0 {
		maxRecordBytes = 16 << 20
	}
	reader := rawcsv.NewReader(r, chunkBytes, maxRecordBytes)
	var c rawcsv.Chunk
	raw, line, lines, f := reader.First(&c)
	p.raw = raw
	p.add(t, &c, line, f)
	fields := c.Fields()
	var buf []byte
	for p.fault == nil && len(p.records) > 0 {
		line += lines
		var part rawcsv.Part
		buf, part = reader.Next(buf)
		if part.IsEnd() {
			break
		}
		lines, f = c.Index(part, fields, maxRecordBytes)
		p.raw = append(p.raw, c.Bytes()...)
		p.add(t, &c, line, f)
	}
	return p
}

// add adds the records of a chunk that begins on the line, and the fault after them.
func (p *parse) add(t testing.TB, c *rawcsv.Chunk, line int64, f *rawcsv.Fault) {
	t.Helper()
	for i := range c.Len() {
		var cells []string
		for j := range c.Fields() {
			cells = append(cells, string(c.Cell(i, j)))
			if c.Repeats(i, j) {
				require.Positive(t, i)
				require.Equal(t, p.records[len(p.records)-1][j], cells[j], "repeats what it does not")
			}
		}
		p.records = append(p.records, cells)
		p.lines = append(p.lines, line+c.Line(i))
	}
	if f != nil {
		p.fault = &fault{err: f.Err, line: line + f.Line, cell: f.Cell, fields: f.Fields}
	}
}

// readByEncodingCSV reads a file by encoding/csv. A fault has no place.
func readByEncodingCSV(text []byte) (p parse) {
	text = withoutMark(withoutMark(text))
	first := csv.NewReader(bytes.NewReader(text))
	if _, err := first.Read(); err == nil {
		end := first.InputOffset()
		text = append(bytes.Clone(text[:end]), withoutMark(text[end:])...)
	}
	r := csv.NewReader(bytes.NewReader(text))
	for {
		record, err := r.Read()
		if err == io.EOF {
			return p
		}
		if err != nil {
			p.fault = &fault{err: err}
			return p
		}
		line, _ := r.FieldPos(0)
		p.records, p.lines = append(p.records, record), append(p.lines, int64(line))
	}
}

// withLineFeeds returns the records with what encoding/csv makes of line ends inside
// cells.
func withLineFeeds(records [][]string) [][]string {
	records = slices.Clone(records)
	for i, record := range records {
		records[i] = slices.Clone(record)
		for j, cell := range record {
			records[i][j] = strings.ReplaceAll(cell, "\r\n", "\n")
		}
	}
	return records
}

// sameFault gives for our sentinels those of encoding/csv.
var sameFault = map[error]error{
	rawcsv.ErrBareQuote:  csv.ErrBareQuote,
	rawcsv.ErrQuote:      csv.ErrQuote,
	rawcsv.ErrFieldCount: csv.ErrFieldCount,
}

// requireSameAsEncodingCSV compares what we and encoding/csv make of a file: the same
// records on the same lines, the same refusals, with the documented exceptions.
func requireSameAsEncodingCSV(t *testing.T, text []byte, chunkBytes int) {
	t.Helper()
	got, want := read(t, bytes.NewReader(text), chunkBytes, 0), readByEncodingCSV(text)
	isClean := utf8.Valid(text) && !bytes.Contains(text, []byte{0})
	switch {
	case got.fault == nil:
		require.Nil(t, want.fault)
		if len(got.records) > 0 {
			require.True(t, isClean, "NUL or invalid UTF-8 was accepted")
			require.Equal(t, text, got.raw, "the chunks are not the bytes of the file")
		}
	case got.fault.err == rawcsv.ErrNUL || got.fault.err == rawcsv.ErrUTF8:
		require.False(t, isClean, "a clean file was refused")
		require.GreaterOrEqual(t, len(want.records), len(got.records))
		want.records, want.lines = want.records[:len(got.records)], want.lines[:len(got.lines)]
	default:
		require.NotNil(t, want.fault, "%v where encoding/csv reads on", got.fault.err)
		require.ErrorIs(t, want.fault.err, sameFault[got.fault.err])
	}
	require.Len(t, got.records, len(want.records))
	if len(want.records) > 0 {
		assert.Equal(t, want.records, withLineFeeds(got.records))
		assert.Equal(t, want.lines, got.lines)
	}
}

// requireSameAsPlain compares the fast path with the plain one: the same records,
// lines and bytes, the same faults in the same places.
func requireSameAsPlain(t *testing.T, text []byte, chunkBytes, maxRecordBytes int) {
	t.Helper()
	got, want := read(t, bytes.NewReader(text), chunkBytes, maxRecordBytes), readPlainly(text, maxRecordBytes)
	if text := differs(got, want); text != "" {
		require.Fail(t, text, "chunks of %d bytes, records of up to %d: %q", chunkBytes, maxRecordBytes, text)
	}
	if want.fault == nil && len(want.records) > 0 {
		require.Equal(t, string(text), string(got.raw))
	}
}

// differs says how what was read differs from what it should be, or returns "". It
// is faster than assert.Equal.
func differs(got, want parse) string {
	switch {
	case !slices.EqualFunc(want.records, got.records, slices.Equal[[]string]):
		return fmt.Sprintf("records %q, want %q", got.records, want.records)
	case !slices.Equal(want.lines, got.lines):
		return fmt.Sprintf("lines %v, want %v", got.lines, want.lines)
	case (want.fault == nil) != (got.fault == nil), want.fault != nil && *want.fault != *got.fault:
		return fmt.Sprintf("fault %+v, want %+v", got.fault, want.fault)
	}
	return ""
}

func abs(n int) int { return max(n, -(n + 1)) }
