package verify_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// TestPseudonymOfAnotherKeyIsFound verifies with a key that is not the one of the run.
func TestPseudonymOfAnotherKeyIsFound(t *testing.T) {
	t.Parallel()
	file := exportOf(csvschema.VirtualMachines, []byte(vm("2/4/2017", "zoe@contoso.com")))
	policy := &anonymize.Policy{Replacement: identity.PseudonymReplacement, Key: secretKey(t, "a")}
	_, after := planOf(t, policy, later, file)
	policy.Key = secretKey(t, "b")
	v, err := verify.Exports(t.Context(), policy, later, []csvschema.Export{file}, after)
	require.NoError(t, err)
	require.Len(t, v.Failures, 1)
	assert.Equal(t, verify.WrongReplacement, v.Failures[0].Kind)
	assert.Equal(t, csvschema.ResourceOwner, v.Failures[0].Column)
}
