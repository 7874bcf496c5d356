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

// redacted is the text of a subject wherever it is printed, logged or marshalled.
const redacted = "[redacted]"

// ErrNoIdentifier says that there is no subject, or that a subject has no identifier,
// such as the zero Subject. It would match nothing, and its answer would mean nothing.
var ErrNoIdentifier = errors.New("subject without an identifier")

// ErrNilObjectID says that an identifier of a subject is the nil GUID. It is written
// where there is no object ID, and would match rows that may be anybody's.
var ErrNilObjectID = errors.New("the nil GUID identifies nobody")

// A Subject is one data subject: the set of addresses, user principal names and object
// IDs that the controller knows to belong to one person. A person has an object ID for
// each tenant, and addresses change, so give all that are known. Give guest accounts
// and punycode forms, too: nothing is added to the set that was not given. Where owners
// are written in another way, an identifier of [identity.Verbatim] is one of them.
//
// Subjects are compared with [Subject.Equal], not with ==. A Subject redacts itself:
// every verb of package fmt, both handlers of log/slog and the encoders of text and
// JSON write "[redacted]". It is read-only and safe for concurrent use. The zero
// Subject is nobody, and an error wherever a subject is expected.
type Subject struct {
	// ids is sorted and holds each identifier once. An Identifier holds a pointer to
	// its text, and fmt does not print what the pointer points to.
	ids []identity.Identifier
}

// NewSubject returns the subject with these identifiers. Their order does not matter,
// and one that is given twice counts once. Without identifiers the error is
// [ErrNoIdentifier]; if one is zero it is [identity.ErrIdentifier], and if one is the nil
// GUID it is [ErrNilObjectID].
func NewSubject(ids ...identity.Identifier) (Subject, error) {
	if len(ids) == 0 {
		return Subject{}, ErrNoIdentifier
	}
	if slices.Contains(ids, identity.Identifier{}) {
		return Subject{}, identity.ErrIdentifier
	}
	if slices.ContainsFunc(ids, isNilObjectID) {
		return Subject{}, ErrNilObjectID
	}
	ids = slices.Clone(ids)
	slices.SortFunc(ids, compareIdentifiers)
	return Subject{slices.Compact(ids)}, nil
}

// compareIdentifiers orders identifiers by their normal forms, and a verbatim one after
// another of the same form.
func compareIdentifiers(a, b identity.Identifier) int {
	if c := strings.Compare(a.Reveal(), b.Reveal()); c != 0 || a == b {
		return c
	}
	if a.IsVerbatim() {
		return 1
	}
	return -1
}

func isNilObjectID(id identity.Identifier) bool { return id.Reveal() == identity.NilObjectID }

// ParseSubject returns the subject with the identifiers that [identity.Parse] reads
// from the texts, one from each. The error gives the text that is at fault by its
// number, from 1, and wraps [identity.ErrIdentifier], [identity.ErrReplacement] or
// [ErrNilObjectID]. It does not hold the text. Without texts the error is [ErrNoIdentifier].
func ParseSubject(texts ...string) (Subject, error) {
	ids := make([]identity.Identifier, len(texts))
	for i, text := range texts {
		id, err := identity.Parse(text)
		if err == nil && isNilObjectID(id) {
			err = ErrNilObjectID
		}
		if err != nil {
			return Subject{}, fmt.Errorf("labdsr: identifier %d of the subject: %w", i+1, err)
		}
		ids[i] = id
	}
	return NewSubject(ids...)
}

// Identifiers returns the identifiers, each once, in the order of their normal forms.
// The caller may change the slice.
func (s Subject) Identifiers() []identity.Identifier { return slices.Clone(s.ids) }

// IsZero reports whether s is the zero Subject, which has no identifier.
func (s Subject) IsZero() bool { return len(s.ids) == 0 }

// Equal reports whether both subjects have the same identifiers. Subjects that share
// only some are different; a row can then belong to both.
func (s Subject) Equal(t Subject) bool { return slices.Equal(s.ids, t.ids) }

// String returns "[redacted]".
func (s Subject) String() string { return redacted }

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

// UnmarshalText returns [identity.ErrRedacted], because a marshalled Subject holds no
// identifier. [ParseSubject] makes a Subject of texts.
func (s *Subject) UnmarshalText([]byte) error { return identity.ErrRedacted }

// UnmarshalJSON returns [identity.ErrRedacted].
func (s *Subject) UnmarshalJSON([]byte) error { return identity.ErrRedacted }
