package receipt

import (
	"crypto/ed25519"
	"crypto/hmac"

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

// made reports whether the key made a signature or MAC of an envelope, for a message. A
// MAC covers the signatures, too.
func (k Key) made(sig, message []byte, signatures []signature) bool {
	if k.secret.IsZero() {
		return len(sig) == ed25519.SignatureSize && ed25519.Verify(k.public, message, sig)
	}
	return hmac.Equal(sig, mac(k.secret, message, signatures))
}

// mac returns the message authentication code of a message and of the signatures in an
// envelope: nobody who does not have the key can remove one.
func mac(key identity.SecretKey, message []byte, signatures []signature) []byte {
	h := key.Hash("receipt mac")
	_, _ = h.Write(message) // never fails
	for _, s := range signatures {
		if len(s.Sig) == ed25519.SignatureSize {
			_, _ = h.Write(s.Sig)
		}
	}
	return h.Sum(nil)
}
