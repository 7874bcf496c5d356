package receipt

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"slices"
)

// Open returns the receipt in an envelope. The error is [ErrMalformed] unless the
// envelope is exactly what [Seal] writes, including blanks and letter case. It is
// also ErrMalformed if Seal would refuse the receipt with [ErrValue]. An envelope may
// have several signatures, and one MAC after them.
//
// If keys are given, the receipt must have a signature or a MAC of at least one of
// them; otherwise the error is [ErrSignature]. If the keys have changed over time, give
// the old ones, too. Without keys Open checks neither, and anybody may have written the
// receipt. A program that loads keys must make sure that it has at least one.
//
// Open does not look for identifiers. So it can read every sealed receipt, even if a
// later version of this package recognises more identifiers.
func Open(sealed []byte, keys ...Key) (Receipt, error) {
	if !areKeys(keys) {
		return Receipt{}, &Error{Err: ErrKey}
	}
	r, err := open(sealed, keys)
	if err != nil {
		return Receipt{}, &Error{Err: err}
	}
	return r, nil
}

// open is Open for valid keys. Its error is the bare sentinel.
func open(sealed []byte, keys []Key) (Receipt, error) {
	var e envelope
	if json.Unmarshal(sealed, &e) != nil || !encodesTo(e, sealed) || e.PayloadType != PayloadType || e.Signatures == nil {
		return Receipt{}, ErrMalformed
	}
	for i, s := range e.Signatures {
		isMAC := len(s.Sig) == sha256.Size && i == len(e.Signatures)-1 // after the signatures, which it covers
		if !isMAC && len(s.Sig) != ed25519.SignatureSize {
			return Receipt{}, ErrMalformed
		}
	}
	if len(keys) > 0 && !e.isBy(keys) {
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

// isBy reports whether one of the keys made one of the signatures or MACs.
func (e *envelope) isBy(keys []Key) bool {
	message := pae(e.PayloadType, e.Payload)
	return slices.ContainsFunc(e.Signatures, func(s signature) bool {
		return slices.ContainsFunc(keys, func(key Key) bool { return key.made(s.Sig, message, e.Signatures) })
	})
}

// areKeys reports whether all keys are valid.
func areKeys(keys []Key) bool {
	return !slices.ContainsFunc(keys, func(key Key) bool { return !key.isValid() })
}
