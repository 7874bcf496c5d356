//go:build !race

package csvschematest_test

// With the race detector no time is measured.

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// now is the clock of a test, which waits instead of working.
func now() time.Duration { return time.Duration(time.Now().UnixNano()) }

func TestOnlyGrowthInProportionIsLinear(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		took     func(size time.Duration) time.Duration
		isLinear bool
	}{
		{"constant", func(time.Duration) time.Duration { return time.Second }, true},
		{"in proportion", func(n time.Duration) time.Duration { return n * time.Millisecond }, true},
		{"a little more", func(n time.Duration) time.Duration { return n * time.Millisecond * 3 / 2 }, true},
		{"its square", func(n time.Duration) time.Duration { return n * n * time.Millisecond / 10 }, false},
		{"so short that nobody can tell", func(n time.Duration) time.Duration { return n * n * time.Nanosecond }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				assertion := func(tb testing.TB) {
					csvschematest.AssertLinearBy(tb, now, 10, func(size int) func() {
						return func() { time.Sleep(test.took(time.Duration(size))) }
					})
				}
				if test.isLinear {
					passes(t, assertion)
				} else {
					fails(t, assertion, []string{"sizes from 10 on", "more than in proportion"})
				}
			})
		})
	}
}

func TestOneSlowRunIsNoGrowth(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := true
		passes(t, func(tb testing.TB) {
			csvschematest.AssertLinearBy(tb, now, 10, func(size int) func() {
				return func() {
					if size == 80 && slow {
						slow = false
						time.Sleep(time.Minute)
					}
					time.Sleep(time.Duration(size) * time.Millisecond)
				}
			})
		})
	})
}
