package rawcsv

import (
	"bytes"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// NOTE. Nearly all records begin as the record before them does, because they are
// records of the same lab. This common beginning is the head. A record with the same
// head has its first cells where the other record has them, so that the head only
// needs to be compared:
//
//	"45d4…","8654…","DevLab","/subscriptions/…","devlabrg","/subscriptions/…/a",…
//	"45d4…","8654…","DevLab","/subscriptions/…","devlabrg","/subscriptions/…/b",…
//	|------------------------------ head -----------------------------------|tail
//
// A head is found in two records that follow each other, and is used until a record
// begins otherwise. The tail is left to findTail, and the whole record to Chunk.scan
// where findTail cannot read it. Without heads BenchmarkFilterWholeFile takes 16 to 31 %
// longer.

// A head is the text that records begin with. It has no line feed, and ends after the
// comma of a cell or after a slash inside one.
type head struct {
	text   []byte
	cells  []cellEnd // the whole cells of text
	inside bool      // text ends inside quotes
}

// newHead returns the common beginning of two records. The cells of the first record
// are known.
func newHead(a, b []byte, cells []cellEnd) head {
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
