// Package csvschematest makes synthetic exports for tests, tells what is true of
// each of their rows, and checks what a program made of them.
//
// [New] returns a small [Set] of overlapping exports that holds every trap known
// from real ones: reused resource IDs, transferred disks, owners in mixed case,
// identifiers in places that are not meant for them. Beside each [Row] stands
// whose it is, for each [Person], when it is due, and which parts of it name
// somebody. The answers were written down where the rows were planted; nothing
// of them comes from the packages under test.
//
//	set := csvschematest.New(1, nil)
//	handedOut := myFilter(set.Exports(), set.Person("alice").Identifiers)
//	for row := range set.Rows() {
//		want := row.Truth("alice").Verdict == csvschematest.Theirs
//		// … is row.Raw in handedOut?
//	}
//
// [NewLarge] returns a [Large] export of any size that streams in bounded memory,
// with rare rows of its subjects in places that are known beforehand.
//
// [AssertNoIdentifiers], [AssertConserved], [AssertIdempotent] and [AssertNoLeak]
// check the outputs and errors of a pipeline, whatever it is made of. They need
// no generated export.
//
// # Stability
//
// The same arguments give the same bytes on every platform, within one version
// of this module. A later version may plant more.
//
// # Errors
//
// Nothing here returns an error. The assertions report failures to a
// testing.TB by Errorf, and go on.
//
// # Personal data
//
// All people are invented and live at domains that are reserved or belong to
// Microsoft's documentation. The assertions are meant for real data as well:
// their reports give places by number, never what stands there.
//
// # Concurrency
//
// A [Set] and a [Large] are safe for concurrent use as long as nobody changes
// them. Readers are not.
package csvschematest
