package dsr

import (
	"context"
	"errors"
	"hash/maphash"
	"io"

	"github.com/labdsr/labdsr/csvschema"
)

// ErrNoFiles says that there is nothing to read: no export of a request has a
// file, or a source has no Open function or opens nothing. An answer would mean
// nothing.
var ErrNoFiles = errors.New("no file to read")

// A file is one file of a request, of records or of typed rows.
type file struct {
	export, number int // from 1
	role           csvschema.Role
	rows           rows

	// What the last pass over it found, for the report.
	read     int64 // rows
	badDates int64
}

// rows are the rows of a file, which can be gone through several times.
type rows interface {
	// pass goes through all rows in order. Each batch is given to work, perhaps
	// several at the same time, and then to take with what work made of it, in
	// order and in the goroutine of the caller. An error of take is returned as it
	// is.
	pass(ctx context.Context, work func(batch) *result, take func(batch, *result) error) error
	// columns returns the numbers of the unknown columns and the documented
	// columns that are missing, after a pass.
	columns() (unknown []int, missing []csvschema.Column)
}

// at says in which file and on which line an error is. What is an
// [csvschema.Error] of a reader already knows its line.
func (f *file) at(line int64, err error) error {
	return &csvschema.Error{Export: f.export, File: f.number, Role: f.role, Line: line, Err: err}
}

// A recordRows is the rows of a source. It remembers a digest of the first pass.
type recordRows struct {
	file    *file
	source  csvschema.Source
	options *csvschema.RecordOptions
	workers int

	seed    maphash.Seed
	again   bool // there may be another pass: a digest is needed
	read    bool // a pass came to the end
	size    int64
	sum     uint64
	unknown []int
	missing []csvschema.Column

	positions *positions // in the current pass
}

// required are the columns without which nobody can tell whose a row is.
func required(r csvschema.Role) []csvschema.Column {
	decides := csvschema.ResourceOwner
	if r == csvschema.Disks {
		decides = csvschema.LeasedByVmId
	}
	return []csvschema.Column{csvschema.LabUId, csvschema.ResourceId, csvschema.ResourceUId, decides}
}

func (s *recordRows) pass(ctx context.Context, work func(batch) *result, take func(batch, *result) error) (err error) {
	if err := ctx.Err(); err != nil {
		return s.file.at(0, err)
	}
	if s.source.Open == nil {
		return s.file.at(0, ErrNoFiles)
	}
	r, err := s.source.Open()
	if err == nil && r == nil {
		err = ErrNoFiles
	}
	if err != nil {
		return s.file.at(0, err)
	}
	defer func() {
		if closeErr := r.Close(); closeErr != nil && err == nil {
			err = s.file.at(0, closeErr)
		}
	}()
	counted := &countingReader{r: r, hashes: s.again}
	counted.hash.SetSeed(s.seed)
	return s.passReader(ctx, counted, work, take)
}

// passReader is pass over an open reader.
func (s *recordRows) passReader(ctx context.Context, r *countingReader, work func(batch) *result, take func(batch, *result) error) error {
	rr := csvschema.NewRecordReader(r, s.file.role, s.options)
	var takeErr error
	err := s.readHeader(rr)
	if err == nil {
		err = csvschema.ForEachChunk(ctx, rr, s.workers,
			func(c *csvschema.Chunk) (*result, error) { return work(recordBatch{c, s.positions}), nil },
			func(c *csvschema.Chunk, result *result) error {
				takeErr = take(recordBatch{c, s.positions}, result)
				return takeErr
			})
	}
	if takeErr != nil {
		return takeErr
	}
	if err == nil {
		size, sum := r.size, r.hash.Sum64()
		if s.read && (size != s.size || sum != s.sum) {
			return s.file.at(0, csvschema.ErrSourceChanged)
		}
		s.read, s.size, s.sum = true, size, sum
		return nil
	}
	var e *csvschema.Error
	if !errors.As(err, &e) {
		return s.file.at(0, err) // of the context
	}
	e.Export, e.File, e.Role = s.file.export, s.file.number, s.file.role
	if s.read && r.err == nil {
		// The file was in order when it was read before.
		e.Err, e.Hint = csvschema.ErrSourceChanged, ""
	}
	return err
}

// readHeader notes which columns the file has.
func (s *recordRows) readHeader(rr *csvschema.RecordReader) error {
	header, err := rr.Header()
	if err != nil {
		return err
	}
	s.positions = newPositions(header)
	s.unknown, s.missing = header.Unknown(), nil
	for _, c := range s.file.role.Columns() {
		if header.Index(c) < 0 {
			s.missing = append(s.missing, c)
		}
	}
	return nil
}

func (s *recordRows) columns() ([]int, []csvschema.Column) { return s.unknown, s.missing }

// A countingReader knows what was read through it.
type countingReader struct {
	r      io.Reader
	size   int64
	hash   maphash.Hash
	hashes bool  // what was read goes into hash
	err    error // of r, but not io.EOF
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.size += int64(n)
	if c.hashes {
		_, _ = c.hash.Write(p[:n]) // never fails
	}
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n, err
}
