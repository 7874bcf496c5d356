package reveal

import (
	"reflect"

	"github.com/labdsr/labdsr/csvschema"
)

// Arguments returns the cells of the row as arguments of a query, in documented order:
// personal cells are strings, and the others what database/sql makes of them. The types of
// their columns are those of package dictionary.
func Arguments[T csvschema.Row](row T) []any {
	fields := reflect.ValueOf(row)
	arguments := make([]any, fields.NumField())
	for i := range arguments {
		arguments[i] = fields.Field(i).Interface()
		if text, ok := arguments[i].(csvschema.PersonalText); ok {
			arguments[i] = text.Reveal()
		}
	}
	return arguments
}

// Destinations returns where the Scan of database/sql puts the cells of the row, in
// documented order. NULL is an empty cell. A value that the cell cannot hold is
// [csvschema.ErrValue].
func Destinations[T csvschema.Row](row *T) []any {
	fields := reflect.ValueOf(row).Elem()
	destinations := make([]any, fields.NumField())
	for i := range destinations {
		destinations[i] = fields.Field(i).Addr().Interface()
		if text, ok := destinations[i].(*string); ok {
			destinations[i] = scannedText{text}
		}
	}
	return destinations
}

// A scannedText scans a string that may be NULL.
type scannedText struct{ text *string }

// Scan implements sql.Scanner.
func (s scannedText) Scan(value any) error {
	switch v := value.(type) {
	case nil:
		*s.text = ""
	case string:
		*s.text = v
	case []byte:
		*s.text = string(v)
	default:
		return csvschema.ErrValue
	}
	return nil
}
