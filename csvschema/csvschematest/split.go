package csvschematest

import "bytes"

// A rawRecord is one record as it stands.
type rawRecord struct {
	gap  []byte // empty lines before it
	raw  []byte // with its line end
	line int    // physical line, from 1
	// cells are its cells as they stand, quotes included.
	cells [][]byte
}

// splitRecords splits CSV into records. It never fails: whatever the bytes are,
// each of them is in a gap or a record, or in the empty lines at the end.
func splitRecords(data []byte) (records []rawRecord, end []byte) {
	line, start := 1, 0 // start of the gap
	for at := 0; at < len(data); {
		if n := lineEndAt(data[at:]); n > 0 {
			at += n
			line++
			continue
		}
		r := rawRecord{gap: data[start:at], line: line}
		begin := at
		if begin == 0 {
			at += len(data) - len(withoutMark(data)) // the mark is no part of the first cell
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

// lineEndAt returns the length of the line end with which data begins, or 0.
func lineEndAt(data []byte) int {
	switch {
	case bytes.HasPrefix(data, []byte("\n")):
		return 1
	case bytes.HasPrefix(data, []byte("\r\n")):
		return 2
	}
	return 0
}

// cellAt returns the length of the cell with which data begins.
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

// unquoted returns what a cell says.
func unquoted(cell []byte) []byte {
	if !isQuoted(cell) {
		return cell
	}
	return bytes.ReplaceAll(bytes.TrimSuffix(cell[1:], []byte(`"`)), []byte(`""`), []byte(`"`))
}

// isQuoted reports whether a cell stands in quotes.
func isQuoted(cell []byte) bool { return len(cell) > 0 && cell[0] == '"' }

// withoutMark takes a byte-order mark off.
func withoutMark(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\uFEFF")) }
