package anonymize

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// ErrPairs says that there is not one file after for each file before.
var ErrPairs = errors.New("labdsr: the exports after are not of the same files as those before")

// A Verification says whether outputs are what a policy makes of their inputs.
type Verification struct {
	Files    int   // pairs of files
	Rows     int64 // rows of the inputs
	Changed  int64 // of these, rows from which something had to go
	Replaced int64 // identifiers and names that were replaced, and had to be

	// Failures are the first 100; Failed counts all. A file is not looked at
	// behind a row that is missing, was added or cannot be read.
	Failures []Failure
	Failed   int64
}

// OK reports whether nothing failed.
func (v *Verification) OK() bool { return v.Failed == 0 }

// A Failure is a place in an output that is not what it must be. It does not hold
// what stands there.
type Failure struct {
	Export int              // number of the export, from 1
	File   int              // number of the file of this role in its export, from 1
	Role   csvschema.Role   // kind of file
	Line   int64            // physical line of the output, from 1
	Column csvschema.Column // documented column; 0 if it is none, or the failure is of no column
	Number int              // number of the column in the file, from 1; 0 if the failure is of no column
	Kind   FailureKind
}

// A FailureKind says what is wrong with an output.
type FailureKind uint8

// The kinds of failure.
const (
	HeaderChanged    FailureKind = iota + 1 // the header, or what stands before it
	RowMissing                              // the output ends before the input
	RowAdded                                // the input ends before the output
	RowChanged                              // nothing had to go from the row, and it is not the same
	CellChanged                             // a cell differs beside what had to go
	QuotesChanged                           // a cell has quotes, or has them no more
	LineEndChanged                          // another line end, or other empty lines
	IdentifierLeft                          // an identifier had to go, and is there
	NameLeft                                // a derived name had to go, and is there
	WrongReplacement                        // what stands for an identifier or name is not what must
	Unreadable                              // the output is no CSV from here on
)

// String returns the kind in words, and "" for any other value.
func (k FailureKind) String() string {
	switch k {
	case HeaderChanged:
		return "the header was changed"
	case RowMissing:
		return "rows are missing"
	case RowAdded:
		return "rows were added"
	case RowChanged:
		return "a row was changed from which nothing had to go"
	case CellChanged:
		return "a cell was changed beside what had to go"
	case QuotesChanged:
		return "the quotes of a cell were changed"
	case LineEndChanged:
		return "line ends or empty lines were changed"
	case IdentifierLeft:
		return "an identifier that had to go is there"
	case NameLeft:
		return "a name that had to go is there"
	case WrongReplacement:
		return "a replacement is not the one that must stand there"
	case Unreadable:
		return "the file cannot be read from here on"
	}
	return ""
}

