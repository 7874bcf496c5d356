package dsr

// LinkSet opens linkSet to tests.
type LinkSet struct{ set *linkSet }

// The marks of a link.
const (
	OfSubjects = uint64(ofSubjects)
	OfOthers   = uint64(ofOthers)
)

// NewLinkSet returns an empty set.
func NewLinkSet() LinkSet { return LinkSet{newLinkSet()} }

// Add adds hashes.
func (s LinkSet) Add(hashes []uint64) { s.set.add(hashes, 0) }

// Freeze ends the adding.
func (s LinkSet) Freeze(workers int) { s.set.freeze(workers) }

// Find returns the number of a hash.
func (s LinkSet) Find(hash uint64) int { return s.set.find(hash) }

// Mark marks a number.
func (s LinkSet) Mark(number int, mark uint64) { s.set.mark(number, linkMark(mark)) }

// Marked returns the marks of a number.
func (s LinkSet) Marked(number int) uint64 { return uint64(s.set.marked(number)) }

// Hashes is how many hashes the set holds.
func (s LinkSet) Hashes() int { return s.set.n }
