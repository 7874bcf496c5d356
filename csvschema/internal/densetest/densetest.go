// Package densetest makes the texts of random tests. Each is made of few parts: what goes
// wrong only where three of a hundred parts meet is found in seconds, and else some day.
package densetest

import (
	"math/rand/v2"
	"strings"
)

// fewParts is how many parts a text is made of.
const fewParts = 6

// Few returns six of the parts, some of them perhaps more than once.
func Few(r *rand.Rand, parts []string) []string {
	few := make([]string, fewParts)
	for i := range few {
		few[i] = parts[r.IntN(len(parts))]
	}
	return few
}

// Text returns a text of at least one and at most the given number of the parts, any of
// which may be in it more than once.
func Text(r *rand.Rand, parts []string, most int) string {
	var b strings.Builder
	for range 1 + r.IntN(most) {
		b.WriteString(parts[r.IntN(len(parts))])
	}
	return b.String()
}
