package csvschema

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"

	"github.com/labdsr/labdsr/csvschema/internal/rawcsv"
)

// NOTE. Each worker cuts the next chunk from the file itself and works on it, so that the
// bytes stay in the cache of one processor. Only one worker reads at a time. The caller's
// goroutine is one of the workers. It calls emit for chunks that are finished, in the
// order of the file, and works on a chunk only while no chunk is ready:
//
//	worker    cut 2 │ check, work 2      │ cut 4 │ check, work 4     │ …
//	caller    cut 1 │ check, work 1 │ emit 1 │ cut 3 │ check, work 3 │ emit 2, 3 │ …
//
// There are two chunks more than workers: memory is bounded, and a worker seldom waits
// for a free chunk. Errors are reported in the order of the file: that of a chunk is
// returned when its turn comes, even if a worker has found an error in a later chunk.
// Only then is the line known on which the chunk begins.
//
// A panic in another worker, of work or of the reader, is kept in its job. It panics in
// the caller's goroutine when the turn of the job comes, so that the caller can recover.

// forEachChunk calls work and emit as [ForEachChunk] calls the functions of a [Pass], and
// returns errors of emit as they are.
func forEachChunk[T any](ctx context.Context, rr *RecordReader, workers int, work func(*Chunk) T, emit func(*Chunk, T) error) error {
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

// A job is a chunk on its way through the pipeline.
type job[T any] struct {
	chunk  Chunk
	buf    []byte
	part   rawcsv.Part // in buf
	lines  int64       // of the chunk
	fault  *Error      // after the records of the chunk; its line counts from that of the chunk
	result T
	panics any           // what to panic with
	done   chan struct{} // gets one token when the work is done
}

// A pipeline is one call of forEachChunk.
type pipeline[T any] struct {
	rr   *RecordReader
	work func(*Chunk) T
	free chan *job[T]  // has room for all jobs: no send blocks
	stop chan struct{} // is closed at the end

	reading sync.Mutex // guards the file and ended
	ended   bool       // nothing is left to cut

	queuing sync.Mutex // guards queue
	queue   []*job[T]  // chunks that were cut and not emitted yet, in order
}

// workOne cuts a chunk and works on it. It reports whether it did. If no job is free, it
// waits for one if aside is true, and returns false otherwise. Aside says that it runs
// in a goroutine of its own, in which nothing may panic.
func (p *pipeline[T]) workOne(aside bool) bool {
	var j *job[T]
	select {
	case <-p.stop:
		return false
	case j = <-p.free:
	default:
		if !aside {
			return false
		}
		select {
		case <-p.stop:
			return false
		case j = <-p.free:
		}
	}
	if !p.cut(j, aside) {
		return false
	}
	p.workOn(j, aside)
	return true
}

// errGoexit says that a goroutine was ended, as testing.T.FailNow does.
var errGoexit = errors.New("labdsr: the goroutine of a worker was ended")

// workOn checks the chunk of a job and works on it.
func (p *pipeline[T]) workOn(j *job[T], aside bool) {
	if aside {
		j.panics = errGoexit
		defer func() {
			if v := recover(); v != nil {
				j.panics = v
			}
			j.done <- struct{}{}
		}()
	}
	if j.lines, j.fault = p.rr.check(&j.chunk, j.part); j.chunk.Len() > 0 || j.fault == nil {
		j.result = p.work(&j.chunk)
	}
	if j.panics = nil; !aside {
		j.done <- struct{}{}
	}
}

// cut cuts the next chunk of the file for the job and queues the job. It reports whether
// there was a chunk.
func (p *pipeline[T]) cut(j *job[T], aside bool) bool {
	lockSoon(&p.reading)
	defer p.reading.Unlock()
	if p.ended {
		return false
	}
	if aside {
		p.ended, j.panics = true, errGoexit // unless the reader returns
		defer func() {
			if j.panics == nil {
				return
			}
			if v := recover(); v != nil {
				j.panics = v
			}
			p.enqueue(j)
			j.done <- struct{}{}
		}()
	}
	j.part = p.rr.cut(&j.chunk, &j.buf)
	j.panics = nil
	if p.ended = j.part.IsLast(); j.part.IsEnd() {
		return false
	}
	p.enqueue(j)
	return true
}

func (p *pipeline[T]) enqueue(j *job[T]) {
	p.queuing.Lock()
	p.queue = append(p.queue, j)
	p.queuing.Unlock()
}

// lockSoon locks a mutex that is usually unlocked within the time of one read. It tries
// for some time before it sleeps, because waking up takes longer than a read. Without
// that, BenchmarkFilterWholeFile with two workers takes 10 % longer in the median of
// nine rounds, and 37 % in their minimum.
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

// next removes the first job from the queue and returns it, when its work is done. If the
// work is not done, next waits if wait is true, and returns nil otherwise. It returns nil
// if the queue is empty.
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

// run is the caller's part: it emits the jobs in the order of the file, and works while
// none is ready.
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

// emit calls emit for one job, and returns the first error of the job.
func (p *pipeline[T]) emit(j *job[T], emit func(*Chunk, T) error) error {
	if j.panics != nil {
		panic(j.panics)
	}
	j.chunk.line, p.rr.isCut = p.rr.line, j.chunk.cut
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
