package anonymize_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// TestAPlanIsAppliedBySeveralGoroutines applies every file several times at the
// same time, and asks the plan what becomes of a resource.
func TestAPlanIsAppliedBySeveralGoroutines(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(3, nil)
	policy := &anonymize.Policy{Replacement: identity.TokenReplacement, Names: true}
	plan, after := planOf(t, policy, set.Now, set.Exports()...)
	var running sync.WaitGroup
	for _, f := range plan.Report().Files {
		sources := after[f.Export-1].VirtualMachines
		if f.Role == csvschema.Disks {
			sources = after[f.Export-1].Disks
		}
		want := textOf(t, sources[f.File-1])
		for range 3 {
			running.Go(func() {
				var out bytes.Buffer
				stats, err := plan.Apply(t.Context(), f.FileID, &out)
				assert.NoError(t, err) //nolint:testifylint // in a goroutine of its own
				assert.Equal(t, f.Stats, stats)
				assert.True(t, bytes.Equal(want, out.Bytes()))
				assert.Equal(t, fate.Keeping{Fate: fate.KeptExisting}, plan.Keeping(csvschema.Key{}))
			})
		}
	}
	running.Wait()
	require.NotEmpty(t, plan.Report().Files)
}
