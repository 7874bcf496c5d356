package response_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr/response"
	"github.com/labdsr/labdsr/dsr/response/data"
)

func TestDataIsJSONWithEveryCell(t *testing.T) {
	t.Parallel()
	set, alice := aliceSet(t, 3)
	_, entries := written(t, set.Exports(), alice, &response.Options{Made: made})
	var read data.Answer
	d := json.NewDecoder(strings.NewReader(entries["data.json"]))
	require.NoError(t, d.Decode(&read))
	_, err := d.Token()
	require.ErrorIs(t, err, io.EOF)
	assert.Equal(t, made, read.Made)
	assert.Len(t, read.Columns.VirtualMachines, 23)
	assert.Len(t, read.Columns.Disks, 15)
	yours := int64(0)
	for _, f := range read.Searched.Files {
		yours += f.Yours
	}
	assert.Len(t, read.Rows, int(yours))
	for _, r := range read.Rows {
		assert.GreaterOrEqual(t, len(r.Cells), len(r.Kind.Columns())-3)
		assert.NotEmpty(t, r.Why.String())
	}
}

func TestFilesWithUnknownColumnsShareATable(t *testing.T) {
	t.Parallel()
	const row = "l,r1,id1,alice@example.com"
	export := func(header, cells string) csvschema.Export {
		return csvschema.Export{VirtualMachines: []csvschema.Source{source([]byte("LabUId,ResourceUId,ResourceId,ResourceOwner" + header + "\n" + row + cells + "\n"))}}
	}
	_, entries := written(t, []csvschema.Export{
		export(",Cost,Cost", ",1,2"), export(",Team,Cost", ",red,3"), export("", ""),
	}, subjectOf(t, "alice@example.com"), nil)
	rows := table(t, entries["virtualmachines.csv"])
	var others [][]string
	for _, r := range rows {
		others = append(others, r[23:])
	}
	assert.Equal(t, [][]string{{"Cost", "Cost", "Team"}, {"1", "2", ""}, {"3", "", "red"}, {"", "", ""}}, others)
	assert.Equal(t, "LabUId,ResourceUId,ResourceId,ResourceOwner,Team,Cost\nl,r1,id1,alice@example.com,red,3\n", entries["machine/export2-virtualmachines1.csv"])
}

func TestTablesHaveTheirHeaderWithoutARow(t *testing.T) {
	t.Parallel()
	_, entries := written(t, exportOf(map[csvschema.Column]string{}), subjectOf(t, "nobody@example.com"), nil)
	assert.Len(t, table(t, entries["virtualmachines.csv"]), 1)
	for _, name := range []string{"virtualmachines.csv", "disks.csv"} {
		assert.True(t, strings.HasPrefix(entries[name], "\uFEFF\"SubscriptionId\",\"LabUId\","), "the mark by which spreadsheets recognise UTF-8")
		assert.True(t, strings.HasSuffix(entries[name], "\"\r\n"))
	}
	assert.Len(t, table(t, entries["disks.csv"])[0], 15)
	assert.Len(t, entries, 5)
	assert.Contains(t, entries["data.json"], `"rows": [`)
	assert.True(t, json.Valid([]byte(entries["data.json"])))
}

// In a table for a spreadsheet no cell begins like a formula.
func TestNoCellOfATableIsAFormula(t *testing.T) {
	t.Parallel()
	var machines []map[csvschema.Column]string
	for _, cell := range hostile {
		machines = append(machines, map[csvschema.Column]string{csvschema.Name: cell, csvschema.LabName: cell, csvschema.PricingTier: cell})
	}
	_, entries := written(t, exportOf(machines...), subjectOf(t, "alice@example.com"), nil)
	rows := table(t, entries["virtualmachines.csv"])
	require.Len(t, rows, len(hostile)+1)
	for i, row := range rows {
		for _, cell := range row {
			assert.NotRegexp(t, `^[=+@\t\r\n＝＋－＠-]`, cell)
		}
		if i > 0 {
			assert.Equal(t, neutral(hostile[i-1]), strings.ReplaceAll(row[7], "\r\n", "\n"))
		}
	}
	assert.NotContains(t, entries["machine/export1-virtualmachines1.csv"], "'=HYPER", "files for programs are as they are held")
	assert.Contains(t, entries["machine/export1-virtualmachines1.csv"], `"=HYPER`)
}

