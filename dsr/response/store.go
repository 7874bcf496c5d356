package response

import (
	"cmp"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"io"
	"strings"
	"time"

	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/dsr"
)

// NOTE. One search finds the rows of all people, in the order of the files. A package has
// the rows of one person. The rows are held person by person, in blocks, until they take
// 64 MiB. Then the blocks go to the spool, person by person:
//
//	search   alice bob alice carol bob │ alice carol carol │ …
//	spool    [alice alice][bob bob][carol]  [alice][carol carol]  …
//
// The rows of a person are in their blocks of the spool, in order, and then in those that
// are still held.

// ErrNoSpool says that the rows take more than 64 MiB and that there is no [Spool].
var ErrNoSpool = errors.New("too many rows to hold without a spool")

// ErrSpool says that a [Spool] returned other bytes than were written to it.
var ErrSpool = errors.New("the spool has changed")

// A Spool holds rows for the time of a call. Rows are appended to it, and read again at
// their offsets, from 0. It is empty at first, and used by one goroutine. An *os.File is a
// Spool. The rows are personal data: whoever made the Spool deletes it after the call.
type Spool interface {
	io.Writer
	io.ReaderAt
}

// maxHeld is the largest size of rows to hold. It is large enough that few requests need a
// spool.
const maxHeld = 64 << 20

// A store holds the rows of all people.
type store struct {
	spool Spool
	held  [][][]byte // for each person, the rows since the last flush, in blocks
	size  int        // of all blocks
	limit int        // of size
	moved [][]block  // for each person, those in the spool
	end   int64      // of the spool
	seed  maphash.Seed
	buf   []byte // a row, or a block
}

// A block is rows of one person in the spool.
type block struct {
	offset int64
	size   int
	sum    uint64
}

func newStore(people int, o *Options) *store {
	return &store{
		spool: o.Spool, limit: cmp.Or(o.maxHeld, maxHeld), seed: maphash.MakeSeed(),
		held: make([][][]byte, people), moved: make([][]block, people),
	}
}

// Blocks grow, so that few rows take little room and many are not copied.
const (
	minBlock = 1 << 10
	maxBlock = 64 << 10
)

// add adds a row of a person. The file of the row has this number among the layouts.
func (s *store) add(person int, r *row, file int) error {
	s.buf = appendRow(s.buf[:0], r, file)
	blocks, last := s.held[person], len(s.held[person])-1
	if last >= 0 && cap(blocks[last])-len(blocks[last]) >= len(s.buf) {
		blocks[last] = append(blocks[last], s.buf...)
		return nil
	}
	room := minBlock
	if last >= 0 {
		room = min(2*cap(blocks[last]), maxBlock)
	}
	room = max(room, len(s.buf))
	s.held[person] = append(blocks, append(make([]byte, 0, room), s.buf...))
	if s.size += room; s.size > s.limit {
		return s.flush()
	}
	return nil
}

// flush moves the rows that are held to the spool.
func (s *store) flush() error {
	if s.spool == nil {
		return ErrNoSpool
	}
	for person, blocks := range s.held {
		for _, rows := range blocks {
			if _, err := s.spool.Write(rows); err != nil {
				return err
			}
			s.moved[person] = append(s.moved[person], block{s.end, len(rows), maphash.Bytes(s.seed, rows)})
			s.end += int64(len(rows))
		}
		s.held[person] = nil
	}
	s.size = 0
	return nil
}

// complete says that no row is added any more. If some are in the spool, all are, so that
// their memory is free for the packages.
func (s *store) complete() error {
	if s.end == 0 {
		return nil
	}
	return s.flush()
}

// each calls emit for every row of a person, in the order in which they were added. The
// row is valid until emit returns; its texts stay valid.
func (s *store) each(person int, layouts []*layout, emit func(*row) error) error {
	r := &row{}
	for _, b := range s.moved[person] {
		s.buf = append(s.buf[:0], make([]byte, b.size)...)
		n, err := s.spool.ReadAt(s.buf, b.offset)
		switch {
		case n < b.size && (err == nil || err == io.EOF):
			return ErrSpool
		case n < b.size:
			return err
		case maphash.Bytes(s.seed, s.buf) != b.sum:
			return ErrSpool
		}
		if err := r.each(s.buf, layouts, emit); err != nil {
			return err
		}
	}
	for _, rows := range s.held[person] {
		if err := r.each(rows, layouts, emit); err != nil {
			return err
		}
	}
	return nil
}

// each sets r to each of the rows and calls emit.
func (r *row) each(rows []byte, layouts []*layout, emit func(*row) error) error {
	for len(rows) > 0 {
		rows = r.decode(rows, layouts)
		if err := emit(r); err != nil {
			return err
		}
	}
	return nil
}

// appendRow appends a row to dst in a form that decode reads. The file of the row has
// this number among the layouts.
func appendRow(dst []byte, r *row, file int) []byte {
	dst = binary.AppendUvarint(dst, uint64(file)) //nolint:gosec // not negative
	dst = binary.AppendVarint(dst, r.number)
	dst = append(dst, byte(r.rule), byte(r.kept.Fate))
	dst = binary.AppendVarint(dst, r.kept.At.Unix())
	dst = append(dst, r.hash[:]...)
	for _, text := range []string{r.kept.Reason, r.lab, r.raw} {
		dst = binary.AppendUvarint(dst, uint64(len(text)))
		dst = append(dst, text...)
	}
	return dst
}

// decode sets r to the first of the rows, which appendRow wrote, and returns the others.
func (r *row) decode(rows []byte, layouts []*layout) []byte {
	uvarint := func() uint64 {
		n, size := binary.Uvarint(rows)
		rows = rows[size:]
		return n
	}
	varint := func() int64 {
		n, size := binary.Varint(rows)
		rows = rows[size:]
		return n
	}
	text := func() string {
		n := uvarint()
		text := string(rows[:n])
		rows = rows[n:]
		return text
	}
	r.layout = layouts[uvarint()]
	r.number = varint()
	r.rule, r.kept.Fate = dsr.Rule(rows[0]), fate.Fate(rows[1])
	rows = rows[2:]
	r.kept.At = time.Unix(varint(), 0).UTC()
	rows = rows[copy(r.hash[:], rows):]
	r.kept.Reason, r.lab, r.raw = text(), text(), text()
	r.cells = appendCells(r.cells[:0], r.raw)
	return rows
}

// appendCells appends the unquoted cells of a record, which ends in a line end and was
// checked before.
func appendCells(dst []string, raw string) []string {
	for {
		end := 0
		if raw[0] == '"' {
			end = quotedLen(raw)
			dst = append(dst, strings.ReplaceAll(raw[1:end-1], `""`, `"`))
			if raw[end] == '\r' {
				end++
			}
		} else {
			end = strings.IndexAny(raw, ",\n")
			cell := raw[:end]
			if raw[end] == '\n' {
				cell = strings.TrimSuffix(cell, "\r")
			}
			dst = append(dst, cell)
		}
		if raw[end] == '\n' {
			return dst
		}
		raw = raw[end+1:]
	}
}

// quotedLen returns the length of the quoted cell with which a text begins, quotes
// included.
func quotedLen(raw string) int {
	for end := 1; ; end += 2 {
		if end += strings.IndexByte(raw[end:], '"'); raw[end+1] != '"' {
			return end + 1
		}
	}
}
