package receipt

import (
	"errors"
	"strconv"
	"strings"
)

// The sentinels say what is wrong; an [Error] around them says where.
var (
	// ErrMalformed says that these are not exactly the bytes that [Seal] makes.
	ErrMalformed = errors.New("not a sealed receipt")
	// ErrValue says that a value is missing, too long, not printable or out of range.
	ErrValue = errors.New("value missing or not allowed")
	// ErrIdentifier says that an e-mail address or a /users/{x} is in a text.
	ErrIdentifier = errors.New("identifier of a person in a receipt")
	// ErrKey says that a key is not one of Ed25519.
	ErrKey = errors.New("not an Ed25519 key")
	// ErrSignature says that none of the keys signed a receipt.
	ErrSignature = errors.New("not signed by any of the keys")
	// ErrPrevious says that a receipt does not follow the one before it: that one
	// was changed, or something was removed, put in or moved between them.
	ErrPrevious = errors.New("receipt does not follow the one before it")
	// ErrHead says that the chain does not end with the head: its last receipt was
	// changed, or receipts are missing or were added at its end.
	ErrHead = errors.New("chain does not end with this head")
)

// An Error says where something is wrong. It holds nothing that stands in a receipt.
type Error struct {
	Number int    // number of the receipt in the chain, from 1; 0 if it belongs to none
	Field  string // such as "request" or "input 2"; "" if it belongs to none
	Err    error  // a sentinel, or an error of the caller's random source or signer
}

// Error describes the place and the cause in one line.
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
