// Package azure reads exports where the lab service writes them: in a container of a
// storage account. It also writes there, and replaces exports by what package anonymize
// made of them, in place. [Export] lets the service write them.
//
//	container, err := azure.Open("https://contoso.blob.core.windows.net/labresourceusage", azure.Credentials{}, nil)
//	if err != nil {
//		return err
//	}
//	found, err := container.Sources(ctx, nil)
//	if err != nil {
//		return err
//	}
//	report, err := response.Write(ctx, w, found.Exports, subject, options)
//
// [Container.Sources] finds the exports as [source.Find] does in a folder.
// [Container.Source] is the source of one blob. All reading is of the blob as it was
// listed: each request has its ETag as a condition, in each pass and each range.
//
// [Container.Create] writes a new blob, such as a package for a person.
// [Container.Replace] writes one again, and [Container.Anonymize] does so with all exports
// from which something has to go: what is to be written is verified before, and the blob
// is read again after. A blob is the old one or the new one, whenever the program ends.
//
// [Container.Copies] says what the account has besides: snapshots, versions and
// soft-deleted blobs, and how long it keeps what is deleted. [Container.DeleteCopies]
// deletes those of blobs that were verified.
//
// # Errors
//
// What the service refuses, and what fails on the way to it, is an [Error]. [errors.Is]
// finds [csvschema.ErrSourceChanged] if somebody has changed or deleted a blob since it
// was listed, [fs.ErrPermission] and [fs.ErrNotExist]. Requests are tried again within
// bounds; see [ClientOptions].
//
// # Personal data
//
// No error holds a credential, the address of a request or an answer of the service. Names
// of blobs are in errors; what names a person in them is hidden. [Found] and [Blob] have
// the names as they are.
//
// # Concurrency
//
// A [Container] is safe for concurrent use, and so are its sources. A [Reader] is not.
package azure
