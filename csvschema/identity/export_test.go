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
