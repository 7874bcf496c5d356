//go:build !unix

package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestFoldersAreNotLockedHere(t *testing.T) {
	assert.NoError(t, lockFolder(nil))
}
