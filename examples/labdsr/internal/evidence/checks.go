package evidence

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// Checks are the keys by which receipts are confirmed. A receipt must be sealed with one
// of the secret keys, if there are any, and signed with one of the public keys, if there
// are any. The zero Checks confirm nothing: anybody may have written the receipt.
type Checks struct {
	sealed, signed []receipt.Key
}

// AddSecret adds a secret key.
func (c *Checks) AddSecret(key identity.SecretKey) { c.sealed = append(c.sealed, receipt.MACKey(key)) }

// AddPublic adds the public half of a key that signs.
func (c *Checks) AddPublic(key ed25519.PublicKey) {
	c.signed = append(c.signed, receipt.PublicKey(key))
}

// IsEmpty reports whether there is no key.
func (c *Checks) IsEmpty() bool { return !c.Seal() && !c.Signature() }

// Seal reports whether receipts must be sealed with a secret key.
func (c *Checks) Seal() bool { return len(c.sealed) > 0 }

// Signature reports whether receipts must be signed.
func (c *Checks) Signature() bool { return len(c.signed) > 0 }

// A Confirmed receipt is one that the checks let pass.
type Confirmed struct {
	receipt.Receipt
	Path      string
	Head      identity.Digest
	IsSealed  bool   // with a secret key, that of its digests; without one nobody can check these
	Unchecked string // what it has that the checks have no key for, and which flag gives one; "" for nothing
}

// maxReceiptBytes is more than the largest receipt has.
const maxReceiptBytes = 64 << 20

// Open reads a receipt and checks it. [IsUnconfirmed] knows the error if it is no
// receipt, or not confirmed. Any other error says that the file cannot be read.
func (c *Checks) Open(path string) (Confirmed, error) {
	sealed, err := readReceipt(path)
	if err != nil {
		return Confirmed{}, err
	}
	r, err := receipt.Open(sealed)
	macs, signatures := countSignatures(sealed)
	if err != nil || macs > 1 || signatures > 1 { // anybody can add more
		return Confirmed{}, unconfirmed(path, results.NoReceipt, "it has to be the file of --receipt as it was written")
	}
	if c.Seal() {
		if r, err = receipt.Open(sealed, c.sealed...); err != nil {
			return Confirmed{}, unconfirmed(path, results.NotSealed,
				"give the key of the run that wrote it; if this is the key, do not trust the file")
		}
	}
	if c.Signature() {
		if r, err = receipt.Open(sealed, c.signed...); err != nil {
			return Confirmed{}, unconfirmed(path, results.NotSigned,
				"give the public half of the key that signed it; if this is the key, do not trust the file")
		}
	}
	unchecked := ""
	switch {
	case macs > 0 && !c.Seal():
		unchecked = "seal was not checked: that takes --key-file"
	case signatures > 0 && !c.Signature():
		unchecked = "signature was not checked: that takes --public-key"
	}
	return Confirmed{r, path, receipt.Head(sealed), macs > 0, unchecked}, nil
}

// An unconfirmedError says why a file is no receipt, or is not confirmed.
type unconfirmedError struct{ kind results.FailureKind }

func (e *unconfirmedError) Error() string { return e.kind.String() }

func unconfirmed(path string, kind results.FailureKind, hint string) error {
	return fault.In(path, fault.WithHint(&unconfirmedError{kind}, "%s", hint))
}

// Why returns what is wrong, of an error that [IsUnconfirmed] knows.
func Why(err error) results.FailureKind {
	if e, is := errors.AsType[*unconfirmedError](err); is {
		return e.kind
	}
	return ""
}

// IsUnconfirmed reports whether err says that a file is no receipt, or is not confirmed.
func IsUnconfirmed(err error) bool {
	_, is := errors.AsType[*unconfirmedError](err)
	return is
}

// readReceipt reads a file that is no larger than a receipt can be. A larger one is cut
// off, and is no receipt.
func readReceipt(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	var sealed bytes.Buffer
	if _, err := io.Copy(&sealed, io.LimitReader(file, maxReceiptBytes)); err != nil {
		return nil, fault.In(path, err)
	}
	return sealed.Bytes(), nil
}

// countSignatures returns how many MACs and signatures a sealed receipt has. This program
// writes at most one of each.
func countSignatures(sealed []byte) (macs, signatures int) {
	var envelope struct {
		Signatures []struct {
			Sig []byte `json:"sig"`
		} `json:"signatures"`
	}
	if json.Unmarshal(sealed, &envelope) != nil {
		return 0, 0 // it is no receipt
	}
	for _, s := range envelope.Signatures {
		if len(s.Sig) == ed25519.SignatureSize {
			signatures++
		} else {
			macs++
		}
	}
	return macs, signatures
}
