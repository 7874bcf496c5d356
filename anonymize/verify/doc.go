// Package verify reads what package anonymize wrote and what it was made from, and
// reports whether it is what the policy asks for.
//
//	verification, err := verify.Exports(ctx, policy, now, before, after)
//	if err != nil {
//		return err
//	}
//	for _, f := range verification.Failures {
//		report(f)
//	}
//
// In rows that are due no identifier is left, each is replaced by a replacement of the
// right kind, tokens and pseudonyms are one-to-one, and nothing else has changed by even
// a byte.
//
// # What is shared
//
// A check that uses the code which it checks repeats its mistakes. This package decides
// by itself what had to go, from the documentation of [anonymize.Policy],
// [anonymize.Policy.Plan] and [anonymize.Request]. It has a reader, a table of the
// documented columns, rules, thresholds of names and formats of tokens of its own.
//
// Of package anonymize it uses the fields of a policy, the kinds of request, and
// [anonymize.Policy.Validate]. Of package csvschema it uses the names of the documented
// columns, the key that a hold or decision names a resource by, and the reading of a
// date ([csvschema.ParseTime]). Of package identity it uses the grammar: normal form,
// what is found in a cell, and what a replacement looks like. There is one grammar, so
// that a mistake in it is in both; its own tests look for those.
//
// # Errors
//
// What is wrong with an output is a [Failure]. An error is of an input or of the
// caller's sources ([csvschema.Error]), [ErrPairs], [csvschema.ErrNoFiles] or
// [anonymize.ErrPolicy].
//
// # Personal data
//
// A [Verification] holds places and counts, no cell of a file.
//
// # Concurrency
//
// [Exports] starts goroutines, as many as the policy has workers less one. None is left when
// it returns. It waits for a Read that blocks.
package verify
