package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/dictionary"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// errWrong says that the answer of a rival differs from the generator's.
var errWrong = errors.New("wrong answer")

// judge compares the result of a run with the truth.
func (s *dataset) judge(t task, r result) error {
	in := s.input(t)
	want := in.due
	if t.kind == cleaning || t.kind == verifying {
		want = in.changed
	}
	switch t.kind {
	case filter, filterDisks, accessing, reading:
		if r.Hits != s.hits {
			return fmt.Errorf("%w: %d rows of the subjects, want %d", errWrong, r.Hits, s.hits)
		}
		if r.Digest != s.digest {
			return fmt.Errorf("%w: not the rows of the subjects (digest %s, want %s)", errWrong, r.Digest, s.digest)
		}
	case cleaning, verifying, planning:
		if r.Due != want && (r.Due >= 0 || t.kind != cleaning) {
			return fmt.Errorf("%w: %d rows due, want %d", errWrong, r.Due, want)
		}
	case writing, tabling:
	}
	if r.Rows != in.rows && (r.Rows >= 0 || t.kind == reading || t.kind == writing || t.kind == tabling) {
		return fmt.Errorf("%w: %d rows, want %d", errWrong, r.Rows, in.rows)
	}
	return nil
}

// judgeLimit compares the number of lines with the truth, if the rival counts them.
func (s *dataset) judgeLimit(t task, r result) error {
	lines := s.input(t).rows + 1
	if t.kind == filterDisks || t.kind == verifying {
		lines *= 2
	}
	if r.Rows >= 0 && r.Rows != lines {
		return fmt.Errorf("%w: %d lines, want %d", errWrong, r.Rows, lines)
	}
	return nil
}

// judgeOutput checks every row of what a rival wrote, unless a file of the same bytes was
// checked before, and removes it.
func (s *dataset) judgeOutput(t task, j *job) error {
	digest, err := digestOf(j.Out)
	if err != nil {
		return err
	}
	if !s.outputs[digest] {
		check := s.judgeCleaned
		switch t.kind { //nolint:exhaustive // the others write nothing
		case writing:
			check = s.judgeWritten
		case tabling:
			check = s.judgeTable
		}
		if err := check(t, j); err != nil {
			return err
		}
		s.outputs[digest] = true
	}
	return os.Remove(j.Out)
}

// digestOf returns a digest of a file.
func digestOf(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer quietly(f)
	hash := sha256.New()
	_, err = io.Copy(hash, f)
	return hex.EncodeToString(hash.Sum(nil)), err
}

// user matches the user in the ID of an environment.
var user = regexp.MustCompile(userPattern)

// userPattern has in its group what comes before the user. Miller takes no apostrophe.
const userPattern = `(/users(?:/|[(]\x27))[^/\x27]+`

// withoutUser returns the ID of an environment with a replacement for its user.
func withoutUser(environment string) string {
	if environment == "" {
		return ""
	}
	return user.ReplaceAllString(environment, "${1}"+identity.ReplacementObjectID)
}

// judgeCleaned compares a file with what a rival wrote of it, row by row. Due rows must
// have a replacement as their owner, if they have one, and as the user of their
// environment. All other cells must be the same.
func (s *dataset) judgeCleaned(t task, j *job) error {
	in, err := newTable(j.Machines)
	if err != nil {
		return err
	}
	defer quietly(in)
	deleted, owner, environment := in.column(csvschema.DeletedDate), in.column(csvschema.ResourceOwner), in.column(csvschema.EnvironmentId)
	var due int64
	err = compare(in, j.Out, func(before []string) ([]string, error) {
		record, err := in.Read()
		if err != nil {
			return nil, err
		}
		want := append(before[:0], record...)
		isDue, err := deletedBy(want[deleted], dueBy(j.Now))
		if err == nil && isDue {
			due++
			want[environment] = withoutUser(want[environment])
			if want[owner] != "" {
				want[owner] = anyReplacement
			}
		}
		return want, err
	})
	if err == nil && due != s.input(t).due {
		err = fmt.Errorf("%w: %d rows due, want %d", errWrong, due, s.input(t).due)
	}
	return err
}

