package lists

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// How large lists of identifiers may be: those of one person, and those of all requests.
// In memory an identifier takes up to 250 times as much as the shortest one in a list.
const (
	maxPersonBytes  = 1 << 20
	maxRequestBytes = 4 << 20
)

// Identifiers reads a file with one identifier a line: an address or object ID as [Parse]
// reads it, or the whole text of an owner, as in owner:NULL. Blank lines do not matter; no
// identifier is an error. With an error come the identifiers before it, so that they can be
// kept out of messages.
func Identifiers(path string) ([]identity.Identifier, error) {
	text, err := TextUpTo(path, maxPersonBytes)
	if err != nil {
		return nil, err
	}
	return identifiers(path, text)
}

// IdentifiersIn reads the same from an open file, which messages call by the name.
func IdentifiersIn(name string, in io.Reader) ([]identity.Identifier, error) {
	data, err := readUpTo(name, in, maxPersonBytes)
	if err != nil {
		return nil, err
	}
	text, err := decode(name, data)
	if err != nil {
		return nil, err
	}
	return identifiers(name, text)
}

func identifiers(path, text string) ([]identity.Identifier, error) {
	var ids []identity.Identifier
	err := eachLine(path, text, func(line string) error {
		fields := split(line)
		id, err := parse(line)
		if err != nil && len(fields) == 1 {
			id, err = parse(fields[0]) // without quotes
		}
		if len(fields) > 1 && (err != nil || id.IsVerbatim() && isDay(fields[1])) {
			return fault.WithHint(errors.New("more than an identifier"), "write one identifier a line, and nothing after it")
		}
		if err != nil {
			return err
		}
		ids = append(ids, id)
		return nil
	})
	return ids, err
}

// A Person is who asks, in a list of people.
type Person struct {
	Line        int // of the list, from 1
	Identifiers []identity.Identifier
}

// People reads a file with one person a line: identifiers with commas between them. No
// person is an error. With an error come the identifiers before it, so that they can be
// kept out of messages.
func People(path string) ([]Person, error) {
	text, err := TextUpTo(path, maxRequestBytes)
	if err != nil {
		return nil, err
	}
	var all []Person
	err = eachNumbered(path, text, func(number int, line string) error {
		all = append(all, Person{Line: number})
		one := &all[len(all)-1]
		for text := range strings.SplitSeq(line, ",") {
			id, err := parse(strings.TrimSpace(text))
			if err != nil {
				return err
			}
			one.Identifiers = append(one.Identifiers, id)
		}
		return nil
	})
	return all, err
}

// ownerPrefix begins a line with the text of an owner. No address and no object ID has a
// colon.
const ownerPrefix = "owner:"

// parse returns the identifier that a text is: one as [Parse] reads it, or the whole text of
// an owner after the prefix.
func parse(text string) (identity.Identifier, error) {
	if n := len(ownerPrefix); len(text) >= n && strings.EqualFold(text[:n], ownerPrefix) {
		id, err := identity.Verbatim(text[n:])
		if err != nil {
			err = errors.New(WhyNoOwner(err))
		}
		return id, err
	}
	id, why := Parse(text)
	switch why {
	case "":
		return id, nil
	case whyNeither:
		return id, fault.WithHint(errors.New(why), "an owner that is neither is its whole text in the column ResourceOwner, after %s, as in %sNULL", ownerPrefix, ownerPrefix)
	}
	return id, errors.New(why)
}

// split returns the text of a line before its last separator, and what is after that. A
// spreadsheet may have put a semicolon or a tab instead of the comma, and quotes around
// each text. A line without separators is one text.
func split(line string) []string {
	const separators = ",;\t"
	if strings.HasPrefix(line, `"`) {
		for _, comma := range separators {
			r := csv.NewReader(strings.NewReader(line))
			r.Comma = comma
			if fields, err := r.Read(); err == nil && len(fields) <= 2 {
				return fields
			}
		}
	}
	if i := strings.LastIndexAny(line, separators); i >= 0 {
		return []string{line[:i], line[i+1:]}
	}
	return []string{line}
}

