package receipt

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"io"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// PayloadType is the DSSE payload type of sealed receipts.
const PayloadType = "application/vnd.labdsr.receipt+json"

// Options configures [Seal]. A nil *Options is the zero value.
type Options struct {
	// Key authenticates the receipt by a MAC (message authentication code), which covers
	// every field and the signature; see [MACKey]. It may be the key of [NewFileHash].
	Key identity.SecretKey
	// Signer signs with Ed25519, such as an [ed25519.PrivateKey]. Without a signer and
	// without a key, whoever can write the file can replace the receipt.
	Signer crypto.Signer
	// Random is the source of the nonce. The default is [rand.Reader]. If its bytes can
	// be guessed, so can the receipt from its head.
	Random io.Reader
}

// Seal returns the receipt in an envelope. If a value is not allowed, the error is
// [ErrValue] or [ErrIdentifier] with the field. It is [ErrKey] if the signer is not
// for Ed25519, and [ErrSignature] if its signature is wrong.
func Seal(r Receipt, o *Options) ([]byte, error) {
	if o == nil {
		o = &Options{}
	}
	random := o.Random
	if random == nil {
		random = rand.Reader
	}
	p, err := r.payload()
	if err == nil {
		err = p.checkIdentifiers()
	}
	if err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(random, p.Nonce[:]); err != nil {
		return nil, &Error{Field: "nonce", Err: err}
	}
	e := envelope{PayloadType: PayloadType, Signatures: []signature{}}
	if e.Payload, err = encode(p); err != nil {
		return nil, &Error{Err: ErrValue} // err holds the value
	}
	message := pae(e.PayloadType, e.Payload)
	if o.Signer != nil {
		sig, err := sign(o.Signer, random, message)
		if err != nil {
			return nil, &Error{Field: "signature", Err: err}
		}
		e.Signatures = append(e.Signatures, signature{sig})
	}
	if !o.Key.IsZero() {
		e.Signatures = append(e.Signatures, signature{mac(o.Key, message, e.Signatures)})
	}
	return encode(e) // encoding bytes and text never fails
}

// sign returns the signature of the message. It verifies the signature, because a
// signer may be broken or use another variant of Ed25519.
func sign(signer crypto.Signer, random io.Reader, message []byte) ([]byte, error) {
	if key, ok := signer.(ed25519.PrivateKey); ok && len(key) != ed25519.PrivateKeySize {
		return nil, ErrKey
	}
	public, ok := signer.Public().(ed25519.PublicKey)
	if !ok || len(public) != ed25519.PublicKeySize {
		return nil, ErrKey
	}
	sig, err := signer.Sign(random, message, crypto.Hash(0))
	if err != nil {
		return nil, err
	}
	if !ed25519.Verify(public, message, sig) {
		return nil, ErrSignature
	}
	return sig, nil
}

// Head returns the digest of a sealed receipt: the SHA-256 sum of its exact bytes. It
// is the Previous of the next receipt, and [Verify] compares the last one with it. It
// may be published, because the nonce in the receipt cannot be guessed.
func Head(sealed []byte) identity.Digest { return sha256.Sum256(sealed) }

// pae returns the message that is signed or authenticated: the pre-authentication
// encoding of DSSE.
func pae(payloadType string, payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload)
}
