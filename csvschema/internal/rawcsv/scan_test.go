package rawcsv_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/densetest"
)

var seeds = []string{
	"",
	"\n",
	"\r",
	"a,b\n1,2\n",
	"\uFEFF\uFEFFa,b\n1,2\n",
	"\uFEFF\uFEFF\uFEFFa,b\n1,2\n",
	"\uFEFF\"a\",b\n\uFEFF\"1\",2\n",
	"a,b\n\uFEFF",
	"a,b\n\uFEFF\n\r",
	"a,b\n\uFEFF\uFEFF1,2\n",
	"a,b\n\n\uFEFF1,2\n",
	"a,b\n1,2\n\uFEFF3,4\n",
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

// TestRecordsAreThoseOfEncodingCSV and of the plain path wherever chunks end.
func TestRecordsAreThoseOfEncodingCSV(t *testing.T) {
	t.Parallel()
	for _, seed := range seeds {
		for chunkBytes := 1; chunkBytes <= len(seed)+1; chunkBytes++ {
			requireSameAsEncodingCSV(t, []byte(seed), chunkBytes)
			requireSameAsPlain(t, []byte(seed), chunkBytes, 0)
		}
	}
}

// requireRecords compares with encoding/csv: the same records on the same lines and the
// same refusals, with the documented exceptions, wherever chunks end.
func requireRecords(t *testing.T, text []byte, chunkBytes int) {
	t.Helper()
	if isUTF16(text) {
		return // see FuzzUTF16
	}
	requireSameAsEncodingCSV(t, text, 1+abs(chunkBytes)%100)
	small := read(t, iotest.OneByteReader(bytes.NewReader(text)), 1+abs(chunkBytes)%10, 64)
	large := read(t, iotest.DataErrReader(bytes.NewReader(text)), 8<<10, 64)
	assert.True(t, bytes.HasPrefix(text, small.raw) || len(small.records) == 0, "the chunks are not the bytes of the file")
	small.raw, large.raw = nil, nil
	assert.Equal(t, large, small, "the size of a chunk shows")
}

func FuzzRecords(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed), 3)
	}
	f.Fuzz(func(t *testing.T, text []byte, chunkBytes int) { requireRecords(t, text, chunkBytes) })
}

// requirePlain compares the fast path with the plain one wherever chunks end.
func requirePlain(t *testing.T, text []byte, chunkBytes, maxRecordBytes int) {
	t.Helper()
	if isUTF16(text) {
		return // see FuzzUTF16
	}
	maxRecordBytes = abs(maxRecordBytes) % 100
	if 0 < maxRecordBytes && maxRecordBytes < 8 {
		maxRecordBytes = 0
	}
	requireSameAsPlain(t, text, 1+abs(chunkBytes)%20, maxRecordBytes)
	requireSameAsPlain(t, text, 1+abs(chunkBytes)%1000, maxRecordBytes)
}

func FuzzPlain(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed), 3, 0)
	}
	f.Add([]byte("a\n"+strings.Repeat("1\n", 50)+"\"\n"), 5, 40)
	f.Fuzz(func(t *testing.T, text []byte, chunkBytes, maxRecordBytes int) {
		requirePlain(t, text, chunkBytes, maxRecordBytes)
	})
}

func isUTF16(text []byte) bool {
	return bytes.HasPrefix(text, []byte("\xFF\xFE")) || bytes.HasPrefix(text, []byte("\xFE\xFF"))
}

// TestManyFormsOfRecords mixes rows with common cells in all ways of quoting, in
// sound files and in files with one byte changed.
func TestManyFormsOfRecords(t *testing.T) {
	t.Parallel()
	rows := []string{
		`lab,one,x,`, `lab,one,y,z`, `lab,two,,`, `lab,one,"x",""`, `"lab","one","",""`, `"lab","one","a,b","c"`,
		`"lab","one","q""q",""""`, "\"lab\",\"one\",\"two\nlines\",\"\"", `lab,"one",x,y`, `"l,ab","one",x,y`,
		"\"la\nb\",\"one\",x,y", "\"la\nb\",\"one\",z,y", `,,,`, `"","","",""`, `é,ü,ß,z`, "lab,one,x,\r", "",
		`lab,one,/a/b/c,x`, `lab,one,/a/b/d,y`, `"lab","one","/a/b/c","x"`, `"lab","one","/a/b/d",""`, `"lab","one","/a""/b/d","/"`,
		`lab,one,"/a/b",x`, `/a,b,c,d`, `/a/b,c,d,`, `"/a/b/c","","",""`, `"/a/b/d","","",""`,
		`"` + strings.Repeat("x", 58) + `","",",",""`, `"` + strings.Repeat("x", 60) + `","y","",""`, `"` + strings.Repeat("x", 61) + `",y,"",""`,
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		var b strings.Builder
		b.WriteString("a,b,c,d\n")
		row, end := rows[random.IntN(len(rows))], []string{"\n", "\r\n"}[random.IntN(2)]
		for range random.IntN(30) {
			if random.IntN(3) == 0 {
				row = rows[random.IntN(len(rows))]
			}
			b.WriteString(strings.ReplaceAll(row, "one", strings.Repeat("1", random.IntN(70))))
			b.WriteString(end)
		}
		text := []byte(b.String())
		chunkBytes, maxRecordBytes := 1+random.IntN(1200), 0
		if random.IntN(4) == 0 {
			maxRecordBytes = 8 + random.IntN(30)
		}
		requireSameAsPlain(t, text, chunkBytes, maxRecordBytes)
		text[random.IntN(len(text))] = "\",\n\r\x00\xffa"[random.IntN(7)]
		requireSameAsPlain(t, text, chunkBytes, maxRecordBytes)
		requireSameAsPlain(t, text[:random.IntN(len(text))], chunkBytes, maxRecordBytes)
	}
}

