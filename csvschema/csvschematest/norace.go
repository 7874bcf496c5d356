//go:build !race

package csvschematest

// isRace says that the race detector is on.
const isRace = false
