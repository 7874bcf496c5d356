package rawcsv

import (
	"bytes"
	"encoding/binary"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// NOTE. Nearly all records begin as another record of the same lab does. This common
// beginning is the head. A record with the same head has its first cells where the other
// record has them, so that the head only needs to be compared:
//
//	"45d4…","8654…","DevLab","/subscriptions/…","devlabrg","/subscriptions/…/a",…
//	"45d4…","8654…","DevLab","/subscriptions/…","devlabrg","/subscriptions/…/b",…
//	|------------------------------ head -----------------------------------|tail
//
// Neighbouring records may be of different labs. So there is a head for each lab, which is
// found by a few bytes of the record:
//
//	"45d4…   "8654…   →  head of lab 1
//	"9c1b…   "8654…   →  head of lab 2
//	"45d4…   "a7e3…   →  none yet
//
// A head is found in the first two records of a chunk that agree in these bytes, and is
// used until a record with them begins otherwise, in later chunks, too. The tail is left to
// findTail, and the whole record to Chunk.scan where findTail cannot read it. Without heads
// BenchmarkFilterWholeFile takes 16 to 31 % longer.

// A head is the text that records begin with. It has no line feed, and ends after the
// comma of a cell or after a slash inside one.
type head struct {
	text   []byte
	cells  []cellEnd // the whole cells of text
	inside bool      // text ends inside quotes
}

// maxHead is the length of the longest head.
const maxHead = 1 << 10

// newHead returns the common beginning of two records. The cells of the first record
// are known.
func newHead(a, b []byte, cells []cellEnd) head {
	a = a[:min(len(a), maxHead)]
	common := a[:swar.CommonPrefix(a, b)]
	n, start := 0, 0 // whole cells, and where the next begins
	for n < len(cells)-1 && cells[n].offset() < len(common) {
		start = cells[n].offset() + 1
		n++
	}
	h := head{text: common[:start], cells: cells[:n]}
	if slash := bytes.LastIndexByte(common[start:], '/'); slash >= 0 {
		part := common[start : start+slash+1]
		isQuoted := part[0] == '"'
		if isQuoted {
			part = part[1:]
		}
		if bytes.IndexByte(part, '"') < 0 {
			h.text, h.inside = common[:start+slash+1], isQuoted
		}
	}
	if bytes.IndexByte(h.text, '\n') >= 0 {
		return head{}
	}
	return h
}

// heads are the heads of the records of one file, in the chunks that were read before, too.
// The zero value has none.
type heads struct {
	slots  [1 << slotBits]uint16 // numbers in list, plus 1; 0 if there is none
	list   []labHead
	chunks int // that were begun
}

// A labHead is the head of the records that agree in a few bytes, those of one lab. It
// holds copies, because the text of a chunk is overwritten.
type labHead struct {
	head
	compare int // record of the chunk to compare the next one with, or one of the constants
}

const (
	noRecord   = -1 // there is none yet
	isCompared = -2 // two records were compared
)

const (
	slotBits = 10
	maxHeads = 256 // more begin anew, which costs time only
)

// begin says that the records that follow are those of another chunk. Heads that were
// found are compared again in some chunks only, because they may become longer but seldom do.
func (h *heads) begin() {
	const seldom = 16
	again := h.chunks%seldom == 0
	h.chunks++
	for i := range h.list {
		if again || len(h.list[i].text) == 0 {
			h.list[i].compare = noRecord
		} else {
			h.list[i].compare = isCompared
		}
	}
}

// find returns the number of the head of the records that begin as the line at data[i] does,
// the end of that line, and whether the line has the head.
func (h *heads) find(data []byte, i int) (number, eol int, hasHead bool) {
	// The offsets are those of SubscriptionId and LabUId in the usual order of columns,
	// quoted or not. In another order they are as good as any.
	const subscription, lab, size = 0, 40, 48
	slot := uint64(0)
	if text := data[i:]; len(text) >= size {
		bits := binary.LittleEndian.Uint64(text[subscription:]) ^ binary.LittleEndian.Uint64(text[lab:])<<1
		slot = bits * 0x9E3779B97F4A7C15 >> (64 - slotBits)
		if number := int(h.slots[slot]) - 1; number >= 0 {
			if head := h.list[number].text; len(head) >= size && bytes.HasPrefix(text, head) {
				return number, lineEnd(data, i+len(head)), true // a head has no line feed
			}
		}
	}
	eol = lineEnd(data, i)
	if eol-i < size {
		slot = 0
	}
	number = h.numberOf(slot)
	return number, eol, bytes.HasPrefix(data[i:], h.list[number].text)
}

// numberOf returns the number of the head of a slot.
func (h *heads) numberOf(slot uint64) int {
	if number := h.slots[slot]; number > 0 {
		return int(number) - 1
	}
	if len(h.list) == maxHeads {
		h.slots, h.list = [len(h.slots)]uint16{}, h.list[:0]
	}
	if len(h.list) < cap(h.list) { // with its buffers
		h.list = h.list[:len(h.list)+1]
	} else {
		h.list = append(h.list, labHead{})
	}
	number := len(h.list)
	h.list[number-1].forget()
	h.list[number-1].compare = noRecord
	h.slots[slot] = uint16(number) //nolint:gosec // see maxHeads
	return number - 1
}

// forget makes the head empty.
func (h *labHead) forget() { h.text, h.cells, h.inside = h.text[:0], h.cells[:0], false }

// learn makes the head that of two records if that is longer. The cells of the first
// record are known.
func (h *labHead) learn(a, b []byte, cells []cellEnd) {
	if longer := newHead(a, b, cells); len(longer.text) > len(h.text) {
		h.text, h.cells, h.inside = append(h.text[:0], longer.text...), append(h.cells[:0], longer.cells...), longer.inside
	}
}