// Labs are listed by the LabUId of everybody's rows, and a damaged row may have anything
// there.
func TestALabUIdOfOthersNamesNobody(t *testing.T) {
	t.Parallel()
	const lab = "1ab00000-0000-4000-8000-000000000003"
	foreign := []string{"bob@contoso.com", "Bob Miller", "bob042", "/users/bob/x", "1ab00000-0000-4000-8000-00000000000g"}
	header := "LabUId,ResourceUId,ResourceId,ResourceOwner\n"
	var text strings.Builder
	text.WriteString(header + lab + ",r1,id1,alice@example.com\nown lab,r2,id2,alice@example.com\n{2AB00000-0000-4000-8000-000000000003},r3,id3,bob@contoso.com\n,r4,id4,bob@contoso.com\n")
	for _, uid := range foreign {
		text.WriteString(uid + ",r,id,bob@contoso.com\n")
	}
	_, entries := written(t, []csvschema.Export{{VirtualMachines: []csvschema.Source{source([]byte(text.String()))}}}, subjectOf(t, "alice@example.com"), nil)
	var read struct {
		Searched struct{ Labs []struct{ LabUId string } }
	}
	require.NoError(t, json.Unmarshal([]byte(entries["data.json"]), &read))
	var labs []string
	for _, l := range read.Searched.Labs {
		labs = append(labs, l.LabUId)
	}
	assert.ElementsMatch(t, []string{"", lab, "own lab", "2ab00000-0000-4000-8000-000000000003", "[hidden]", "[hidden]", "[hidden]", "[hidden]", "[hidden]"}, labs)
	for name, entry := range entries {
		for _, uid := range foreign {
			assert.NotContains(t, strings.ToLower(entry), strings.ToLower(uid), name)
		}
		if name == "index.html" {
			assert.Contains(t, entry, "own lab")
			assert.Contains(t, entry, "2ab00000-0000-4000-8000-000000000003")
		}
	}
}

func TestRepeatedNamesOfColumnsHaveColumnsOfTheirOwn(t *testing.T) {
	t.Parallel()
	const row = "l,r1,id1,alice@example.com"
	export := func(header, cells string) csvschema.Export {
		return csvschema.Export{VirtualMachines: []csvschema.Source{source([]byte("LabUId,ResourceUId,ResourceId,ResourceOwner" + header + "\n" + row + cells + "\n"))}}
	}
	_, entries := written(t, []csvschema.Export{
		export(",x,y,x", ",1,2,3"), export(",y,x,z,x,x", ",a,b,c,d,e"),
	}, subjectOf(t, "alice@example.com"), nil)
	rows := table(t, strings.TrimPrefix(entries["virtualmachines.csv"], "\ufeff"))
	assert.Equal(t, []string{"x", "y", "x", "z", "x"}, rows[0][23:])
	assert.Equal(t, []string{"1", "2", "3", "", ""}, rows[1][23:])
	assert.Equal(t, []string{"b", "a", "d", "c", "e"}, rows[2][23:])
}

// A table has a column for each name, whatever their number.
func TestManyColumnsAreInTheTable(t *testing.T) {
	t.Parallel()
	const columns = 5000
	text := "LabUId,ResourceUId,ResourceId,ResourceOwner" + strings.Repeat(",x", columns) + "\nl,r1,id1,alice@example.com" + strings.Repeat(",a@b.example", columns) + "\n"
	_, entries := written(t, []csvschema.Export{{VirtualMachines: []csvschema.Source{source([]byte(text))}}}, subjectOf(t, "alice@example.com"), nil)
	assert.Equal(t, columns, strings.Count(entries["virtualmachines.csv"], `"[hidden]"`))
}
