package csvschema_test

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

const (
	keyLab  = "86545712-AADF-4172-BBA2-5C738050417E"
	keyUID  = "0DD2F8AE-8267-47C5-8CDA-484792E203EE"
	nilGUID = "00000000-0000-0000-0000-000000000000"
)

var guidPattern = regexp.MustCompile("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")

// A hash is as good as the key: equal for the same resource however it is written,
// and for no other, from records and from keys.
func TestHashesOfKeysAreThoseOfRecords(t *testing.T) {
	t.Parallel()
	byHash, byKey := map[csvschema.KeyHash]csvschema.Key{}, map[csvschema.Key]csvschema.KeyHash{}
	for seed := range uint64(4) {
		for _, f := range csvschematest.New(seed, nil).Files {
			records := csvschema.NewRecordReader(strings.NewReader(string(f.Data)), f.Role, nil)
			for {
				r, err := records.Read()
				if err == io.EOF {
					break
				}
				require.NoError(t, err)
				key, hash := r.Key(), r.KeyHash()
				assert.Equal(t, hash, key.Hash())
				if key.LabUId() == "" || !guidPattern.MatchString(key.ResourceUId()) || key.ResourceUId() == nilGUID {
					assert.Zero(t, hash)
					continue
				}
				require.NotZero(t, hash)
				if known, ok := byKey[key]; ok {
					require.Equal(t, known, hash)
				}
				if known, ok := byHash[hash]; ok {
					require.Equal(t, known, key)
				}
				byHash[hash], byKey[key] = key, hash
			}
		}
	}
	assert.Greater(t, len(byKey), 100)
	assert.Zero(t, csvschema.Key{}.Hash())
	machine := csvschema.VirtualMachineRow{LabUId: keyLab, ResourceUId: keyUID}
	disk := csvschema.DiskRow{LabUId: keyLab, ResourceUId: keyUID}
	assert.NotEqual(t, machine.Key().Hash(), disk.Key().Hash(), "a disk without a name is no machine")
}

func TestHashOfARecordDoesNotAllocate(t *testing.T) {
	rec := firstRecord(t, "LabUId,ResourceUId,ResourceId,Name,DiskBlobName\n"+keyLab+","+keyUID+",/D,Os,os.vhd\n")
	want := rec.Key().Hash()
	require.NotZero(t, want)
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if rec.KeyHash() != want {
			t.Error("another hash")
		}
	}))
}