// anyReplacement is the cell that is wanted where any replacement is right: of an owner
// that is a SID it is that of an object ID, and rivals use that of an address.
const anyReplacement = "\x00"

// judgeWritten compares what a rival wrote with its sample of rows, which it writes over
// and over.
func (s *dataset) judgeWritten(t task, j *job) error {
	in, err := newTable(j.Machines)
	if err != nil {
		return err
	}
	defer quietly(in)
	var sample [][]string
	for len(sample) < sampleRows {
		record, err := in.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		sample = append(sample, slices.Clone(record))
	}
	n := 0
	return compare(in, j.Out, func([]string) ([]string, error) {
		if int64(n) == s.input(t).rows {
			return nil, io.EOF
		}
		n++
		return sample[(n-1)%len(sample)], nil
	})
}

// judgeTable compares a table in Parquet with the file that it was made of, which DuckDB
// reads: the types, and the number and the sum of digests of all rows.
func (s *dataset) judgeTable(_ task, j *job) error {
	ctx := context.Background()
	d, err := openDuck(ctx)
	if err != nil {
		return err
	}
	defer d.close()
	if err := d.exec(ctx, "SET timezone = 'UTC'"); err != nil {
		return err
	}
	var types, names []string
	for _, e := range dictionary.Of(csvschema.VirtualMachines) {
		name := e.Column.String()
		if e.SQLType == "TIMESTAMP" { // which labdsr writes with a zone
			types = append(types, name+"::TIMESTAMP AS "+name)
		} else {
			types = append(types, name)
		}
		names = append(names, name)
	}
	summary := func(table string) (found string, err error) {
		table = "(SELECT " + strings.Join(types, ", ") + " FROM " + table + ")"
		err = d.db.QueryRowContext(ctx, "SELECT (SELECT string_agg(column_name || ' ' || column_type, ', ') FROM (DESCRIBE "+table+"))"+
			" || ': ' || (SELECT count(*) || ' rows, ' || sum(hash("+strings.Join(names, ", ")+")) FROM "+table+")").Scan(&found)
		return found, err
	}
	want, err := summary(readTyped(j.Machines))
	if err != nil {
		return err
	}
	got, err := summary("read_parquet(" + literal(j.Out) + ")")
	if err != nil {
		return fmt.Errorf("%w: %w", errWrong, err)
	}
	if got != want {
		return fmt.Errorf("%w: the table is %s; want %s", errWrong, got, want)
	}
	return nil
}

// compare compares the rows of a file with those that next returns until it returns
// io.EOF. Next may use the row that it returned before.
func compare(in *table, name string, next func(before []string) ([]string, error)) error {
	out, err := newTable(name)
	if err != nil {
		return fmt.Errorf("%w: %w", errWrong, err)
	}
	defer quietly(out)
	if !slices.Equal(in.header, out.header) {
		return fmt.Errorf("%w: another header", errWrong)
	}
	var want []string
	for row := 1; ; row++ {
		var errWant error
		want, errWant = next(want)
		got, errGot := out.Read()
		if errWant == io.EOF && errGot == io.EOF {
			return nil
		}
		if err := errors.Join(errWant, errGot); err != nil {
			return fmt.Errorf("%w: row %d: %w", errWrong, row, err)
		}
		for i, cell := range got {
			if cell != want[i] && (want[i] != anyReplacement || !identity.IsReplacement([]byte(cell))) {
				return fmt.Errorf("%w: row %d: %s is not as it should be", errWrong, row, in.header[i])
			}
		}
	}
}

// open records the rows of the virtual machines in a package.
func (a *answer) open() error {
	if a.zip == nil {
		return nil
	}
	archive, err := zip.NewReader(bytes.NewReader(a.zip), int64(len(a.zip)))
	if err != nil {
		return err
	}
	text, err := archive.Open(csvschema.VirtualMachines.String() + ".csv")
	if err != nil {
		return err
	}
	defer quietly(text)
	return a.read(text)
}
