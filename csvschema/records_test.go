package csvschema_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// A dialectCase is one file of the collection of CSV dialects.
type dialectCase struct {
	Name       string   `json:"name"`
	Class      string   `json:"class"`
	Delimiter  string   `json:"delimiter"`
	AlsoAccept []string `json:"also_accept"`
}

// TestThirdPartyDialects reads the CSV files of other projects' tests: what
// RFC 4180 leaves one reading of has that reading, what is malformed is
// refused, and where tools differ the result is one of the known ones.
func TestThirdPartyDialects(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "shared", "data", "csv-dialect")
	index, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("shared data absent: no collection of CSV dialects beside the project")
	}
	require.NoError(t, err)
	var list struct{ Cases []dialectCase }
	require.NoError(t, json.Unmarshal(index, &list))
	require.NotEmpty(t, list.Cases)
	levels := mustErrorLevels(t, dir)
	for _, c := range list.Cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join(dir, c.Name+".csv"))
			require.NoError(t, err)
			for _, chunkBytes := range []int{1, 100, 1 << 20} {
				got, _ := parseOurs(bytes.NewReader(text), chunkBytes, 0)
				if errors.Is(got.err, csvschema.ErrNoHeader) { // an export is never empty
					got.err = nil
				}
				switch {
				case c.Class == "must-error":
					if levels[c.Name] == "required" {
						require.Error(t, got.err)
					}
				case c.Delimiter != ",": // columns are separated by commas and nothing else
				case got.err != nil:
					require.Contains(t, c.AlsoAccept, "error", "%v", got.err)
				default:
					var accepted [][][]string
					for _, name := range append([]string{c.Name + ".json"}, c.AlsoAccept...) {
						if name != "error" {
							accepted = append(accepted, expectedRecords(t, filepath.Join(dir, name)))
						}
					}
					assert.True(t, slices.ContainsFunc(accepted, func(want [][]string) bool {
						return slices.EqualFunc(want, got.records, slices.Equal[[]string])
					}), "got %q", got.records)
				}
			}
		})
	}
}

func mustErrorLevels(t *testing.T, dir string) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "must-error.json"))
	require.NoError(t, err)
	var list struct {
		Cases []struct{ Name, Level string }
	}
	require.NoError(t, json.Unmarshal(text, &list))
	levels := map[string]string{}
	for _, c := range list.Cases {
		levels[c.Name] = c.Level
	}
	require.Contains(t, levels, "go-csv--badbarequote")
	return levels
}

// expectedRecords reads a parse: a cell is a string, or base64 where its bytes
// are not UTF-8.
func expectedRecords(t *testing.T, path string) [][]string {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var cells [][]json.RawMessage
	require.NoError(t, json.Unmarshal(text, &cells))
	records := make([][]string, len(cells))
	for i, record := range cells {
		for _, cell := range record {
			var s string
			if err := json.Unmarshal(cell, &s); err != nil {
				var binary struct{ B64 string }
				require.NoError(t, json.Unmarshal(cell, &binary))
				b, err := base64.StdEncoding.DecodeString(binary.B64)
				require.NoError(t, err)
				s = string(b)
			}
			records[i] = append(records[i], s)
		}
	}
	return records
}

func TestRecordOverTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	const limit = 40
	fits := strings.Repeat("x", limit-3)
	for _, test := range []struct {
		name string
		text string
		rows int
		line int64 // 0: accepted
	}{
		{"record of the limit", "a,b\n1," + fits + "\n3,4\n", 2, 0},
		{"record of the limit with a line end of two", "a,b\r\n1," + fits[1:] + "\r\n3,4\r\n", 2, 0},
		{"record over the limit", "a,b\n1,2\n1," + fits + "x\n3,4\n", 1, 3},
		{"quoted record over the limit", "a,b\n1,2\n1,\"" + strings.Repeat("\n", limit) + "\"\n3,4\n", 1, 3},
		{"quote never closed", "a,b\n1,\"" + strings.Repeat("x\n", 10*limit), 0, 2},
		{"header over the limit", "a,b" + fits + "\n1,2\n", 0, 1},
		{"no line end at all", strings.Repeat("a,", 100*limit), 0, 1},
		{"many empty lines are no record", "a,b\n" + strings.Repeat("\n", 10*limit) + "1,2\n", 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, chunkBytes := range []int{1, 10, limit, 1 << 20} {
				got, _ := parseOurs(strings.NewReader(test.text), chunkBytes, limit)
				assert.Len(t, got.records[min(1, len(got.records)):], test.rows)
				if test.line == 0 {
					require.NoError(t, got.err)
					continue
				}
				require.ErrorIs(t, got.err, csvschema.ErrRecordTooLarge)
				var place *csvschema.Error
				require.ErrorAs(t, got.err, &place)
				assert.Equal(t, test.line, place.Line)
			}
		})
	}
}

// TestLimitBoundsMemory gives a reader that never ends a line: it must be
// refused after about the limit, not after all of it.
func TestLimitBoundsMemory(t *testing.T) {
	t.Parallel()
	endless := &countingReader{r: iotest.OneByteReader(neverEnding{})}
	_, err := readAll(endless, csvschema.Disks, &csvschema.RecordOptions{MaxRecordBytes: 1 << 16})
	require.ErrorIs(t, err, csvschema.ErrRecordTooLarge)
	assert.LessOrEqual(t, endless.n, 1<<19)
}

type neverEnding struct{}

func (neverEnding) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

type countingReader struct {
	r io.Reader
	n int
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}

