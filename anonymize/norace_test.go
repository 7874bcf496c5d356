//go:build !race

package anonymize_test

// isRace says that the race detector is on.
const isRace = false
