package identity

import (
	"fmt"
	"io"
	"log/slog"
)

// redactedText is printed, logged and marshalled in place of an identifier or a key.
const redactedText = "[redacted]"

// redacted is embedded in every type that holds identifiers or a key, and prints, logs and
// marshals it as "[redacted]". Package fmt prints fields by reflection, without calling
// Format, if the value is in an unexported field or the verb is %p. So such a type has no
// text in a field. It has a pointer to a string, which package fmt does not follow, or a
// pointer to a pointer to a struct: with a verb that is not for pointers, package fmt
// follows the first of them, and never the second.
type redacted struct{}

// String returns "[redacted]".
func (redacted) String() string { return redactedText }

// Format writes "[redacted]" for every verb and flag.
func (redacted) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, redactedText) // a fmt.State writes to memory
}

// LogValue returns "[redacted]".
func (redacted) LogValue() slog.Value { return slog.StringValue(redactedText) }

// MarshalText returns "[redacted]".
func (redacted) MarshalText() ([]byte, error) { return []byte(redactedText), nil }
