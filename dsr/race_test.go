//go:build race

package dsr_test

// isRace says that the race detector is on. It makes everything many times slower, so that
// there are few random worlds.
const isRace = true

// seeds is how many generated exports a test has.
const seeds = 1
