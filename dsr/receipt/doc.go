// Package receipt records what was done about a request, in a chain of receipts.
// Nobody can change a receipt in the chain without being noticed.
//
//	digest := receipt.NewFileHash(key)
//	n, err := io.Copy(io.MultiWriter(out, digest), in)
//	if err != nil {
//		return err
//	}
//	sealed, err := receipt.Seal(receipt.Receipt{
//		Request:  "DSR-2026-0042",
//		Action:   "access",
//		At:       now,
//		Outputs:  []receipt.File{{Bytes: n, Digest: identity.Digest(digest.Sum(nil))}},
//		Previous: head, // of the last receipt; zero for the first
//	}, &receipt.Options{Key: key})
//	if err != nil {
//		return err
//	}
//	head = receipt.Head(sealed) // keep it elsewhere
//
// [Files] digests the files of exports.
//
// [Seal] makes a DSSE envelope (Dead Simple Signing Envelope, version 1) of payload
// type [PayloadType]. It is one line of JSON without a line end. With a key it has a
// MAC (HMAC-SHA256, RFC 2104), with a signer an Ed25519 signature (RFC 8032); both cover
// every byte of the receipt. A receipt has exactly one encoding, and [Open] refuses any
// other. [Verify] compares a whole chain with its head.
//
// Receipts are a controller's own evidence (Articles 5(2) and 24(1) GDPR). Nothing
// may be kept for ever (Article 5(1)(e) GDPR), but the beginning of a chain cannot be
// deleted without the rest. So begin a new chain from time to time, such as every
// year, and delete the old one as a whole.
//
// # What a receipt proves
//
// The head of a chain is the digest of its last receipt. Each receipt holds the
// digest of the one before it. If you have kept the head elsewhere (printed, mailed
// to somebody, or timestamped by a third party), [Verify] finds any edit, removal,
// insertion or reordering in the chain, whoever made it. An old head still proves
// the chain up to its receipt: verify the chain up to there.
//
// Only a head that is kept elsewhere proves this. Whoever changes the chain can also
// change a head that is kept next to it. Without a head from elsewhere:
//
//   - Whoever can write the files can remove any number of receipts from the end, or
//     all of them. The rest is a valid chain.
//   - If the receipts have neither a MAC nor a signature, or the keys are not checked,
//     they can also replace the whole chain. They can copy the digests of files from one
//     receipt to another: a digest says which file it is of, not which receipt it is in.
//   - Whoever has the secret key or the signing key can replace the whole chain.
//   - Whoever has neither cannot change a receipt or remove one from the middle, as long
//     as the MACs are checked with the secret key, or the signatures with a public key
//     from elsewhere. They can still remove the end, or show another chain made with the
//     same key.
//
// A receipt proves what the caller recorded at the time, not that it was true: the
// time, the counts and the digests are the caller's. To somebody who has the key, a
// digest proves which bytes it was made from.
//
// # Personal data
//
// Receipts are linkable. A request ID leads to a person through the controller's own
// records, and a keyed digest leads to a file through its key. Receipts are personal
// data as long as these records and keys exist. Deleting the key unlinks the digests
// for good, and the chain can still be verified. Sizes and counts still match the
// files.
//
// Receipts hold no direct identifier that the package can recognise: [Seal] refuses
// e-mail addresses and /users/{x} in all of its texts. It cannot tell a person's
// object ID from a GUID that is a request ID, or a name from any other word. So a
// request ID should be a number that carries no meaning. Nor can Seal see what a
// digest was made from: use [NewFileHash]. A plain hash of a small export can be
// guessed, row by row. A head cannot be guessed, because each receipt holds 16 random
// bytes.
//
// # Errors
//
// An error is an [Error] with the number of the receipt and the field. It never holds
// the value. It wraps a sentinel of this package, or an error of the caller's random
// source or signer. The result next to an error is nil or zero.
//
// # Concurrency
//
// The functions are safe for concurrent use if the random source and the signer are.
// A chain needs a single writer: two receipts with the same previous receipt are not
// a chain.
package receipt
