//go:build race

package anonymize_test

// isRace says that the race detector is on. It makes everything many times slower, so that
// there are few random worlds.
const isRace = true
