package receipt

import (
	"crypto/ed25519"
	"encoding/json"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// Open returns the receipt in an envelope. What is not written as [Seal] writes it,
// to the last blank and letter case, or has a value that Seal takes for [ErrValue], is
// [ErrMalformed]. There may be more than one signature, as from somebody who
// countersigned it.
//
// If there are keys, one of them at least must have signed the receipt, or it is
// [ErrSignature]. Give old keys, too, if keys were changed. Without keys no
// signature is checked: what is returned may be anybody's. A program that reads keys
// from elsewhere makes sure that there are some.
//
// Open does not look for identifiers: what was sealed can always be read, even if a
// later version of this package finds more.
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

// Verify reports the first thing that is wrong with a chain: a receipt that [Open]
// refuses, with these keys; one that does not follow the one before it
// ([ErrPrevious]); or an end that is not the head ([ErrHead]). The first receipt
// must have no previous one. An empty chain has the zero head.
//
// The head must come from elsewhere, see the documentation of the package: with the
// head of the last receipt at hand, a chain that was cut is a chain. The number in
// the [Error] is that of the first receipt that does not fit, which need not be the
// one that was changed; it is 0 for ErrHead.
func Verify(chain [][]byte, head identity.Digest, keys ...ed25519.PublicKey) error {
	if !areKeys(keys) {
		return &Error{Err: ErrKey}
	}
	var previous identity.Digest
	for i, sealed := range chain {
		r, err := open(sealed, keys)
		if err == nil && r.Previous != previous {
			err = ErrPrevious
		}
		if err != nil {
			return &Error{Number: i + 1, Err: err}
		}
		previous = Head(sealed)
	}
	if previous != head {
		return &Error{Err: ErrHead}
	}
	return nil
}

// open is Open with the bare sentinel.
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

// areKeys reports whether all keys have the size of one. Package ed25519 panics
// otherwise.
func areKeys(keys []ed25519.PublicKey) bool {
	for _, key := range keys {
		if len(key) != ed25519.PublicKeySize {
			return false
		}
	}
	return true
}
