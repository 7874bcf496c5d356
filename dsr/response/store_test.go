package response_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr/response"
)

// A memorySpool is a spool in memory.
type memorySpool struct{ bytes.Buffer }

func (s *memorySpool) ReadAt(p []byte, at int64) (int, error) {
	return bytes.NewReader(s.Bytes()).ReadAt(p, at)
}

// A brokenSpool loses or changes what was written.
type brokenSpool struct {
	memorySpool
	writeErr error
	read     func(data []byte) ([]byte, error)
}

func (s *brokenSpool) Write(p []byte) (int, error) {
	if s.writeErr != nil {
		return 0, s.writeErr
	}
	return s.memorySpool.Write(p)
}

func (s *brokenSpool) ReadAt(p []byte, at int64) (int, error) {
	data, err := s.read(bytes.Clone(s.Bytes()))
	if err != nil {
		return 0, err
	}
	return bytes.NewReader(data).ReadAt(p, at)
}

func TestASpoolThatLosesRowsIsAnError(t *testing.T) {
	t.Parallel()
	exports := exportOf(make([]map[csvschema.Column]string, 100)...)
	same := func(data []byte) ([]byte, error) { return data, nil }
	for _, c := range []struct {
		name     string
		writeErr error
		read     func(data []byte) ([]byte, error)
		want     error
	}{
		{"as written", nil, same, nil},
		{"writing fails", errDisk, same, errDisk},
		{"reading fails", nil, func([]byte) ([]byte, error) { return nil, errDisk }, errDisk},
		{"empty", nil, func([]byte) ([]byte, error) { return nil, nil }, response.ErrSpool},
		{"cut", nil, func(data []byte) ([]byte, error) { return data[:len(data)-1], nil }, response.ErrSpool},
		{"a bit", nil, func(data []byte) ([]byte, error) { data[len(data)/2] ^= 1; return data, nil }, response.ErrSpool},
		{"moved", nil, func(data []byte) ([]byte, error) { return data[1:], nil }, response.ErrSpool},
	} {
		o := &response.Options{Spool: &brokenSpool{writeErr: c.writeErr, read: c.read}}
		response.HoldAtMost(o, 4<<10)
		report, err := response.Write(t.Context(), io.Discard, exports, subjectOf(t, "alice@example.com"), o)
		require.ErrorIs(t, err, c.want, c.name)
		assert.Equal(t, c.want == nil, report != nil, c.name)
	}
	o := &response.Options{}
	response.HoldAtMost(o, 4<<10)
	_, err := response.Write(t.Context(), io.Discard, exports, subjectOf(t, "alice@example.com"), o)
	require.ErrorIs(t, err, response.ErrNoSpool)
}

// The cells of a row that was held are those of the record.
func TestCellsAreReadAgainAsTheyWere(t *testing.T) {
	t.Parallel()
	texts := map[string][]byte{
		"quotes": []byte("LabUId,Name\n,\n\"\",\"\"\n\"\"\"\",\"a\"\"b\"\"\"\n\"a,b\",\"c\r\nd\"\r\na\rb,\"c\r\"\r\na,b\r\r\n\"a\nb\",c"),
		"last":   []byte("LabUId,Name\na,\"b\""),
		"half":   []byte("LabUId,Name\r\na,b\r"),
	}
	for seed := range uint64(2) {
		for _, f := range csvschematest.New(seed, &csvschematest.Options{ExtraColumns: true, CRLF: seed == 1}).Files {
			texts[strings.Repeat("set", int(seed)+1)+f.Role.String()+itoa(f.Export)+itoa(f.Number)] = f.Data
		}
	}
	rows := 0
	for name, text := range texts {
		role := csvschema.VirtualMachines
		if strings.Contains(name, csvschema.Disks.String()) {
			role = csvschema.Disks
		}
		r := csvschema.NewRecordReader(bytes.NewReader(text), role, &csvschema.RecordOptions{Required: []csvschema.Column{csvschema.LabUId}})
		for {
			rec, err := r.Read()
			if err == io.EOF {
				break
			}
			require.NoError(t, err, name)
			var want []string
			for i := range rec.Header().Len() {
				want = append(want, string(rec.Cell(i)))
			}
			require.Equal(t, want, response.CellsOf(string(rec.AppendTo(nil))), name)
			rows++
		}
	}
	assert.Greater(t, rows, 100)
}
