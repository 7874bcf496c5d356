package machines_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize/internal/cells"
	"github.com/labdsr/labdsr/anonymize/internal/localpart"
	"github.com/labdsr/labdsr/anonymize/internal/machines"
	"github.com/labdsr/labdsr/csvschema"
)

const uid = "0dd2f8ae-8267-47c5-8cda-484792e203ee"

func localsOf(address string) []localpart.Part {
	return new(localpart.Finder).Of([]byte(address))
}

func diskOf(lab, lease, uid, id string) *cells.Row {
	row := cells.New([]csvschema.Column{csvschema.LabUId, csvschema.LeasedByVmId, csvschema.ResourceUId, csvschema.ResourceId})
	row.Texts = [][]byte{[]byte(lab), []byte(lease), []byte(uid), []byte(id)}
	return &row
}

func TestADiskIsFoundByItsLeaseAndOtherwiseByItsIDs(t *testing.T) {
	t.Parallel()
	names := machines.New()
	assert.False(t, names.HasKeys())
	leased, other := diskOf("l", "/m/a", uid, "/m/b"), diskOf("l", "", uid, "/m/b")
	keys, byLease := machines.DiskKeys(leased)
	assert.True(t, byLease)
	assert.Len(t, keys, 1)
	names.AddKeys(keys)
	keys, byLease = machines.DiskKeys(other)
	assert.False(t, byLease)
	names.AddKeys(keys)
	assert.True(t, names.HasKeys())

	locals, renamed := names.OfDisk(new([]byte), leased)
	assert.Empty(t, locals, "there is no such machine")
	assert.False(t, renamed)

	a := names.OfID(new([]byte), []byte("L"), csvschema.ComputeResourceId, []byte("/M/A"))
	require.NotNil(t, a)
	assert.Nil(t, names.OfID(new([]byte), []byte("k"), csvschema.ResourceId, []byte("/m/a")), "of another lab")
	assert.True(t, names.Add(machines.Machine{Name: a, Locals: localsOf("alice@x.com"), Renamed: true}))
	locals, renamed = names.OfDisk(new([]byte), leased)
	assert.Equal(t, localsOf("alice@x.com"), locals)
	assert.True(t, renamed)
	assert.True(t, names.Add(machines.Machine{Name: a, Locals: localsOf("alice@x.com")}))
	locals, renamed = names.OfDisk(new([]byte), leased)
	assert.Equal(t, localsOf("alice@x.com"), locals)
	assert.False(t, renamed, "one of the machines keeps its name")

	b := names.OfID(new([]byte), []byte("l"), csvschema.ResourceId, []byte("/m/b"))
	assert.True(t, names.Add(machines.Machine{Name: b, Locals: localsOf("bob@x.com"), Renamed: true}))
	locals, renamed = names.OfDisk(new([]byte), other)
	assert.Equal(t, localsOf("bob@x.com"), locals)
	assert.False(t, renamed, "without a lease")
}

func TestAMachineHasTheOwnersOfAllCopies(t *testing.T) {
	t.Parallel()
	names, key := machines.New(), csvschema.MachineKey("l", uid).Hash()
	assert.Empty(t, names.OfKey(key))
	for i := range 1000 {
		require.True(t, names.Add(machines.Machine{Key: key, Locals: localsOf(fmt.Sprintf("alice%d@x.com", i))}))
	}
	assert.Len(t, names.OfKey(key), 1000)
	assert.True(t, names.Add(machines.Machine{Key: key, Locals: localsOf("alice1@y.com")}), "it is there")
	assert.False(t, names.Add(machines.Machine{Key: key, Locals: localsOf("bob@x.com")}))
}
