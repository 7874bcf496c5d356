package csvschema_test

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// readAll reads every record and returns their number and the error.
func readAll(r io.Reader, role csvschema.Role, o *csvschema.RecordOptions) (int, error) {
	rr := csvschema.NewRecordReader(r, role, o)
	for n := 0; ; n++ {
		if _, err := rr.Read(); err == io.EOF {
			return n, nil
		} else if err != nil {
			_, again := rr.Read()
			if again != err {
				return n, errors.New("the error did not stay")
			}
			return n, err
		}
	}
}

func TestByteOrderMarkStaysInTheBytesOnly(t *testing.T) {
	t.Parallel()
	text := "\uFEFF\"LabUId\",Name\n1,\uFEFF2\n"
	rr := csvschema.NewRecordReader(strings.NewReader(text), csvschema.Disks, &labOnly)
	header, err := rr.Header()
	require.NoError(t, err)
	assert.Equal(t, 0, header.Index(csvschema.LabUId))
	assert.Equal(t, "\uFEFF\"LabUId\",Name\n", string(header.Raw()))
	rec, err := rr.Read()
	require.NoError(t, err)
	assert.Equal(t, "\uFEFF2", string(rec.Cell(1)), "a mark inside the text is text")
}

// TestAMarkBeforeTheFirstRowStaysInTheBytesOnly reads a file as exports of Azure were.
func TestAMarkBeforeTheFirstRowStaysInTheBytesOnly(t *testing.T) {
	t.Parallel()
	for _, marks := range []string{"\uFEFF", "\uFEFF\uFEFF"} {
		head, rows := marks+"LabUId,Name\n", "\uFEFF\"1\",2\n3,4\n"
		rr := csvschema.NewRecordReader(strings.NewReader(head+rows), csvschema.Disks, &labOnly)
		header, err := rr.Header()
		require.NoError(t, err)
		assert.Equal(t, head, string(header.Raw()))
		rec, err := rr.Read()
		require.NoError(t, err)
		assert.Equal(t, "1", string(rec.Value(csvschema.LabUId)))
		assert.Equal(t, "\"1\",2\n", string(rec.Raw()))
		assert.Equal(t, int64(2), rec.Line())

		var bytes string
		f := csvschema.NewFile(csvschema.FileID{Role: csvschema.Disks}, csvschema.Source{
			Open: func(context.Context) (io.ReadCloser, error) {
				return io.NopCloser(strings.NewReader(head + rows)), nil
			},
		}, csvschema.FileOptions{
			Required: func(csvschema.Role) []csvschema.Column { return labOnly.Required },
		})
		require.NoError(t, csvschema.ForEachChunk(t.Context(), f, csvschema.Pass[int]{
			Work: func(*csvschema.Chunk) int { return 0 },
			Emit: func(c *csvschema.Chunk, _ int) error { bytes += string(c.Bytes()); return nil },
		}))
		assert.Equal(t, rows, bytes)
	}
}

// TestErrorsOfTheReaderAreWrapped shows that an error of the caller's reader reaches
// the caller, after all records before it and with its line.
func TestErrorsOfTheReaderAreWrapped(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk gone")
	whole := headerOf(csvschema.Disks, ",") + "\n" + rowOf(15) + "\n"
	for _, test := range []struct {
		name string
		text string
		rows int
		line int64
	}{
		{"before anything", "", 0, 1},
		{"in the header", whole[:30], 0, 1},
		{"after the header", headerOf(csvschema.Disks, ",") + "\n", 0, 2},
		{"in a record", whole + rowOf(3), 1, 3},
		{"between records", whole + rowOf(15) + "\n", 2, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, chunkBytes := range []int{1, 50, 5000} {
				r := io.MultiReader(strings.NewReader(test.text), iotest.ErrReader(broken))
				rows, err := readAll(r, csvschema.Disks, csvschema.WithChunkBytes(csvschema.RecordOptions{}, chunkBytes))
				require.ErrorIs(t, err, broken)
				assert.Equal(t, test.rows, rows)
				var place *csvschema.Error
				require.ErrorAs(t, err, &place)
				assert.Equal(t, test.line, place.Line)
			}
		})
	}
}

func TestReaderWithoutProgressIsGivenUp(t *testing.T) {
	t.Parallel()
	_, err := readAll(stuckReader{}, csvschema.Disks, nil)
	require.ErrorIs(t, err, io.ErrNoProgress)
	_, err = readAll(io.MultiReader(strings.NewReader("\xFF\xFES\x00"), stuckReader{}), csvschema.Disks, nil)
	require.ErrorIs(t, err, io.ErrNoProgress)
	_, err = readAll(io.MultiReader(strings.NewReader("Subscription"), stuckReader{}), csvschema.Disks, nil)
	require.ErrorIs(t, err, io.ErrNoProgress)
}

type stuckReader struct{}

func (stuckReader) Read([]byte) (int, error) { return 0, nil }

func TestReadingRecordsAllocatesNothingEach(t *testing.T) {
	text := strings.Repeat("1,\"2\",\"3\"\"4\"\n", 10_000)
	rr := csvschema.NewRecordReader(strings.NewReader("LabUId,b,c\n"+strings.Repeat(text, 20)), csvschema.Disks, &labOnly)
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

func TestHeaderWithoutRecordsIsAFile(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"", "\n", "\r\n", "\n\n\r\n"} {
		rr := csvschema.NewRecordReader(strings.NewReader("LabUId,b"+end), csvschema.Disks, &labOnly)
		_, err := rr.Read()
		assert.Equal(t, io.EOF, err, "%q", end)
		_, err = rr.Read()
		assert.Equal(t, io.EOF, err, "%q", end)
		_, err = rr.Header()
		assert.NoError(t, err)
	}
}
