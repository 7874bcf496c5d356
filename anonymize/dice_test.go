package anonymize_test

import (
	"math/rand/v2"
	"testing"
)

// A dice makes decisions from bytes, so that a fuzzer can make them: 0 when there
// are no more.
type dice struct{ bytes []byte }

// rolled returns a dice with random bytes.
func rolled(seed uint64) *dice {
	random := rand.New(rand.NewPCG(seed, 7))
	d := &dice{make([]byte, 600)}
	for i := range d.bytes {
		d.bytes[i] = byte(random.Uint32())
	}
	return d
}

// n returns a number from 0 to n-1.
func (d *dice) n(n int) int {
	if len(d.bytes) == 0 {
		return 0
	}
	b := int(d.bytes[0])
	d.bytes = d.bytes[1:]
	return b % n
}

// one returns one of the values.
func one[T any](d *dice, values ...T) T { return values[d.n(len(values))] }

// worlds returns how many random worlds to test of n.
func worlds(n uint64) uint64 {
	switch {
	case isRace:
		return (n + 19) / 20
	case testing.Short():
		return n / 10
	}
	return n
}

// eachRoll runs a test on so many random worlds.
func eachRoll(t *testing.T, rolls uint64, test func(t *testing.T, d *dice)) {
	t.Helper()
	for seed := range worlds(rolls) {
		test(t, rolled(seed))
		if t.Failed() {
			t.Fatalf("roll %d", seed)
		}
	}
}

// addRolls gives a fuzz target random bytes to begin with.
func addRolls(f *testing.F) {
	f.Helper()
	for seed := range uint64(40) {
		f.Add(rolled(seed).bytes[:200])
	}
}
