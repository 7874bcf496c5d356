package source

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// An Error says which file of a file system cannot be read, and why.
type Error struct {
	// Path is that of the file. What names a person in it is hidden.
	Path string
	// Kind is what the file seems to be, if that is why it cannot be read. Otherwise it
	// is 0, and Err says why.
	Kind Kind
	// Err is a [csvschema.Error], [ErrGzip] or the like, or an error of the file system.
	Err error
}

const prefix = "labdsr: "

// newError returns the Error for a file and an error of its file system or its source.
func newError(name string, err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return &Error{Path: hide(name), Err: withoutPath(err)}
}

// Error describes the file and the cause in one line.
func (e *Error) Error() string {
	what := e.Kind.String()
	if e.Err != nil {
		what = strings.TrimPrefix(e.Err.Error(), prefix)
	}
	return prefix + e.Path + ": " + what
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is [csvschema.ErrInput] and the file is at fault by its Kind.
func (e *Error) Is(target error) bool {
	return target == csvschema.ErrInput && e.Kind.IsDoubtful() && e.Kind != KindSpecial
}

// An inputError says what is wrong with the content of a file.
type inputError string

// Error implements error.
func (e inputError) Error() string { return string(e) }

// Is implements what [errors.Is] looks for.
func (e inputError) Is(target error) bool { return target == csvschema.ErrInput }

// A findError is all that [Find] cannot read, up to a limit.
type findError struct {
	errs []error
	more int // how many are left out
}

// Error implements error.
func (e *findError) Error() string {
	var texts []string
	for _, err := range e.errs {
		texts = append(texts, strings.TrimPrefix(err.Error(), prefix))
	}
	if e.more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", e.more))
	}
	return prefix + strings.Join(texts, "; ")
}

// Unwrap implements what [errors.Is] and [errors.As] look for.
func (e *findError) Unwrap() []error { return e.errs }

// withoutPath returns what an error of a file system is about, without the path that it
// is about. An error that names a person all the same becomes its text, in which that is
// hidden.
func withoutPath(err error) error {
	if inPath, ok := errors.AsType[*fs.PathError](err); ok {
		err = inPath.Err
	}
	if text, found := hidden(err.Error()); found {
		return errors.New(text)
	}
	return err
}

// hide returns a text without what names a person; see hidden.
func hide(text string) string {
	text, _ = hidden(text)
	return text
}

// hidden replaces, in a path or another text, what names a person: addresses, and the x of
// /users/{x}. It reports whether it found any. Characters that nobody sees are left out.
func hidden(text string) (_ string, found bool) {
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, text)
	var finder identity.Finder
	for _, slash := range []string{`\`, "/"} { // a backslash may be one of a path
		seen := strings.ReplaceAll(text, `\`, slash)
		for _, span := range slices.Backward(finder.Find(nil, []byte(seen))) {
			text = text[:span.Start] + "[hidden]" + text[span.End:]
			found = true
		}
	}
	return text, found
}
