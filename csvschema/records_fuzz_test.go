package csvschema_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// A parse is what a reader made of a file: the records up to the end or the
// first fault, the header being one of them.
type parse struct {
	records [][]string
	lines   []int64
	err     error // nil at the end of the file
}

// parseOurs reads everything with chunks of chunkBytes.
func parseOurs(r io.Reader, chunkBytes, maxRecordBytes int) (p parse, raw []byte) {
	rr := csvschema.NewDialectReader(r, chunkBytes, maxRecordBytes)
	header, err := rr.Header()
	if err != nil {
		p.err = err
		return p, nil
	}
	raw = append(raw, header.Raw()...)
	h := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(header.Raw(), []byte("\xEF\xBB\xBF"))))
	record, err := h.Read()
	if err != nil {
		p.err = err
		return p, raw
	}
	p.records = append(p.records, record)
	for {
		chunk, err := rr.ReadChunk()
		if err != nil {
			if err != io.EOF {
				p.err = err
			}
			return p, raw
		}
		raw = append(raw, chunk.Bytes()...)
		for i := range chunk.Len() {
			rec := chunk.Record(i)
			var cells []string
			for j := range rec.Fields() {
				cells = append(cells, string(rec.Cell(j)))
			}
			p.records = append(p.records, cells)
			p.lines = append(p.lines, rec.Line())
		}
	}
}

// parseReference reads everything with encoding/csv.
func parseReference(text []byte) (p parse) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\xEF\xBB\xBF"))))
	for {
		record, err := r.Read()
		if err == io.EOF {
			return p
		}
		if err != nil {
			p.err = err
			return p
		}
		if p.records != nil {
			line, _ := r.FieldPos(0)
			p.lines = append(p.lines, int64(line))
		}
		p.records = append(p.records, record)
	}
}

// normalizeLineEnds does to our cells what encoding/csv does to its own. The header
// is left alone: parseOurs has it from encoding/csv.
func (p parse) normalizeLineEnds() [][]string {
	records := slices.Clip(p.records[:min(1, len(p.records))])
	for _, r := range p.records[len(records):] {
		var cells []string
		for _, c := range r {
			cells = append(cells, strings.ReplaceAll(c, "\r\n", "\n"))
		}
		records = append(records, cells)
	}
	return records
}

// sameFault maps our sentinels to those of encoding/csv.
var sameFault = map[error]error{
	csvschema.ErrBareQuote:  csv.ErrBareQuote,
	csvschema.ErrQuote:      csv.ErrQuote,
	csvschema.ErrFieldCount: csv.ErrFieldCount,
}

func requireSameAsReference(t *testing.T, text []byte, chunkBytes int) {
	t.Helper()
	ours, raw := parseOurs(bytes.NewReader(text), chunkBytes, 0)
	want := parseReference(text)
	var place *csvschema.Error
	switch {
	case ours.err == nil:
		require.NoError(t, want.err)
		require.True(t, utf8.Valid(text) && !bytes.Contains(text, []byte{0}), "NUL or invalid UTF-8 was accepted")
		require.Equal(t, text, raw, "the chunks are not the bytes of the file")
	case errors.Is(ours.err, csvschema.ErrNoHeader):
		require.Empty(t, want.records)
		require.NoError(t, want.err)
		return
	case errors.Is(ours.err, csvschema.ErrNUL), errors.Is(ours.err, csvschema.ErrUTF8):
		require.False(t, utf8.Valid(text) && !bytes.Contains(text, []byte{0}), "a clean file was refused")
		require.GreaterOrEqual(t, len(want.records), len(ours.records))
		want.records = want.records[:len(ours.records)]
		want.lines = want.lines[:len(ours.lines)]
	default:
		require.ErrorAs(t, ours.err, &place)
		require.Error(t, want.err, "%v where encoding/csv reads on", ours.err)
		require.ErrorIs(t, want.err, sameFault[place.Err])
	}
	require.Len(t, ours.records, len(want.records))
	if len(want.records) > 0 {
		assert.Equal(t, want.records, ours.normalizeLineEnds())
	}
	if len(want.lines) > 0 {
		assert.Equal(t, want.lines, ours.lines)
	}
}

var dialectSeeds = []string{
	"",
	"\n",
	"\r",
	"a,b\n1,2\n",
	"a,b\r\n1,2\r\n",
	"a,b\n1,2",
	"a,b\n1,2\r",
	"a,b\n\"1\",\"2\"\r",
	"a,b\n\"1\",\"2\"\r\r",
	"a,b\r\r\n1,2\r\r\n",
	"\n\r\na,b\n\n\r\n1,2\n\n",
	"a,b\n\"1\n2\",\"3\r\n4\"\n5,6\n",
	"a,b\n\"1\"\"2\",\"\"\n",
	"a,b\n\"\"\"\",\"\"\"\"\"\"\n",
	"a,b\n\",\",\",\"\n",
	"a,b\n1,2,3\n",
	"a,b\n1\n",
	"a,b\n1,2\"3\n",
	"a,b\n\"1\"2,3\n",
	"a,b\n\"1\",\"2\n3,4\n",
	"a,b\n\"1\",\"2\"",
	"\xEF\xBB\xBFa,b\n1,2\n",
	"\xEF\xBB\xBF\"a\",b\n1,2\n",
	"\xEF\xBB\xBF\n\na,b\n1,2\n",
	"a,b\n1,\x002\n",
	"a,b\n1,\xff2\n",
	"a,b\n1,ü\n3,\xc3",
	"a,b\n\"x\",1\n2,\"y\"\n,\n\"\",\n",
	"a\n\n\"\"\n\n",
	"\"a\nb\",c\n1,2\n",
	"\"\r\r\n\"\n\"\r\r\n\"",
}

// TestRecordsAreThoseOfEncodingCSV is the plain half of FuzzRecords: every
// boundary of a chunk falls on every byte.
func TestRecordsAreThoseOfEncodingCSV(t *testing.T) {
	t.Parallel()
	for _, seed := range dialectSeeds {
		for chunkBytes := 1; chunkBytes <= len(seed)+1; chunkBytes++ {
			requireSameAsReference(t, []byte(seed), chunkBytes)
		}
	}
}

// FuzzRecords holds the record layer to encoding/csv: same records on the same
// lines, same refusals, with the listed exceptions, wherever chunks end.
func FuzzRecords(f *testing.F) {
	for _, seed := range dialectSeeds {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, text []byte, chunkBytes int) {
		if bytes.HasPrefix(text, []byte("\xFF\xFE")) || bytes.HasPrefix(text, []byte("\xFE\xFF")) {
			return // FuzzUTF16 has it
		}
		requireSameAsReference(t, text, 1+abs(chunkBytes)%100)
		small, raw := parseOurs(iotest.OneByteReader(bytes.NewReader(text)), 1+abs(chunkBytes)%10, 64)
		large, _ := parseOurs(iotest.DataErrReader(bytes.NewReader(text)), 1<<20, 64)
		assert.Equal(t, large, small, "the size of a chunk shows")
		assert.True(t, bytes.HasPrefix(text, raw), "the chunks are not the bytes of the file")
	})
}

func abs(n int) int {
	return max(n, -(n + 1))
}
