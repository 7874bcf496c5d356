package csvschema

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/internal/veil"
)

// redacted is printed, logged and marshalled in place of a personal cell.
const redacted = "[redacted]"

// An opaque is embedded in types that hold text of a file, so that they do not show it.
type opaque struct{}

// String returns "[redacted]".
func (opaque) String() string { return redacted }

// Format writes "[redacted]", whatever the verb and its flags are.
func (opaque) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, redacted) // fmt keeps what it writes in memory
}

// LogValue returns "[redacted]".
func (opaque) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns "[redacted]".
func (opaque) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// A PersonalText is a cell that names a person or often holds the name of one: an
// owner, or an Azure resource ID that contains a user or the name of a machine.
//
// It redacts itself: every verb of package fmt, both handlers of log/slog and the
// encoders of text and JSON write "[redacted]", and what compares values in tests shows no
// text. Only [PersonalText.Reveal] returns the text, and only a [Writer] writes it. == does
// not compile: use [PersonalText.Equal], or, to find out whether two cells name the same
// person, their [identity.Identifier]s. The zero value is an empty cell. It is safe for
// concurrent use, except for the methods that set it.
type PersonalText struct {
	opaque

	_ [0]func() // == would compare pointers, so it must not compile

	// text is nil for an empty cell. It is a pointer because fmt does not call Format,
	// and prints the fields of a value by reflection, where the value is in an
	// unexported field or the verb is %p or %w. It then prints a pointer.
	text veil.Of[*string]
}

// NewPersonalText returns the cell with the given text.
func NewPersonalText(text string) PersonalText {
	if text == "" {
		return PersonalText{}
	}
	return PersonalText{text: veil.New(&text)}
}

// Reveal returns the text of the cell. The caller is responsible for where the text
// goes.
func (p PersonalText) Reveal() string {
	if text := p.text.Get(); text != nil {
		return *text
	}
	return ""
}

// Equal reports whether the cells have the same text.
func (p PersonalText) Equal(other PersonalText) bool { return p.Reveal() == other.Reveal() }

// UnmarshalText sets the cell to the text. The text "[redacted]" is
// [identity.ErrRedacted], because the marshalled text is lost. After an error the cell
// is as it was.
func (p *PersonalText) UnmarshalText(text []byte) error {
	if string(text) == redacted {
		return identity.ErrRedacted
	}
	*p = NewPersonalText(string(text))
	return nil
}

// UnmarshalJSON sets the cell to a JSON string, as [PersonalText.UnmarshalText]
// does. Anything else, null included, is [ErrValue].
func (p *PersonalText) UnmarshalJSON(data []byte) error {
	var text *string
	if json.Unmarshal(data, &text) != nil || text == nil {
		return ErrValue // the error of package json could hold the text
	}
	return p.UnmarshalText([]byte(*text))
}

// MarshalCSV returns the text of the cell as it is.
func (p PersonalText) MarshalCSV() (string, error) { return p.Reveal(), nil }

// UnmarshalCSV sets the cell to the text as it is. The error is always nil.
func (p *PersonalText) UnmarshalCSV(cell string) error {
	*p = NewPersonalText(cell)
	return nil
}

// cellText is the text of a cell C whose column holds no personal data. It is kept as
// it was read.
type cellText[C any] struct {
	text string
}

// String returns the text of the cell.
func (c cellText[C]) String() string { return c.text }

// MarshalText returns the text of the cell.
func (c cellText[C]) MarshalText() ([]byte, error) { return []byte(c.text), nil }

// Equal reports whether the cells have the same text.
func (c cellText[C]) Equal(other C) bool { return any(other).(fmt.Stringer).String() == c.text }

// A Bool is a cell that holds True or False, in any letter case, or nothing.
// It keeps the text that was read. The zero value is an empty cell.
type Bool struct {
	cellText[Bool] // True or False, in any letter case, or empty
}

// Bool returns the value of the cell. Ok is false if the cell is empty.
func (b Bool) Bool() (value, ok bool) {
	return len(b.text) == len("true"), b.text != ""
}

// UnmarshalText sets the cell to the text. Text that is not True, False or empty is
// [ErrValue], with an empty cell.
func (b *Bool) UnmarshalText(text []byte) (err error) {
	*b, err = parseBool(string(text))
	return err
}

func parseBool(cell string) (Bool, error) {
	if cell != "" && !equalFoldASCII(cell, "true") && !equalFoldASCII(cell, "false") {
		return Bool{}, ErrValue
	}
	return Bool{cellText[Bool]{cell}}, nil
}

// An Integer is a cell that holds a number in decimal digits, or nothing. It
// keeps the text that was read, leading zeros included: 010 is ten. The zero
// value is an empty cell.
type Integer struct {
	cellText[Integer] // decimal digits of a number that fits an int64, or empty
}

// Int64 returns the value of the cell. Ok is false if the cell is empty.
func (i Integer) Int64() (value int64, ok bool) { return digits(i.text) }

// UnmarshalText sets the cell to the text. Text that is neither empty nor only decimal
// digits, or a number that does not fit an int64, is [ErrValue], with an empty cell.
func (i *Integer) UnmarshalText(text []byte) (err error) {
	*i, err = parseInteger(string(text))
	return err
}

func parseInteger(cell string) (Integer, error) {
	if _, ok := digits(cell); !ok && cell != "" {
		return Integer{}, ErrValue
	}
	return Integer{cellText[Integer]{cell}}, nil
}

// UnmarshalJSON sets the cell to a JSON string, as [Bool.UnmarshalText] does. Anything
// else, null included, is [ErrValue], with an empty cell.
func (b *Bool) UnmarshalJSON(data []byte) (err error) {
	*b, err = parseJSON(data, parseBool)
	return err
}

// UnmarshalJSON sets the cell to a JSON string, as [Integer.UnmarshalText] does. Anything
// else, null included, is [ErrValue], with an empty cell.
func (i *Integer) UnmarshalJSON(data []byte) (err error) {
	*i, err = parseJSON(data, parseInteger)
	return err
}

// parseJSON parses the text of a JSON string. Without it package json would leave a cell
// as it is where null is, as if nothing were wrong.
func parseJSON[T any](data []byte, parse func(string) (T, error)) (cell T, err error) {
	var text *string
	if json.Unmarshal(data, &text) != nil || text == nil {
		return cell, ErrValue // the error of package json could hold the text
	}
	return parse(*text)
}

// digits returns the value of decimal digits. Ok is false if s is empty, holds anything
// else, or if the value does not fit.
func digits(s string) (value int64, ok bool) {
	for i := range len(s) {
		d := int64(s[i]) - '0'
		if d < 0 || d > 9 || value > (math.MaxInt64-d)/10 {
			return 0, false
		}
		value = 10*value + d
	}
	return value, s != ""
}

// equalFoldASCII reports whether s equals lower in any letter case of ASCII.
// strings.EqualFold would accept "falſe" with a long s too.
func equalFoldASCII(s, lower string) bool {
	if len(s) != len(lower) {
		return false
	}
	for i := range len(s) {
		if s[i]|0x20 != lower[i] {
			return false
		}
	}
	return true
}
