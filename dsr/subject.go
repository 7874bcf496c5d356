package dsr

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// redacted is what stands for a subject wherever it is printed, logged or
// marshalled.
const redacted = "[redacted]"

// ErrNoIdentifier says that a subject has no identifier, as the zero Subject.
// It would match nothing, and an answer for it would mean nothing.
var ErrNoIdentifier = errors.New("subject without an identifier")

// A Subject is one data subject: the set of the addresses, user principal names
// and object IDs that a controller knows to be one person's. A person has an
// object ID for each tenant, and addresses change, so more is better; guest
// accounts and punycode forms are given in, too. Nothing is added to the set
// that was not given.
//
// Subjects are compared with [Subject.Equal], not with ==. A Subject redacts
// itself: every verb of package fmt, both handlers of log/slog and the encoders
// of text and JSON give "[redacted]". It is read-only and safe for concurrent
// use. The zero Subject is nobody, and an error wherever a subject is wanted.
type Subject struct {
	// ids is sorted and holds each identifier once. Identifiers hold their text
	// behind a pointer, where fmt does not reach it through this field.
	ids []identity.Identifier
}

// NewSubject returns the subject that has these identifiers; their order is of
// no matter, and one that is given twice counts once. Without any it returns
// [ErrNoIdentifier], and [identity.ErrIdentifier] if one is zero.
func NewSubject(ids ...identity.Identifier) (Subject, error) {
	if len(ids) == 0 {
		return Subject{}, ErrNoIdentifier
	}
	if slices.Contains(ids, identity.Identifier{}) {
		return Subject{}, identity.ErrIdentifier
	}
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b identity.Identifier) int { return strings.Compare(a.Reveal(), b.Reveal()) })
	return Subject{slices.Compact(ids)}, nil
}

// ParseSubject returns the subject whose identifiers these texts are, each as a
// whole; see [identity.Parse]. The error says which text is at fault
// by its number, from 1, and wraps [identity.ErrIdentifier] or
// [identity.ErrReplacement]; it does not hold the text.
func ParseSubject(texts ...string) (Subject, error) {
	ids := make([]identity.Identifier, len(texts))
	for i, text := range texts {
		id, err := identity.Parse(text)
		if err != nil {
			return Subject{}, fmt.Errorf("labdsr: identifier %d of the subject: %w", i+1, err)
		}
		ids[i] = id
	}
	return NewSubject(ids...)
}

// Identifiers returns the identifiers, each once, in the order of their normal
// forms. The slice is the caller's.
func (s Subject) Identifiers() []identity.Identifier { return slices.Clone(s.ids) }

// IsZero reports whether s is the zero Subject, which has no identifier.
func (s Subject) IsZero() bool { return len(s.ids) == 0 }

// Equal reports whether both subjects have the same identifiers. Subjects that
// share only some are different; a row can then be both subjects'.
func (s Subject) Equal(t Subject) bool { return slices.Equal(s.ids, t.ids) }

// String returns "[redacted]".
func (s Subject) String() string { return redacted }

// GoString returns "[redacted]".
func (s Subject) GoString() string { return redacted }

// Format writes "[redacted]", whatever the verb and its flags are.
func (s Subject) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, redacted) // fmt keeps what it writes in memory
}

// LogValue returns "[redacted]".
func (s Subject) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[redacted]".
func (s Subject) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// MarshalJSON returns "[redacted]" as a JSON string.
func (s Subject) MarshalJSON() ([]byte, error) { return []byte(strconv.Quote(redacted)), nil }

// UnmarshalText returns [identity.ErrRedacted]: what was marshalled is gone.
// [ParseSubject] makes a subject of texts.
func (s *Subject) UnmarshalText([]byte) error { return identity.ErrRedacted }

// UnmarshalJSON returns [identity.ErrRedacted].
func (s *Subject) UnmarshalJSON([]byte) error { return identity.ErrRedacted }
