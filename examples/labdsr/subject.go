package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

// subjectFlags say who asks.
type subjectFlags struct{ texts, files []string }

func (f *subjectFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.texts, "subject", nil, "`identifier` of the person: an e-mail address, user principal name or object ID; may be repeated")
	cmd.Flags().StringArrayVar(&f.files, "subject-file", nil, "`file` with one identifier a line, which stays out of the shell's history; may be repeated")
}

// subject returns the person, whose identifiers the console then hides.
func (f *subjectFlags) subject(a *app) (dsr.Subject, error) {
	var ids []identity.Identifier
	for i, text := range f.texts {
		id, err := identity.Parse(text)
		if err != nil {
			return dsr.Subject{}, usagef("--subject number %d is %s", i+1, whyNoIdentifier(err))
		}
		ids = append(ids, id)
	}
	for _, path := range f.files {
		lines, err := identifierLines(path)
		if err != nil {
			return dsr.Subject{}, err
		}
		for _, line := range lines {
			id, err := identity.Parse(line.text)
			if err != nil {
				return dsr.Subject{}, &fileError{path, fmt.Errorf("line %d: %s", line.number, whyNoIdentifier(err))}
			}
			ids = append(ids, id)
		}
		if len(lines) == 0 {
			return dsr.Subject{}, &fileError{path, hinted(errors.New("no identifier in this file"), "write one identifier a line")}
		}
	}
	if len(ids) == 0 {
		return dsr.Subject{}, usagef("who asks? give --subject or --subject-file")
	}
	for _, id := range ids {
		a.con.secrets = append(a.con.secrets, id.Reveal())
	}
	return dsr.NewSubject(ids...)
}

func whyNoIdentifier(err error) string {
	if errors.Is(err, identity.ErrReplacement) {
		return "a replacement that anonymization left: it stands for nobody"
	}
	return "neither an e-mail address nor an object ID; names, domains and patterns are not enough"
}

// A textLine is one line of a small file.
type textLine struct {
	number int
	text   string
}

// identifierLines returns the lines of a file that are not blank.
func identifierLines(path string) ([]textLine, error) {
	text, err := readText(path)
	if err != nil {
		return nil, err
	}
	var lines []textLine
	for i, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, textLine{i + 1, line})
		}
	}
	return lines, nil
}

const maxTextBytes = 16 << 20

// readText reads a small file that people wrote: UTF-8, with a mark or without, or
// UTF-16 with a mark, as PowerShell writes it.
func readText(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if info.Size() > maxTextBytes {
		return "", &fileError{path, errors.New("is much too large")}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	decoded, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), data)
	if err != nil || !utf8.Valid(decoded) || strings.ContainsRune(string(decoded), 0) {
		return "", &fileError{path, hinted(errors.New("is neither UTF-8 nor UTF-16 with a mark"), "save it as UTF-8")}
	}
	return string(decoded), nil
}
