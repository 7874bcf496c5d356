package csvschematest

import (
	"testing"
	"time"
)

// AssertLinear fails the test if the time of a run grows faster than its size. It runs
// with n, 2n, 4n and 8n, after prepare has made what a run needs. Eight times the size may
// take 27 times as long, because a machine has other things to do; with the square of the
// size it takes 64 times. For the same reason, what grows too fast is measured again, up
// to three times. Where the system tells it, the time is that of the processor: a long run
// waits for other processes, and a short one does not.
//
// A test that calls it must not be parallel. N must be so large that a run with it takes
// some milliseconds. With the race detector, whose own time would be measured, there is one
// run with n, and no assertion about its time.
func AssertLinear(t testing.TB, n int, prepare func(size int) (run func())) {
	t.Helper()
	assertLinear(t, processorTime, n, prepare)
}

// assertLinear is AssertLinear with another clock.
func assertLinear(t testing.TB, clock func() time.Duration, n int, prepare func(size int) (run func())) {
	t.Helper()
	if isRace {
		prepare(n)()
		return
	}
	const attempts = 3
	var runs []func()
	for _, times := range []int{1, 2, 4, 8} {
		runs = append(runs, prepare(times*n))
	}
	var took []time.Duration
	for range attempts {
		var isLinear bool
		if took, isLinear = measure(clock, runs); isLinear {
			return
		}
	}
	t.Errorf("sizes from %d on, each twice the one before, took %v: more than in proportion", n, took)
}

// measure returns the times of runs, the next of which is twice as large, and whether they
// grow in proportion. It stops at the first that does not.
func measure(clock func() time.Duration, runs []func()) (took []time.Duration, isLinear bool) {
	const most, atLeast = 27, 5 * time.Millisecond
	for _, run := range runs {
		took = append(took, fastest(clock, run))
		if took[len(took)-1] > most*max(took[0], atLeast) {
			return took, false
		}
	}
	return took, true
}

// fastest returns the time of the fastest of some runs.
func fastest(clock func() time.Duration, run func()) time.Duration {
	var best time.Duration
	for i := range 3 {
		start := clock()
		run()
		if took := clock() - start; i == 0 || took < best {
			best = took
		}
	}
	return best
}

// wallTime returns what the clock says.
func wallTime() time.Duration {
	return time.Duration(time.Now().UnixNano()) //nolint:forbidigo // measures
}
