package anonymize_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// TestARequestedObjectIDGoesFromDueRowsToo has an object ID by itself: only
// the request tells that it is somebody's. It goes from a row that is due, whoever's
// that is, even before the request is carried out.
func TestARequestedObjectIDGoesFromDueRowsToo(t *testing.T) {
	t.Parallel()
	key := secretKey(t, "q")
	for _, q := range []anonymize.Request{
		{Kind: anonymize.Erase, Identifier: identifier(t, objectID), At: later},
		{Kind: anonymize.Erase, Digest: anonymize.NewDigest(key, identifier(t, objectID)), At: later, Existing: true},
		{Kind: anonymize.Removed, Identifier: identifier(t, objectID), At: later.AddDate(1, 0, 0)},
	} {
		policy := &anonymize.Policy{Key: key, Requests: []anonymize.Request{q}}
		file := []byte(vm("2/4/2017", "zoe@contoso.com", map[csvschema.Column]string{csvschema.Name: "box-" + objectID}))
		plan, after := planOf(t, policy, later, exportOf(csvschema.VirtualMachines, file))
		planned := textOf(t, after[0].VirtualMachines[0])
		assert.Equal(t, "box-"+identity.ReplacementObjectID, cellOf(t, csvschema.VirtualMachines, planned, csvschema.Name))
		assert.Equal(t, fate.GoesNow, plan.Report().Requests[0].Answers[0].Fate)
		copied, _ := copyOf(t, policy, later, csvschema.VirtualMachines, file)
		assert.Equal(t, string(planned), string(copied))
		rows := typed[csvschema.VirtualMachineRow](t, file)
		_, err := policy.Rows(later, rows, nil)
		require.NoError(t, err)
		assert.Equal(t, "box-"+identity.ReplacementObjectID, rows[0].Name.Reveal())
	}
}
