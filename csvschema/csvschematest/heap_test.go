package csvschematest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// The test is not parallel: PeakHeap samples the heap of the whole process.
func TestPeakHeapSeesWhatIsHeldForAWhile(t *testing.T) {
	var held []byte
	var peak uint64
	for wait := 20 * time.Millisecond; peak < 32<<20 && wait < time.Minute; wait *= 2 { // a slow machine may look late
		peak = csvschematest.PeakHeap(func() {
			held = make([]byte, 32<<20)
			time.Sleep(wait)
			held = nil
		})
	}
	assert.Nil(t, held)
	assert.GreaterOrEqual(t, peak, uint64(32<<20))
	assert.Less(t, csvschematest.PeakHeap(func() {}), uint64(1<<20))
}
