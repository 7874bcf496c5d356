package main

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestARunnerStartsAWorkerByItsFlags(t *testing.T) {
	assert.True(t, isBoot([]string{"--id='w'", "--provision_endpoint=localhost:1"}))
	assert.False(t, isBoot([]string{"anonymize", "--out", "--provision_endpoint"}))
}

func TestAWorkerWithoutARunnerEnds(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	assert.Error(t, boot(ctx, []string{"--id='w'", "--provision_endpoint=127.0.0.1:1"}))
}
