// Package source answers where the files come from: it makes the sources that package
// csvschema reads, says which of the two exports a file is, and finds the exports in a
// file system.
//
//	found, err := source.Find(ctx, os.DirFS("exports"), nil)
//	if err != nil {
//		return err
//	}
//	report, err := response.Write(ctx, w, found.Exports, subject, options)
//
// [FromFS], [FromBytes] and [FromUpload] make one source, of a file, of bytes, or of an
// upload to a net/http server. [Gunzip] is for any other source, such as a blob of a
// store. All of them read gzip as the bytes that were packed. [DetectRole] says which
// of the two exports a source is, by its header.
//
// [Find] looks for the exports in an [fs.FS]: a folder, by [os.DirFS], a ZIP, by
// [archive/zip.Reader], or what a program embeds. It knows exports by their header,
// whatever their names are, and accounts for each file: it is taken, or it is left alone
// and listed with the reason. A file that may be an export, and cannot be read, is an
// error. [Group] makes exports of files that were found in another way. [KindOf] and
// [KindAt] say what a file is.
//
// The package opens nothing but what the caller gave to it.
//
// # Errors
//
// An error about a file of a file system is an [Error]. What is wrong with a header is a
// [csvschema.Error], and what is wrong with a packed file is [ErrGzip] or [ErrPackedTwice].
// [errors.Is] finds [csvschema.ErrInput] in all errors about what is in a file, and the
// errors of the caller's file system in the others.
//
// # Personal data
//
// No error holds a cell of a file, or the name of an upload. Addresses and the x of
// /users/{x} in a path are hidden in errors. [Found] has the paths as they are, because
// a program opens files by them.
//
// # Concurrency
//
// Sources are safe for concurrent use if the file system is. All functions are.
package source
