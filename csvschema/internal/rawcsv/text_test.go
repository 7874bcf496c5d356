package rawcsv_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
)

// utf16Text returns the text as UTF-16 with a byte-order mark.
func utf16Text(little bool, text string) string {
	order := binary.AppendByteOrder(binary.BigEndian)
	if little {
		order = binary.LittleEndian
	}
	b := order.AppendUint16(nil, 0xFEFF)
	for _, unit := range utf16.Encode([]rune(text)) {
		b = order.AppendUint16(b, unit)
	}
	return string(b)
}

// requireUTF16 compares reading UTF-16 with reading the UTF-8 of the same text. Text that
// is not UTF-16 must be refused.
func requireUTF16(t *testing.T, text []byte, little bool) {
	t.Helper()
	if utf8.Valid(text) && !bytes.HasPrefix(text, []byte("\uFEFF")) {
		want := read(t, bytes.NewReader(text), 50, 0)
		got := read(t, iotest.HalfReader(strings.NewReader(utf16Text(little, string(text)))), 7, 0)
		assert.True(t, bytes.HasPrefix(text, got.raw))
		assert.Equal(t, want.fault == nil, bytes.Equal(want.raw, got.raw) && got.fault == nil)
		want.raw, got.raw = nil, nil
		assert.Equal(t, want, got)
	}
	mark := "\xFE\xFF"
	if little {
		mark = "\xFF\xFE"
	}
	if got := read(t, strings.NewReader(mark+string(text)), 50, 0); !validUTF16(text, little) && got.fault == nil {
		t.Error("invalid UTF-16 was accepted")
	}
}

func FuzzUTF16(f *testing.F) {
	for _, seed := range seeds {
		f.Add([]byte(seed), true)
	}
	f.Add([]byte("a,b\n\U0001F600,\U00010000\n"), false)
	f.Add([]byte("a\x00,\x00\x00\xD8"), false)
	f.Fuzz(func(t *testing.T, text []byte, little bool) { requireUTF16(t, text, little) })
}

// validUTF16 decodes and encodes again: U+FFFD shows what was not valid.
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

func TestInvalidUTF16IsRefusedOnItsLine(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, text string
		line       int64
		records    int
	}{
		{"odd byte", utf16Text(true, "a,b\n1,2\n") + "\n", 3, 2},
		{"lone surrogate", utf16Text(false, "a,b\n") + "\xD8\x00\x00a\x00\n", 2, 1},
		{"lone low surrogate", utf16Text(false, "a,b\n") + "\xDC\x00\x00a\x00\n", 2, 1},
		{"half a pair at the end", utf16Text(false, "a,b\n1,2\n") + "\xD8\x00", 3, 2},
		{"half a pair in the first record", utf16Text(false, "a,") + "\xD8\x00", 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, chunkBytes := range []int{1, 7, 1000} {
				got := read(t, iotest.OneByteReader(strings.NewReader(test.text)), chunkBytes, 0)
				assert.Equal(t, &fault{err: rawcsv.ErrUTF16, line: test.line, cell: -1}, got.fault)
				assert.Len(t, got.records, test.records)
			}
		})
	}
}

func TestAMarkStaysInTheText(t *testing.T) {
	t.Parallel()
	text := "\uFEFF\"a\",b\n1,\uFEFF2\n"
	got := read(t, strings.NewReader(text), 1000, 0)
	assert.Equal(t, parse{records: [][]string{{"a", "b"}, {"1", "\uFEFF2"}}, lines: []int64{1, 2}, raw: []byte(text)}, got)
}

