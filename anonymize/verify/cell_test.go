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

// TestWhatIsBesideReplacementsIsLeft has a value before, between, after and in replacements.
func TestWhatIsBesideReplacementsIsLeft(t *testing.T) {
	t.Parallel()
	const id, size = identity.ReplacementObjectID, len(identity.ReplacementObjectID)
	first := identity.Span{Start: 0, End: size}
	assert.True(t, verify.IsWritten("6e6f", id, first), "in it")
	assert.True(t, verify.IsWritten("zoe", id+"/"+id, first, identity.Span{Start: size + 1, End: 2*size + 1}), "nowhere")
	assert.False(t, verify.IsWritten("zoe", "zoe/"+id, identity.Span{Start: 4, End: 4 + size}), "before")
	assert.False(t, verify.IsWritten("zoe", id+"/zoe/"+id, first, identity.Span{Start: size + 5, End: 2*size + 5}), "between")
	assert.False(t, verify.IsWritten("zoe", id+"/zoe", first), "after")
	assert.False(t, verify.IsWritten("zoe", "of zoe"), "without any")
}
