package receipt

import (
	"errors"
	"strconv"
	"strings"
)

// The sentinels say what is wrong. An [Error] that wraps one says where.
var (
	// ErrMalformed says that the bytes are not exactly those that [Seal] makes.
	ErrMalformed = errors.New("not a sealed receipt")
	// ErrValue says that a value is missing, too long, not printable or out of range.
	ErrValue = errors.New("value missing or not allowed")
	// ErrIdentifier says that a text holds an e-mail address or /users/{x}.
	ErrIdentifier = errors.New("identifier of a person in a receipt")
	// ErrKey says that a key is not an Ed25519 key, or that it is a zero [Key].
	ErrKey = errors.New("not an Ed25519 key")
	// ErrSignature says that a receipt has no signature and no MAC of any of the keys, or
	// that a signer returned a wrong signature.
	ErrSignature = errors.New("not signed or sealed with any of the keys")
	// ErrPrevious says that a receipt does not follow the one before it. Either that
	// receipt was changed, or a receipt was removed, inserted or moved between them.
	ErrPrevious = errors.New("receipt does not follow the one before it")
	// ErrHead says that the chain does not end with the head. Either its last receipt
	// was changed, or receipts were removed from its end or added to it.
	ErrHead = errors.New("chain does not end with this head")
)

// An Error says where something is wrong. It holds no value of a receipt.
type Error struct {
	Number int    // number of the receipt in the chain, from 1; 0 if no receipt is at fault, or there is no chain
	Field  string // the field, such as "request" or "input 2"; "" if no field is at fault
	Err    error  // a sentinel, or an error of the caller's random source or signer
}

// Error returns the place and the cause in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("labdsr: receipt")
	if e.Number > 0 {
		b.WriteString(" ")
		b.WriteString(strconv.Itoa(e.Number))
	}
	if e.Field != "" {
		b.WriteString(", ")
		b.WriteString(e.Field)
	}
	b.WriteString(": ")
	b.WriteString(e.Err.Error())
	return b.String()
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }
