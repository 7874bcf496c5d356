package rawcsv

import (
	"bytes"
	"math/bits"

	"github.com/labdsr/labdsr/csvschema/internal/swar"
)

// NOTE. The common rest of a record, behind its head, is on one line, is ASCII,
// and quotes all of its cells or none. Cells are short, so that a search for one
// end after the other spends its time waiting: where the next search begins, the
// last one tells. So the ends are found 64 bytes at a time instead, as bits of a
// word, all bytes alike. With quotes, what stands between two cells has three bytes:
//
//	text     " A c t i v e " , " F a l s e " , " "
//	quotes   1 0 0 0 0 0 0 1 0 1 0 0 0 0 0 1 0 1 1
//	pairs    0 0 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0 1 0    a quote here and two in front
//
// The rest is what it seems to be if it begins and ends with a quote, there are
// two more for each pair with a comma, and no pair has a quote of another or of the
// ends. Then each quote has its place, and none is within a cell. Whatever is
// otherwise (a doubled quote, a line feed in a cell, a character beyond ASCII, a
// fault) is left to Chunk.scan.
// findTail finds the cells of data[pos:eol], the rest of the record that begins at
// data[start]: a line without its line feed, which 64 more bytes follow. Inside
// tells that the rest begins inside quotes. It appends the ends of the cells to
// cells, and reports whether the rest is a common one.
func findTail(cells []cellEnd, data []byte, start, pos, eol int, inside bool) (_ []cellEnd, ok bool) {
	if inside || pos < eol && data[pos] == '"' {
		return findQuotedTail(cells, data, start, pos, eol, inside)
	}
	if bytes.IndexByte(data[pos:eol], '"') >= 0 {
		return cells, false
	}
	for base := pos; base < eol; base += swar.BlockBytes {
		found, clean := swar.Find(data[base:], ',')
		if !clean {
			return cells, false
		}
		if rest := eol - base; rest < swar.BlockBytes {
			found &= 1<<rest - 1
		}
		for ; found != 0; found &= found - 1 {
			cells = append(cells, newCellEnd(base+bits.TrailingZeros64(found)-start, false))
		}
	}
	if eol > pos && data[eol-1] == '\r' {
		eol--
	}
	return append(cells, newCellEnd(eol-start, false)), true
}

// findQuotedTail is findTail where the rest begins with a quote or inside quotes.
func findQuotedTail(cells []cellEnd, data []byte, start, pos, eol int, inside bool) (_ []cellEnd, ok bool) {
	end := eol
	if end > pos && data[end-1] == '\r' {
		end--
	}
	if end == pos || data[end-1] != '"' {
		return cells, false
	}
	quotes, opening := -2, pos // without the ends; where the cell begins
	if inside {
		quotes, opening = -1, -1
	}
	n, before := len(cells), uint64(0)
	for base := pos; base < end; base += swar.BlockBytes {
		found, clean := swar.Find(data[base:], '"')
		if !clean {
			return cells, false
		}
		if rest := end - base; rest < swar.BlockBytes {
			found &= 1<<rest - 1
		}
		quotes += bits.OnesCount64(found)
		pairs := found & (found<<2 | before)
		before = found >> (swar.BlockBytes - 2)
		for ; pairs != 0; pairs &= pairs - 1 {
			at := base + bits.TrailingZeros64(pairs)
			if data[at-1] != ',' {
				continue // a cell of one character
			}
			if at == opening+2 {
				return cells, false
			}
			opening = at
			cells = append(cells, newCellEnd(at-1-start, false))
		}
	}
	ok = quotes == 2*(len(cells)-n) && opening != end-1
	return append(cells, newCellEnd(end-start, false)), ok
}
