package reveal_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/internal/leaktest"
	"github.com/labdsr/labdsr/csvschema/reveal"
)

func TestObjectsHaveAllCellsAndComeBack(t *testing.T) {
	t.Parallel()
	testObjects[csvschema.VirtualMachineRow](t)
	testObjects[csvschema.DiskRow](t)
}

func testObjects[T csvschema.Row](t *testing.T) {
	for _, row := range rowsOf[T](t) {
		cells := csvschema.CellsOf(&row)
		data, err := json.Marshal(reveal.Row(row))
		require.NoError(t, err)
		d := json.NewDecoder(strings.NewReader(string(data)))
		tokens := []any{json.Delim('{')}
		for i, text := range cells.AppendCells(nil) {
			tokens = append(tokens, cells.Role().Columns()[i].String(), text)
		}
		for _, want := range append(tokens, json.Delim('}')) {
			token, err := d.Token()
			require.NoError(t, err)
			require.Equal(t, want, token)
		}
		var back reveal.Object[T]
		require.NoError(t, json.Unmarshal(data, &back))
		assert.Equal(t, row, back.Row)
	}
}

// TestObjectsAreDecodedStrictly changes the object of a row in one place.
func TestObjectsAreDecodedStrictly(t *testing.T) {
	t.Parallel()
	var row csvschema.DiskRow
	for _, c := range csvschema.Disks.Columns() {
		_ = csvschema.CellsOf(&row).SetCell(c, leaktest.Canary) // where it can be
	}
	data, err := json.Marshal(reveal.Row(row))
	require.NoError(t, err)
	text := string(data)
	before := reveal.Row(csvschema.DiskRow{LabName: "before"})
	for _, test := range []struct {
		old, with string
		want      error
		column    csvschema.Column
	}{
		{`"LabName":`, `"labName":`, csvschema.ErrUnknownColumn, 0},
		{`"LabName":`, `"` + leaktest.Canary + `":`, csvschema.ErrUnknownColumn, 0},
		{`"LabName":`, `"":`, csvschema.ErrUnknownColumn, 0},
		{`"LabName":`, `"ResourceOwner":`, csvschema.ErrUnknownColumn, 0},
		{`{`, `{"LabName":"x",`, csvschema.ErrRepeatedColumn, csvschema.LabName},
		{`"LabName":"` + leaktest.Canary + `",`, ``, csvschema.ErrMissingColumn, csvschema.LabName},
		{`"DiskSizeGB":""`, `"DiskSizeGB":null`, csvschema.ErrValue, csvschema.DiskSizeGB},
		{`"DiskSizeGB":""`, `"DiskSizeGB":128`, csvschema.ErrValue, csvschema.DiskSizeGB},
		{`"DiskSizeGB":""`, `"DiskSizeGB":"-1"`, csvschema.ErrValue, csvschema.DiskSizeGB},
		{`"DiskSizeGB":""`, `"DiskSizeGB":["` + leaktest.Canary + `"]`, csvschema.ErrValue, csvschema.DiskSizeGB},
		{`"CreatedTime":""`, `"CreatedTime":"` + leaktest.Canary + `"`, csvschema.ErrValue, csvschema.CreatedTime},
		{`"CreatedTime":""`, `"CreatedTime":"31/31/2017"`, csvschema.ErrValue, csvschema.CreatedTime},
		{`"LabName":"`, `"LabName":"\u0000`, csvschema.ErrNUL, csvschema.LabName},
		{`"LabName":"`, `"LabName":"\ud800`, csvschema.ErrUTF8, csvschema.LabName},
		{`"LabName":"`, `"LabName":"\uFFFD\ud800`, csvschema.ErrUTF8, csvschema.LabName},
		{`"LabName":"`, `"LabName":"\\ufffd\ud800`, csvschema.ErrUTF8, csvschema.LabName},
		{`"LabName":"`, `"LabName":"\\\uFFFD\\ufffd\udc00\ud800`, csvschema.ErrUTF8, csvschema.LabName},
		{`"LabName":"`, "\"LabName\":\"\xff", csvschema.ErrUTF8, 0},
	} {
		changed := strings.Replace(text, test.old, test.with, 1)
		require.NotEqual(t, text, changed)
		o := before
		err := json.Unmarshal([]byte(changed), &o)
		require.ErrorIs(t, err, test.want, test.with)
		var e *csvschema.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, csvschema.Disks, e.Role)
		assert.Equal(t, test.column, e.Column, test.with)
		leaktest.AssertErrorHidesCanary(t, err)
		assert.Equal(t, before, o, "a failure changes nothing")
	}
	for _, data := range []string{`null`, `""`, `"` + leaktest.Canary + `"`, `1`, `[]`, `[` + text + `]`, text[:len(text)-1], text + "}", text + text, `{"` + leaktest.Canary, "", "[redacted]"} {
		o := before
		err := o.UnmarshalJSON([]byte(data))
		require.Error(t, err, "%d bytes", len(data))
		leaktest.AssertErrorHidesCanary(t, err)
		assert.Equal(t, before, o)
	}
	var o reveal.Object[csvschema.DiskRow]
	require.NoError(t, json.Unmarshal([]byte(strings.Replace(text, `"LabName":"`, `"LabName":"\uFFFD`, 1)), &o), "written on purpose")
	require.NoError(t, json.Unmarshal([]byte(strings.Replace(text, `"LabName":"`, `"LabName":"\\\uFFFD\ud83d\ude00`, 1)), &o), "written on purpose")
}

func TestWhatNoFileCanHoldIsNoObject(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]error{"\x00": csvschema.ErrNUL, "\xff": csvschema.ErrUTF8} {
		_, err := json.Marshal(reveal.Row(csvschema.DiskRow{LabName: leaktest.Canary + cell}))
		require.ErrorIs(t, err, want)
		leaktest.AssertErrorHidesCanary(t, err)
	}
}

func TestObjectsPrintAndLogRedacted(t *testing.T) {
	t.Parallel()
	o := reveal.Row(csvschema.VirtualMachineRow{ResourceOwner: csvschema.NewPersonalText(leaktest.Canary), LabName: leaktest.Canary})
	assert.Equal(t, "[virtual machine row redacted]", o.LogValue().String())
	leaktest.AssertDiffHidesCanary(t, reveal.Row(csvschema.DiskRow{Name: csvschema.NewPersonalText(leaktest.Canary)}), reveal.Row(csvschema.DiskRow{}))
	for _, text := range printed(o) {
		assert.NotContains(t, text, leaktest.Canary)
	}
}
