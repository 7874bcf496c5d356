//go:build !race

package dsr_test

// isRace says that the race detector is on.
const isRace = false

// seeds is how many generated exports a test has.
const seeds = 4
