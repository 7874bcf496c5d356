// Package csvschema reads and writes the two files that Azure DevTest Labs
// exports about the use of a lab, virtualmachines.csv (23 columns) and
// disks.csv (15): strictly, without losing a byte, and fast.
//
//	r := csvschema.NewReader[csvschema.VirtualMachineRow](file, nil)
//	for row, err := range r.All() {
//		if err != nil {
//			return err
//		}
//		use(row)
//	}
//
// There are two layers. A [RecordReader] gives the records of a file as they
// stand there, raw bytes and where their cells are in them; it is what to filter
// and copy with. A [Reader] gives typed rows,
// [VirtualMachineRow] and [DiskRow], whose cells keep the text that was read;
// [DecodeRecord] makes a typed row of a record that was chosen. A [Writer]
// writes typed rows.
//
// Columns are found by the names in the header, in any order and letter case.
// [Role.Describe] says what each of them means and what it tells about a
// person. An [identity.Identifier] is an e-mail address or object ID in its normal form
// ([identity.Normal]); a [identity.Finder] finds them inside a cell.
//
// # Errors
//
// Whatever is wrong with a file is an [Error]: the role and number of the file,
// the physical line, the documented column and a sentinel such as
// [ErrFieldCount]. After an error a reader stays at it; what was written until
// then must be thrown away.
//
// # Personal data
//
// No cell of a file is in an error, nor in anything that Unwrap or errors.As
// gets out of one. Rows, [PersonalText], [identity.Identifier] and [Key] print, log and
// marshal redacted; Reveal is the only way to the text, except that a Writer
// writes cells as they are.
//
// # Concurrency
//
// Readers, writers, records, chunks and finders are for one goroutine at a
// time. Headers, rows and the other values may be shared.
package csvschema
