package csvschematest

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"time"
)

// PeakHeap calls run and returns by how many bytes the heap grew at its peak. The heap
// includes garbage that was not yet collected. PeakHeap samples the heap of the whole
// process every millisecond, so other tests must not run at the same time.
func PeakHeap(run func()) uint64 {
	runtime.GC()
	before := heapInUse()
	peak := before
	done := make(chan struct{})
	var sampler sync.WaitGroup
	sampler.Go(func() {
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			peak = max(peak, heapInUse())
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	})
	run()
	close(done)
	sampler.Wait()
	return peak - before
}

// heapInUse returns the bytes of objects on the heap, including dead objects that are
// not yet swept.
func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
