package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// now is the instant of anonymizing: the end of the dates of the generated exports. Nine
// of ten deleted resources are due.
var now = time.Date(2024, time.September, 1, 12, 0, 0, 0, time.UTC)

// due is the last instant of deletion at which a resource is due.
var due = now.Add(-anonymize.DefaultRetention)

// timeLayout is the layout of instants in the generated exports.
const timeLayout = "1/2/2006 3:04:05 PM"

// A task is a task that is measured.
type task struct {
	name  string
	says  string // what the task asks for
	many  bool   // 10,000 subjects with one row each; otherwise one subject with six
	disks bool   // reads both files
	kind  kind   // tasks of one kind differ in the number of subjects
}

// A kind is what a rival must be able to do for a task.
type kind uint8

const (
	filter      kind = iota + 1 // return the virtual machines of the subjects
	filterDisks                 // return the disks that the virtual machines of the subjects lease
	anonymizing                 // write the file without the owners of due rows
	typed                       // decode every row into a struct
)

var tasks = []task{
	{name: "filter", says: "the virtual machines of one owner", kind: filter},
	{name: "filter-many", says: "the virtual machines of 10,000 owners, one each", kind: filter, many: true},
	{name: "disks", says: "the disks that the machines of one owner lease", kind: filterDisks, disks: true},
	{name: "disks-many", says: "the disks that the machines of 10,000 owners lease", kind: filterDisks, many: true, disks: true},
	{name: "anonymize", says: "no identifiers in rows deleted 30 days ago", kind: anonymizing},
	{name: "typed", says: "a struct of every row", kind: typed},
}

// A dialect is a way to write the generated files.
type dialect struct {
	name string
	csvschematest.Dialect
	crlf bool
}

var dialects = []dialect{
	{name: "quoted", Dialect: csvschematest.Real},
	{name: "plain", Dialect: csvschematest.Plain},
	{name: "crlf", Dialect: csvschematest.Real, crlf: true},
}

// A dataset is a generated export on disk and the truth about it.
type dataset struct {
	machines, disks, owners string // file names; owners has the addresses of the subjects
	machineBytes, bothBytes int64
	rows                    int64 // in each file
	hits                    int64 // rows of the subjects in each file
	digest                  string
	due                     int64 // due rows of virtual machines
}

// newDataset writes an export into a new folder below dir. It writes the disks only if
// asked to.
func newDataset(dir string, size int64, d dialect, many, disks bool) (*dataset, error) {
	dir, err := os.MkdirTemp(dir, d.name+"-")
	if err != nil {
		return nil, err
	}
	o := csvschematest.LargeOptions{Dialect: d.Dialect, CRLF: d.crlf}
	if many {
		o.Subjects, o.Hits = 10_000, 1
	}
	large := csvschematest.NewLarge(1, size, &o)
	s := &dataset{
		machines: filepath.Join(dir, "virtualmachines.csv"),
		disks:    filepath.Join(dir, "disks.csv"),
		owners:   filepath.Join(dir, "owners.csv"),
		rows:     large.Rows(),
		hits:     int64(len(large.Hits())),
		due:      large.Due(csvschema.VirtualMachines, now, anonymize.DefaultRetention),

		machineBytes: large.Size(csvschema.VirtualMachines),
		bothBytes:    large.Size(csvschema.VirtualMachines) + large.Size(csvschema.Disks),
	}
	var owners strings.Builder
	owners.WriteString(csvschema.ResourceOwner.String() + "\n")
	for _, p := range large.Subjects() {
		owners.WriteString(p.Identifiers[0] + "\n")
	}
	if err := os.WriteFile(s.owners, []byte(owners.String()), 0o600); err != nil {
		return nil, err
	}
	if s.digest, err = writeExport(s.machines, large, csvschema.VirtualMachines); err != nil || !disks {
		return s, err
	}
	of, err := writeExport(s.disks, large, csvschema.Disks)
	if err == nil && of != s.digest {
		err = errors.New("disks and virtual machines have different ResourceUIds")
	}
	return s, err
}

// remove removes the files.
func (s *dataset) remove() error { return os.RemoveAll(filepath.Dir(s.machines)) }

// bytes returns the size of the files that a task reads.
func (s *dataset) bytes(t task) int64 {
	if t.disks {
		return s.bothBytes
	}
	return s.machineBytes
}

