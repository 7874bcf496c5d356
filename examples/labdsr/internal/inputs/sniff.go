package inputs

import (
	"bytes"
	"errors"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
)

// errNoExport says that a file is not one of the two kinds.
var errNoExport = errors.New("no export: its first line does not name the columns of virtualmachines.csv or disks.csv")

// decisive are the columns that only exports have. A file that names one of them in its
// first line, or all of them in one of the next, is an export, or a damaged one: it is
// never left alone in silence.
var decisive = []string{"labuid", "resourceuid"}

// sniffBytes is how much of a file is looked at. Of a text that would be left alone it is
// more, because titles and comments may be above an export.
const (
	sniffBytes     = 16 << 10
	sniffTextBytes = 1 << 20
)

// sniff sets the role of the file and its header. It returns errNoExport for a file
// of another kind, and for one whose header is one of the lists.
func (f *File) sniff(lists [][]string) error {
	if f.isOther || f.open == nil {
		return errNoExport
	}
	head, err := f.head(sniffBytes)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(head, []byte(appleDouble)) || isArchiveHead(head) || !isHeader(head, lists) {
		name := path.Base(filepath.ToSlash(f.Path))
		f.doubt = doubtOf(name, head, lists)
		if f.doubt == "" && len(head) == sniffBytes && !isBinary(plainText(head)) {
			if head, err = f.head(sniffTextBytes); err != nil {
				return err
			}
			f.doubt = doubtOf(name, head, lists)
		}
		return errNoExport
	}
	header, err := f.readHeader(csvschema.VirtualMachines)
	if errors.Is(err, csvschema.ErrWrongRole) {
		header, err = f.readHeader(csvschema.Disks)
	}
	if err != nil {
		return err
	}
	f.Role, f.Header = header.Role(), bytes.Clone(header.Raw())
	return nil
}

// titleLines is how many lines may be above a header, such as "sep=," or a title.
const titleLines = 5

// isHeader reports whether the first line of a file names a decisive column, or whether
// one of the next lines names all of them, and the line is not one of the lists. Such a
// file is an export, although one that cannot be read with a title. The encoding does not
// matter, nor does what separates the names.
func isHeader(head []byte, lists [][]string) bool {
	text := plainText(head)
	for above := range titleLines + 1 {
		var line string
		line, text, _ = strings.Cut(text, "\n")
		names := cellsOf(line)
		if slices.ContainsFunc(lists, func(list []string) bool { return slices.EqualFunc(names, list, strings.EqualFold) }) {
			return false
		}
		found := 0
		for _, column := range decisive {
			if slices.ContainsFunc(names, func(name string) bool {
				return strings.ToLower(strings.Trim(name, "\" \ufeff\ufffd")) == column
			}) {
				found++
			}
		}
		if found == len(decisive) || found > 0 && above == 0 {
			return true
		}
	}
	return false
}

// head returns the beginning of the file, which is so long at most.
func (f *File) head(size int64) ([]byte, error) {
	in, err := f.open()
	if err != nil {
		return nil, err
	}
	defer quietly(in)
	return io.ReadAll(io.LimitReader(in, size))
}

// readHeader reads the header as that of a role.
func (f *File) readHeader(role csvschema.Role) (*csvschema.Header, error) {
	in, err := f.open()
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
