package anonymize

import (
	"context"
	"errors"
	"hash/maphash"
	"io"
	"sync"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A plannedFile is one file of a plan.
type plannedFile struct {
	rules          *rules
	export, number int // from 1
	role           csvschema.Role
	source         csvschema.Source
	made           time.Time // of its export; zero if nobody knows
	order          uint32    // as entry.made

	// What follows is written while the plan is made, and only read by Apply.
	seed   maphash.Seed
	read   bool   // once, to the end: header and chunks are known
	header uint64 // hash
	chunks []plannedChunk
	stats  Stats
}

// A plannedChunk is what is remembered of a chunk.
type plannedChunk struct {
	sum  uint64   // hash of its bytes
	rows []uint32 // numbers of the records that change, times two; plus one if only parts do
}

// A worker works on the chunks of one pass, one after the other.
type worker struct {
	*copier
	sum uint64

	facts    []fact              // pass 1
	leases   []string            // pass 2: keys of machines
	machines []namedMachine      // pass 3
	changes  []uint32            // pass 4: as plannedChunk.rows
	days     map[time.Time]int64 // pass 4: rows that will be due on a day
	notes    []note              // pass 4
}

// A passage is what one pass over a file does: top with the header, work with each
// chunk, perhaps several at the same time, and take with the same in order and in
// the goroutine of the caller. Top may be nil.
type passage struct {
	names   *machineNames
	changes bool // work is to be done only where something changes
	top     func(*csvschema.Header) error
	work    func(*worker)
	take    func(*worker) error
}

// at says in which file an error is.
func (f *plannedFile) at(err error) error {
	return &csvschema.Error{Export: f.export, File: f.number, Role: f.role, Err: err}
}

// pass goes through the file. It fails if the file is not as it was before.
func (f *plannedFile) pass(ctx context.Context, p passage) (err error) {
	if err := ctx.Err(); err != nil {
		return f.at(err)
	}
	if f.source.Open == nil {
		return f.at(ErrNoFiles)
	}
	r, err := f.source.Open()
	if err == nil && r == nil {
		err = ErrNoFiles
	}
	if err != nil {
		return f.at(err)
	}
	defer func() {
		if closeErr := r.Close(); closeErr != nil && err == nil {
			err = f.at(closeErr)
		}
	}()
	watched := &watchedReader{r: r}
	err = f.passReader(ctx, watched, p)
	var ours *passageError
	var e *csvschema.Error
	switch {
	case err == nil:
		if !f.read { // Apply may run in several goroutines, and only reads
			f.read = true
		}
		return nil
	case errors.As(err, &ours) && ours.placed:
		return ours.error
	case errors.As(err, &ours):
		if err = ours.error; err == csvschema.ErrSourceChanged && watched.err != nil {
			err = watched.err // which is why there was less of it
		}
		return f.at(err)
	case f.read && watched.err == nil && errors.As(err, &e):
		return f.at(csvschema.ErrSourceChanged) // it was in order before
	}
	if !errors.As(err, &e) {
		return f.at(err)
	}
	e.Export, e.File, e.Role = f.export, f.number, f.role
	return err
}

// A passageError is an error of a passage, and not of the file that it reads.
type passageError struct {
	error
	placed bool // says where it is; otherwise it may be the caller's
}

func ofPassage(err error) error {
	if err != nil {
		err = &passageError{error: err}
	}
	return err
}

// passReader is pass over an open reader.
func (f *plannedFile) passReader(ctx context.Context, r io.Reader, p passage) error {
	options := f.rules.recordOptions(f.role)
	if p.changes {
		options.Skip = f.isUnchanged
	}
	rr := csvschema.NewRecordReader(r, f.role, options)
	header, err := rr.Header()
	if err != nil {
		return err
	}
	sum := maphash.Bytes(f.seed, header.Raw())
	if f.read && sum != f.header {
		return ofPassage(csvschema.ErrSourceChanged)
	}
	if !f.read {
		f.header, f.stats.UnknownColumns = sum, header.Unknown()
	}
	if p.top != nil {
		if err := p.top(header); err != nil {
			return ofPassage(err)
		}
	}
	copiers := newCopiers(f.rules, header, rr.MaxRecordBytes(), p.names)
	workers := sync.Pool{New: func() any { return &worker{copier: copiers.Get().(*copier)} }}
	count := 0
	err = csvschema.ForEachChunk(ctx, rr, max(f.rules.Workers, 0),
		func(chunk *csvschema.Chunk) (*worker, error) {
			k := workers.Get().(*worker)
			k.reset(chunk)
			if chunk.Skipped() {
				k.sum = f.chunks[chunk.Number()].sum
			} else if k.sum = maphash.Bytes(f.seed, chunk.Bytes()); f.isAsBefore(k) {
				p.work(k)
			}
			k.end()
			return k, nil
		},
		func(chunk *csvschema.Chunk, k *worker) error {
			defer workers.Put(k)
			switch {
			case !f.isAsBefore(k):
				return ofPassage(csvschema.ErrSourceChanged)
			case k.fault != nil:
				k.fault.Export, k.fault.File = f.export, f.number
				return &passageError{k.faultAt(chunk, f.role), true}
			case !f.read:
				f.chunks = append(f.chunks, plannedChunk{sum: k.sum})
			}
			count++
			return ofPassage(p.take(k))
		})
	if err == nil && count != len(f.chunks) {
		return ofPassage(csvschema.ErrSourceChanged)
	}
	return err
}

// isUnchanged reports whether a chunk is what it was when the file was first read,
// and nothing in it changes.
func (f *plannedFile) isUnchanged(number int, text []byte) bool {
	return number < len(f.chunks) && len(f.chunks[number].rows) == 0 && maphash.Bytes(f.seed, text) == f.chunks[number].sum
}

// isAsBefore reports whether a chunk is what it was when the file was first read.
func (f *plannedFile) isAsBefore(k *worker) bool {
	n := k.chunk.Number()
	return !f.read || n < len(f.chunks) && f.chunks[n].sum == k.sum
}

// reset begins with a chunk.
func (k *worker) reset(chunk *csvschema.Chunk) {
	k.begin(chunk)
	k.facts, k.leases, k.machines = k.facts[:0], k.leases[:0], k.machines[:0]
	k.changes, k.notes = k.changes[:0], k.notes[:0]
	if k.days == nil {
		k.days = map[time.Time]int64{}
	}
	clear(k.days)
}

// A watchedReader knows whether its reader failed.
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
