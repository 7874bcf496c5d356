package receipt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// The limits of a receipt. They are part of the format: a receipt over a limit can
// be neither sealed nor opened.
const (
	maxTextBytes   = 128
	maxPolicyBytes = 64 << 10
	maxPolicyDepth = 1000 // encoding/json reads no payload that is much deeper
	maxCounts      = 1024
	maxFiles       = 1 << 16
	maxYear        = 9999 // RFC 3339
)

// check returns an [Error] with [ErrValue] for the first value that is not allowed.
func (p *payload) check() error {
	switch {
	case !isText(p.Request):
		return &Error{Field: "request", Err: ErrValue}
	case p.Action == "" || !isText(p.Action):
		return &Error{Field: "action", Err: ErrValue}
	case p.At.IsZero() || p.At.Year() < 1 || p.At.Year() > maxYear:
		return &Error{Field: "at", Err: ErrValue}
	case !isPolicy(p.Policy):
		return &Error{Field: "policy", Err: ErrValue}
	case len(p.Counts) > maxCounts:
		return &Error{Field: "counts", Err: ErrValue}
	}
	for name, n := range p.Counts {
		if name == "" || !isText(name) || n < 0 {
			return &Error{Field: "counts", Err: ErrValue}
		}
	}
	if err := checkFiles("input", p.Inputs); err != nil {
		return err
	}
	return checkFiles("output", p.Outputs)
}

// checkFiles is check for the inputs or the outputs. The field is "input" or
// "output".
func checkFiles(field string, files []file) error {
	if len(files) > maxFiles {
		return &Error{Field: field + "s", Err: ErrValue}
	}
	for i, f := range files {
		if f.Export < 0 || f.File < 0 || f.Bytes < 0 || f.Rows < 0 || f.Role > role(csvschema.Disks) || f.Digest == (identity.Digest{}) {
			return &Error{Field: fmt.Sprintf("%s %d", field, i+1), Err: ErrValue}
		}
	}
	return nil
}

// checkIdentifiers returns an [Error] with [ErrIdentifier] for the first text that
// holds an identifier.
func (p *payload) checkIdentifiers() error {
	var find identity.Finder
	identifies := func(text string) bool { return len(find.Find(nil, []byte(text))) > 0 }
	switch {
	case identifies(p.Request):
		return &Error{Field: "request", Err: ErrIdentifier}
	case identifies(p.Action):
		return &Error{Field: "action", Err: ErrIdentifier}
	}
	for name := range p.Counts {
		if identifies(name) {
			return &Error{Field: "counts", Err: ErrIdentifier}
		}
	}
	if !walkTexts(p.Policy, func(text string, _ bool) bool { return !identifies(text) }) {
		return &Error{Field: "policy", Err: ErrIdentifier}
	}
	return nil
}

// isText reports whether a text is printable ASCII within the limit. It may be empty.
func isText(text string) bool {
	return len(text) <= maxTextBytes && strings.IndexFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// isPolicy reports whether a policy is nil, or a JSON object within the limits whose
// texts have no control character and in which no object repeats a name.
func isPolicy(policy json.RawMessage) bool {
	if policy == nil {
		return true
	}
	if len(policy) > maxPolicyBytes || !utf8.Valid(policy) || !json.Valid(policy) || bytes.TrimLeft(policy, " \t\r\n")[0] != '{' {
		return false
	}
	return walkTexts(policy, func(text string, repeated bool) bool {
		return !repeated && strings.IndexFunc(text, unicode.IsControl) < 0
	})
}

// walkTexts calls visit for each string of valid JSON, both names and values, at any
// depth. The argument repeated says that the string is a name that its object has
// already. The walk stops when visit returns false, and at what is too deep. walkTexts
// reports whether it visited everything.
func walkTexts(data []byte, visit func(text string, repeated bool) bool) bool {
	// A scope is an object or array around the next token.
	type scope struct {
		names   map[string]bool // names that the object has so far; nil for an array
		isValue bool            // the next token is the value of the last name
	}
	scopes := []scope{{}}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber() // otherwise a large number is an error
	for {
		token, err := d.Token()
		if err != nil {
			return err == io.EOF
		}
		in := &scopes[len(scopes)-1]
		isName := in.names != nil && !in.isValue
		in.isValue = isName
		switch token := token.(type) {
		case string:
			if !visit(token, isName && in.names[token]) {
				return false
			}
			if isName {
				in.names[token] = true
			}
		case json.Delim:
			switch token {
			case '{':
				scopes = append(scopes, scope{names: map[string]bool{}})
			case '[':
				scopes = append(scopes, scope{})
			default:
				scopes = scopes[:len(scopes)-1]
			}
			if len(scopes)-1 > maxPolicyDepth {
				return false
			}
		}
	}
}
