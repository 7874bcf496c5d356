package csvschema

import (
	"context"
	"io"
	"runtime"
	"sync"

	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
)

// NOTE. Every worker, of which the caller's goroutine is one, takes the next
// chunk from the file itself, so that its bytes stay in the cache of one
// processor; only the reading is done by one at a time. The caller's goroutine
// hands on what is finished, in the order of the file, and works on a chunk only
// while there is nothing to hand on:
//
//	worker    cut 2 │ check, work 2      │ cut 4 │ check, work 4     │ …
//	caller    cut 1 │ check, work 1 │ emit 1 │ cut 3 │ check, work 3 │ emit 2, 3 │ …
//
// There are two chunks more than workers, so memory is bounded, and a worker seldom waits
// for a free one. The order of a file decides what is reported: a fault in a
// chunk is found when its turn comes, whatever a faster worker met behind it.
// Until then nobody knows on which line the chunk begins.
//
// A panic in work is not caught: it ends the program, as it would anywhere.

// forEachChunk calls work for every chunk of the file and then emit, in the order of
// the file, with the chunk and what work made of it. Work runs in up to workers
// goroutines at the same time, one of which is the caller's; emit runs in the
// caller's only. With one worker no goroutine is started. 0 workers or less means
// GOMAXPROCS. Chunk and result may be used until emit returns. [Record.Line] is
// known to emit, not to work.
//
// It returns nil at the end of the file, or the first error in the order of the
// file: of the reader, after the records before it; of work; of emit; or of the
// context, which is asked between chunks. No goroutine is left when it returns; a
// Read that blocks is waited for.
func forEachChunk[T any](ctx context.Context, rr *RecordReader, workers int, work func(*Chunk) (T, error), emit func(*Chunk, T) error) error {
	if _, err := rr.Header(); err != nil {
		return err
	}
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	jobs := workers + 2
	if workers == 1 {
		jobs = 1
	}
	p := &pipeline[T]{rr: rr, work: work, free: make(chan *job[T], jobs), stop: make(chan struct{})}
	for range cap(p.free) {
		p.free <- &job[T]{done: make(chan struct{}, 1)}
	}
	var running sync.WaitGroup
	for range workers - 1 {
		running.Go(func() {
			for p.workOne(true) {
			}
		})
	}
	defer running.Wait() // also if work or emit panics
	defer close(p.stop)
	err := p.run(ctx, emit)
	rr.err = err
	if err == nil {
		rr.err = io.EOF
	}
	return err
}

// A job is one chunk on its way.
type job[T any] struct {
	chunk  Chunk
	buf    []byte
	part   rawcsv.Part // in buf
	lines  int64
	fault  *Error // after the records of the chunk; its line counts from that of the chunk
	result T
	err    error         // of work
	done   chan struct{} // has one token once it is worked on
}

// A pipeline is one run of forEachChunk.
type pipeline[T any] struct {
	rr   *RecordReader
	work func(*Chunk) (T, error)
	free chan *job[T] // has room for all jobs: no send blocks
	stop chan struct{}

	reading sync.Mutex // of the file
	ended   bool       // nothing is left to cut

	queuing sync.Mutex
	queue   []*job[T] // what was cut and not yet handed on, in order
}

// workOne cuts a chunk and works on it. It reports whether there was one. If no
// job is free it waits for one, or returns.
func (p *pipeline[T]) workOne(wait bool) bool {
	var j *job[T]
	select {
	case <-p.stop:
		return false
	case j = <-p.free:
	default:
		if !wait {
			return false
		}
		select {
		case <-p.stop:
			return false
		case j = <-p.free:
		}
	}
	if !p.cut(j) {
		return false
	}
	if j.lines, j.fault = p.rr.check(&j.chunk, j.part); j.chunk.Len() > 0 || j.fault == nil {
		j.result, j.err = p.work(&j.chunk)
	}
	j.done <- struct{}{}
	return true
}

// cut makes a job of the next part of the file, if there is one.
func (p *pipeline[T]) cut(j *job[T]) bool {
	lockSoon(&p.reading)
	defer p.reading.Unlock()
	if p.ended {
		return false
	}
	j.part = p.rr.cut(&j.chunk, &j.buf)
	p.ended = j.part.IsLast()
	if j.part.IsEnd() {
		return false
	}
	j.err = nil
	p.queuing.Lock()
	p.queue = append(p.queue, j)
	p.queuing.Unlock()
	return true
}

// lockSoon locks what is usually free within the time of one read. Whoever sleeps
// is woken much later than that, so it does not go to sleep at once.
func lockSoon(mu *sync.Mutex) {
	const tries = 500 // some 50 microseconds
	for range tries {
		if mu.TryLock() {
			return
		}
		runtime.Gosched()
	}
	mu.Lock()
}

// next takes the first job out of the queue, if there is one and, unless wait is
// set, it is worked on.
func (p *pipeline[T]) next(wait bool) *job[T] {
	p.queuing.Lock()
	var j *job[T]
	if len(p.queue) > 0 {
		j = p.queue[0]
	}
	p.queuing.Unlock()
	switch {
	case j == nil:
		return nil
	case wait:
		<-j.done
	default:
		select {
		case <-j.done:
		default:
			return nil
		}
	}
	p.queuing.Lock()
	p.queue = append(p.queue[:0], p.queue[1:]...)
	p.queuing.Unlock()
	return j
}

// run works, and hands the results on in the order of the file.
func (p *pipeline[T]) run(ctx context.Context, emit func(*Chunk, T) error) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		j := p.next(false)
		if j == nil {
			if p.workOne(false) {
				continue
			}
			if j = p.next(true); j == nil {
				return nil
			}
		}
		if err := p.emit(j, emit); err != nil {
			return err
		}
		p.free <- j
	}
}

// emit hands one result on.
func (p *pipeline[T]) emit(j *job[T], emit func(*Chunk, T) error) error {
	if j.err != nil {
		return j.err
	}
	j.chunk.line = p.rr.line
	p.rr.line += j.lines
	if j.chunk.Len() > 0 || j.fault == nil {
		if err := emit(&j.chunk, j.result); err != nil {
			return err
		}
	}
	if j.fault != nil {
		j.fault.Line += j.chunk.line
		return j.fault
	}
	return nil
}