// TestRandomFiles reads files that are made of few parts, and mostly faulty.
func TestRandomFiles(t *testing.T) {
	t.Parallel()
	parts := []string{
		"a", "22", ",", ",", "\"", "\"\"", "\"a\"", "\"a,b\"", "\"a\"\"b\"", "\"a\nb\"", "\"a\r\nb\"", "\n", "\n", "\r\n", "\r", " ", "\uFEFF", "\x00", "\xff", "\xc3", "é", "\U0001F600", "\xe2\x82", "\xef\xbb",
		"lab,one,", "\"lab\",\"one\",", "/a/b", "/a/c", "\"/p\",\"", strings.Repeat("x", 60), strings.Repeat("x", 63), "\"" + strings.Repeat("y", 61), strings.Repeat("1,2\n", 3), "\n\x00", "\x00\n", "\x00\xd8", "\xd8\x00", "\x00\xdc",
	}
	r := rand.New(rand.NewPCG(3, 4))
	for range 2000 {
		few := append(densetest.Few(r, parts), ",", "\n")
		text := []byte(densetest.Text(r, few, 20))
		requireRecords(t, text, r.IntN(200))
		requirePlain(t, text, r.IntN(2000), r.IntN(100))
		requireUTF16(t, text, r.IntN(2) == 0)
		requireQuoted(t, densetest.Text(r, few, 3))
	}
}

// TestAllShortRecords reads all short lines of quotes, commas and letters: as a record
// of which nothing is known, and after the beginning that the records before it have,
// inside quotes.
func TestAllShortRecords(t *testing.T) {
	t.Parallel()
	const letters, longest = "\",a", 8
	long := strings.Repeat("x", 70) + ",y\n"
	inside := "a,b\n\"/1\",y\n\"/2\",y\n\"/"
	for _, end := range []string{"\n", "\r\n"} {
		all := []string{""}
		for len(all[0]) < longest {
			var longer []string
			for _, line := range all {
				for _, c := range letters {
					longer = append(longer, line+string(c))
				}
			}
			all = longer
			for _, line := range all {
				requireSameAsPlain(t, []byte("a,b\n"+line+end+long), 1000, 0)
				requireSameAsPlain(t, []byte(inside+line+end+long), 1000, 0)
			}
		}
	}
}

// TestBadBytesAnywhere puts bytes that no file may hold everywhere.
func TestBadBytesAnywhere(t *testing.T) {
	t.Parallel()
	for at := range 100 {
		for _, bad := range []string{"\x00", "\x80", "\xff", "\xc3", "\xe2\x82", "\xf0\x9f\x92\xa9", "ü", "\x01", "\x7f"} {
			text := []byte("a,b\n1," + strings.Repeat("x", 100) + "\n2,y\n")
			copy(text[6+at:], bad)
			requireSameAsPlain(t, text, 1000, 0)
			requireSameAsPlain(t, text, 50, 0)
		}
	}
}

// A dialectCase is one file of the collection of CSV dialects.
type dialectCase struct {
	Name       string   `json:"name"`
	Class      string   `json:"class"`
	Delimiter  string   `json:"delimiter"`
	AlsoAccept []string `json:"also_accept"`
}

// TestThirdPartyDialects reads the CSV files of other projects' tests. What RFC 4180
// leaves one reading of has that reading, what is malformed is refused, and where
// tools differ the result is one of the known ones.
func TestThirdPartyDialects(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "..", "..", "shared", "data", "csv-dialect")
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
				got := read(t, bytes.NewReader(text), chunkBytes, 0)
				switch {
				case c.Class == "must-error":
					if levels[c.Name] == "required" {
						require.NotNil(t, got.fault)
					}
				case c.Delimiter != ",": // columns are separated by commas and nothing else
				case got.fault != nil:
					require.Contains(t, c.AlsoAccept, "error", "%v", got.fault.err)
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
