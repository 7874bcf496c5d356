package csvschematest

import "bytes"

// A rawRecord is the bytes of one record.
type rawRecord struct {
	gap   []byte   // empty lines before the record, and a byte-order mark before them
	raw   []byte   // the record with its line end
	line  int      // physical line, from 1
	cells [][]byte // with their quotes
}

// splitRecords splits CSV into records. It never fails: every byte is in a gap, in a
// record, or in the empty lines at the end. A mark is in the first record, unless empty
// lines follow it.
func splitRecords(data []byte) (records []rawRecord, end []byte) {
	line, start := 1, 0 // start of the gap
	for at := 0; at < len(data); {
		if n := lineEndAt(data[at:]); n > 0 {
			at += n
			line++
			continue
		}
		if mark := len(data) - len(withoutMark(data)); at == 0 && mark > 0 && (mark == len(data) || lineEndAt(data[mark:]) > 0) {
			at = mark // of an empty line
			continue
		}
		r := rawRecord{gap: data[start:at], line: line}
		begin := at
		if begin == 0 {
			at += len(data) - len(withoutMark(data)) // the mark is not part of the first cell
		}
		for {
			cell := cellAt(data[at:])
			r.cells = append(r.cells, data[at:at+cell])
			at += cell
			if at == len(data) || data[at] != ',' {
				break
			}
			at++
		}
		at += lineEndAt(data[at:])
		r.raw = data[begin:at]
		line += bytes.Count(r.raw, []byte("\n"))
		start = at
		records = append(records, r)
	}
	return records, data[start:]
}

// lineEndAt returns the length of the line end at the start of data, or 0.
func lineEndAt(data []byte) int {
	switch {
	case bytes.HasPrefix(data, []byte("\n")):
		return 1
	case bytes.HasPrefix(data, []byte("\r\n")):
		return 2
	}
	return 0
}

// cellAt returns the length of the cell at the start of data.
func cellAt(data []byte) int {
	at := 0
	if len(data) > 0 && data[0] == '"' {
		for at = 1; at < len(data); at++ {
			if data[at] != '"' {
				continue
			}
			if at++; at == len(data) || data[at] != '"' {
				break
			}
		}
	}
	for at < len(data) && data[at] != ',' && lineEndAt(data[at:]) == 0 {
		at++
	}
	return at
}

// unquoted returns the text of a cell without its quotes.
func unquoted(cell []byte) []byte {
	if !isQuoted(cell) {
		return cell
	}
	return bytes.ReplaceAll(bytes.TrimSuffix(cell[1:], []byte(`"`)), []byte(`""`), []byte(`"`))
}

// isQuoted reports whether a cell is quoted.
func isQuoted(cell []byte) bool { return len(cell) > 0 && cell[0] == '"' }

// withoutMark removes a byte-order mark.
func withoutMark(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\uFEFF")) }
