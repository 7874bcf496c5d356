//go:build race

package response_test

// seeds is how many generated exports a test has. The race detector makes everything many
// times slower.
const seeds = 1
