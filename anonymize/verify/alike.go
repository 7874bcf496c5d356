package verify

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"math/bits"

	"github.com/labdsr/labdsr/anonymize/verify/internal/ids"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. Most rows begin as another one of their lab, the model, up to a name, and end as it
// does. What the two have in common was looked at once, and is not looked at again:
//
//	model  "7c9e","Lab","/labs/lab/web","8d01","1/3/2017","False","Windows",""
//	row    "7c9e","Lab","/labs/lab/vm-2","9a4f","1/5/2017","False","Windows",""
//	       |-- same --||-- alike --|                       |------ same ------|
//
// A cell is the same if the bytes before it, its own and the comma after it are the same in
// both rows; or if it begins the same bytes up to the end of both rows, and as many cells are
// before it. The cells between are found by their quotes. A row with a doubled quote or a line
// end in one of these is read as if there were no model.

// A model is a row by whose cells those of others are found.
type model struct {
	raw     []byte
	cells   []cell
	isQuiet bool   // all cells are quiet but that of the owner
	lab     string // in normal form
	isLab   bool   // it identifies a lab
}

// Models has models by the first bytes of their rows, which tell labs apart where the columns
// are in the documented order. Any row may be the model of any other of its file.
type models [1 << 9]*model

const (
	firstBytes    = 64
	maxModelBytes = 4 << 10
)

// of returns the place of the model for rows that begin as a text.
func (m *models) of(text []byte) **model {
	return &m[maphash.Bytes(idSeed, text[:min(len(text), firstBytes)])%uint64(len(m))]
}

// keep makes the row that was read last the model in a place, if it may be one: it ends with
// its only line end.
func (v *verifier) keep(place **model, r *reader, isQuiet bool) {
	if len(r.raw) > maxModelBytes || bytes.IndexByte(r.raw, '\n') != len(r.raw)-1 {
		return
	}
	if *place == nil {
		*place = &model{}
	}
	m := *place
	m.raw, m.cells = append(m.raw[:0], r.raw...), append(m.cells[:0], r.cells...)
	m.isQuiet = isQuiet
	if v.key = identity.AppendNormal(v.key[:0], r.cell(csvschema.LabUId)); string(v.key) != m.lab {
		m.lab = string(v.key)
		m.isLab = ids.IsText(m.lab)
	}
}

// readLike is read for a row that may be like a model, which may be nil.
func (r *reader) readLike(m *model) (ok bool, err error) {
	if m != nil && r.isText && r.marks == 0 && r.isLike(m) {
		return true, nil
	}
	return r.read()
}

// isLike reports whether the next row can be read by a model, and reads it.
func (r *reader) isLike(m *model) bool {
	n := bytes.IndexByte(r.buf[r.at:], '\n')
	if n <= 0 || n >= r.max {
		return false
	}
	text, end := r.buf[r.at:r.at+n+1], n
	if text[n-1] == '\r' {
		end--
	}
	if end == 0 {
		return false // the line is empty
	}
	same, first, start := common(text, m.raw), 0, 0
	if same == len(m.raw) {
		first = len(m.cells)
	} else {
		for first < len(m.cells)-1 && m.cells[first].end < same {
			start = m.cells[first].end + 1
			first++
		}
	}
	r.cells = append(r.cells[:0], m.cells[:first]...)
	r.sameBefore, r.sameFrom, r.alike = first, first, same-start
	if first < len(m.cells) && !r.readRest(m, text, start, end) {
		return false
	}
	r.raw = text
	if r.isHeaderAgain() {
		return false
	}
	r.gap, r.model = r.gap[:0], m
	r.at += n + 1
	r.line = r.next
	r.next++
	return true
}

// readRest finds the cells of a row from one on that begins at start. The last one ends at end.
func (r *reader) readRest(m *model, text []byte, start, end int) bool {
	longer := len(text) - len(m.raw)
	sameFrom := len(text) - commonEnd(text[start:], m.raw[m.cells[len(r.cells)].start:])
	for {
		if i := len(r.cells); start >= sameFrom && start == m.cells[i].start+longer {
			r.sameFrom = i
			for _, c := range m.cells[i:] {
				c.start, c.end = c.start+longer, c.end+longer
				r.cells = append(r.cells, c)
			}
			return true
		}
		c := cell{start: start, end: end}
		if start < end && text[start] == '"' {
			n := bytes.IndexByte(text[start+1:end], '"')
			c.end, c.quoted = start+n+2, true
			if n < 0 || c.end < end && text[c.end] != ',' {
				return false
			}
		} else {
			if n := bytes.IndexByte(text[start:end], ','); n >= 0 {
				c.end = start + n
			}
			if bytes.IndexByte(text[start:c.end], '"') >= 0 {
				return false
			}
		}
		r.cells = append(r.cells, c)
		start = c.end + 1
		if r.sameFrom = len(r.cells); c.end == end || r.sameFrom == len(m.cells) {
			return c.end == end && r.sameFrom == len(m.cells)
		}
	}
}

// isSame reports whether the i-th cell is the same as that of the model.
func (r *reader) isSame(i int) bool {
	return r.model != nil && (i < r.sameBefore || i >= r.sameFrom)
}

// alikeIn returns how many bytes of the text of the i-th cell, from the first one on, are the
// same as in the model.
func (r *reader) alikeIn(i int, text []byte) int {
	if i > r.sameBefore && len(text) < firstBytes { // it is looked at as soon
		return 0
	}
	c, n := r.model.cells[i], r.alike
	if c.quoted {
		c.start, c.end, n = c.start+1, c.end-1, n-1
	}
	if i > r.sameBefore {
		return common(text, r.model.raw[c.start:c.end])
	}
	return min(max(n, 0), len(text), c.end-c.start)
}

// common returns how many bytes two texts have in common at their beginnings.
func common(a, b []byte) (n int) {
	for ; n+8 <= len(a) && n+8 <= len(b); n += 8 {
		if differ := binary.LittleEndian.Uint64(a[n:]) ^ binary.LittleEndian.Uint64(b[n:]); differ != 0 {
			return n + bits.TrailingZeros64(differ)/8
		}
	}
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// commonEnd returns how many bytes two texts have in common at their ends, or a few less.
func commonEnd(a, b []byte) (n int) {
	for i, k := len(a)-8, len(b)-8; i >= 0 && k >= 0; i, k = i-8, k-8 {
		if differ := binary.LittleEndian.Uint64(a[i:]) ^ binary.LittleEndian.Uint64(b[k:]); differ != 0 {
			return n + bits.LeadingZeros64(differ)/8
		}
		n += 8
	}
	return n
}
