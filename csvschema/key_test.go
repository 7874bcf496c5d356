package csvschema_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/internal/leaktest"
)

// keysOf returns the keys of the records of a file.
func keysOf(t *testing.T, role csvschema.Role, header string, rows ...string) (keys []csvschema.Key) {
	t.Helper()
	text := header + "\n" + strings.Join(rows, "\n") + "\n"
	rr := csvschema.NewRecordReader(strings.NewReader(text), role, &csvschema.RecordOptions{Required: []csvschema.Column{csvschema.LabUId}})
	for range rows {
		rec, err := rr.Read()
		require.NoError(t, err)
		keys = append(keys, rec.Key())
	}
	return keys
}

func TestKeyOfMachineIsLabAndResource(t *testing.T) {
	t.Parallel()
	keys := keysOf(t, csvschema.VirtualMachines, "LabUId,ResourceUId,Name,ResourceId",
		"86545712-AADF-4172-BBA2-5C738050417E,{0dd2f8ae826747c58cda484792e203ee},a,x",
		" 86545712-aadf-4172-bba2-5c738050417e ,0dd2f8ae-8267-47c5-8cda-484792e203ee,b,y",
		"86545712-aadf-4172-bba2-5c738050417e,1dd2f8ae-8267-47c5-8cda-484792e203ee,b,y",
		"96545712-aadf-4172-bba2-5c738050417e,0dd2f8ae-8267-47c5-8cda-484792e203ee,b,y")
	assert.Equal(t, keys[0], keys[1])
	assert.NotEqual(t, keys[0], keys[2])
	assert.NotEqual(t, keys[0], keys[3])
	assert.Equal(t, csvschema.VirtualMachines, keys[0].Role())
	assert.Equal(t, "86545712-aadf-4172-bba2-5c738050417e", keys[0].LabUId())
	assert.Equal(t, "0dd2f8ae-8267-47c5-8cda-484792e203ee", keys[0].ResourceUId())
}

// TestKeyOfDiskTellsDisksOfOneMachineApart gives disks the ResourceUId of their
// machine, as documented.
func TestKeyOfDiskTellsDisksOfOneMachineApart(t *testing.T) {
	t.Parallel()
	keys := keysOf(t, csvschema.Disks, "LabUId,ResourceUId,ResourceId,Name,DiskBlobName",
		"l,u,/d,os,os.vhd", "L,U,/D,OS,OS.vhd", "l,u,/d,data,os.vhd", "l,u,/d,os,data.vhd", "l,u,/e,os,os.vhd", "l,u,/d,o,sos.vhd")
	assert.Equal(t, keys[0], keys[1])
	for _, other := range keys[2:] {
		assert.NotEqual(t, keys[0], other)
	}
}

func TestKeysOfRowsAreThoseOfRecords(t *testing.T) {
	t.Parallel()
	disk := csvschema.DiskRow{
		LabUId: "L", ResourceUId: "U", ResourceId: csvschema.NewPersonalText("/D"),
		Name: csvschema.NewPersonalText("Os"), DiskBlobName: csvschema.NewPersonalText("os.vhd"),
	}
	assert.Equal(t, keysOf(t, csvschema.Disks, "LabUId,ResourceUId,ResourceId,Name,DiskBlobName", "l,u,/d,os,os.vhd")[0], disk.Key())
	machine := csvschema.VirtualMachineRow{LabUId: "L ", ResourceUId: "U"}
	assert.Equal(t, keysOf(t, csvschema.VirtualMachines, "LabUId,ResourceUId", "l,u")[0], machine.Key())
	assert.NotEqual(t, machine.Key(), disk.Key())
}

func TestKeyOfConfigurationIsThatOfTheRow(t *testing.T) {
	t.Parallel()
	row := keysOf(t, csvschema.VirtualMachines, "LabUId,ResourceUId,Name", strings.ToLower(keyLab)+","+strings.ToLower(keyUID)+",vm")[0]
	for _, key := range []csvschema.Key{
		csvschema.MachineKey(keyLab, keyUID), csvschema.MachineKey(" {"+keyLab+"}", strings.ReplaceAll(keyUID, "-", "")),
		csvschema.VirtualMachineRow{LabUId: keyLab, ResourceUId: keyUID}.Key(),
	} {
		assert.Equal(t, row, key)
		assert.Equal(t, row.Hash(), key.Hash())
	}
	assert.NotEqual(t, csvschema.DiskRow{LabUId: keyLab, ResourceUId: keyUID}.Key(), csvschema.MachineKey(keyLab, keyUID))
	assert.Zero(t, csvschema.MachineKey(keyLab, "NULL").Hash())
}

func TestKeyPrintsWithoutPersonalParts(t *testing.T) {
	t.Parallel()
	disk := csvschema.DiskRow{LabUId: "lab", ResourceUId: "uid", ResourceId: csvschema.NewPersonalText("/users/" + leaktest.Canary), Name: csvschema.NewPersonalText(leaktest.Canary)}
	key := disk.Key()
	assert.Equal(t, "disks lab/uid", key.String())
	inJSON, err := json.Marshal(struct{ Key csvschema.Key }{key})
	require.NoError(t, err)
	assert.JSONEq(t, `{"Key": "disks lab/uid"}`, string(inJSON))
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("", "key", key)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("", "key", []csvschema.Key{key})
	assert.Equal(t, 2, strings.Count(log.String(), `"disks lab/uid"`))
	leaktest.AssertNoCanary(t, key, leaktest.ProperVerbs)
	leaktest.AssertNoCanary(t, struct{ key csvschema.Key }{key}, leaktest.AllVerbs)
}

// TestWhatIsNoIDIdentifiesNothing has what programs write where there is no ID, and what
// spreadsheets make of one.
func TestWhatIsNoIDIdentifiesNothing(t *testing.T) {
	t.Parallel()
	for _, cell := range append(noIDs, keyUID[1:], "g"+keyUID[1:], keyUID+"0", strings.Replace(keyUID, "-", "_", 1), "vm-1", "(unknown)") {
		keys := []csvschema.Key{
			csvschema.VirtualMachineRow{LabUId: keyLab, ResourceUId: cell}.Key(),
			csvschema.DiskRow{LabUId: keyLab, ResourceUId: cell, Name: csvschema.NewPersonalText("d")}.Key(),
		}
		if slices.Contains(noIDs, cell) {
			keys = append(keys, csvschema.VirtualMachineRow{LabUId: cell, ResourceUId: keyUID}.Key())
		}
		for _, key := range keys {
			assert.Zero(t, key.Hash(), cell)
		}
	}
	for _, cell := range []string{
		keyUID, strings.ToLower(keyUID), "{" + keyUID + "}", strings.ReplaceAll(keyUID, "-", ""), " " + keyUID + "\u200b", "\u00a0" + keyUID,
		"{" + strings.ReplaceAll(keyUID, "-", "") + "}", nilGUID[:35] + "1", "ffffffff-ffff-ffff-ffff-ffffffffffff", "1" + nilGUID[1:],
	} {
		key := csvschema.VirtualMachineRow{LabUId: cell, ResourceUId: cell}.Key()
		assert.NotZero(t, key.Hash(), cell)
	}
	// A lab may be identified by other text.
	for _, cell := range []string{"lab", "nullable", "eee-lab", "n1", "é", "1a", "7e3f"} {
		assert.NotZero(t, csvschema.VirtualMachineRow{LabUId: cell, ResourceUId: keyUID}.Key().Hash(), cell)
	}
	assert.Zero(t, csvschema.Key{}.Hash())
}

// noIDs are cells that identify neither a lab nor a resource.
var noIDs = []string{
	"", " ", "\u200b", nilGUID, "{" + nilGUID + "}", strings.ReplaceAll(nilGUID, "-", ""), " " + nilGUID + " ",
	"NULL", "null", "(null)", "<NULL>", "\\N", "DBNull", "nil", "None", "N/A", "NaN", "undefined", "unknown",
	"####", "#N/A", "#NAME?", "#REF!", "1.23E+31", "1,23E+31", "5E-7", "0", "-", "--", "?", "...", "0.0", "TRUE", "[]", "{}", "''",
}
