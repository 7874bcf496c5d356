package main

import (
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

// Where the files of the output are. The rows of a subject are below subjects, in a folder
// of its number and under the path of the file that they are from, with everybody else
// hidden. What a person has to decide about a unit is in units.
const (
	subjectsFolder = "subjects"
	unitsFolder    = "units"
)

// A finding is a row that a person must look at before the answer is sent.
type finding struct {
	Subject int             `json:"subject,omitempty"` // number in the file of subjects; 0 if it may be anybody's
	Kind    dsr.FindingKind `json:"kind"`
	Path    string          `json:"path"` // of the file, as it is
	Line    int64           `json:"line"`
}

// A unitReport is what a unit holds, written last: where it is, the unit is whole.
type unitReport struct {
	Unit     string           `json:"unit"`
	Subjects []subjectOutcome `json:"subjects"`
	Findings []finding        `json:"findings"`
	// WithoutDisksFile is how many labs have machines in an export without a disks file, so
	// that disks may be missing from the answer.
	WithoutDisksFile int   `json:"withoutDisksFile"`
	Dangling         int64 `json:"dangling"`
}

// access finds the rows of all subjects in the exports of a unit, redacts them, and
// publishes them, and then what is to be decided.
func (w *worker) access(ctx context.Context, u *unit, exports []csvschema.Export, dir string, out store, done *outcome) error {
	redactors := make([]*redact.Redactor, len(w.given.subjects))
	for i, s := range w.given.subjects {
		var err error
		if redactors[i], err = redact.New(s, nil); err != nil {
			return err
		}
	}
	rows := &rowFiles{dir: dir}
	policy, err := w.Job.policy() // it has the zone
	if err != nil {
		return err
	}
	for i, e := range u.Exports {
		if e.DisksElsewhere {
			exports[i].Disks = append(exports[i].Disks, source.FromBytes(noDisks()))
		}
	}
	found, err := redact.Records(ctx, exports, redactors, rows.add, &dsr.Options{Zone: policy.Zone})
	if err := errors.Join(err, rows.flush()); err != nil {
		return err
	}
	r := w.unitReport(u, found)
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	for _, file := range rows.sorted() {
		from, name := u.at(file.FileID), file.name()
		if isPacked(from) {
			if name, err = pack(dir, name); err != nil {
				return err
			}
		}
		to := path.Join(subjectsFolder, fmt.Sprintf("%06d", file.subject+1), w.Job.name(from))
		if err := publish(ctx, out, to, filepath.Join(dir, name)); err != nil {
			return err
		}
		done.Written = append(done.Written, to)
	}
	if err := writeFile(dir, "unit", func(to io.Writer) error {
		_, err := to.Write(append(text, '\n'))
		return err
	}); err != nil {
		return err
	}
	name := path.Join(unitsFolder, u.ID+".json")
	if err := publish(ctx, out, name, filepath.Join(dir, "unit")); err != nil {
		return err
	}
	done.Written = append(done.Written, name)
	done.Subjects = r.Subjects
	scope := found.Scope
	done.Counts = map[string]int64{
		"virtualMachines.rows": scope.VirtualMachines, "disks.rows": scope.Disks,
		"dangling": r.Dangling, "labsWithoutDisksFile": int64(r.WithoutDisksFile),
	}
	return nil
}

// noDisks returns a file of disks without rows. It stands for those of the export that are
// in other units: the library has to know that there are some.
func noDisks() []byte {
	var names []string
	for _, c := range csvschema.Disks.Columns() {
		names = append(names, c.String())
	}
	return []byte(strings.Join(names, ",") + "\n")
}

// pack packs a file of a work folder, and returns the name of what it made.
func pack(dir, name string) (string, error) {
	from, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		return "", withoutPath(err)
	}
	packed := name + ".gz"
	err = writeFile(dir, packed, func(to io.Writer) error {
		z := gzip.NewWriter(to)
		_, err := io.Copy(z, from)
		return errors.Join(withoutPath(err), z.Close())
	})
	return packed, errors.Join(err, withoutPath(from.Close()))
}

