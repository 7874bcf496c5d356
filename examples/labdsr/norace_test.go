//go:build !race

package main

// isRace says that the race detector is on.
const isRace = false
