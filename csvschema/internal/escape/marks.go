package escape

// Marks is a set of what a text holds of the bytes by which addresses, paths and escapes are
// known. One look at the bytes tells that nearly all texts have no escape.
type Marks uint8

// The marks.
const (
	At          Marks = 1 << iota // @
	Slash                         // /
	Backslash                     // \
	Percent                       // % or &
	Parenthesis                   // (
	Equals                        // =
	Underscore                    // _
	NotASCII                      // a byte beyond ASCII
)

// Has reports whether the set has one of the marks.
func (m Marks) Has(marks Marks) bool { return m&marks != 0 }

// marksOfByte holds the mark of each byte.
var marksOfByte = func() (marks [256]Marks) {
	for i, bytes := range []string{"@", "/", "\\", "%&", "(", "=", "_"} {
		for _, c := range []byte(bytes) {
			marks[c] = 1 << i
		}
	}
	for c := 0x80; c < len(marks); c++ {
		marks[c] = NotASCII
	}
	return marks
}()

// MarksOf returns the marks of a text. It looks at eight bytes at a time, because most
// texts are short or ARM IDs; a plain loop takes a third longer.
func MarksOf(text []byte) (m Marks) {
	for ; len(text) >= 8; text = text[8:] {
		b := (*[8]byte)(text)
		m |= (marksOfByte[b[0]] | marksOfByte[b[1]]) | (marksOfByte[b[2]] | marksOfByte[b[3]]) |
			((marksOfByte[b[4]] | marksOfByte[b[5]]) | (marksOfByte[b[6]] | marksOfByte[b[7]]))
	}
	for _, c := range text {
		m |= marksOfByte[c]
	}
	return m
}
