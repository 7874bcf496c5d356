package response

import (
	"time"

	"golang.org/x/text/language"

	"github.com/labdsr/labdsr/csvschema"
)

// ReadLocale returns the texts in the file of a language.
func ReadLocale(tag language.Tag) (map[string]any, error) { return readLocale(tag) }

// Texts returns a function that writes texts in a language.
func Texts(tag language.Tag) (func(key string, args ...any) string, error) {
	p, err := newPrinter(tag)
	if err != nil {
		return nil, err
	}
	return p.T, nil
}

// Dates returns a day, a month and an instant as they are written in a language.
func Dates(tag language.Tag, t time.Time) (day, month, instant string, err error) {
	p, err := newPrinter(tag)
	if err != nil {
		return "", "", "", err
	}
	return p.Day(t), p.Month(t), p.Instant(t), nil
}

// ColumnKey returns the key of the text that describes a column.
func ColumnKey(role csvschema.Role, c csvschema.Column) string { return columnKey(role, c) }

// HoldAtMost makes the limit of rows that are held without a spool smaller.
func HoldAtMost(o *Options, size int) { o.maxHeld = size }

// CellsOf returns the cells of a record with its line end.
func CellsOf(raw string) []string { return appendCells(nil, raw) }
