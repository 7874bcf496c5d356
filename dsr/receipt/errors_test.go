package receipt_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/receipt"
)

func TestErrorsSayWhereAndWhat(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]receipt.Error{
		"labdsr: receipt: not an Ed25519 key":                                     {Err: receipt.ErrKey},
		"labdsr: receipt, input 2: value missing or not allowed":                  {Field: "input 2", Err: receipt.ErrValue},
		"labdsr: receipt 3: receipt does not follow the one before it":            {Number: 3, Err: receipt.ErrPrevious},
		"labdsr: receipt 3, signature: not signed or sealed with any of the keys": {Number: 3, Field: "signature", Err: receipt.ErrSignature},
	} {
		require.EqualError(t, &e, want)
		assert.ErrorIs(t, &e, e.Err)
	}
}
