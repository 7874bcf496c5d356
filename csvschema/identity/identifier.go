package identity

import (
	"encoding/json"
	"unique"

	"github.com/labdsr/labdsr/csvschema/internal/guids"
	"github.com/labdsr/labdsr/csvschema/internal/mailbox"
	"github.com/labdsr/labdsr/csvschema/internal/veil"
)

// An Identifier is an e-mail address, a user principal name or an object ID (the
// GUID of a person or service principal in one tenant) in its normal form; see
// [AppendNormal]. It may also be the text of a whole cell ResourceOwner, whatever it
// says; see [Verbatim]. Two identifiers are the same account exactly when they are equal
// by ==. An Identifier can be a map key. The zero Identifier identifies nobody.
//
// It redacts itself: every verb of package fmt, both handlers of log/slog and the
// encoders of text and JSON write "[redacted]". Only [Identifier.Reveal] returns
// the text. It is safe for concurrent use.
type Identifier struct {
	redacted
	kind   identifierKind
	normal veil.Of[unique.Handle[string]] // it holds a pointer
}

type identifierKind uint8

const (
	addressKind identifierKind = iota // of the zero Identifier, too
	objectIDKind
	verbatimKind
)

// NilObjectID is the normal form of the nil GUID (RFC 9562), which programs write where
// there is no object ID. It identifies nobody.
const NilObjectID = "00000000-0000-0000-0000-000000000000"

// Parse returns the identifier that the whole text is. The error is
// [ErrReplacement] if the text is a replacement (see [IsReplacement]), which
// identifies nobody, and [ErrIdentifier] if it is neither an address nor a GUID
// ("*", "alice", "contoso.com", "") or is the path of a user. A slash is part of the local
// part, as in RFC 5321: "sales/emea@contoso.com" is not the address "emea@contoso.com". The
// error does not hold the text, and the Identifier is zero then.
func Parse(text string) (Identifier, error) {
	normal := AppendNormal(nil, []byte(text))
	if IsReplacement(normal) {
		return Identifier{}, ErrReplacement
	}
	kind := addressKind
	if guids.Is(normal) {
		kind = objectIDKind
	} else if !mailbox.Is(normal) || afterUsers(normal, 0) >= 0 {
		return Identifier{}, ErrIdentifier
	}
	return Identifier{kind: kind, normal: veil.New(unique.Make(string(normal)))}, nil
}

// Verbatim returns the identifier of whoever is written as the text in the column
// ResourceOwner: "NULL", "build agent", "CONTOSO\\alice". It is equal to a whole cell of
// that column with the same normal form, and to nothing else: it is in no path and in no
// other text, and near nobody. It is not equal to what [Parse] returns for the same
// text. The error is [ErrReplacement] if the text is a replacement and [ErrIdentifier] if
// it is blank.
func Verbatim(text string) (Identifier, error) {
	normal := AppendNormal(nil, []byte(text))
	switch {
	case len(normal) == 0:
		return Identifier{}, ErrIdentifier
	case IsReplacement(normal):
		return Identifier{}, ErrReplacement
	}
	return Identifier{kind: verbatimKind, normal: veil.New(unique.Make(string(normal)))}, nil
}

// IsZero reports whether the identifier is the zero Identifier.
func (id Identifier) IsZero() bool { return id == Identifier{} }

// Equal reports whether the identifiers are equal by ==.
func (id Identifier) Equal(other Identifier) bool { return id == other }

// IsObjectID reports whether the identifier is an object ID. If it is neither that
// nor verbatim nor zero, it is an address.
func (id Identifier) IsObjectID() bool { return id.kind == objectIDKind }

// IsVerbatim reports whether the identifier is one of [Verbatim].
func (id Identifier) IsVerbatim() bool { return id.kind == verbatimKind }

// isAddress reports whether the identifier is an address.
func (id Identifier) isAddress() bool { return id.kind == addressKind && !id.IsZero() }

// Reveal returns the identifier in its normal form, and "" for the zero
// Identifier. The caller is responsible for where the text goes.
func (id Identifier) Reveal() string {
	if id.IsZero() {
		return ""
	}
	return id.normal.Get().Value()
}

// UnmarshalText does what [Parse] does, so that configuration files can hold
// identifiers. The error is [ErrRedacted] if the text is "[redacted]", because a
// marshalled identifier cannot be restored. On an error the identifier does not
// change.
func (id *Identifier) UnmarshalText(text []byte) error {
	if string(text) == redactedText {
		return ErrRedacted
	}
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// UnmarshalJSON does what [Identifier.UnmarshalText] does, with a JSON string. The
// error is [ErrIdentifier] for anything else, null included.
func (id *Identifier) UnmarshalJSON(data []byte) error {
	var text *string
	if json.Unmarshal(data, &text) != nil || text == nil {
		return ErrIdentifier // an error of package json may hold the text
	}
	return id.UnmarshalText([]byte(*text))
}
