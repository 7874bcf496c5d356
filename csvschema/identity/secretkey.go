package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"io"

	"github.com/labdsr/labdsr/csvschema/internal/veil"
)

// MinSecretKeyBytes is the smallest number of bytes that a [SecretKey] is made from.
const MinSecretKeyBytes = 32

// A SecretKey makes keyed digests (HMAC-SHA-256, RFC 2104), which nobody can make or
// check without the key. Addresses can be guessed, so a digest without a key would
// reveal the address that it was made from. The zero SecretKey is no key.
//
// The holder of the key can link digests to people. Data with such digests is
// still personal data (Article 4(5), Recital 26 GDPR) as long as the key exists.
//
// It redacts itself: every verb of package fmt, both handlers of log/slog and the
// encoders of text and JSON write "[redacted]". No method returns its bytes. It is
// safe for concurrent use.
type SecretKey struct {
	redacted
	bytes veil.Of[*string]
}

// NewSecretKey returns a key of the given bytes, which should be random. The error is
// [ErrSecretKey] if there are fewer than [MinSecretKeyBytes].
func NewSecretKey(key []byte) (SecretKey, error) {
	if len(key) < MinSecretKeyBytes {
		return SecretKey{}, ErrSecretKey
	}
	bytes := string(key)
	return SecretKey{bytes: veil.New(&bytes)}, nil
}

// IsZero reports whether there is no key.
func (k SecretKey) IsZero() bool { return k.bytes.Get() == nil }

// Hash returns a hash whose sums are digests under the key for one purpose. Digests for
// different purposes cannot be linked to each other without the key. It panics if the
// key is zero.
func (k SecretKey) Hash(purpose string) hash.Hash {
	sub := hmac.New(sha256.New, []byte(*k.bytes.Get()))
	_, _ = io.WriteString(sub, "labdsr/"+purpose) // never fails
	return hmac.New(sha256.New, sub.Sum(nil))
}

// A Digest is a keyed digest, or the digest of something that nobody can guess. It
// reveals nothing and prints as 64 hexadecimal digits. The zero Digest means that
// there is none.
type Digest [sha256.Size]byte

// String returns the digest as 64 hexadecimal digits in lower case.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText returns the same as String.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText returns. The error is [ErrDigest] for any other
// text, and the digest does not change then.
func (d *Digest) UnmarshalText(text []byte) error {
	var read Digest
	if len(text) != 2*len(read) {
		return ErrDigest
	}
	if _, err := hex.Decode(read[:], text); err != nil || read.String() != string(text) {
		return ErrDigest // an error of package hex holds a part of the text
	}
	*d = read
	return nil
}
