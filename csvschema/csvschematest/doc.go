// Package csvschematest makes synthetic exports with known answers for tests, and
// has assertions for what a program made of an export.
//
// [New] returns a small [Set] of overlapping exports. It has every trap known from
// real exports: reused resource IDs, transferred disks, owners in mixed case,
// identifiers in columns that are not meant for them. Each [Row] says for each
// [Person] whether the row is theirs, when it is due, and which parts of it name
// somebody. The generator records these answers where it plants the row. It does not
// compute them with the packages under test.
//
//	set := csvschematest.New(1, nil)
//	found := myFilter(set.Exports(), set.Person("alice").Identifiers)
//	csvschematest.AssertTheirs(t, set.Theirs("alice"), found)
//
// [NewLarge] returns a [Large] export of any size, in the shape of real ones. It streams
// in bounded memory and has a few rows of its subjects at known places.
//
// [AssertTheirs], [AssertNoIdentifiers], [AssertConserved], [AssertIdempotent] and [AssertNoLeak]
// check the outputs and errors of any pipeline. They work with any export, not only
// with generated ones.
//
// # Stability
//
// The same arguments give the same bytes on every platform, within one version of
// this module. A later version may plant more.
//
// # Errors
//
// No function here returns an error. The assertions report failures with Errorf of a
// testing.TB and continue.
//
// # Personal data
//
// All people are invented. They live at domains that are reserved or belong to
// Microsoft's documentation. The assertions may be used with real data: they report
// places by number and never the text found there.
//
// # Concurrency
//
// A [Set] and a [Large] are safe for concurrent use as long as nobody changes them.
// Only one goroutine may use a reader.
package csvschematest
