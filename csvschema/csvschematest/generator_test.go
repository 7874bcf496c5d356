package csvschematest_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// layouts holds options that change how files are written.
var layouts = map[string]*csvschematest.Options{
	"default":          nil,
	"plain":            {Dialect: csvschematest.Plain},
	"CRLF":             {CRLF: true},
	"mark":             {ByteOrderMark: true},
	"shuffled columns": {ShuffledColumns: true, Dialect: csvschematest.Plain, ExtraColumns: true},
	"extra columns":    {ExtraColumns: true},
	"empty lines":      {EmptyLines: true, CRLF: true},
	"no last line end": {NoFinalLineEnd: true},
	"all": {
		CRLF: true, ByteOrderMark: true, ShuffledColumns: true, ExtraColumns: true,
		EmptyLines: true, NoFinalLineEnd: true, UnreadableDates: true, Ordinary: 5,
	},
}

// parse reads CSV with encoding/csv.
func parse(t *testing.T, data []byte) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\uFEFF"))))
	rows, err := r.ReadAll()
	require.NoError(t, err)
	return rows
}

// newlines changes CR LF to LF, as encoding/csv does in a cell.
func newlines(cell string) string { return strings.ReplaceAll(cell, "\r\n", "\n") }

func TestFilesHoldTheRowsThatAreListed(t *testing.T) {
	t.Parallel()
	for name, o := range layouts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := csvschematest.New(7, o)
			for _, f := range s.Files {
				rows := parse(t, f.Data)
				require.Len(t, rows, len(f.Rows)+1)
				assert.True(t, bytes.HasPrefix(f.Data, f.Header))
				lines := bytes.SplitAfter(f.Data, []byte("\n"))
				for i, row := range f.Rows {
					assert.Equal(t, i+1, row.Number)
					assert.Equal(t, []any{f.Export, f.Number, f.Role}, []any{row.Export, row.File, row.Role})
					assert.True(t, bytes.HasPrefix(bytes.Join(lines[row.Line-1:], nil), row.Raw), "row %d is not on line %d", i+1, row.Line)
					for j, cell := range row.Cells {
						assert.Equal(t, newlines(cell), rows[i+1][j])
						if slices.Contains(f.Role.Columns(), documentedColumn(rows[0][j])) {
							assert.Equal(t, cell, row.Value(documentedColumn(rows[0][j])))
						}
					}
				}
				// There are only empty lines between the rows.
				rest := f.Data[len(f.Header):]
				for _, row := range f.Rows {
					rest = bytes.TrimPrefix(bytes.TrimLeft(rest, "\r\n"), row.Raw)
				}
				assert.Empty(t, rest)
			}
		})
	}
}

// documentedColumn returns the column of that name, or 0.
func documentedColumn(name string) csvschema.Column {
	for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
		for _, c := range role.Columns() {
			if c.String() == name {
				return c
			}
		}
	}
	return 0
}

func TestLayoutsAreAsAsked(t *testing.T) {
	t.Parallel()
	assert.True(t, bytes.HasPrefix(firstFile(nil).Data, []byte(`SubscriptionId,LabUId,LabName,`)), "the header is unquoted, in documented order")
	assert.True(t, bytes.HasPrefix(firstFile(&csvschematest.Options{ByteOrderMark: true}).Data, []byte("\uFEFFSub")))
	assert.Contains(t, string(firstFile(&csvschematest.Options{EmptyLines: true}).Data), "\"\n\n\"")
	assert.False(t, bytes.HasSuffix(firstFile(&csvschematest.Options{NoFinalLineEnd: true}).Data, []byte("\n")))
	assert.Contains(t, string(firstFile(&csvschematest.Options{ExtraColumns: true}).Header), ",Notes,CostCenter\n")
	assert.NotEqual(t, firstFile(nil).Header, firstFile(&csvschematest.Options{ShuffledColumns: true}).Header)
	crlf := firstFile(&csvschematest.Options{CRLF: true})
	for _, row := range crlf.Rows {
		assert.True(t, bytes.HasSuffix(row.Raw, []byte("\r\n")))
	}
	assert.Less(t, len(firstFile(&csvschematest.Options{Ordinary: -1}).Rows), len(firstFile(nil).Rows))
}

// firstFile returns the first file of a set.
func firstFile(o *csvschematest.Options) *csvschematest.File { return csvschematest.New(7, o).Files[0] }

func TestLayoutDoesNotChangeTheTruth(t *testing.T) {
	t.Parallel()
	want := facts(csvschematest.New(3, nil))
	for name, o := range layouts {
		if name != "all" { // "all" has other rows
			assert.Equal(t, want, facts(csvschematest.New(3, o)), name)
		}
	}
}

// facts returns the truth about all rows, sorted. It does not depend on the layout.
func facts(s *csvschematest.Set) []string {
	var all []string
	for row := range s.Rows() {
		fact := fmt.Sprintln(row.Export, row.File, row.Role, row.Trap, row.Value(csvschema.ResourceUId), row.Value(csvschema.Name), row.Dangling, row.Deleted)
		truths := make([]csvschematest.Truth, len(s.People))
		for i, p := range s.People {
			truths[i] = row.Truth(p.Name)
		}
		all = append(all, fact+fmt.Sprintln(truths))
	}
	slices.Sort(all)
	return all
}

func TestSameSeedGivesSameBytes(t *testing.T) {
	t.Parallel()
	sum := func(seed uint64) string {
		h := sha256.New()
		for _, f := range csvschematest.New(seed, nil).Files {
			h.Write(f.Data)
		}
		large := csvschematest.NewLarge(seed, 2<<20, nil)
		for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
			_, err := io.Copy(h, large.Reader(role))
			require.NoError(t, err)
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	assert.NotEqual(t, sum(1), sum(2))
	// The sum is the same on every platform and with every version of Go. Update it when
	// the generator changes on purpose.
	assert.Equal(t, goldenSum, sum(1))
}

const goldenSum = "df2efe9d4806425da727e7a6817e4560ba8c469cd0848aedb38024afa435d340"
