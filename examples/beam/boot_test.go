package main

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
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

func TestWorkersAreThisProgram(t *testing.T) {
	type options struct{ kind, config, binary string }
	set := func(o options) {
		*jobopts.EnvironmentType, *jobopts.EnvironmentConfig, *jobopts.WorkerBinary = o.kind, o.config, o.binary
	}
	before := options{*jobopts.EnvironmentType, *jobopts.EnvironmentConfig, *jobopts.WorkerBinary}
	defer set(before)
	self, err := os.Executable()
	require.NoError(t, err)
	for _, test := range []struct{ given, want options }{
		{options{"PROCESS", "", ""}, options{"PROCESS", `{"command":"` + self + `"}`, self}},
		{options{"PROCESS", "{}", "other"}, options{"PROCESS", "{}", "other"}},
		{options{"LOOPBACK", "", ""}, options{"LOOPBACK", "", self}},
		{options{"DOCKER", "image", "other"}, options{"DOCKER", "image", "other"}},
	} {
		set(test.given)
		require.NoError(t, useSelf())
		assert.Equal(t, test.want, options{*jobopts.EnvironmentType, *jobopts.EnvironmentConfig, *jobopts.WorkerBinary})
	}
}
