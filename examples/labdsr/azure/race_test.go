//go:build race

package azure_test

// isRace says that the race detector looks, which takes its time.
const isRace = true
