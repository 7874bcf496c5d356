// Package keys makes the parts of keys: it distinguishes IDs from placeholders, and masks
// in the cells of a disk everything that anonymizing may replace.
package keys

import (
	"bytes"
	"sync"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. The key of a disk holds its ResourceId, Name and DiskBlobName, and anonymizing
// changes these. So that a key is the same before and after, whatever may be replaced
// enters it as one byte, mask: the x of /users/{x}, every address, every further
// occurrence of these in the three cells, and every replacement:
//
//	/labs/l/users/7c9e6679-…/disks/d  → /labs/l/users/␀/disks/d ← /labs/l/users/616e6f6e-…/disks/d
//
// What cannot be the same: a name that went by anonymize's Names, because a token tells
// nothing of it; and what only another cell of the row, or a request, gave away.

// A mask is NUL, which is in no cell, until its cell is in normal form. It is then a byte
// that is in no UTF-8 text, because NUL ends the cells of a key.
const (
	mask      = 0
	keyedMask = 0xFF
)

// DiskCells are the ResourceId, Name and DiskBlobName of a disk.
type DiskCells [3][]byte

// A masker masks cells. It is not for use by several goroutines at the same time.
type masker struct {
	finder   identity.Finder
	values   identity.Values
	spans    []identity.Span
	segments [][]byte
	text     []byte
	arm      []byte
}

var maskers = sync.Pool{New: func() any { return new(masker) }}

// replacementStart is how all replacements of object IDs begin.
var replacementStart = []byte(identity.ReplacementObjectID[:14])

// AppendDisk appends the cells, each in normal form and followed by NUL. The normal form of
// the first, the ResourceId, is that of ARM IDs. It is safe for concurrent use.
func AppendDisk(dst []byte, cells DiskCells) []byte {
	m := maskers.Get().(*masker)
	defer maskers.Put(m)
	start, isFound := len(dst), false
	m.values.Reset()
	for i, cell := range cells {
		dst = append(m.append(dst, i, cell), 0)
		m.spans = m.finder.Find(m.spans[:0], cell)
		if len(m.spans) == 0 {
			continue
		}
		isFound = true
		for _, s := range m.spans {
			m.values.Add(cell[s.Start:s.End])
		}
		m.segments = m.finder.UserSegments(m.segments[:0], cell)
		for _, x := range m.segments {
			m.values.Add(x)
		}
	}
	if !isFound && !bytes.Contains(dst[start:], replacementStart) {
		return dst
	}
	dst = dst[:start]
	for i, cell := range cells {
		m.spans = m.finder.Find(m.spans[:0], cell)
		m.spans = m.finder.FindValues(m.spans, cell, &m.values)
		text, copied := m.text[:0], 0
		for _, s := range m.spans {
			text = append(append(text, cell[copied:s.Start]...), mask)
			copied = s.End
		}
		m.text = maskReplacements(append(text, cell[copied:]...))
		start := len(dst)
		dst = m.append(dst, i, m.text)
		for at, c := range dst[start:] {
			if c == mask {
				dst[start+at] = keyedMask
			}
		}
		dst = append(dst, 0)
	}
	m.values.Reset()
	return dst
}

// append appends the normal form of the i-th cell of a disk's key.
func (m *masker) append(dst []byte, i int, cell []byte) []byte {
	if i == 0 {
		m.arm = identity.AppendARM(m.arm[:0], cell) // which would move dst to the heap
		return append(dst, m.arm...)
	}
	return identity.AppendNormal(dst, cell)
}

// maskReplacements masks the replacements of object IDs that are within other text, and
// makes one mask of several.
func maskReplacements(text []byte) []byte {
	n := 0
	for i := 0; i < len(text); {
		if end := i + len(identity.ReplacementObjectID); end <= len(text) && identity.IsReplacement(text[i:end]) {
			text[n], i = mask, end
		} else {
			text[n] = text[i]
			i++
		}
		if n++; n > 1 && text[n-1] == mask && text[n-2] == mask {
			n--
		}
	}
	return text[:n]
}
