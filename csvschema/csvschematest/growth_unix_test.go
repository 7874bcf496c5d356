//go:build (linux || darwin) && !race

package csvschematest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

func TestWaitingIsNoWork(t *testing.T) { //nolint:paralleltest // measures time
	passes(t, func(tb testing.TB) {
		csvschematest.AssertLinear(tb, 10, func(size int) func() {
			return func() { time.Sleep(time.Duration(size*size) * 50 * time.Microsecond) }
		})
	})
}

func TestWorkIsMeasured(t *testing.T) {
	t.Parallel()
	before, begun := csvschematest.ProcessorTime(), time.Now()
	for csvschematest.ProcessorTime() < before+10*time.Millisecond {
		require.Less(t, time.Since(begun), time.Minute)
	}
}
