package main

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
)

// errNoExport says that a file is not one of the two kinds.
var errNoExport = errors.New("no export: its first line does not name the columns of virtualmachines.csv or disks.csv")

// decisive are the columns that tell an export from other CSV files. A file that
// names one of them in its first line is an export, or a damaged one: it is never
// left alone in silence.
var decisive = []string{"labuid", "resourceuid"}

const sniffBytes = 16 << 10

// sniff returns the kind of a file and its header as it stands there.
func (c *content) sniff() (csvschema.Role, []byte, error) {
	head, err := c.head()
	if err != nil {
		return 0, nil, err
	}
	if !isHeader(head) {
		return 0, nil, errNoExport
	}
	header, err := c.header(csvschema.VirtualMachines)
	if errors.Is(err, csvschema.ErrWrongRole) {
		header, err = c.header(csvschema.Disks)
	}
	if err != nil {
		return 0, nil, err
	}
	return header.Role(), bytes.Clone(header.Raw()), nil
}

// isHeader reports whether the first line of a file names a decisive column, whatever
// stands between the names and in whatever encoding it may be.
func isHeader(head []byte) bool {
	text := strings.ToValidUTF8(string(bytes.ReplaceAll(head, []byte{0}, nil)), "\ufffd") // UTF-16 without its zeros
	line, _, _ := strings.Cut(strings.TrimLeft(text, "\r\n\ufeff"), "\n")
	names := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(",;\t|\r", r) })
	if slices.Equal(names, reviewHeader) || slices.Equal(names, holdsHeader) {
		return false // lists of this program
	}
	for _, name := range names {
		if slices.Contains(decisive, strings.ToLower(strings.Trim(name, "\" \ufeff\ufffd"))) {
			return true
		}
	}
	return false
}

func (c *content) head() ([]byte, error) {
	in, err := c.open()
	if err != nil {
		return nil, err
	}
	defer quietly(in)
	return io.ReadAll(io.LimitReader(in, sniffBytes))
}

func (c *content) header(role csvschema.Role) (*csvschema.Header, error) {
	in, err := c.open()
	if err != nil {
		return nil, err
	}
	defer quietly(in)
	decides := csvschema.ResourceOwner
	if role == csvschema.Disks {
		decides = csvschema.LeasedByVmId
	}
	return csvschema.NewRecordReader(in, role, &csvschema.RecordOptions{
		Required: []csvschema.Column{csvschema.LabUId, csvschema.ResourceId, csvschema.ResourceUId, decides},
	}).Header()
}
