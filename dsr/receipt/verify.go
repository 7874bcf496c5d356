package receipt

import "github.com/labdsr/labdsr/csvschema/identity"

// Verify returns the first error of a chain. The error is that of [Open], with these
// keys, for a receipt that Open refuses. It is [ErrPrevious] for a receipt that does
// not follow the one before it, and [ErrHead] for a chain that does not end with the
// head. The first receipt must have a zero Previous. An empty chain has the zero head.
//
// The head must come from elsewhere; see the package documentation. Compared with the
// head of its own last receipt, a chain whose end was removed is valid. The Number of
// the [Error] is that of the first receipt that does not fit. That need not be the
// receipt that was changed. It is 0 for ErrHead.
func Verify(chain [][]byte, head identity.Digest, keys ...Key) error {
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
