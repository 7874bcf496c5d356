package identity

import "errors"

// The sentinels of this package. None of them holds a text from the input.
var (
	// ErrIdentifier reports that a text is no identifier.
	ErrIdentifier = errors.New("neither an e-mail address nor an object ID")
	// ErrReplacement reports that a text is a replacement, which identifies nobody.
	ErrReplacement = errors.New("identifier is a replacement left by anonymization")
	// ErrReplacementKind reports that a text is not the name of a [ReplacementKind].
	ErrReplacementKind = errors.New("unknown kind of replacement")
	// ErrRedacted reports that a text is what a redacted value marshals to.
	ErrRedacted = errors.New("redacted text cannot be decoded")
	// ErrSecretKey reports that a key is shorter than [MinSecretKeyBytes].
	ErrSecretKey = errors.New("secret key of less than 32 bytes")
	// ErrDigest reports that a text is not a [Digest] in hexadecimal digits.
	ErrDigest = errors.New("not a digest of 64 hexadecimal digits")
)
