package verify_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
)

// TestJoinedFilesAreRefused gives a file with two headers to all that read files here.
func TestJoinedFilesAreRefused(t *testing.T) {
	t.Parallel()
	now := time.Date(2017, 5, 1, 0, 0, 0, 0, time.UTC)
	one := vm("2/4/2017", "zoe@contoso.com")
	good := []csvschema.Export{{VirtualMachines: []csvschema.Source{source([]byte(one))}}}
	for _, text := range []string{one + one, one + turned(one), strings.ToLower(one) + strings.ToUpper(turned(one))} {
		joined := []csvschema.Export{{VirtualMachines: []csvschema.Source{source([]byte(text))}}}
		policy := &anonymize.Policy{}
		_, err := policy.Copy(t.Context(), now, csvschema.VirtualMachines, io.Discard, strings.NewReader(text))
		require.ErrorIs(t, err, csvschema.ErrHeaderAgain)
		_, err = policy.Plan(t.Context(), now, joined)
		require.ErrorIs(t, err, csvschema.ErrHeaderAgain)
		_, err = verify.Exports(t.Context(), policy, now, joined, joined)
		require.ErrorIs(t, err, csvschema.ErrHeaderAgain)
		v, err := verify.Exports(t.Context(), policy, now, good, joined)
		assert.True(t, err != nil || v != nil && !v.OK(), "an output with two headers is no good one")
	}
}
