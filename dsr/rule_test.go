package dsr_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/dsr"
)

func TestRulesAndKindsAreNamedInPlainWords(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for r := range dsr.RuleDecision + 2 {
		seen[r.String()] = true
	}
	assert.Len(t, seen, 7)
	for k := range dsr.AliasCandidate + 2 {
		seen[k.String()] = true
	}
	assert.Len(t, seen, 12)
}
