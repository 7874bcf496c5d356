package csvschematest

import (
	"testing"
	"time"
)

// AssertLinear fails the test if the time of a run grows faster than its size. It runs
// with n, 2n, 4n and 8n, after prepare has made what a run needs. Eight times the size may
// take 27 times as long, because a machine has other things to do; with the square of the
// size it takes 64 times.
//
// A test that calls it must not be parallel. N must be so large that a run with it takes
// some milliseconds.
func AssertLinear(t testing.TB, n int, prepare func(size int) (run func())) {
	t.Helper()
	const most, atLeast = 27, 5 * time.Millisecond
	var took []time.Duration
	for _, times := range []int{1, 2, 4, 8} {
		took = append(took, fastest(prepare(times*n)))
		if took[len(took)-1] > most*max(took[0], atLeast) {
			t.Errorf("sizes from %d on, each twice the one before, took %v: more than in proportion", n, took)
			return
		}
	}
}

// fastest returns the time of the fastest of some runs.
func fastest(run func()) time.Duration {
	const runs = 3
	var best time.Duration
	for i := range runs {
		start := time.Now() //nolint:forbidigo // measures
		run()
		if took := time.Since(start); i == 0 || took < best {
			best = took
		}
	}
	return best
}
