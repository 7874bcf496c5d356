package csvschema_test

import (
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

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
				if key.LabUId() == "" || key.ResourceUId() == "" {
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
}

func TestHashOfARecordDoesNotAllocate(t *testing.T) {
	rec := firstRecord(t, "LabUId,ResourceUId,ResourceId,Name,DiskBlobName\nL,U,/D,Os,os.vhd\n")
	want := rec.Key().Hash()
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		if rec.KeyHash() != want {
			t.Error("another hash")
		}
	}))
}
