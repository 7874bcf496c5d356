package results_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

func TestEveryFailureHasWords(t *testing.T) {
	t.Parallel()
	_, constants := commentsOf(t)
	require.Greater(t, len(constants["FailureKind"]), 20)
	for _, code := range constants["FailureKind"] {
		assert.NotEmpty(t, results.FailureKind(code.(string)).String(), code)
	}
	assert.Equal(t, verify.IdentifierLeft.String(), results.FailureKind("identifier-left").String())
	assert.Equal(t, verify.Unreadable.String(), results.FailureKind("unreadable").String())
	assert.Empty(t, results.FailureKind("none").String())
}
