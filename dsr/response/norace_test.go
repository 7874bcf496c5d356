//go:build !race

package response_test

// seeds is how many generated exports a test has.
const seeds = 4
