package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"log/slog"
)

// MinSecretKeyBytes is how long the bytes of a [SecretKey] are at least.
const MinSecretKeyBytes = 32

var (
	// ErrSecretKey says that a key is too short to be one.
	ErrSecretKey = errors.New("secret key of less than 32 bytes")
	// ErrDigest says that a text is no digest.
	ErrDigest = errors.New("not a digest of 64 hexadecimal digits")
)

// A SecretKey makes keyed digests (HMAC-SHA-256, RFC 2104), which nobody can make
// or check without it. Addresses can be guessed, so that a digest of one without
// a key would tell it. The zero SecretKey is no key.
//
// Whoever has the key can link digests to people: what is made with it is still
// personal data (Article 4(5), Recital 26 GDPR) as long as the key exists.
//
// It redacts itself: every verb of package fmt, both handlers of log/slog and the
// encoders of text and JSON give "[redacted]". There is no way out for the bytes.
// It is safe for concurrent use.
type SecretKey struct {
	bytes *string // to a string: fmt looks into values past their methods, but not through this
}

// NewSecretKey returns a key of the given bytes, which should come from a source
// of random numbers and not from somebody's mind. Less than [MinSecretKeyBytes]
// are [ErrSecretKey].
func NewSecretKey(key []byte) (SecretKey, error) {
	if len(key) < MinSecretKeyBytes {
		return SecretKey{}, ErrSecretKey
	}
	bytes := string(key)
	return SecretKey{&bytes}, nil
}

// IsZero reports whether there is no key.
func (k SecretKey) IsZero() bool { return k.bytes == nil }

// Hash returns a hash whose sums are digests under the key, for one purpose: what
// is digested for another has nothing in common with it. It panics if there is no
// key.
func (k SecretKey) Hash(purpose string) hash.Hash {
	sub := hmac.New(sha256.New, []byte(*k.bytes))
	_, _ = io.WriteString(sub, "labdsr/"+purpose) // never fails
	return hmac.New(sha256.New, sub.Sum(nil))
}

// String returns "[redacted]".
func (k SecretKey) String() string { return identifierText }

// GoString returns "[redacted]".
func (k SecretKey) GoString() string { return identifierText }

// Format writes "[redacted]", whatever the verb and its flags are.
func (k SecretKey) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, identifierText) }

// LogValue returns "[redacted]".
func (k SecretKey) LogValue() slog.Value { return slog.StringValue(identifierText) }

// MarshalText returns "[redacted]".
func (k SecretKey) MarshalText() ([]byte, error) { return []byte(identifierText), nil }

// A Digest is a keyed digest, or that of something which nobody can guess. It tells
// nothing, and prints as 64 hexadecimal digits. The zero Digest is that of nothing.
type Digest [sha256.Size]byte

// IsZero reports whether it is the digest of nothing.
func (d Digest) IsZero() bool { return d == Digest{} }

// String returns the digest as 64 hexadecimal digits in lower case.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText returns the same as String.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText returns. Anything else is [ErrDigest], and
// the digest stays as it was.
func (d *Digest) UnmarshalText(text []byte) error {
	var read Digest
	if len(text) != 2*len(read) {
		return ErrDigest
	}
	if _, err := hex.Decode(read[:], text); err != nil || read.String() != string(text) {
		return ErrDigest // the error of package hex holds a part of the text
	}
	*d = read
	return nil
}
