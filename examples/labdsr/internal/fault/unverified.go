package fault

import "errors"

// An unverifiedError says that what was to be verified is not what it must be.
type unverifiedError struct{ error }

func (e *unverifiedError) Unwrap() error { return e.error }

// Unverified returns err as the answer of a verification: what was looked at is not what
// it must be. Any other error says that it could not be looked at.
func Unverified(err error) error { return &unverifiedError{err} }

// IsUnverified reports whether err is the answer of a verification.
func IsUnverified(err error) bool {
	_, is := errors.AsType[*unverifiedError](err)
	return is
}
