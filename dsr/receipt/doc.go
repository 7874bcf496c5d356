// Package receipt writes down what was done about a request, in a chain of
// receipts of which none can be changed unseen.
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
//		Outputs:  []receipt.File{{Bytes: n, Digest: csvschema.Digest(digest.Sum(nil))}},
//		Previous: head, // of the last receipt; zero for the first
//	}, &receipt.Options{Signer: signer})
//	if err != nil {
//		return err
//	}
//	head = receipt.Head(sealed) // to be kept elsewhere
//
// [Seal] makes a DSSE envelope (Dead Simple Signing Envelope, version 1) of the
// payload type [PayloadType]: one line of JSON without a line end, with an Ed25519
// signature (RFC 8032) if there is a signer. A receipt has exactly one spelling,
// and [Open] reads no other. [Verify] holds a whole chain to its head.
//
// Receipts are a controller's own evidence (Articles 5(2) and 24(1) GDPR). A chain
// that has to end, because nothing may be kept for ever (Article 5(1)(e) GDPR), is
// deleted as a whole: its beginning cannot be. Begin a new one each year, say.
//
// # What a receipt proves
//
// The head of a chain is the digest of its last receipt, which holds that of the
// one before it, and so on. Whoever has the head from elsewhere (printed, mailed to
// somebody, timestamped by a third party) finds with [Verify] any edit, removal,
// insertion or reordering in the chain, by whomever. A head of last month still
// proves everything up to last month: Verify the chain up to the receipt of that
// head.
//
// Only a head kept elsewhere proves that. A head that lies beside the chain is
// changed with it. Without one:
//
//   - Whoever can write the files can cut any number of receipts off the end, all
//     of them included; what is left is a chain like any other.
//   - If nothing is signed, or keys are not checked, they can also write all of it
//     anew.
//   - Whoever has the signing key can write all of it anew, signed.
//   - Whoever has not got it cannot make a signed receipt say anything else, nor take
//     one out of the middle, if signatures are checked with a public key from
//     elsewhere. They can still cut the end off, or show another chain that the same
//     key signed.
//
// A receipt proves what was said at the time, not that it was true: the time, the
// counts and the digests are those that the caller gave. Digests prove to whoever
// has their key which bytes they were made of.
//
// # Personal data
//
// Receipts are linkable: a request ID leads to a person through the controller's
// own files, and a keyed digest to a file through its key. They are personal data
// as long as these exist. Throwing away the key unlinks the digests for ever, and
// the chain can still be verified; but sizes and counts still fit the files.
//
// Receipts hold no direct identifier that can be told from other text: [Seal]
// refuses e-mail addresses and /users/{x} in each of its texts. It cannot tell the
// object ID of a person from a GUID that is the ID of a request, nor a name from a
// word: IDs of requests should be numbers that say nothing. Nor does it see what a
// digest is of: use [NewFileHash]. A plain hash of a small export can be guessed,
// row by row. A head can not, because 16 random bytes are in each receipt.
//
// # Errors
//
// An error is an [Error] that gives the number of the receipt and the field, and
// never what stands there. It wraps a sentinel of this package, or what the random
// source or the signer of the caller returned. What comes with it is nil or zero.
//
// # Concurrency
//
// The functions may be called from several goroutines at the same time, if the
// random source and the signer allow that. A chain needs one writer: two receipts
// with the same previous one are no chain.
package receipt
