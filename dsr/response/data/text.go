package data

import (
	"encoding/json"

	"github.com/labdsr/labdsr/csvschema"
)

// A Text is a text that may name people. It is a [csvschema.PersonalText] that package json
// writes and reads in clear.
type Text struct {
	csvschema.PersonalText
}

// NewText returns the Text of a string.
func NewText(text string) Text { return Text{csvschema.NewPersonalText(text)} }

// Equal reports whether the texts are the same.
func (t Text) Equal(other Text) bool { return t.PersonalText.Equal(other.PersonalText) }

// MarshalJSON returns the text as a JSON string.
func (t Text) MarshalJSON() ([]byte, error) { return t.append(nil), nil }

// append appends the text as a JSON string. Most texts are plain, and there are many.
func (t Text) append(dst []byte) []byte {
	text := t.Reveal()
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			quoted, _ := json.Marshal(text) // a string never fails
			return append(dst, quoted...)
		}
	}
	return append(append(append(dst, '"'), text...), '"')
}

// UnmarshalJSON sets the text to a JSON string. Anything else, null included, is
// [csvschema.ErrValue].
func (t *Text) UnmarshalJSON(data []byte) error {
	var text *string
	if json.Unmarshal(data, &text) != nil || text == nil {
		return csvschema.ErrValue // an error of package json may hold the text
	}
	*t = NewText(*text)
	return nil
}