// MarshalText returns the same as String.
func (k FailureKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

const maxFailures = 100

// Verify reads what a plan wrote, or Copy, beside what it was made from, and reports
// whether it is what this policy makes of it now: in rows that are due no
// identifier is left, what stands in their place is a replacement of the right
// kind, tokens and pseudonyms are one-to-one, and nothing else was changed by even
// a byte. The files after are in the same order as those before; the instants of
// exports are those before.
//
// It decides on its own what had to go, with a reader of its own; of the code that
// writes it uses only the grammar of identifiers in package csvschema, of which
// there is one. What Copy wrote is verified as a plan's output: where exports
// contradict themselves the two differ.
//
// An error is of an input, of the caller's sources, or [ErrPolicy], [ErrPairs] and
// [ErrNoFiles]; what is wrong with an output is a failure.
//
// Inputs are read twice, with Names up to four times, and outputs once, in one
// goroutine. Verify holds a record of each side and some 250 bytes for each
// resource that was deleted or may be stale; with tokens or pseudonyms, some 200 for
// each that it met; with Names, an entry for each machine that a due disk may belong
// to.
func (p *Policy) Verify(ctx context.Context, now time.Time, before, after []csvschema.Export) (*Verification, error) {
	if _, err := p.rules(now); err != nil {
		return nil, err
	}
	if p == nil {
		p = &Policy{}
	}
	pairs, err := pairsOf(before, after)
	if err != nil {
		return nil, err
	}
	v := newVerifier(p, now)
	if err := v.learn(ctx, pairs); err != nil {
		return nil, err
	}
	if p.Names {
		if err := v.learnNames(ctx, pairs); err != nil {
			return nil, err
		}
	}
	for _, f := range pairs {
		if err := v.compare(ctx, f); err != nil {
			return nil, err
		}
		v.result.Files++
	}
	return &v.result, nil
}

// A pair is a file and what was made of it.
type pair struct {
	export, number int // from 1
	role           csvschema.Role
	made           time.Time
	before, after  csvschema.Source
}

func pairsOf(before, after []csvschema.Export) (pairs []*pair, err error) {
	if len(before) != len(after) {
		return nil, ErrPairs
	}
	for i, b := range before {
		a := after[i]
		if len(b.VirtualMachines) != len(a.VirtualMachines) || len(b.Disks) != len(a.Disks) {
			return nil, ErrPairs
		}
		for j, source := range b.VirtualMachines {
			pairs = append(pairs, &pair{i + 1, j + 1, csvschema.VirtualMachines, b.Made, source, a.VirtualMachines[j]})
		}
		for j, source := range b.Disks {
			pairs = append(pairs, &pair{i + 1, j + 1, csvschema.Disks, b.Made, source, a.Disks[j]})
		}
	}
	if len(pairs) == 0 {
		return nil, ErrNoFiles
	}
	return pairs, nil
}

func (f *pair) at(line int64, column csvschema.Column, err error) error {
	return &csvschema.Error{Export: f.export, File: f.number, Role: f.role, Line: line, Column: column, Err: err}
}

// open opens one side of a pair.
func (f *pair) open(s csvschema.Source) (io.ReadCloser, error) {
	if s.Open == nil {
		return nil, f.at(0, 0, ErrNoFiles)
	}
	r, err := s.Open(context.Background())
	if err == nil && r == nil {
		err = ErrNoFiles
	}
	if err != nil {
		return nil, f.at(0, 0, err)
	}
	return r, nil
}

// ctxRows is after how many rows the context is looked at.
const ctxRows = 1000

// A walk is what is done with the header, each row, and the end of an input. Head
// and end may be nil.
type walk struct{ head, row, end func(*plainReader) error }

// errEnough ends a walk.
var errEnough = errors.New("looked at enough")

// walk goes through the input.
func (v *verifier) walk(ctx context.Context, f *pair, w walk) (err error) {
	r, err := f.open(f.before)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := r.Close(); closeErr != nil && err == nil {
			err = f.at(0, 0, closeErr)
		}
	}()
	v.pair = f
	before := newInputReader(r, v.policy.MaxRecordBytes)
	if column, err := before.readHeader(f.role); err != nil {
		return f.at(before.line, column, err)
	}
	if w.head != nil {
		if err := w.head(before); err != nil {
			return err
		}
	}
	for n := 0; ; n++ {
		if err := ctx.Err(); n%ctxRows == 0 && err != nil {
			return f.at(0, 0, err)
		}
		ok, err := before.read()
		switch {
		case err != nil:
			return f.at(before.line, 0, err)
		case ok:
			err = w.row(before)
		case w.end == nil:
			return nil
		default:
			return w.end(before)
		}
		if err != nil {
			return err
		}
	}
}

// compare compares the two sides of a pair.
func (v *verifier) compare(ctx context.Context, f *pair) (err error) {
	r, err := f.open(f.after)
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := r.Close(); closeErr != nil && err == nil {
			err = f.at(0, 0, closeErr)
		}
	}()
	watched := &watchedReader{r: r}
	after := newPlainReader(watched, v.policy.MaxRecordBytes)
	v.after = after
	// read reads a record of the output; what is wrong with it is a failure, unless
	// its reader failed.
	read := func() (ok bool, err error) {
		ok, err = after.read()
		if watched.err != nil {
			return false, f.at(after.line, 0, watched.err)
		}
		if err != nil {
			v.fail(Unreadable, -1)
			return false, errEnough
		}
		return ok, nil
	}
	err = v.walk(ctx, f, walk{
		head: func(before *plainReader) error {
			ok, err := read()
			if err != nil {
				return err
			}
			if !ok || !bytes.Equal(before.raw, after.raw) || !bytes.Equal(before.gap, after.gap) {
				v.fail(HeaderChanged, -1)
				return errEnough
			}
			after.columns = before.columns
			return nil
		},
		row: func(before *plainReader) error {
			ok, err := read()
			if err != nil {
				return err
			}
			if !ok {
				v.fail(RowMissing, -1)
				return errEnough
			}
			v.row(before)
			return nil
		},
		end: func(before *plainReader) error {
			ok, err := read()
			switch {
			case err != nil:
				return err
			case ok:
				v.fail(RowAdded, -1)
			case !bytes.Equal(before.gap, after.gap):
				v.fail(LineEndChanged, -1)
			}
			return nil
		},
	})
	if err == errEnough {
		return nil
	}
	return err
}

// fail notes a failure on the line of the output, in the i-th column or, if that is
// negative, in none.
func (v *verifier) fail(kind FailureKind, i int) {
	v.result.Failed++
	if len(v.result.Failures) >= maxFailures {
		return
	}
	f := Failure{Export: v.pair.export, File: v.pair.number, Role: v.pair.role, Line: v.after.line, Kind: kind}
	if i >= 0 {
		f.Column, f.Number = v.after.columns[i], i+1
	}
	v.result.Failures = append(v.result.Failures, f)
}
