package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Most runs need no temporary file, and do not fail where none can be made.
func TestASpoolIsMadeWhenItIsNeeded(t *testing.T) {
	t.Parallel()
	made := 0
	s := &spool{make: func() (*os.File, error) {
		made++
		return os.Create(filepath.Join(t.TempDir(), "spool"))
	}}
	assert.Zero(t, made)
	for _, text := range []string{"first", "second"} {
		_, err := s.Write([]byte(text))
		require.NoError(t, err)
	}
	assert.Equal(t, 1, made)
	read := make([]byte, 6)
	_, err := s.ReadAt(read, 5)
	require.NoError(t, err)
	assert.Equal(t, "second", string(read))
	require.NoError(t, s.Close())

	errDisk := errors.New("disk full")
	_, err = (&spool{make: func() (*os.File, error) { return nil, errDisk }}).Write([]byte("first"))
	require.ErrorIs(t, err, errDisk)
}
