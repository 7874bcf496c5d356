package receipt

import (
	"crypto/ed25519"
	"encoding/json"
)

// Open returns the receipt in an envelope. The error is [ErrMalformed] unless the
// envelope is exactly what [Seal] writes, including blanks and letter case. It is
// also ErrMalformed if Seal would refuse the receipt with [ErrValue]. An envelope may
// have several signatures, for example if somebody countersigned it.
//
// If keys are given, at least one of them must have signed the receipt; otherwise the
// error is [ErrSignature]. If the keys have changed over time, give the old ones, too.
// Without keys Open checks no signature, and anybody may have written the receipt. A
// program that loads keys must make sure that it has at least one.
//
// Open does not look for identifiers. So it can read every sealed receipt, even if a
// later version of this package recognises more identifiers.
func Open(sealed []byte, keys ...ed25519.PublicKey) (Receipt, error) {
	if !areKeys(keys) {
		return Receipt{}, &Error{Err: ErrKey}
	}
	r, err := open(sealed, keys)
	if err != nil {
		return Receipt{}, &Error{Err: err}
	}
	return r, nil
}

// open is Open for keys that have the right size. Its error is the bare sentinel.
func open(sealed []byte, keys []ed25519.PublicKey) (Receipt, error) {
	var e envelope
	if json.Unmarshal(sealed, &e) != nil || !encodesTo(e, sealed) || e.PayloadType != PayloadType || e.Signatures == nil {
		return Receipt{}, ErrMalformed
	}
	for _, s := range e.Signatures {
		if len(s.Sig) != ed25519.SignatureSize {
			return Receipt{}, ErrMalformed
		}
	}
	if len(keys) > 0 && !e.isSignedBy(keys) {
		return Receipt{}, ErrSignature
	}
	var p payload
	if json.Unmarshal(e.Payload, &p) != nil {
		return Receipt{}, ErrMalformed
	}
	r := p.receipt()
	again, err := r.payload()
	if err != nil {
		return Receipt{}, ErrMalformed
	}
	if again.Nonce = p.Nonce; !encodesTo(again, e.Payload) {
		return Receipt{}, ErrMalformed
	}
	return r, nil
}

// isSignedBy reports whether one of the keys made one of the signatures.
func (e *envelope) isSignedBy(keys []ed25519.PublicKey) bool {
	message := pae(e.PayloadType, e.Payload)
	for _, s := range e.Signatures {
		for _, key := range keys {
			if ed25519.Verify(key, message, s.Sig) {
				return true
			}
		}
	}
	return false
}

// areKeys reports whether all keys have the right size. With any other size, package
// ed25519 panics.
func areKeys(keys []ed25519.PublicKey) bool {
	for _, key := range keys {
		if len(key) != ed25519.PublicKeySize {
			return false
		}
	}
	return true
}
