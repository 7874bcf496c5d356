package rawcsv

import (
	"bytes"
	"io"
)

// NOTE. A file is cut into parts of whole records, so that parts can be checked and
// worked on independently of each other, also at the same time. A record ends at a line
// feed outside quotes:
//
//	a,"b      line feed after 1 quote:  inside, no cut here
//	c",d      line feed after 2 quotes: outside, a record ends
//	e,"f""g"  line feed after 6 quotes: outside, a record ends
//
// Counting quotes is enough to find the last such line feed of a block: a doubled quote
// counts twice. In a malformed record the count may be wrong, but up to the first error
// of the file it agrees with the grammar. So every record before the error is whole, and
// the part that holds the error shows it. What comes after the error does not matter.

const maxEmptyReads = 100 // as in bufio

// MaxRecordBytes is the largest limit that a record may have. A chunk is at most twice
// as large, so that offsets in it fit 31 bits.
const MaxRecordBytes = 1 << 29

// A Reader cuts the text of a file into parts of whole records. Only one goroutine
// may use it at a time.
type Reader struct {
	text    io.Reader
	size    int // bytes wanted in a part
	max     int // bytes that a record may have
	pending []byte
	err     error // of text; io.EOF at its end

	began bool   // what follows the first record was handed out, or some of it
	first []byte // buffer of the first record, until what follows it is handed out
	rest  []byte // whole records that follow the first record in its part

	misaligned int // bytes read, modulo alignment
}

// NewReader returns a reader that cuts the text of r into parts of about chunkBytes. A
// record may have up to maxRecordBytes. UTF-16 with a byte-order mark is read as UTF-8.
func NewReader(r io.Reader, chunkBytes, maxRecordBytes int) *Reader {
	return &Reader{text: &textReader{r: r}, size: chunkBytes, max: maxRecordBytes}
}

// A Part is a part of the text of a file: whole records, unless IsWhole says otherwise.
// It is empty only at the end of the file.
type Part struct {
	Data []byte

	mark   int // bytes of a byte-order mark before the records
	ending ending
	cause  error // of the text's reader, where ending is inRecord; nil if the record is over the limit
}

// IsLast reports whether no other part follows.
func (p Part) IsLast() bool { return p.ending != atRecord }

// IsWhole reports whether the part does not end within a record.
func (p Part) IsWhole() bool { return p.ending != inRecord }

// IsEnd reports whether the part is empty because the file has ended.
func (p Part) IsEnd() bool { return len(p.Data) == 0 && p.ending == atEOF }

// An ending says how the data of a part ends.
type ending uint8

const (
	atRecord ending = iota // after the line feed of a record
	atEOF                  // at the end of the file; the last line may have no line feed
	inRecord               // within a record: the reader failed, or the record is over the limit
)

// First reads the text up to the end of the first record, and makes c a chunk of that
// record alone. It returns this text, which includes a byte-order mark and empty lines
// before the record, the physical line of the record, from 1, and its number of lines.
// Without a record the chunk is empty, and a fault says why; the fault is nil if the
// file has no record. The line of a fault is counted from that of the record. First
// must be called once, before Next.
func (r *Reader) First(c *Chunk) (raw []byte, line, lines int64, f *Fault) {
	line = 1
	for {
		var part Part
		r.first, part = r.next(r.first)
		data, start := part.Data, 0
		if raw == nil {
			start = marks(data, 2)
		}
		c.data, c.spans, c.cells, c.final = data, c.spans[:0], c.cells[:0], part.ending == atEOF
		for start < len(data) && c.emptyLine(start) > 0 {
			start += c.emptyLine(start)
			line++
		}
		if start == len(data) && part.ending == atRecord {
			raw = append(raw, data...)
			continue
		}
		if start == len(data) && part.ending == atEOF {
			return raw, line, 0, nil
		}
		end := len(data)
		if recordEnd, err := c.scan(start); err == nil {
			end = recordEnd
		}
		if end < len(data) {
			part.ending = atRecord
		}
		part.Data = data[start:end]
		lines, f = c.Index(part, 0, r.max)
		if f == nil && len(c.spans) == 0 { // the reader failed before any record
			f = part.cutOff()
		}
		c.fields = len(c.cells)
		r.rest = data[end:]
		return append(raw, data[:end]...), line, lines, f
	}
}

