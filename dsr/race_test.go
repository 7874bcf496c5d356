//go:build race

package dsr_test

// isRace says that the race detector is on. It makes everything many times slower, so that
// the random worlds are as few as with -short.
const isRace = true
