// Package reveal gives rows away in clear, to a JSON API or a database. Everywhere else rows
// redact themselves, so a program has to ask for this:
//
//	json.NewEncoder(w).Encode(reveal.Row(row))
//
//	db.ExecContext(ctx, insert, reveal.Arguments(row)...)
//	rows.Scan(reveal.Destinations(&row)...)
//
// A database keeps the value of a cell: what another program wrote in a spelling of its own
// comes back in that of the exports, and the first instant of year 1, which .NET writes for
// no date, as an empty cell. A date with an offset comes back from a column of type TIMESTAMP
// as a civil time of UTC: a program whose zone is another one reads
// [csvschema.DateTime.Value] first.
//
// In JSON a row is an object with the documented names of its columns, in their order, and
// the texts of its cells, so that nothing is lost. [Schema] describes it to other programs.
//
// # Errors
//
// An error is a [csvschema.Error] with the role and the column. It holds no cell.
//
// # Personal data
//
// What this package returns names people. An [Object] prints and logs redacted by itself,
// but not where the JSON handler of log/slog marshals something that holds it.
//
// # Concurrency
//
// All functions are safe for concurrent use.
package reveal
