// Package data has the types of data.json, the file for programs in the package that a
// person receives:
//
//	var answer data.Answer
//	if err := json.NewDecoder(file).Decode(&answer); err != nil {
//		return err // no data.json of this version
//	}
//	for _, row := range answer.Rows {
//		for _, cell := range row.Cells {
//			use(cell.Column.Reveal(), cell.Value.Reveal())
//		}
//	}
//
// Package response writes these types. [Schema] describes them to other programs.
//
// # Errors
//
// An error is [csvschema.ErrValue], or a syntax error of encoding/json, which may hold one
// character. It holds no cell.
//
// # Personal data
//
// A data.json is about a person. A [Text] prints and logs redacted, and so does all that has
// one: package json alone writes it in clear, and so does the JSON handler of log/slog in
// something that holds it.
//
// # Concurrency
//
// All functions are safe for concurrent use. A value may be read by many goroutines.
package data
