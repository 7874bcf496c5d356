package identity_test

import (
	"bytes"
	"fmt"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// A row names its owner in every cell, each time in another way. First, Find finds the
// addresses and user segments of the row, which are its values. Then FindValues finds
// the other occurrences of the values, so that all can be replaced, and FindNames finds
// the names that were derived from the addresses.
func Example() {
	row := []string{
		"alice.smith@example.com",
		"/labs/dev/users/0A11CE00-0000-4000-8000-000000000001/disks/data",
		"backup-of-0a11ce00000040008000000000000001",
		"AliceSmith042-os.vhd",
	}
	var finder identity.Finder
	var values identity.Values
	var parts identity.LocalParts
	for _, cell := range row {
		for _, span := range finder.Find(nil, []byte(cell)) {
			value := []byte(cell[span.Start:span.End])
			if identity.IsReplacement(value) {
				continue // from an earlier run: it identifies nobody
			}
			values.Add(value)
			if span.Kind == identity.AddressSpan {
				parts.Add(value)
			}
		}
	}
	for _, cell := range row {
		cell := []byte(cell)
		fmt.Printf("%s\n", replaceAll(cell, finder.FindValues(finder.Find(nil, cell), cell, &values)))
		for _, span := range finder.FindNames(nil, cell, &parts) {
			fmt.Printf("derived name: %s\n", cell[span.Start:span.End])
		}
	}
	// Output:
	// removed@anonymized.invalid
	// derived name: alice.smith
	// /labs/dev/users/616e6f6e-796d-8000-8000-000000000000/disks/data
	// backup-of-616e6f6e-796d-8000-8000-000000000000
	// AliceSmith042-os.vhd
	// derived name: AliceSmith042
}

// replaceAll replaces the spans of a cell that are no replacements.
func replaceAll(cell []byte, spans []identity.Span) []byte {
	var replaced bytes.Buffer
	end := 0
	for _, span := range spans {
		replaced.Write(cell[end:span.Start])
		switch text := cell[span.Start:span.End]; {
		case identity.IsReplacement(text):
			replaced.Write(text)
		case span.Kind == identity.AddressSpan:
			replaced.WriteString(identity.ReplacementAddress)
		default:
			replaced.WriteString(identity.ReplacementObjectID)
		}
		end = span.End
	}
	replaced.Write(cell[end:])
	return replaced.Bytes()
}

// Identifiers are equal if they have the same normal form, and they print redacted.
func ExampleParse() {
	a, _ := identity.Parse("Alice@Example.com ")
	b, _ := identity.Parse("alice@example.com")
	fmt.Println(a == b, a, a.Reveal())
	_, err := identity.Parse("alice")
	fmt.Println(err)
	// Output:
	// true [redacted] alice@example.com
	// neither an e-mail address nor an object ID
}

// Find sees through percent-encoding.
func ExampleFinder_Find() {
	var finder identity.Finder
	cell := []byte("/labs/dev/users/0a11ce00-0000-4000-8000-000000000001/disks/of alice%40example.com")
	for _, span := range finder.Find(nil, cell) {
		fmt.Printf("%s\n", cell[span.Start:span.End])
	}
	// Output:
	// 0a11ce00-0000-4000-8000-000000000001
	// alice%40example.com
}

// The members of a set are found; other people are not.
func ExampleFinder_FindMembers() {
	alice, _ := identity.Parse("alice@example.com")
	var subject identity.Set
	subject.Add(alice)
	var finder identity.Finder
	cell := []byte("shared by malice@example.com and ALICE%40example.com")
	for _, span := range finder.FindMembers(nil, cell, &subject) {
		fmt.Printf("%s\n", cell[span.Start:span.End])
	}
	// Output: ALICE%40example.com
}

// A guest account and the address that it was made from are near: two accounts,
// perhaps of one person.
func ExampleNear() {
	alice, _ := identity.Parse("alice@example.com")
	guest, _ := identity.Parse("alice_example.com#EXT#@contoso.onmicrosoft.com")
	fmt.Println(alice == guest, identity.Near(alice, guest))
	// Output: false true
}

// A digest recognizes an identifier without revealing it.
func ExampleSecretKey() {
	key, err := identity.NewSecretKey([]byte("0123456789abcdef0123456789abcdef")) // use crypto/rand
	if err != nil {
		fmt.Println(err)
		return
	}
	alice, _ := identity.Parse("alice@example.com")
	hash := key.Hash("example")
	hash.Write([]byte(alice.Reveal()))
	digest := identity.Digest(hash.Sum(nil))
	fmt.Println(key, len(digest.String()))
	// Output: [redacted] 64
}
