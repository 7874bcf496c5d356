package identity_test

import (
	"fmt"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// Identifiers are compared as wholes, in their normal form, and print redacted.
func ExampleParse() {
	a, _ := identity.Parse("Alice@Example.com ")
	b, _ := identity.Parse("alice@example.com")
	_, err := identity.Parse("alice")
	fmt.Println(a == b, a, a.Reveal())
	fmt.Println(err)
	// Output:
	// true [redacted] alice@example.com
	// neither an e-mail address nor an object ID
}

// A finder finds who stands inside a cell.
func ExampleFinder() {
	var f identity.Finder
	cell := []byte("/labs/dev/users/0a11ce00-0000-4000-8000-000000000001/disks/of alice%40example.com")
	for _, s := range f.Find(nil, cell) {
		fmt.Printf("%s\n", cell[s.Start:s.End])
	}
	// Output:
	// 0a11ce00-0000-4000-8000-000000000001
	// alice%40example.com
}
