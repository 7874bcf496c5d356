// Package tokens remembers which tokens replace which values, so that they are one-to-one. It
// knows the form of those of names.
package tokens

import (
	"bytes"
	"crypto/sha256"
)

const (
	namePrefix = "t-"
	// NameSize is how long the token of a name is.
	NameSize = len(namePrefix) + 32
)

// IsName reports whether a text is "t-" and 32 hexadecimal digits in lower case.
func IsName(text []byte) bool {
	digits, ok := bytes.CutPrefix(text, []byte(namePrefix))
	return ok && len(text) == NameSize && len(bytes.Trim(digits, "0123456789abcdef")) == 0
}

// A Table tells which value each token replaces, and back. A value is known by a hash. The zero
// Table has to be cleared first.
type Table struct {
	valueOf map[string][sha256.Size]byte
	tokenOf map[[sha256.Size]byte]string
}

// Clear forgets all tokens.
func (t *Table) Clear() {
	if t.valueOf == nil {
		t.valueOf, t.tokenOf = map[string][sha256.Size]byte{}, map[[sha256.Size]byte]string{}
	}
	clear(t.valueOf)
	clear(t.tokenOf)
}

// Add adds a token and what it replaces, and reports whether neither was met with another.
func (t *Table) Add(token string, value [sha256.Size]byte) bool {
	if known, met := t.tokenOf[value]; met {
		return known == token
	}
	if _, taken := t.valueOf[token]; taken {
		return false
	}
	t.tokenOf[value], t.valueOf[token] = token, value
	return true
}

// Take adds all tokens of others, if none contradicts what was met before.
func (t *Table) Take(others Table) bool {
	for value, token := range others.tokenOf {
		known, met := t.tokenOf[value]
		replaced, taken := t.valueOf[token]
		if met && known != token || taken && replaced != value {
			return false
		}
	}
	for value, token := range others.tokenOf {
		t.Add(token, value)
	}
	return true
}
