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

// PayloadType is the payloadType of the envelopes.
const PayloadType = "application/vnd.labdsr.receipt+json"

// Options say how to seal a receipt. Nil are the zero Options.
type Options struct {
	// Signer signs with Ed25519, such as an [ed25519.PrivateKey]. Without one the
	// envelope has no signature, and whoever can write it can write another.
	Signer crypto.Signer
	// Random gives the nonce. The default is [rand.Reader]. What can be guessed makes
	// the head a plain hash of what can be guessed.
	Random io.Reader
}

// Seal returns the receipt in an envelope. A value that a receipt cannot have is
// [ErrValue] or [ErrIdentifier] with its field, a signer that is not for Ed25519
// [ErrKey], and one whose signature is wrong [ErrSignature].
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
		return nil, &Error{Err: ErrValue} // without the error, which holds the value
	}
	if o.Signer != nil {
		sig, err := sign(o.Signer, random, pae(e.PayloadType, e.Payload))
		if err != nil {
			return nil, &Error{Field: "signature", Err: err}
		}
		e.Signatures = append(e.Signatures, signature{sig})
	}
	return encode(e) // of bytes and text, which never fails
}

// sign returns the signature of the message, which it checks: a signer may be for
// another kind of Ed25519, or broken.
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

// Head returns the digest of a sealed receipt, by which the next one refers to it
// and [Verify] ends a chain: the SHA-256 sum of its exact bytes. It can be shown to
// anybody: the nonce in the receipt cannot be guessed.
func Head(sealed []byte) identity.Digest { return sha256.Sum256(sealed) }

// pae returns what a signature is made of: the pre-authentication encoding of DSSE.
func pae(payloadType string, payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(payloadType), payloadType, len(payload), payload)
}
