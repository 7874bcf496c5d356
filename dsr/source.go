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
	return s.passReader(ctx, &watchedReader{r: r}, work, take)
}

// A summed is what work made of a chunk, and a digest of the chunk.
type summed struct {
	result *result
	sum    uint64
}

// passReader is pass over an open reader.
func (s *recordRows) passReader(ctx context.Context, r *watchedReader, work func(batch) *result, take func(batch, *result) error) error {
	rr := csvschema.NewRecordReader(r, s.file.role, s.options)
	var digest maphash.Hash // of the digests of the chunks, in order
	digest.SetSeed(s.seed)
	var takeErr error
	err := s.readHeader(rr, &digest)
	if err == nil {
		err = csvschema.ForEachChunk(ctx, rr, s.workers,
			func(c *csvschema.Chunk) (summed, error) {
				made := summed{result: work(recordBatch{c, s.positions})}
				if s.again {
					made.sum = maphash.Bytes(s.seed, c.Bytes())
				}
				return made, nil
			},
			func(c *csvschema.Chunk, made summed) error {
				maphash.WriteComparable(&digest, made.sum)
				takeErr = take(recordBatch{c, s.positions}, made.result)
				return takeErr
			})
	}
	if takeErr != nil {
		return takeErr
	}
	if err == nil {
		sum := digest.Sum64()
		if s.read && sum != s.sum {
			return s.file.at(0, csvschema.ErrSourceChanged)
		}
		s.read, s.sum = true, sum
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

// readHeader notes which columns the file has, and adds the header to a digest.
func (s *recordRows) readHeader(rr *csvschema.RecordReader, digest *maphash.Hash) error {
	header, err := rr.Header()
	if err != nil {
		return err
	}
	_, _ = digest.Write(header.Raw()) // never fails
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

// A watchedReader knows whether reading failed.
type watchedReader struct {
	r   io.Reader
	err error // of r, but not io.EOF
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && err != io.EOF {
		w.err = err
	}
	return n, err
}