// TestAMarkTooManyIsNoCell reads the marks that exports had: two at the beginning, or one
// before the first row. They stay in the text, whatever the size of chunks is.
func TestAMarkTooManyIsNoCell(t *testing.T) {
	t.Parallel()
	const mark = "\uFEFF"
	for text, want := range map[string][][]string{
		mark + mark + "\"a\",b\n1,2\n":                   {{"a", "b"}, {"1", "2"}},
		mark + "\"a\",b\n" + mark + "\"1\",2\n":          {{"a", "b"}, {"1", "2"}},
		"a,b\r\n" + mark + "1,2":                         {{"a", "b"}, {"1", "2"}},
		mark + mark + "a,b\n" + mark + "1,2\n":           {{"a", "b"}, {"1", "2"}},
		mark + mark + mark + "a,b\n":                     {{mark + "a", "b"}},
		"a,b\n" + mark + mark + "1,2\n":                  {{"a", "b"}, {mark + "1", "2"}},
		"a,b\n\n" + mark + "1,2\n":                       {{"a", "b"}, {mark + "1", "2"}},
		"a,b\n1,2\n" + mark + "3,4\n":                    {{"a", "b"}, {"1", "2"}, {mark + "3", "4"}},
		"a,b\n" + mark:                                   {{"a", "b"}},
		mark + mark + "\na,b\n":                          {{"a", "b"}},
		mark + "\r\n\r\na,b\n1,2\n":                      {{"a", "b"}, {"1", "2"}},
		"\n" + mark + "a,b\n":                            {{mark + "a", "b"}},
		mark + "\n" + mark + "a,b\n":                     {{mark + "a", "b"}},
		mark + mark + "\n" + mark + "a,b\n":              {{mark + "a", "b"}},
		"a," + mark + "b\n1," + mark + "2\n":             {{"a", mark + "b"}, {"1", mark + "2"}},
		"a,b\n" + mark + "\n1,2\n":                       {{"a", "b"}, {"1", "2"}},
		"a,b\n" + mark + "\r\n" + mark + "1,2":           {{"a", "b"}, {mark + "1", "2"}},
		mark + "a,b\n" + mark + "1,2\n" + mark + "3,4\n": {{"a", "b"}, {"1", "2"}, {mark + "3", "4"}},
		mark + mark + "a,b\r\n" + mark + "\"1\",\"2\"":   {{"a", "b"}, {"1", "2"}},
		mark + "\"a\",\"" + mark + "\"\n":                {{"a", mark}},
		"a,\"b\n" + mark + "\"\n1,2\n":                   {{"a", "b\n" + mark}, {"1", "2"}},
	} {
		for _, chunkBytes := range []int{1, 2, 7, 1000} {
			got := read(t, strings.NewReader(text), chunkBytes, 0)
			require.Nil(t, got.fault, "%q", text)
			require.Equal(t, want, got.records, "%q", text)
			require.Equal(t, text, string(got.raw), "%q", text)
		}
		if !strings.HasPrefix(text, mark) {
			got := read(t, strings.NewReader(utf16Text(true, mark+text)), 7, 0)
			require.Equal(t, want, got.records, "UTF-16: %q", text)
			require.Equal(t, mark+text, string(got.raw), "a second mark of UTF-16 is in the text")
		}
	}
}

// TestMarksDoNotCountAgainstTheLimit reads records that are as large as is allowed.
func TestMarksDoNotCountAgainstTheLimit(t *testing.T) {
	t.Parallel()
	for _, marks := range []string{"", "\uFEFF", "\uFEFF\uFEFF"} {
		for _, mark := range []string{"", "\uFEFF"} {
			for _, cell := range []string{strings.Repeat("x", 49), `"` + strings.Repeat("\n", 47) + `"`} {
				text := marks + cell + "\n" + mark + cell + "\n" + cell + "\n"
				for _, chunkBytes := range []int{1, 7, 40, 60, 1000} {
					got := read(t, strings.NewReader(text), chunkBytes, 50)
					require.Nil(t, got.fault)
					require.Len(t, got.records, 3)
					got = read(t, strings.NewReader(text), chunkBytes, 49)
					require.Equal(t, &fault{err: rawcsv.ErrRecordTooLarge, line: 1, cell: -1}, got.fault)
				}
			}
		}
	}
}

func TestReaderWithoutProgressIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a", "\xFF\xFEa\x00", "a,b\n1,2\n"} {
		got := read(t, io.MultiReader(strings.NewReader(text), stuckReader{}), 1000, 0)
		require.NotNil(t, got.fault)
		assert.Equal(t, io.ErrNoProgress, got.fault.err, "%q", text)
	}
}

type stuckReader struct{}

func (stuckReader) Read([]byte) (int, error) { return 0, nil }

// TestErrorOfTheReaderWithinACharacterIsNoBadByte lets the reader fail after a part of a
// character, which the rest would have made valid.
func TestErrorOfTheReaderWithinACharacterIsNoBadByte(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk gone")
	for _, part := range []string{"\xc3", "\xe2\x82", "\xf0\x9f\x92"} {
		for _, quote := range []string{"", `"`} {
			for _, chunkBytes := range []int{1, 5, 5000} {
				text := "a,b\n1,2\n3," + quote + part
				got := read(t, io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), chunkBytes, 0)
				assert.Equal(t, &fault{err: broken, line: 3, cell: -1}, got.fault)
				got = read(t, strings.NewReader(text), chunkBytes, 0)
				assert.Equal(t, &fault{err: rawcsv.ErrUTF8, line: 3, cell: 1}, got.fault, "at the end of the file it is one")
			}
		}
	}
}

// TestErrorsOfTheReaderComeAfterTheRecords in both encodings.
func TestErrorsOfTheReaderComeAfterTheRecords(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk gone")
	for _, test := range []struct {
		name, text string
		records    int
		line       int64
	}{
		{"before anything", "", 0, 1},
		{"in the first record", "a,", 0, 1},
		{"after the first record", "a,b\n", 1, 2},
		{"in a record", "a,b\n1,2\n3", 2, 3},
		{"inside quotes", "a,b\n1,2\n3,\"\n", 2, 3},
		{"between records", "a,b\n1,2\n3,4\n", 3, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, text := range []string{test.text, utf16Text(true, test.text), utf16Text(false, test.text)} {
				for _, chunkBytes := range []int{1, 5, 5000} {
					got := read(t, io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), chunkBytes, 0)
					assert.Equal(t, &fault{err: broken, line: test.line, cell: -1}, got.fault)
					assert.Len(t, got.records, test.records)
				}
			}
		})
	}
}
