package identity

// AfterUsers is afterUsers.
var AfterUsers = afterUsers

// Canonical returns the canonical text of a cell, and the part of the cell that
// canonical[start:end] comes from.
func Canonical(cell string, start, end int) (canonical, part string) {
	var c canonicalText
	c.set([]byte(cell), nil)
	span := c.span(start, end, TextSpan)
	return string(c.text), cell[span.Start:span.End]
}

// IsSettled reports whether Find has to settle the spans of a cell.
func IsSettled(f *Finder, cell []byte) bool {
	_, _, isOdd := f.find(nil, cell)
	return isOdd
}

// Occurrences returns the spans of the occurrences of the values, in any order and before
// they are settled.
func Occurrences(f *Finder, cell []byte, values *Values) []Span {
	return f.appendOccurrences(nil, cell, values)
}

// LocalPartCount returns the number of different local parts.
func LocalPartCount(p *LocalParts) int {
	n := 0
	if p.localPartsPointer == nil {
		return n
	}
	for _, parts := range p.byFirst {
		n += len(parts)
	}
	return n
}