// marks returns the length of the byte-order marks that the text begins with, of which it
// counts up to most.
func marks(text []byte, most int) (n int) {
	for ; most > 0 && bytes.HasPrefix(text[n:], []byte(utf8Mark)); most-- {
		n += len(utf8Mark)
	}
	return n
}

// Next returns the next part. Its data is in buf or, if that is too small, in a larger
// buffer. Next returns the buffer as well, for the next call. A byte-order mark that
// follows the first record is in the data, but not in a record.
func (r *Reader) Next(buf []byte) (buffer []byte, p Part) {
	if len(r.rest) == 0 {
		r.first = nil
		buf, p = r.next(buf)
	} else {
		buf = enlarge(buf, len(r.rest))
		p.Data = buf[:copy(buf, r.rest)]
		r.first, r.rest = nil, nil
	}
	if !r.began {
		r.began = true
		p.mark = marks(p.Data, 1)
	}
	return buf, p
}

// Rest returns what First read of the text after the first record.
func (r *Reader) Rest() []byte { return r.rest }

// Err returns the error of the file's reader, or nil. The end of the file is no such
// error, and neither is text that is not UTF-16.
func (r *Reader) Err() error {
	if r.err == io.EOF || r.err == ErrUTF16 {
		return nil
	}
	return r.err
}

// next does what Next does, for text that First did not read.
func (r *Reader) next(buf []byte) (buffer []byte, _ Part) {
	base := (len(r.pending)+alignment-1)/alignment*alignment + r.misaligned
	start, end := base-len(r.pending), base
	buf = enlarge(buf, base+r.size)
	copy(buf[start:], r.pending)
	r.pending = r.pending[:0]
	limit := r.max + 2*len(utf8Mark) // marks are no part of the first record
	searched, inside := start, false
	for wanted := base + r.size; ; {
		buf = enlarge(buf, wanted)
		end += r.fill(buf[end:wanted])
		block := buf[searched:end]
		odd := bytes.Count(block, quote)&1 == 1
		if cut := lastOutside(block, inside != odd); cut >= 0 {
			cut += searched
			r.pending = append(r.pending, buf[cut:end]...)
			return buf, Part{Data: buf[start:cut]}
		}
		switch size := end - start; {
		case r.err == io.EOF:
			return buf, Part{Data: buf[start:end], ending: atEOF}
		case r.err != nil || size > limit:
			return buf, Part{Data: buf[start:end], ending: inRecord, cause: r.err}
		default:
			wanted = start + min(2*size, max(limit+1, size+1))
		}
		searched, inside = end, inside != odd
	}
}

// alignment is the size of a cache line. A byte is read to an address that has the same
// remainder modulo alignment as its offset in the file. Otherwise some processors copy
// from the kernel's cache at a quarter of the speed: BenchmarkFilterWholeFile then takes
// 14 % longer with two workers, in the median of nine rounds.
const alignment = 64

// enlarge returns a buffer of at least n bytes that begins with the bytes of buf.
func enlarge(buf []byte, n int) []byte {
	if len(buf) >= n {
		return buf
	}
	larger := make([]byte, n)
	copy(larger, buf)
	return larger
}

// fill reads until p is full or the text ends.
func (r *Reader) fill(p []byte) (read int) {
	for read < len(p) && r.err == nil {
		var n int
		n, r.err = readSome(r.text, p[read:])
		read += n
	}
	r.misaligned = (r.misaligned + read) % alignment
	return read
}

// readSome reads at least one byte, or returns an error.
func readSome(r io.Reader, p []byte) (n int, err error) {
	for range maxEmptyReads {
		if n, err = r.Read(p); n > 0 || err != nil {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}

var quote = []byte{'"'}

// lastOutside returns the offset after the last line feed of block that is outside
// quotes, or -1. Inside says whether the end of block is inside quotes.
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
