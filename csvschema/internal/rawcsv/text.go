package rawcsv

import (
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

const utf8Mark = "\xEF\xBB\xBF"

// A textReader reads the UTF-8 text of a file. UTF-8 byte-order marks stay in the text,
// and Reader skips them: one or two before the first record, and one after it. A file with
// a UTF-16 mark is decoded strictly: a lone surrogate or an odd byte at the end is an
// error, where x/text writes U+FFFD. Without a mark the bytes are taken for UTF-8;
// Chunk.Index checks them.
type textReader struct {
	r     io.Reader
	order binary.ByteOrder // of UTF-16; nil while the text is UTF-8
	began bool
	head  []byte // bytes that were read to look for the mark
	raw   []byte // undecoded UTF-16
	text  []byte // decoded text that did not fit the caller's buffer
	buf   [8 << 10]byte
	err   error
}

// Read implements io.Reader. It returns an error of the underlying reader as it is,
// after all text before it.
func (t *textReader) Read(p []byte) (int, error) {
	if !t.began {
		t.began = true
		t.begin()
	}
	if t.order != nil {
		return t.readUTF16(p)
	}
	if len(t.head) > 0 {
		n := copy(p, t.head)
		t.head = t.head[n:]
		return n, nil
	}
	if t.err != nil {
		return 0, t.err
	}
	return t.r.Read(p)
}

// begin reads the first bytes and decides on the encoding.
func (t *textReader) begin() {
	t.head = t.buf[:0]
	for len(t.head) < 2 && t.err == nil {
		var n int
		n, t.err = readSome(t.r, t.buf[len(t.head):4])
		t.head = t.buf[:len(t.head)+n]
	}
	if len(t.head) < 2 {
		return
	}
	switch {
	case t.head[0] == 0xFF && t.head[1] == 0xFE:
		t.order = binary.LittleEndian
	case t.head[0] == 0xFE && t.head[1] == 0xFF:
		t.order = binary.BigEndian
	default:
		return
	}
	t.raw = append(t.raw, t.head[2:]...)
	t.head = nil
}

// readUTF16 decodes what the reader returns. Text before an error is returned before the
// error.
func (t *textReader) readUTF16(p []byte) (int, error) {
	for len(t.text) == 0 {
		if t.err != nil {
			if t.err == io.EOF && len(t.raw) > 0 { // half a unit, or half a pair
				t.err = ErrUTF16
			}
			return 0, t.err
		}
		var n int
		n, t.err = readSome(t.r, t.buf[:])
		t.raw = append(t.raw, t.buf[:n]...)
		t.decodeUTF16()
	}
	n := copy(p, t.text)
	t.text = t.text[n:]
	return n, nil
}

// decodeUTF16 moves whole code points from raw to text. A unit or a pair of surrogates
// that is not complete stays in raw.
func (t *textReader) decodeUTF16() {
	text, raw := t.text[:0], t.raw
	for len(raw) >= 2 {
		r := rune(t.order.Uint16(raw))
		size := 2
		if utf16.IsSurrogate(r) {
			if len(raw) < 4 {
				break
			}
			size = 4
			if r = utf16.DecodeRune(r, rune(t.order.Uint16(raw[2:]))); r == utf8.RuneError {
				t.err, raw = ErrUTF16, nil
				break
			}
		}
		text = utf8.AppendRune(text, r)
		raw = raw[size:]
	}
	t.text = text
	t.raw = append(t.raw[:0], raw...)
}
