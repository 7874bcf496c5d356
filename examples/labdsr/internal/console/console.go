// Package console answers one question: what does the person at the terminal see?
//
// A [Console] writes the lines of the summary, errors and progress to standard error.
// Each line goes through [Console.Hide]: no identifier of a person is in it.
package console

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// A Console writes what happens for people to read. Only one goroutine may use it, except for
// [Console.Advance].
type Console struct {
	w        io.Writer
	terminal bool
	colours  bool
	secrets  map[string]bool // identifiers of people in normal form
	owners   map[string]bool // texts of owners, in lower case
	sizes    []int           // of owners, each once, the longest first
	bar      *progress
}

// New returns a console that writes to a file. Colours and progress are for a terminal
// only.
func New(stderr *os.File) *Console {
	terminal := term.IsTerminal(int(stderr.Fd()))
	colours := terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && showsColours(stderr)
	return &Console{w: stderr, terminal: terminal, colours: colours}
}

const (
	bold   = "1"
	red    = "31"
	yellow = "33"
)

func (c *Console) paint(colour, text string) string {
	if !c.colours {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

const labelWidth = 11

// Line writes one line that begins with a label, which may be empty.
func (c *Console) Line(label, format string, args ...any) {
	c.labelled(bold, label, format, args...)
}

// Warn writes a line that a person should look at.
func (c *Console) Warn(label, format string, args ...any) {
	c.labelled(yellow, label, format, args...)
}

func (c *Console) labelled(colour, label, format string, args ...any) {
	c.bar.clear()
	padding := strings.Repeat(" ", max(labelWidth-len(label), 1))
	if label != "" {
		label = c.paint(colour, label)
	}
	_, _ = fmt.Fprintln(c.w, label+padding+c.Hide(fmt.Sprintf(format, args...)))
}

// Fail writes what went wrong, and what to do about it. The hint may be empty.
func (c *Console) Fail(text, hint string) {
	c.bar.clear()
	_, _ = fmt.Fprintln(c.w, c.paint(red, "labdsr:")+" "+c.Hide(text))
	if hint != "" {
		_, _ = fmt.Fprintln(c.w, "  "+c.paint(bold, "hint:")+" "+c.Hide(hint))
	}
}

var guid = regexp.MustCompile(`(?i)\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?`)

// secret is a part of a SAS or of a connection string that nobody may see. It is in a text
// if somebody gave one for a path.
var secret = regexp.MustCompile(`(?i)\b(sig=|accountkey=|sharedaccesssignature=)[^\s;:&"']*`)

const hiddenText = "[hidden]"

// Hide takes identifiers out of a text, such as the path of a file: every address, every
// object ID in /users/{object ID}, and every identifier that was given to KeepSecret or
// KeepArguments, in any spelling. Other GUIDs stay, such as those of labs. What a terminal
// would carry out or show in another order is replaced by U+FFFD.
func (c *Console) Hide(text string) string {
	text = secret.ReplaceAllString(text, "${1}"+hiddenText)
	text = c.hideOwners(text)
	for _, drops := range []bool{false, true} {
		for _, backslash := range []rune{'\\', '/'} { // itself, and that of a path of Windows
			text = hideAsSeen(text, func(r rune) rune {
				switch {
				case drops && (r == utf8.RuneError || isControl(r)):
					return -1
				case r == '\\':
					return backslash
				}
				return r
			})
		}
	}
	text = guid.ReplaceAllStringFunc(text, func(s string) string {
		if c.secrets[identity.Normal(s)] {
			return hiddenText
		}
		return s
	})
	return strings.Map(func(r rune) rune {
		if isControl(r) {
			return utf8.RuneError
		}
		return r // also of bytes that are no UTF-8
	}, text)
}

// isControl reports whether a terminal carries a character out, or does not show it.
func isControl(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }

// hideAsSeen takes out of a text the identifiers that are in it when each character is what
// seen returns, or is not there if that is negative. A byte that is no UTF-8 is U+FFFD.
func hideAsSeen(text string, seen func(rune) rune) string {
	cell, at := seenAs(text, seen)
	var finder identity.Finder
	for _, span := range slices.Backward(finder.Find(nil, cell)) {
		found := cell[span.Start:span.End]
		isPerson := span.Kind == identity.AddressSpan || span.Kind == identity.UserSpan && guid.Match(found)
		if isPerson && !identity.IsReplacement(found) {
			text = text[:at[span.Start]] + hiddenText + text[at[span.End]:]
		}
	}
	return text
}

// seenAs returns what is left of a text when each character is what seen returns, or is not
// there if that is negative, and for each byte of it, and its end, the offset in the text.
func seenAs(text string, seen func(rune) rune) (cell []byte, at []int) {
	for i, r := range text {
		if r = seen(r); r < 0 {
			continue
		}
		for range utf8.RuneLen(r) {
			at = append(at, i)
		}
		cell = utf8.AppendRune(cell, r)
	}
	return cell, append(at, len(text))
}

// hideOwners takes the texts of owners out of a text, in any letter case. It takes the
// same time for many of them as for few.
func (c *Console) hideOwners(text string) string {
	if len(c.owners) == 0 {
		return text
	}
	var shown strings.Builder
	lower, at := seenAs(text, unicode.ToLower)
	from := 0 // what is before it in the text is in shown
	for i := 0; i < len(lower); {
		size := 0
		for _, n := range c.sizes {
			if i+n <= len(lower) && c.owners[string(lower[i:i+n])] {
				size = n
				break
			}
		}
		if size > 0 {
			shown.WriteString(text[from:at[i]] + hiddenText)
			from = at[i+size]
		}
		i += max(size, 1)
	}
	return shown.String() + text[from:]
}

// HideAll takes identifiers out of each text.
func (c *Console) HideAll(texts []string) []string {
	out := []string{}
	for _, text := range texts {
		out = append(out, c.Hide(text))
	}
	return out
}

// minOwnerLetters is how many letters the text of an owner has that is hidden. Shorter
// ones are in many words.
const minOwnerLetters = 4

// KeepSecret makes Hide know identifiers. The text of an owner is hidden if it has four
// letters or more.
func (c *Console) KeepSecret(ids ...identity.Identifier) {
	if c.secrets == nil {
		c.secrets, c.owners = map[string]bool{}, map[string]bool{}
	}
	for _, id := range ids {
		text := id.Reveal()
		c.secrets[text] = true
		if id.IsVerbatim() && letters(text) >= minOwnerLetters {
			c.owners[text] = true
			if _, known := slices.BinarySearchFunc(c.sizes, len(text), func(a, b int) int { return b - a }); !known {
				c.sizes = append(c.sizes, len(text))
				slices.SortFunc(c.sizes, func(a, b int) int { return b - a })
			}
		}
	}
}

func letters(text string) (n int) {
	for _, r := range text {
		if unicode.IsLetter(r) {
			n++
		}
	}
	return n
}

// KeepArguments makes Hide know the identifiers in a command line. An argument may be
// an identifier, or a flag with one after an equals sign.
func (c *Console) KeepArguments(args []string) {
	for _, arg := range args {
		_, value, hasValue := strings.Cut(arg, "=")
		if !hasValue {
			value = arg
		}
		if id, err := identity.Parse(value); err == nil {
			c.KeepSecret(id)
		}
	}
}
