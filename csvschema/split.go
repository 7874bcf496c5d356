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
	maxEmptyReads         = 100       // as bufio has it
	readBytes             = 128 << 10 // more takes so long that the scheduler gives the processor away
)

// A splitter cuts the text of a file into chunks of whole records.
type splitter struct {
	text    io.Reader
	size    int // bytes wanted in a chunk
	max     int // bytes allowed in a record
	pending []byte
	err     error // of text; io.EOF at its end

	misaligned int // bytes read, modulo alignment
}

// An ending says how the data of a chunk ends.
type ending uint8

const (
	atRecord ending = iota // after the line feed of a record
	atEOF                  // at the end of the file; the last line may have no line feed
	inRecord               // within a record: the reader failed, or the record is over the limit
)

// next returns the next chunk, which lies in buf or, if that is too small, in a
// larger one; and that buffer, for the next call. The chunk is empty only at the
// end of the text.
func (s *splitter) next(buf []byte) (buffer, data []byte, how ending) {
	base := (len(s.pending)+alignment-1)/alignment*alignment + s.misaligned
	start, end := base-len(s.pending), base
	buf = enlarge(buf, base+s.size)
	copy(buf[start:], s.pending)
	s.pending = s.pending[:0]
	limit := s.max + len(utf8Mark) // a mark is no part of the first record
	searched, inside := start, false
	for wanted := base + s.size; ; {
		buf = enlarge(buf, wanted)
		end += s.fill(buf[end:wanted])
		block := buf[searched:end]
		odd := bytes.Count(block, quote)&1 == 1
		if cut := lastOutside(block, inside != odd); cut >= 0 {
			cut += searched
			s.pending = append(s.pending, buf[cut:end]...)
			return buf, buf[start:cut], atRecord
		}
		switch size := end - start; {
		case s.err == io.EOF:
			return buf, buf[start:end], atEOF
		case s.err != nil || size > limit:
			return buf, buf[start:end], inRecord
		default:
			wanted = start + min(2*size, max(limit+1, size+1))
		}
		searched, inside = end, inside != odd
	}
}

// alignment is the distance between places in a file that should be read to
// places in memory at the same distance. Where the two are not aligned alike, some
// processors copy from the kernel's cache at a quarter of the speed. Buffers that
// are not small begin at a multiple of it, whatever the alignment is good for.
const alignment = 64

// enlarge returns a buffer of at least n bytes with the same bytes in it.
func enlarge(buf []byte, n int) []byte {
	if len(buf) >= n {
		return buf
	}
	larger := make([]byte, n)
	copy(larger, buf)
	return larger
}

// fill reads until p is full or the text ends.
func (s *splitter) fill(p []byte) (read int) {
	for empty := 0; read < len(p) && s.err == nil; {
		n, err := s.text.Read(p[read:min(read+readBytes, len(p))])
		s.err = err
		read += n
		if empty++; n > 0 {
			empty = 0
		} else if empty > maxEmptyReads && err == nil {
			s.err = io.ErrNoProgress
		}
	}
	s.misaligned = (s.misaligned + read) % alignment
	return read
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
