// Package rawcsv reads CSV as bytes: it decodes the text of a file, cuts it into
// chunks of whole records, finds the cells of the records and checks them, without
// copying them. It knows no column.
//
//	r := rawcsv.NewReader(file, chunkBytes, maxRecordBytes)
//	var c rawcsv.Chunk
//	raw, line, lines, fault := r.First(&c) // the header
//	fields := c.Fields()
//	var buf []byte
//	for fault == nil {
//		var part rawcsv.Part
//		if buf, part = r.Next(buf); part.IsEnd() {
//			break
//		}
//		_, fault = c.Index(part, fields, maxRecordBytes)
//		for i := range c.Len() {
//			use(c.Raw(i), c.Cell(i, 0))
//		}
//	}
//
// It accepts and refuses what encoding/csv does, with three exceptions: it refuses
// NUL, invalid UTF-8 and records over a limit; it reads UTF-16 with a byte-order mark;
// and it keeps CR LF inside quotes. Fuzzing compares it with encoding/csv.
//
// A file goes through these steps, each in a file of this package:
//
//	text.go    bytes are decoded: UTF-16 becomes UTF-8
//	split.go   text is cut into parts of whole records
//	scan.go    a part becomes a chunk: its records and cells are found and checked
//	head.go    … of which the beginning is often that of another record
//	tail.go    … and the rest often has a form that is found faster
//	chunk.go   records and cells are handed out
//	quote.go   cells are quoted again, for writing
//	digest.go  the text of a chunk is compared with that of an earlier pass
//
// # Errors
//
// What is wrong with a file is a [Fault]: a sentinel of this package, or the error of
// the file's reader, and the place.
//
// # Personal data
//
// A fault holds no byte of the file. A [Chunk] and a [Part] hold the text; do not
// print them.
//
// # Concurrency
//
// Only one goroutine at a time may use a [Reader] or a [Chunk]. Parts of one file may
// be indexed by several goroutines at the same time, each with a Chunk of its own.
package rawcsv
