package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/term"

	"github.com/labdsr/labdsr/csvschema/identity"
)

// A console tells people what happens, on standard error. Whatever it writes goes
// through hide: no identifier is ever in it.
type console struct {
	w        io.Writer
	terminal bool
	colours  bool
	secrets  []string // identifiers of the command line, as given, in lower case
	bar      *progress
	atEnd    []func() // what is to be done when the run ends
}

func newConsole(stderr *os.File) *console {
	terminal := term.IsTerminal(int(stderr.Fd()))
	return &console{w: stderr, terminal: terminal, colours: terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

const (
	bold   = "1"
	red    = "31"
	yellow = "33"
)

func (c *console) paint(colour, text string) string {
	if !c.colours {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

const labelWidth = 11

// line writes one line with a label in front, which may be empty.
func (c *console) line(label, format string, args ...any) {
	c.labelled(bold, label, format, args...)
}

// warn writes a line about what a person should look at.
func (c *console) warn(label, format string, args ...any) {
	c.labelled(yellow, label, format, args...)
}

func (c *console) labelled(colour, label, format string, args ...any) {
	c.bar.clear()
	padding := strings.Repeat(" ", max(labelWidth-len(label), 1))
	if label != "" {
		label = c.paint(colour, label)
	}
	_, _ = fmt.Fprintln(c.w, label+padding+c.hide(fmt.Sprintf(format, args...)))
}

// fail writes what went wrong, and what to do about it.
func (c *console) fail(text, hint string) {
	c.bar.clear()
	_, _ = fmt.Fprintln(c.w, c.paint(red, "labdsr:")+" "+c.hide(text))
	if hint != "" {
		_, _ = fmt.Fprintln(c.w, "  "+c.paint(bold, "hint:")+" "+c.hide(hint))
	}
}

var guid = regexp.MustCompile(`(?i)\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?`)

const hiddenText = "[hidden]"

// hide takes identifiers out of a text: addresses, and what stands on the command
// line as an identifier in any spelling. Names of files may hold them. Other
// GUIDs stay, such as those of labs.
func (c *console) hide(text string) string {
	var finder identity.Finder
	cell := []byte(text)
	for _, span := range slices.Backward(finder.Find(nil, cell)) {
		if span.Kind == identity.AddressSpan && !identity.IsReplacement(cell[span.Start:span.End]) {
			text = text[:span.Start] + hiddenText + text[span.End:]
		}
	}
	return guid.ReplaceAllStringFunc(text, func(s string) string {
		for _, secret := range c.secrets {
			if identity.Normal(s) == secret {
				return hiddenText
			}
		}
		return s
	})
}

// keepSecret makes hide know the identifiers among the texts.
func (c *console) keepSecret(texts ...string) {
	for _, text := range texts {
		_, value, hasValue := strings.Cut(text, "=")
		if !hasValue {
			value = text
		}
		if id, err := identity.Parse(value); err == nil {
			c.secrets = append(c.secrets, id.Reveal())
		}
	}
}

// count returns a number and a noun that agrees with it.
func count[N int | int64](n N, noun string) string {
	return grouped(int64(n)) + " " + agree(n, noun, plural(noun))
}

// agree returns the form of a word that goes with the number.
func agree[N int | int64](n N, one, more string) string {
	if n == 1 {
		return one
	}
	return more
}

func plural(noun string) string {
	if strings.HasSuffix(noun, "s") {
		return noun + "es"
	}
	return noun + "s"
}

// grouped writes a number with commas between thousands.
func grouped(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
