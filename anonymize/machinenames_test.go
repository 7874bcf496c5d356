package anonymize_test

import (
	"testing"
)

func TestNamesKeepJoins(t *testing.T) {
	t.Parallel()
	eachRoll(t, 200, requireNamesKeepJoins)
}

// FuzzNamesKeepJoins lets a fuzzer make the exports.
func FuzzNamesKeepJoins(f *testing.F) {
	addRolls(f)
	f.Fuzz(func(t *testing.T, data []byte) { requireNamesKeepJoins(t, &dice{data}) })
}