func isDay(text string) bool {
	_, err := Day(text)
	return err == nil
}

// Why a text is no identifier of a person.
const (
	whyNeither     = "neither an e-mail address nor an object ID; names, domains and patterns are not enough"
	whyReplacement = "a replacement that anonymization left: it is nobody's"
	whyNil         = "the nil GUID, which is written where there is no object ID: it identifies nobody"
	whyPattern     = "a pattern: give each address in full"
	whySpreadsheet = "an address after a sign that a spreadsheet writes: give the address without it"
)

// Parse returns the identifier that a text is, or in words why it is none. It takes no
// address that is certainly meant otherwise: *@contoso.com is nobody's, and ='s and
// apostrophes are what spreadsheets begin with.
func Parse(text string) (id identity.Identifier, why string) {
	id, err := identity.Parse(text)
	switch {
	case errors.Is(err, identity.ErrReplacement):
		why = whyReplacement
	case err != nil:
		why = whyNeither
	case id.Reveal() == identity.NilObjectID:
		why = whyNil
	case strings.Contains(id.Reveal(), "*"):
		why = whyPattern
	case strings.IndexAny(id.Reveal(), "='") == 0:
		why = whySpreadsheet
	}
	if why != "" {
		return identity.Identifier{}, why
	}
	return id, ""
}

// WhyNoOwner says in words what an error of [identity.Verbatim] is.
func WhyNoOwner(err error) string {
	if errors.Is(err, identity.ErrReplacement) {
		return whyReplacement
	}
	return "blank: a machine without an owner is nobody's"
}

// Requests reads a file with one request a line: an identifier as [Identifiers] reads it,
// and after a comma the day or instant of the request. Without one, erasure is asked for
// now; for the removal of an account the instant is needed. No request is an error. With an
// error come the requests before it, so that their identifiers can be kept out of messages.
func Requests(path string, kind anonymize.RequestKind, now time.Time) ([]anonymize.Request, error) {
	text, err := TextUpTo(path, maxRequestBytes)
	if err != nil {
		return nil, err
	}
	var all []anonymize.Request
	err = eachLine(path, text, func(line string) error {
		request, err := newRequest(kind, line, now)
		if err != nil {
			return err
		}
		all = append(all, request)
		return nil
	})
	return all, err
}

func newRequest(kind anonymize.RequestKind, line string, now time.Time) (anonymize.Request, error) {
	fields := []string{line}
	if _, err := identity.Parse(line); err != nil { // an address may have a comma in quotes
		fields = split(line)
	}
	id, err := parse(strings.TrimSpace(fields[0]))
	if err != nil {
		return anonymize.Request{}, err
	}
	r := anonymize.Request{Kind: kind, Identifier: id, At: now}
	switch {
	case len(fields) > 1 && strings.TrimSpace(fields[1]) != "":
		r.At, err = Day(fields[1])
		if err != nil && id.IsVerbatim() {
			err = fault.WithHint(err, "after an owner with a comma or semicolon, write a comma and the instant, such as 2026-05-01, or a comma alone")
		}
		return r, err
	case kind == anonymize.Removed:
		return r, fault.WithHint(errors.New("no instant after the identifier"), "write when the account was removed: identifier,2026-05-01")
	}
	return r, nil
}

// eachLine calls read for each line of the text of a file that is not blank, and adds
// path and line to its error. A file without any is an error.
func eachLine(path, text string, read func(line string) error) error {
	return eachNumbered(path, text, func(_ int, line string) error { return read(line) })
}

// eachNumbered is eachLine with the number of the line.
func eachNumbered(path, text string, read func(number int, line string) error) error {
	blank := true
	number := 0
	for line := range strings.SplitSeq(text, "\n") {
		number++
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		blank = false
		if err := read(number, line); err != nil {
			return fault.In(path, fmt.Errorf("line %d: %w", number, err))
		}
	}
	if blank {
		return fault.In(path, fault.WithHint(errors.New("no identifier in this file"), "write one identifier a line"))
	}
	return nil
}
