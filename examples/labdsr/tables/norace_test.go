//go:build !race

package tables_test

const isRace = false
