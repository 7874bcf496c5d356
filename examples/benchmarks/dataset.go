package main

import (
	"bufio"
	"bytes"
	"context"
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
)

// A dataset holds generated exports on disk and the truth about them.
type dataset struct {
	dir      string
	machines file
	disks    file // only for tasks that read disks
	cleaned  file // machines after the first clean-up, only for tasks that read it
	next     file // cleaned, with new rows, only for the next clean-up
	owners   string
	objectID string // of the first subject
	hits     int64  // rows of the subjects in each file
	digest   string
	outputs  map[string]bool // digests of outputs that were judged
}

// A file is a file of a dataset.
type file struct {
	name    string
	bytes   int64
	rows    int64
	due     int64 // rows that are due at the instant of the task
	changed int64 // rows that a clean-up changes: those that are due and were not before
}

// seed is that of all exports.
const seed = 1

// newDataset writes the files that some tasks with the same number of subjects read into
// a new folder below dir.
func newDataset(ctx context.Context, dir string, size int64, in shape, todo []task) (*dataset, error) {
	dir, err := os.MkdirTemp(dir, in.name+"-")
	if err != nil {
		return nil, err
	}
	o := csvschematest.LargeOptions{Labs: in.labs, Subjects: todo[0].subjects}
	if o.Subjects == 10_000 {
		o.Hits = 1
	}
	large := csvschematest.NewLarge(seed, size, &o)
	s := &dataset{
		dir: dir, owners: filepath.Join(dir, "owners.csv"), objectID: large.Subjects()[0].Identifiers[1],
		hits: int64(len(large.Hits())), outputs: map[string]bool{},
	}
	var owners strings.Builder
	owners.WriteString(csvschema.ResourceOwner.String() + "\n")
	for _, p := range large.Subjects() {
		owners.WriteString(p.Identifiers[0] + "\n")
	}
	if err := os.WriteFile(s.owners, []byte(owners.String()), 0o600); err != nil {
		return nil, err
	}
	if s.machines, s.digest, err = writeExport(dir, large, csvschema.VirtualMachines); err != nil {
		return nil, err
	}
	reads := func(which func(task) bool) bool { return slices.ContainsFunc(todo, which) }
	if reads(func(t task) bool { return t.kind == filterDisks }) {
		var digest string
		if s.disks, digest, err = writeExport(dir, large, csvschema.Disks); err != nil {
			return nil, err
		}
		if digest != s.digest {
			return nil, errors.New("disks and virtual machines have different ResourceUIds")
		}
	}
	if reads(func(t task) bool { return t.kind == verifying || t.next }) {
		if s.cleaned, err = cleanedUp(ctx, dir, s.machines); err != nil {
			return nil, err
		}
	}
	if reads(func(t task) bool { return t.next }) {
		o.NextMonth = true
		s.next, err = monthLater(dir, s.cleaned, csvschematest.NewLarge(seed, size/10, &o))
		s.next.due += large.Due(csvschema.VirtualMachines, nextMonth, anonymize.DefaultRetention)
		s.next.changed = s.next.due - s.machines.due
	}
	return s, err
}

// remove removes the files.
func (s *dataset) remove() error { return os.RemoveAll(s.dir) }

// job returns the job of a rival.
func (s *dataset) job(r *rival, t task) *job {
	j := &job{Rival: r.name, Kind: t.kind, Machines: s.machines.name, Owners: s.owners, ObjectID: s.objectID, Now: now, Rows: s.input(t).rows}
	switch {
	case t.kind == filterDisks:
		j.Disks = s.disks.name
	case t.kind == verifying:
		j.After = s.cleaned.name
	case t.next:
		j.Machines, j.Now = s.next.name, nextMonth
	}
	return j
}

// input returns the file of virtual machines that a task reads.
func (s *dataset) input(t task) file {
	if t.next {
		return s.next
	}
	return s.machines
}

// bytes returns the size of the files that a task reads.
func (s *dataset) bytes(t task) int64 {
	n := s.input(t).bytes
	if t.kind == filterDisks {
		n += s.disks.bytes
	}
	if t.kind == verifying {
		n += s.cleaned.bytes
	}
	return n
}

