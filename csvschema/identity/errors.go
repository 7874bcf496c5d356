package identity

import "errors"

// The sentinels of this package. None of them holds a text that was given.
var (
	ErrIdentifier      = errors.New("neither an e-mail address nor an object ID")
	ErrReplacement     = errors.New("identifier is a replacement left by anonymization")
	ErrReplacementKind = errors.New("unknown kind of replacement")
	ErrRedacted        = errors.New("redacted text cannot be decoded")
)