// FuzzUTF16 holds reading UTF-16 to reading the UTF-8 of the same text, and
// text that is not UTF-16 to an error.
func FuzzUTF16(f *testing.F) {
	for _, seed := range dialectSeeds {
		f.Add([]byte(seed), true)
	}
	f.Add([]byte("a,b\n\U0001F600,\U00010000\n"), false)
	f.Add([]byte("a\x00,\x00\x00\xD8"), false)
	f.Fuzz(func(t *testing.T, text []byte, little bool) {
		order := binary.AppendByteOrder(binary.BigEndian)
		mark := "\xFE\xFF"
		if little {
			order, mark = binary.LittleEndian, "\xFF\xFE"
		}
		if utf8.Valid(text) && !bytes.HasPrefix(text, []byte("\uFEFF")) {
			encoded := utf16Text(order, true, string(text))
			want, wantRaw := parseOurs(bytes.NewReader(text), 50, 0)
			got, gotRaw := parseOurs(iotest.HalfReader(strings.NewReader(encoded)), 7, 0)
			assert.Equal(t, want, got)
			assert.True(t, bytes.HasPrefix(text, gotRaw))
			assert.Equal(t, want.err == nil, bytes.Equal(wantRaw, gotRaw) && got.err == nil)
		}
		got, _ := parseOurs(strings.NewReader(mark+string(text)), 50, 0)
		if !validUTF16(text, little) && got.err == nil {
			t.Error("invalid UTF-16 was accepted")
		}
	})
}

// validUTF16 decodes and encodes again: U+FFFD betrays what was not valid.
func validUTF16(text []byte, little bool) bool {
	order := binary.ByteOrder(binary.BigEndian)
	if little {
		order = binary.LittleEndian
	}
	if len(text)%2 == 1 {
		return false
	}
	var units []uint16
	for i := 0; i < len(text); i += 2 {
		units = append(units, order.Uint16(text[i:]))
	}
	return slices.Equal(units, utf16.Encode(utf16.Decode(units)))
}

func TestByteOrderMarkStaysInTheBytesOnly(t *testing.T) {
	t.Parallel()
	text := "\uFEFF\"LabUId\",Name\n1,\uFEFF2\n"
	rr := csvschema.NewRecordReader(strings.NewReader(text), csvschema.Disks, &csvschema.RecordOptions{
		Required: []csvschema.Column{csvschema.LabUId},
	})
	header, err := rr.Header()
	require.NoError(t, err)
	assert.Equal(t, 0, header.Index(csvschema.LabUId))
	assert.Equal(t, "\uFEFF\"LabUId\",Name\n", string(header.Raw()))
	rec, err := rr.Read()
	require.NoError(t, err)
	assert.Equal(t, "\uFEFF2", string(rec.Cell(1)), "a mark inside the text is text")
}

func TestLastLineGetsTheLineEndOfTheHeader(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"LF", "a,b\n1,2", "1,2\n"},
		{"CR LF", "a,b\r\n1,2", "1,2\r\n"},
		{"half a line end", "a,b\r\n1,\"2\"\r", "1,\"2\"\r\n"},
		{"its own", "a,b\r\n1,2\n", "1,2\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rec, err := csvschema.NewDialectReader(strings.NewReader(test.text), 0, 0).Read()
			require.NoError(t, err)
			assert.Equal(t, test.want, string(rec.AppendTo(nil)))
		})
	}
}

// TestRawCellsAreTheBytesOfTheRecord puts every record together again from its
// raw cells.
func TestRawCellsAreTheBytesOfTheRecord(t *testing.T) {
	t.Parallel()
	text := "a,b,c\n\"1\n,\"\"\",,3\r\n4,\"5\",\n6,7,\"\"\r"
	rr := csvschema.NewDialectReader(strings.NewReader(text), 0, 0)
	for {
		rec, err := rr.Read()
		if err == io.EOF {
			break
		}
		require.NoError(t, err)
		var cells [][]byte
		end := 0
		for i := range rec.Fields() {
			var start int
			start, end = rec.RawCell(i)
			cells = append(cells, rec.Raw()[start:end])
		}
		assert.Equal(t, string(rec.Raw()), string(bytes.Join(cells, []byte{','}))+string(rec.Raw()[end:]))
	}
}

// TestCellsCanBeAskedInAnyOrder alternates between records of one chunk.
func TestCellsCanBeAskedInAnyOrder(t *testing.T) {
	t.Parallel()
	rr := csvschema.NewDialectReader(strings.NewReader("a,b,c\n1,\"x\"\"y\",3\n4,\"\"\"\",6\n"), 0, 0)
	chunk, err := rr.ReadChunk()
	require.NoError(t, err)
	require.Equal(t, 2, chunk.Len())
	first, second := chunk.Record(0), chunk.Record(1)
	quoted := first.Cell(1)
	assert.Equal(t, "6", string(second.Cell(2)))
	assert.Equal(t, "3", string(first.Cell(2)))
	assert.Equal(t, `"`, string(second.Cell(1)))
	assert.Equal(t, "1", string(first.Cell(0)))
	assert.Equal(t, `x"y`, string(quoted), "a cell stays valid with its chunk")
}

func TestRecordsAllocateNothingEach(t *testing.T) {
	text := strings.Repeat("1,\"2\",\"3\"\"4\"\n", 10_000)
	rr := csvschema.NewDialectReader(strings.NewReader("a,b,c\n"+strings.Repeat(text, 20)), 0, 0)
	for range 50_000 { // warm up
		_, err := rr.Read()
		require.NoError(t, err)
	}
	allocations := testing.AllocsPerRun(100_000, func() {
		rec, err := rr.Read()
		if err != nil || len(rec.Cell(1)) != 1 || len(rec.Cell(2)) != 3 {
			t.Error("wrong record", err)
		}
	})
	assert.Zero(t, allocations)
}
