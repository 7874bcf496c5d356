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

// TestAnOwnerOfOtherLettersHasThePseudonymOfItsText has an owner that is an object ID but for a
// full-width letter, and so goes as an address does.
func TestAnOwnerOfOtherLettersHasThePseudonymOfItsText(t *testing.T) {
	t.Parallel()
	file := exportOf(csvschema.VirtualMachines, []byte(vm("2/4/2017", "7c9\uFF456679-7425-40de-944b-e07fc1f90ae7")))
	planOf(t, &anonymize.Policy{Replacement: identity.PseudonymReplacement, Key: secretKey(t, "a")}, later, file)
}
