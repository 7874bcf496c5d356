package csvschema

import (
	"bytes"
	"io"
)

// NOTE. A file is cut into chunks of whole records, so that chunks can be
// checked and worked on independently of each other and, where that pays, at
// the same time. A record ends at a line feed that stands outside quotes:
//
//	a,"b      line feed after 1 quote:  inside, no cut here
//	c",d      line feed after 2 quotes: outside, a record ends
//	e,"f""g"  line feed after 6 quotes: outside, a record ends
//
// Counting quotes is enough to find the last such line feed of a block: a
// doubled quote counts twice. In a malformed record the count may be off, but
// up to the first error of the file it agrees with the grammar; so every
// record before the error is whole, the error lies in the chunk that it is
// found in, and nothing behind it matters.

const (
	defaultChunkBytes     = 256 << 10
	defaultMaxRecordBytes = 16 << 20
	maxEmptyReads         = 100 // as bufio has it
)

// A splitter cuts the text of a file into chunks of whole records.
type splitter struct {
	text    io.Reader
	size    int // bytes wanted in a chunk
	max     int // bytes allowed in a record
	pending []byte
	err     error // of text; io.EOF at its end
}

// An ending says how the data of a chunk ends.
type ending uint8

const (
	atRecord ending = iota // after the line feed of a record
	atEOF                  // at the end of the file; the last line may have no line feed
	inRecord               // within a record: the reader failed, or the record is over the limit
)

// next returns the next chunk in buf, which it may grow. The chunk is empty
// only at the end of the text.
func (s *splitter) next(buf []byte) ([]byte, ending) {
	buf = append(buf[:0], s.pending...)
	s.pending = s.pending[:0]
	want := max(s.size, len(buf)+1)
	limit := s.max + len(utf8Mark) // a mark is no part of the first record
	searched, inside := 0, false
	for {
		buf = s.fill(buf, want)
		block := buf[searched:]
		odd := bytes.Count(block, quote)&1 == 1
		if cut := lastOutside(block, inside != odd); cut >= 0 {
			cut += searched
			s.pending = append(s.pending, buf[cut:]...)
			return buf[:cut], atRecord
		}
		switch {
		case s.err == io.EOF:
			return buf, atEOF
		case s.err != nil || len(buf) > limit:
			return buf, inRecord
		}
		searched, inside = len(buf), inside != odd
		want = min(2*len(buf), max(limit+1, len(buf)+1))
	}
}

// fill reads until buf holds want bytes or the text ends.
func (s *splitter) fill(buf []byte, want int) []byte {
	if cap(buf) < want {
		buf = append(make([]byte, 0, want), buf...)
	}
	for empty := 0; len(buf) < want && s.err == nil; {
		n, err := s.text.Read(buf[len(buf):want])
		buf, s.err = buf[:len(buf)+n], err
		if empty++; n > 0 {
			empty = 0
		} else if empty > maxEmptyReads && err == nil {
			s.err = io.ErrNoProgress
		}
	}
	return buf
}

var quote = []byte{'"'}

// lastOutside returns the offset behind the last line feed of block that
// stands outside quotes, or -1. Inside tells whether the end of block does not.
func lastOutside(block []byte, inside bool) int {
	for {
		i := bytes.LastIndexByte(block, '\n')
		if i < 0 {
			return -1
		}
		if bytes.Count(block[i:], quote)&1 == 1 {
			inside = !inside
		}
		if !inside {
			return i + 1
		}
		block = block[:i]
	}
}
