// Package csvschema answers what a file is: it reads and writes the two files that Azure
// DevTest Labs exports about the use of a lab, virtualmachines.csv (23 columns) and
// disks.csv (15), strictly and without losing a byte.
//
//	r := csvschema.NewReader[csvschema.VirtualMachineRow](file, nil)
//	for row, err := range r.All() {
//		if err != nil {
//			return err
//		}
//		use(row)
//	}
//
// There are two layers. A [RecordReader] reads records: the bytes of each record, and
// where its cells are in them. Records are for choosing and copying. A [Reader] reads
// typed rows, [VirtualMachineRow] and [DiskRow], whose cells keep the text that was read;
// [DecodeRecord] decodes a record to a row; a [Writer] writes rows. [RecordReader.Gocsv]
// gives the records to gocsv, which fills structs of the caller.
//
// Columns are found by the names in the header, in any order and letter case.
// Package dictionary says what each column means and how much it reveals about a person.
// Who is named in a cell is a question for package identity.
//
// What needs several passes or files takes an [Export] of sources. [Files] and
// [ForEachChunk] read them: one engine opens a file, checks its header, finds its records
// in several goroutines, hands them on in the order of the file, places errors, notices
// that a source changed between two passes, and closes it. [RowSource] makes a source of
// rows that a program holds.
//
// # Errors
//
// What is wrong with a file is an [Error]: the role and number of the file, the physical
// line, the documented column and a sentinel such as [ErrFieldCount]. If the content of the
// file is at fault, it is also [ErrInput], in this package and in all others. An error of a
// reader or writer stays: all later calls return it. After an error, what was written so
// far must be thrown away.
//
// # Personal data
//
// No error holds a cell of a file, and neither does anything that Unwrap or errors.As
// returns. Rows, records, [PersonalText] and [Key] print, log and marshal redacted. Text
// leaves them by name only: by [PersonalText.Reveal], [Cells], [Record.Cell] and the
// like, through a [Writer], and by package reveal.
//
// # Concurrency
//
// Only one goroutine at a time may use a [Reader], [RecordReader], [Writer], [Chunk] or
// [Record]. After its first pass a [File] may be read by several
// goroutines. Headers, rows, keys and the other values may be shared as long as nobody
// changes them. Goroutines run only inside [ForEachChunk] and a loop over [Reader.All].
package csvschema
