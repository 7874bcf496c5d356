//go:build race

package redact_test

// seeds is how many generated exports a test has. The race detector makes everything many
// times slower.
const seeds = 1
