package reveal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema"
)

// An Object is a row that marshals to JSON in clear.
type Object[T csvschema.Row] struct {
	Row T
}

// Row returns the object of the row.
func Row[T csvschema.Row](row T) Object[T] { return Object[T]{row} }

// Format prints the row, which redacts itself.
func (o Object[T]) Format(state fmt.State, _ rune) {
	_, _ = io.WriteString(state, fmt.Sprint(o.Row)) // fmt keeps what it writes in memory
}

// LogValue returns that of the row, which redacts itself.
func (o Object[T]) LogValue() slog.Value { return slog.AnyValue(o.Row).Resolve() }

// MarshalJSON returns an object with a string for each documented column. A cell that a
// [csvschema.Writer] refuses is an error.
func (o Object[T]) MarshalJSON() ([]byte, error) {
	cells := csvschema.CellsOf(&o.Row)
	columns := cells.Role().Columns()
	out := []byte{'{'}
	for i, text := range cells.AppendCells(nil) {
		if err := check(text); err != nil {
			return nil, errorAt(cells.Role(), columns[i], err)
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendString(out, columns[i].String()), ':')
		out = appendString(out, text)
	}
	return append(out, '}'), nil
}

// UnmarshalJSON sets the row to what MarshalJSON returns: an object that has each
// documented column once, by its exact name and in any order, and nothing else. After an
// error the row is as it was.
func (o *Object[T]) UnmarshalJSON(data []byte) error {
	var row T
	cells := csvschema.CellsOf(&row)
	role, missing := cells.Role(), cells.Role().Columns()
	if !utf8.Valid(data) {
		return errorAt(role, 0, csvschema.ErrUTF8) // package json would change it
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if start, err := d.Token(); err != nil || start != json.Delim('{') {
		return errorAt(role, 0, csvschema.ErrValue) // an error of package json may hold a part of the text
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return errorAt(role, 0, csvschema.ErrValue)
		}
		var column csvschema.Column
		if text, ok := name.(string); !ok || column.UnmarshalText([]byte(text)) != nil || !slices.Contains(role.Columns(), column) {
			return errorAt(role, 0, csvschema.ErrUnknownColumn)
		}
		i := slices.Index(missing, column)
		if i < 0 {
			return errorAt(role, column, csvschema.ErrRepeatedColumn)
		}
		missing = slices.Delete(missing, i, i+1)
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return errorAt(role, column, csvschema.ErrValue)
		}
		text, err := textOf(value)
		if err != nil {
			return errorAt(role, column, err)
		}
		if err := cells.SetCell(column, text); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return errorAt(role, 0, csvschema.ErrValue)
	}
	if _, err := d.Token(); err != io.EOF {
		return errorAt(role, 0, csvschema.ErrValue)
	}
	if len(missing) > 0 {
		return errorAt(role, missing[0], csvschema.ErrMissingColumn)
	}
	o.Row = row
	return nil
}

// appendString appends the text as a JSON string.
func appendString(dst []byte, text string) []byte {
	quoted, _ := json.Marshal(text) // a string never fails
	return append(dst, quoted...)
}

// textOf returns the text of a JSON string.
func textOf(value json.RawMessage) (string, error) {
	var text *string
	if json.Unmarshal(value, &text) != nil || text == nil {
		return "", csvschema.ErrValue
	}
	const replacement = "\uFFFD"                       // for half a character, such as \ud800
	value = bytes.ReplaceAll(value, []byte(`\\`), nil) // what is after a backslash that is escaped is no escape
	written := bytes.Count(value, []byte(replacement)) + bytes.Count(bytes.ToLower(value), []byte(`\ufffd`))
	if strings.Count(*text, replacement) > written {
		return "", csvschema.ErrUTF8
	}
	return *text, check(*text)
}

// check returns why no file can hold the text of a cell, or nil.
func check(text string) error {
	switch {
	case strings.IndexByte(text, 0) >= 0:
		return csvschema.ErrNUL
	case !utf8.ValidString(text):
		return csvschema.ErrUTF8
	}
	return nil
}

func errorAt(role csvschema.Role, c csvschema.Column, err error) error {
	return &csvschema.Error{FileID: csvschema.FileID{Role: role}, Column: c, Err: err}
}
