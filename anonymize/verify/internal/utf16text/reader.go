// Package utf16text gives UTF-16 as UTF-8. It knows no record.
package utf16text

import (
	"bufio"
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema"
)

// A Reader gives UTF-16 as UTF-8, without its mark. A lone surrogate or an
// odd byte is csvschema.ErrUTF16.
type Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
	text  []byte // of the last character
}

// NewReader returns a reader of what follows the byte-order mark, or nil if the
// text begins with none of UTF-16.
func NewReader(r *bufio.Reader) *Reader {
	mark, _ := r.Peek(2) // an error comes again
	u := &Reader{r: r}
	switch string(mark) {
	case "\xFE\xFF":
		u.order = binary.BigEndian
	case "\xFF\xFE":
		u.order = binary.LittleEndian
	default:
		return nil
	}
	_, _ = r.Discard(len(mark)) // it is in the buffer
	return u
}

// Read implements io.Reader.
func (u *Reader) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if len(u.text) == 0 {
			if n > 0 && u.r.Buffered() < 4 { // bytes of the longest character
				break
			}
			c, err := u.character()
			if err != nil {
				return n, err
			}
			u.text = utf8.AppendRune(u.text[:0], c)
		}
		size := copy(p[n:], u.text)
		u.text = u.text[size:]
		n += size
	}
	return n, nil
}

// character reads a character.
func (u *Reader) character() (rune, error) {
	high, err := u.unit()
	if err != nil || !utf16.IsSurrogate(high) {
		return high, err
	}
	low, err := u.unit()
	if err == io.EOF {
		return 0, csvschema.ErrUTF16
	}
	c := utf16.DecodeRune(high, low)
	if err == nil && c == utf8.RuneError {
		err = csvschema.ErrUTF16
	}
	return c, err
}

// unit reads two bytes.
func (u *Reader) unit() (rune, error) {
	first, err := u.r.ReadByte()
	if err != nil {
		return 0, err
	}
	second, err := u.r.ReadByte()
	if err == io.EOF {
		err = csvschema.ErrUTF16
	}
	return rune(u.order.Uint16([]byte{first, second})), err
}