// writeExport writes a file. It returns the digest of the ResourceUIds of the hits, which
// it reads from the lines that the generator names.
func writeExport(name string, large *csvschematest.Large, role csvschema.Role) (string, error) {
	f, err := os.Create(name)
	if err != nil {
		return "", err
	}
	defer quietly(f)
	w := bufio.NewWriterSize(f, 1<<20)
	r := bufio.NewReaderSize(large.Reader(role), 1<<20)
	uid := slices.Index(role.Columns(), csvschema.ResourceUId)
	hits := large.Hits()
	var a answer
	for line := int64(0); ; line++ { // the header is line 0
		text, err := r.ReadSlice('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
		if len(hits) > 0 && hits[0].Row == line {
			record, err := csv.NewReader(bytes.NewReader(text)).Read()
			if err != nil {
				return "", err
			}
			a.hit(record[uid])
			hits = hits[1:]
		}
		if _, err := w.Write(text); err != nil {
			return "", err
		}
	}
	if err := w.Flush(); err != nil {
		return "", err
	}
	return a.digest(), f.Close()
}

// An answer is the answer of a rival to a task.
type answer struct {
	uids []string // ResourceUIds of the rows of the subjects
	rows int64    // typed: rows decoded; anonymizing: rows read, or -1 if unknown
	due  int64    // anonymizing: rows changed, or -1 if unknown
}

// hit records the ResourceUId of a row of a subject.
func (a *answer) hit(uid string) { a.uids = append(a.uids, strings.ToLower(uid)) }

// digest returns a digest of the ResourceUIds. It does not depend on their order.
func (a *answer) digest() string {
	slices.Sort(a.uids)
	sum := sha256.Sum256([]byte(strings.Join(a.uids, "\n")))
	return hex.EncodeToString(sum[:8])
}

// errWrong says that the answer of a rival differs from the generator's.
var errWrong = errors.New("wrong answer")

// judge compares the result of a run with the truth.
func (s *dataset) judge(t task, r result) error {
	switch {
	case t.kind == typed && r.Rows != s.rows, t.kind == anonymizing && r.Rows >= 0 && r.Rows != s.rows:
		return fmt.Errorf("%w: %d rows, want %d", errWrong, r.Rows, s.rows)
	case t.kind == anonymizing && r.Due >= 0 && r.Due != s.due:
		return fmt.Errorf("%w: %d rows due, want %d", errWrong, r.Due, s.due)
	case t.kind == anonymizing:
		return nil
	case r.Hits != s.hits:
		return fmt.Errorf("%w: %d rows of the subjects, want %d", errWrong, r.Hits, s.hits)
	case r.Digest != s.digest:
		return fmt.Errorf("%w: not the rows of the subjects (digest %s, want %s)", errWrong, r.Digest, s.digest)
	}
	return nil
}

// judgeLimit compares the number of lines with the truth, if the rival counts them.
func (s *dataset) judgeLimit(t task, r result) error {
	lines := s.rows + 1
	if t.disks {
		lines *= 2
	}
	if r.Rows >= 0 && r.Rows != lines {
		return fmt.Errorf("%w: %d lines, want %d", errWrong, r.Rows, lines)
	}
	return nil
}

// judgeOutput compares an anonymized file with the export, row by row. Due rows must
// have a replacement as their owner, if they have one. All other rows must be the same in
// every cell.
func (s *dataset) judgeOutput(name string) error {
	in, err := newTable(s.machines)
	if err != nil {
		return err
	}
	defer quietly(in)
	out, err := newTable(name)
	if err != nil {
		return err
	}
	defer quietly(out)
	if !slices.Equal(in.header, out.header) {
		return fmt.Errorf("%w: another header", errWrong)
	}
	deleted, owner, uid := in.column(csvschema.DeletedDate), in.column(csvschema.ResourceOwner), in.column(csvschema.ResourceUId)
	var changed int64
	for row := 1; ; row++ {
		before, errIn := in.Read()
		after, errOut := out.Read()
		if errIn == io.EOF && errOut == io.EOF {
			break
		}
		if err := errors.Join(errIn, errOut); err != nil {
			return fmt.Errorf("%w: row %d: %w", errWrong, row, err)
		}
		isDue, err := deletedBy(before[deleted], due)
		switch {
		case err != nil:
			return err
		case !isDue && !slices.Equal(before, after):
			return fmt.Errorf("%w: row %d is not due but was changed", errWrong, row)
		case isDue && (identity.IsReplacement([]byte(after[owner])) != (before[owner] != "") || before[uid] != after[uid]):
			return fmt.Errorf("%w: row %d is due but not anonymized", errWrong, row)
		case isDue:
			changed++
		}
	}
	if changed != s.due {
		return fmt.Errorf("%w: %d rows due, want %d", errWrong, changed, s.due)
	}
	return nil
}

// deletedBy reports whether a resource was deleted at or before an instant.
func deletedBy(cell string, instant time.Time) (bool, error) {
	if cell == "" {
		return false, nil
	}
	deleted, err := time.Parse(timeLayout, cell)
	return err == nil && !deleted.After(instant), err
}