// writeExport writes a file. It returns the digest of the ResourceUIds of the hits, which
// it reads from the lines that the generator names.
func writeExport(dir string, large *csvschematest.Large, role csvschema.Role) (file, string, error) {
	f := file{
		name: filepath.Join(dir, role.String()+".csv"), bytes: large.Size(role), rows: large.Rows(),
		due: large.Due(role, now, anonymize.DefaultRetention),
	}
	f.changed = f.due
	out, err := os.Create(f.name)
	if err != nil {
		return file{}, "", err
	}
	defer quietly(out)
	w := bufio.NewWriterSize(out, 1<<20)
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
			return file{}, "", err
		}
		if len(hits) > 0 && hits[0].Row == line {
			record, err := csv.NewReader(bytes.NewReader(text)).Read()
			if err != nil {
				return file{}, "", err
			}
			a.hit(record[uid])
			hits = hits[1:]
		}
		if _, err := w.Write(text); err != nil {
			return file{}, "", err
		}
	}
	if err := w.Flush(); err != nil {
		return file{}, "", err
	}
	return f, a.digest(), out.Close()
}

// cleanedUp writes what the first clean-up makes of a file to a folder of its own.
func cleanedUp(ctx context.Context, dir string, machines file) (file, error) {
	f := file{name: filepath.Join(dir, "cleaned", csvschema.VirtualMachines.String()+".csv"), rows: machines.rows}
	if err := os.Mkdir(filepath.Dir(f.name), 0o700); err != nil {
		return file{}, err
	}
	j := job{Machines: machines.name, Out: f.name, Now: now}
	a, err := labdsrCleanUp(ctx, &j, 0)
	if err != nil {
		return file{}, err
	}
	if a.due != machines.changed {
		return file{}, fmt.Errorf("%w: %d rows cleaned up, want %d", errWrong, a.due, machines.changed)
	}
	info, err := os.Stat(f.name)
	if err != nil {
		return file{}, err
	}
	f.bytes = info.Size()
	return f, nil
}

// monthLater writes what was cleaned up last month, and the new rows of this month.
func monthLater(dir string, cleaned file, fresh *csvschematest.Large) (file, error) {
	f := file{name: filepath.Join(dir, "next.csv"), rows: cleaned.rows + fresh.Rows(), due: fresh.Due(csvschema.VirtualMachines, nextMonth, anonymize.DefaultRetention)}
	out, err := os.Create(f.name)
	if err != nil {
		return file{}, err
	}
	defer quietly(out)
	old, err := os.Open(cleaned.name)
	if err != nil {
		return file{}, err
	}
	defer quietly(old)
	rows := bufio.NewReader(fresh.Reader(csvschema.VirtualMachines))
	if _, err := rows.ReadString('\n'); err != nil { // the header
		return file{}, err
	}
	if f.bytes, err = io.Copy(out, io.MultiReader(old, rows)); err != nil {
		return file{}, err
	}
	return f, out.Close()
}

// An answer is the answer of a rival to a task.
type answer struct {
	uids []string // ResourceUIds of the rows of the subjects
	rows int64    // rows read or written, or -1 if unknown
	due  int64    // rows that are due or were changed, or -1 if unknown
	zip  []byte   // the package
}

// hit records the ResourceUId of a row of a subject.
func (a *answer) hit(uid string) { a.uids = append(a.uids, strings.ToLower(uid)) }

// digest returns a digest of the ResourceUIds. It does not depend on their order.
func (a *answer) digest() string {
	slices.Sort(a.uids)
	sum := sha256.Sum256([]byte(strings.Join(a.uids, "\n")))
	return hex.EncodeToString(sum[:8])
}

// deletedBy reports whether a resource was deleted at or before an instant.
func deletedBy(cell string, instant time.Time) (bool, error) {
	if cell == "" {
		return false, nil
	}
	deleted, err := time.Parse(timeLayout, cell)
	return err == nil && !deleted.After(instant), err
}
