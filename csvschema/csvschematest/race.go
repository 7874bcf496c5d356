//go:build race

package csvschematest

// isRace says that the race detector is on. It makes everything many times slower, so that
// no time is measured.
const isRace = true
