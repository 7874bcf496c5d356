package csvschema

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"sync"
)

// NOTE. Chunks are worked on in parallel and handed on in order:
//
//	reader of the file          workers                  caller's goroutine
//	cut into chunks ──────────► check, work ───────────► emit, in file order
//	      ▲                                                     │
//	      └──────────────── chunks to be used again ────────────┘
//
// There are workers + 2 chunks, so memory is bounded and nobody waits long. The
// order of a file decides what is reported: a fault in a chunk is found when its
// turn comes, whatever a faster worker met behind it.
//
// A panic in work is not caught: it ends the program, as it would anywhere.

// ForEachChunk calls work for every chunk of the file and then emit, in the
// order of the file, with the chunk and what work made of it. Work runs in up to
// workers goroutines at the same time, emit in the caller's; with one worker
// both run in the caller's and no goroutine is started. 0 workers means
// GOMAXPROCS. Chunk and result may be used until emit returns.
//
// It returns nil at the end of the file, or the first error in the order of the
// file: of the reader, as [RecordReader.ReadChunk] has it, behind the records in
// front of it; of work; of emit; or of the context, which is looked at between
// chunks. No goroutine is left when it returns; a Read that blocks is waited for.
func ForEachChunk[T any](ctx context.Context, rr *RecordReader, workers int, work func(*Chunk) (T, error), emit func(*Chunk, T) error) error {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	if workers == 1 {
		return forEachChunk(ctx, rr, work, emit)
	}
	if _, err := rr.Header(); err != nil {
		return err
	}
	p := &pipeline[T]{
		rr:      rr,
		free:    make(chan *job[T], workers+2),
		jobs:    make(chan *job[T], workers+2),
		ordered: make(chan *job[T], workers+2),
		stop:    make(chan struct{}),
	}
	for range workers + 2 {
		p.free <- &job[T]{done: make(chan struct{}, 1)}
	}
	var running sync.WaitGroup
	running.Go(p.cut)
	for range workers {
		running.Go(func() { p.work(work) })
	}
	defer running.Wait() // also if emit panics
	defer close(p.stop)
	err := p.emit(ctx, emit)
	rr.err = err
	if err == nil {
		rr.err = io.EOF
	}
	return err
}

// forEachChunk is ForEachChunk in one goroutine: the plain path.
func forEachChunk[T any](ctx context.Context, rr *RecordReader, work func(*Chunk) (T, error), emit func(*Chunk, T) error) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		chunk, err := rr.ReadChunk()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		result, err := work(chunk)
		if err != nil {
			return err
		}
		if err := emit(chunk, result); err != nil {
			return err
		}
	}
}

// A job is one chunk on its way.
type job[T any] struct {
	chunk  Chunk
	buf    []byte
	line   int64
	how    ending
	cause  error // of the reader, where how is inRecord
	fault  error // behind the records of the chunk
	result T
	err    error         // of work
	done   chan struct{} // has one token once the worker is through
}

// A pipeline has room for all jobs in each of its channels: no send blocks.
type pipeline[T any] struct {
	rr      *RecordReader
	free    chan *job[T]
	jobs    chan *job[T] // to the workers
	ordered chan *job[T] // the same jobs, to emit
	stop    chan struct{}
}

// cut reads the file into jobs until it ends or the caller stops.
func (p *pipeline[T]) cut() {
	defer close(p.ordered)
	defer close(p.jobs)
	for {
		var j *job[T]
		select {
		case <-p.stop:
			return
		case j = <-p.free:
		}
		j.buf, j.how = p.rr.cut(j.buf)
		if len(j.buf) == 0 && j.how == atEOF {
			return
		}
		j.line, j.cause = p.rr.line, p.rr.split.err
		p.rr.line += int64(bytes.Count(j.buf, lineFeed))
		p.jobs <- j
		p.ordered <- j
		if j.how != atRecord {
			return
		}
	}
}

// work checks chunks and works on them.
func (p *pipeline[T]) work(work func(*Chunk) (T, error)) {
	for j := range p.jobs {
		j.err = nil
		if j.fault = p.rr.check(&j.chunk, j.buf, j.line, j.how, j.cause); j.chunk.Len() > 0 || j.fault == nil {
			j.result, j.err = work(&j.chunk)
		}
		j.done <- struct{}{}
	}
}

// emit hands the results on in the order of the file.
func (p *pipeline[T]) emit(ctx context.Context, emit func(*Chunk, T) error) error {
	for j := range p.ordered {
		<-j.done
		if err := ctx.Err(); err != nil {
			return err
		}
		if j.err != nil {
			return j.err
		}
		if j.chunk.Len() > 0 || j.fault == nil {
			if err := emit(&j.chunk, j.result); err != nil {
				return err
			}
		}
		if j.fault != nil {
			return j.fault
		}
		p.free <- j
	}
	return ctx.Err()
}
