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
	"github.com/labdsr/labdsr/csvschema/identity"
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

// TestDigestsOfKeysAreTheSameInEveryRelease has digests that programs have stored: if one
// changes, what people decided is lost. The first is the HMAC-SHA-256 of
// "virtualmachines\x00lab\x00resource\x00" under HMAC-SHA-256(secret, "labdsr/resource").
func TestDigestsOfKeysAreTheSameInEveryRelease(t *testing.T) {
	t.Parallel()
	secret, err := identity.NewSecretKey([]byte(strings.Repeat("k", 32)))
	require.NoError(t, err)
	disk := func(id, name, blob string) csvschema.Key {
		return csvschema.DiskRow{
			LabUId: keyLab, ResourceUId: keyUID, ResourceId: csvschema.NewPersonalText(id),
			Name: csvschema.NewPersonalText(name), DiskBlobName: csvschema.NewPersonalText(blob),
		}.Key()
	}
	stored := []struct {
		want string
		key  csvschema.Key
	}{
		{"6642d83f2b24bf066ea05fec9b0db577e54e0f398e2a0865e30e287eee5d5b91", csvschema.MachineKey(keyLab, keyUID)},
		{"e1ccaf16a79733b9bcaa872dae37c5b6da7dbcc534f0f527fc0479651c310d4b", csvschema.MachineKey(keyUID, keyLab)},
		{"0cfd217a19609222cd00a68419877ac4e3f1dad18d558dea31fa40fa15d32478", csvschema.MachineKey("lab", keyUID)},
		{"c0626db4f9d92ef1e1a41b05b672913b92f1aa687697532ecdb805e31c7bf382", disk("", "", "")},
		{"0ac150093aa9b5155b7f50608490fe8fa5ff5b6de55f9a435d46ddd486a32bfc", disk("/Subscriptions/s/labs/l/users/7c9e6679-7425-40de-944b-e07fc1f90ae7/disks/D", "D", "d.vhd")},
		{"70871c14aa1f326cc90b313b67b17b95574e6196d16831d5b5fc7307065a927a", disk("/s/labs/l/disks/d", "d", "")},
		{"cba07224266b15d84464e369217df68035d72a65c9b3d8c61d5646dc6642b3ce", disk("/s/labs/l/disks/d", "", "d")},
		{"6483ce8191e1b841292cc01a237882e15a6ec1acb430890972790dd12944363d", disk("/s/labs/l/disks/d", "zoe@contoso.com", "b")},
	}
	for _, test := range stored {
		assert.Equal(t, test.want, test.key.Digest(secret).String(), test.key)
	}
	assert.Equal(t, stored[7].key.Digest(secret), disk("/S/labs/l/disks/d/", identity.ReplacementAddress, "B").Digest(secret))
	other, err := identity.NewSecretKey([]byte(strings.Repeat("o", 32)))
	require.NoError(t, err)
	assert.NotEqual(t, stored[0].key.Digest(secret), stored[0].key.Digest(other))
	for _, key := range []csvschema.Key{{}, csvschema.MachineKey(keyLab, "NULL"), csvschema.MachineKey("", keyUID), csvschema.MachineKey(keyLab, nilGUID)} {
		assert.Zero(t, key.Digest(secret), "two of them are two resources")
	}
	assert.Panics(t, func() { csvschema.Key{}.Digest(identity.SecretKey{}) })
}