// unitReport returns the report of a unit. What is not in it is zero.
func (w *worker) unitReport(u *unit, found *redact.Report) *unitReport {
	r := &unitReport{Unit: u.ID, Subjects: []subjectOutcome{}, Findings: []finding{}, Dangling: found.Dangling}
	kinds := make([]map[string]int64, len(found.Subjects))
	for _, f := range found.Findings {
		r.Findings = append(r.Findings, finding{f.Subject + 1, f.Kind, w.Job.name(u.at(f.FileID)), f.Line})
		if f.Subject == dsr.NoSubject {
			continue
		}
		if kinds[f.Subject] == nil {
			kinds[f.Subject] = map[string]int64{}
		}
		code, _ := f.Kind.MarshalText() // it never fails
		kinds[f.Subject]["findings."+string(code)]++
	}
	for i, s := range found.Subjects {
		counts := map[string]int64{}
		maps.Copy(counts, kinds[i])
		for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
			for rule := dsr.RuleOwner; rule <= dsr.RuleDecision; rule++ {
				code, _ := rule.MarshalText() // it never fails
				counts[role.String()+"."+string(code)] = s.Role(role).ByRule(rule)
			}
		}
		for reason := redact.OtherOwner; reason <= redact.NotJudged; reason++ {
			code, _ := reason.MarshalText() // it never fails
			counts["hidden."+string(code)] = found.Hidden[i].ByReason(reason)
		}
		counts["hidden.rows"] = found.Hidden[i].Rows
		maps.DeleteFunc(counts, func(_ string, n int64) bool { return n == 0 })
		one := subjectOutcome{Subject: i + 1, Counts: counts}
		for _, column := range s.NotAPerson {
			one.NotAPerson = append(one.NotAPerson, column.String())
		}
		if len(counts)+len(one.NotAPerson) > 0 {
			r.Subjects = append(r.Subjects, one)
		}
	}
	for _, lab := range found.Scope.Labs {
		// Rows without a lab may be in many units.
		if lab.WithoutDisksFile && csvschema.Identifies(csvschema.LabUId, []byte(lab.LabUId)) {
			r.WithoutDisksFile++
		}
	}
	return r
}

// A rowFile is the rows of a subject in a file.
type rowFile struct {
	csvschema.FileID
	subject int // from 0
}

// name returns the name of the file in a work folder.
func (f rowFile) name() string {
	return strconv.Itoa(f.subject) + "-" + f.Role.String() + "-" + strconv.Itoa(f.Export) + "-" + strconv.Itoa(f.File)
}

// rowFiles writes the rows of many subjects into a file of each subject and file, with few
// of them in memory and none open.
type rowFiles struct {
	dir   string
	begun map[rowFile]bool
	texts map[rowFile][]byte // not yet written
	size  int
}

// maxHeld is how many bytes of rows are held.
const maxHeld = 8 << 20

// add adds a row. Rows of a file come in their order.
func (r *rowFiles) add(m redact.Match) error {
	f := rowFile{m.FileID, m.Subject}
	if r.begun == nil {
		r.begun, r.texts = map[rowFile]bool{}, map[rowFile][]byte{}
	}
	text := r.texts[f]
	before := len(text)
	if !r.begun[f] {
		r.begun[f] = true
		text = append(text, m.Record.Header().Raw()...)
	}
	text = m.Record.AppendTo(text)
	r.texts[f] = text
	if r.size += len(text) - before; r.size > maxHeld {
		return r.flush()
	}
	return nil
}

// flush writes what is held.
func (r *rowFiles) flush() error {
	for f, text := range r.texts {
		to, err := os.OpenFile(filepath.Join(r.dir, f.name()), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
		if err != nil {
			return withoutPath(err)
		}
		_, err = to.Write(text)
		if err := errors.Join(withoutPath(err), withoutPath(to.Sync()), withoutPath(to.Close())); err != nil {
			return err
		}
	}
	clear(r.texts)
	r.size = 0
	return nil
}

// sorted returns all files, in order.
func (r *rowFiles) sorted() []rowFile {
	return slices.SortedFunc(maps.Keys(r.begun), func(a, b rowFile) int {
		return cmp.Or(cmp.Compare(a.subject, b.subject), cmp.Compare(a.Export, b.Export), cmp.Compare(a.Role, b.Role), cmp.Compare(a.File, b.File))
	})
}
