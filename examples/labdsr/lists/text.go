// Package lists answers one question: what does a file say that a person wrote?
//
// Such files hold identifiers, requests, holds, holidays, a secret key, or what only the
// controller knows. Errors give the path, the line and what to do. They hold nothing
// that was read.
package lists

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

const maxTextBytes = 16 << 20

// Text reads a small file: UTF-8, with a mark or without, or UTF-16 with a mark, as
// PowerShell writes it. More than 16 MiB are an error.
func Text(path string) (string, error) { return TextUpTo(path, maxTextBytes) }

// TextUpTo is [Text] with a limit of bytes.
func TextUpTo(path string, limit int64) (string, error) {
	data, err := read(path, limit)
	if err != nil {
		return "", err
	}
	return decode(path, data)
}

// read reads a file, whatever the system says of its size: a pipe and a device have none.
func read(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // was only read
	return readUpTo(path, file, limit)
}

func readUpTo(path string, in io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, fault.In(path, err)
	}
	if int64(len(data)) > limit {
		return nil, fault.In(path, fault.WithHint(errors.New("is much too large"), "such a file may have %d KiB", limit>>10))
	}
	return data, nil
}

func decode(path string, data []byte) (string, error) {
	for _, begin := range []string{"PK\x03\x04", "\xd0\xcf\x11\xe0"} {
		if bytes.HasPrefix(data, []byte(begin)) {
			return "", fault.In(path, fault.WithHint(errors.New("is a workbook or an archive, and no text"), "save it in the spreadsheet as CSV UTF-8"))
		}
	}
	decoded, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), data)
	if err != nil || !utf8.Valid(decoded) || strings.ContainsRune(string(decoded), 0) {
		return "", fault.In(path, fault.WithHint(errors.New("is neither UTF-8 nor UTF-16 with a mark"), "save it as UTF-8"))
	}
	return string(decoded), nil
}

// CSV reads the first line of a CSV text, which is the header, whatever its letter case,
// and returns a reader of the other lines, or nil if it is another line. A spreadsheet
// may have put semicolons or tabs between the fields.
func CSV(text string, header []string) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord = len(header)
	first, _, _ := strings.Cut(text, "\n")
	for _, comma := range ";\t" {
		if strings.ContainsRune(first, comma) { // no name of a header has one
			r.Comma = comma
		}
	}
	names, err := r.Read()
	if err != nil || !slices.EqualFunc(names, header, strings.EqualFold) {
		return nil
	}
	return r
}

// CSVLine returns the line that an error of the reader is on.
func CSVLine(err error) int {
	if e, ok := errors.AsType[*csv.ParseError](err); ok {
		return e.StartLine
	}
	return 0
}

// Day reads an instant, or a day, which is its first instant in UTC.
func Day(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, strings.ToUpper(text)); err == nil && !t.IsZero() {
			return t, nil
		}
	}
	return time.Time{}, fault.WithHint(errors.New("neither a day nor an instant"), "write it as 2026-05-01 or 2026-05-01T09:00:00Z")
}
