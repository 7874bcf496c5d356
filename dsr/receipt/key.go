package receipt

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// A Key says who may have made a receipt. [PublicKey] and [MACKey] return keys; the
// zero Key is not allowed.
type Key struct {
	public ed25519.PublicKey
	secret identity.SecretKey
}

// PublicKey returns the key of receipts that were signed with the private key of key.
func PublicKey(key ed25519.PublicKey) Key { return Key{public: key} }

// MACKey returns the key of receipts that were sealed with this [Options.Key]. Whoever
// has it can make such receipts.
func MACKey(key identity.SecretKey) Key { return Key{secret: key} }

// isValid reports whether the key is of one of the kinds and has the right size. With
// any other size, package ed25519 panics.
func (k Key) isValid() bool {
	return (len(k.public) == ed25519.PublicKeySize) != !k.secret.IsZero()
}

// made reports whether sig was made for a message with the key.
func (k Key) made(sig, message []byte) bool {
	if k.secret.IsZero() {
		return len(sig) == ed25519.SignatureSize && ed25519.Verify(k.public, message, sig)
	}
	return hmac.Equal(sig, mac(k.secret, message))
}

// mac returns the message authentication code of a message.
func mac(key identity.SecretKey, message []byte) []byte {
	h := key.Hash("receipt mac")
	_, _ = h.Write(message) // never fails
	return h.Sum(nil)
}

// isSignatureSize reports whether a signature or a MAC has n bytes.
func isSignatureSize(n int) bool { return n == ed25519.SignatureSize || n == sha256.Size }
