//go:build unix

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestOneRunAtATimeWritesToAFolder(t *testing.T) {
	j := newTestJob(t, anonymizing, labs(t, 1))
	unlock, err := j.lock()
	require.NoError(t, err)
	_, err = j.run(t.Context(), "prism", nil)
	require.ErrorIs(t, err, errLocked)
	unlock()
	unlock, err = j.lock()
	require.NoError(t, err)
	unlock()
	_, err = (&job{Out: "https://x.blob.core.windows.net/c"}).lock()
	assert.NoError(t, err)
}
