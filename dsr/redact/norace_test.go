//go:build !race

package redact_test

// seeds is how many generated exports a test has.
const seeds = 4
