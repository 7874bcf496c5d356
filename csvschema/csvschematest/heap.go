package csvschematest

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"time"
)

// PeakHeap calls run and returns how many bytes of heap, garbage that was not
// yet collected included, were in use at most while it ran, besides those that
// were in use before. It samples every millisecond and looks at the heap of the
// whole process: other tests must not run at the same time.
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

// heapInUse returns the bytes of objects on the heap, dead ones that are not
// swept included.
func heapInUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
