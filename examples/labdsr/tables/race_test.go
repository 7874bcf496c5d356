//go:build race

package tables_test

// isRace says that the race detector is on. It makes everything many times slower, so that
// less is tried.
const isRace = true
