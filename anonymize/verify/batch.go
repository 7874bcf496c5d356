package verify

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"unicode/utf8"

	"github.com/labdsr/labdsr/anonymize/verify/internal/tokens"
)

// NOTE. The caller's goroutine cuts the files of a pair into batches, workers look at
// them, and the caller's goroutine takes what they found, in the order of the file:
//
//	before   header │ whole records with n line ends │ whole records with m line ends │ …
//	after    header │ text with n line ends          │ text with m line ends          │ …
//
// The two parts of a batch have the same records if all batches before are regular: each
// part ends with a record, both have as many records, and nothing is wrong with their
// text. From the first batch on that is not regular, the files are read record by record
// (see visitRows), which is slower and knows what is wrong. A worker never reports that.
//
// While no batch is ready, the caller's goroutine looks at one itself. With one worker no
// goroutine is started.

// A batch is a part of a file and the part of its output that has the same records.
type batch struct {
	before, after []byte
	line          int64 // on which both parts begin
	marks         int   // of its reader
	isLast        bool  // nothing follows

	// What a worker found.
	isRegular bool
	result    Verification
	tokens    tokens.Table
	facts     []fact
	learned   []learned
	names     []func()      // that add what was learned
	panics    any           // what to panic with
	done      chan struct{} // gets one token when the worker is done
}

// batchBytes is how large most batches are. Both parts of a batch, and what a worker holds,
// have room in the cache of a processor.
const batchBytes = 128 << 10

// errGoexit says that a goroutine was ended, as testing.T.FailNow does.
var errGoexit = errors.New("labdsr: the goroutine of a worker was ended")

// run looks at the batch.
func (b *batch) run(worker *verifier, work func(*verifier, *batch)) {
	b.isRegular, b.panics = false, errGoexit
	defer func() {
		if v := recover(); v != nil {
			b.panics = v
		}
		b.done <- struct{}{}
	}()
	work(worker, b)
	b.panics = nil
}

// visitBatches looks at the batches that follow the header, and returns true at the end of
// the file. If it returns false, the rest has to be read record by record.
func (v *verifier) visitBatches(ctx context.Context, before *reader, do visitor) (ended bool, err error) {
	workers := v.policy.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	for len(v.workers) < workers {
		v.workers = append(v.workers, newVerifier(v.policy, v.now))
	}
	most := workers + 2
	if workers == 1 {
		most = 1
	}
	work := make(chan *batch, most)
	var running sync.WaitGroup
	defer running.Wait()
	defer close(work)
	v.inputFile, v.outputFile, v.models = before, do.after, models{}
	for i, w := range v.workers[:workers] {
		w.share(v)
		if i > 0 {
			running.Go(func() {
				for b := range work {
					b.run(w, do.work)
				}
			})
		}
	}
	var queue, free []*batch
	for isRegular, isLast := true, false; ; {
		if err := ctx.Err(); err != nil {
			return false, v.pair.at(0, err)
		}
		if isRegular && !isLast && len(queue) < most {
			b := &batch{done: make(chan struct{}, 1)}
			if n := len(free); n > 0 {
				b, free = free[n-1], free[:n-1]
			}
			if isRegular = b.cut(before, do.after, v.batchBytes); isRegular {
				work <- b
			} else {
				b.isRegular, b.panics = false, nil
				b.done <- struct{}{}
			}
			isLast = b.isLast
			queue = append(queue, b)
			continue
		}
		if len(queue) == 0 {
			return true, nil
		}
		b := queue[0]
		select {
		case <-b.done:
		default:
			select {
			case <-b.done:
			case other := <-work:
				other.run(v.workers[0], do.work)
				continue
			}
		}
		if b.panics != nil {
			panic(b.panics)
		}
		if !b.isRegular {
			restore(queue, before, do.after)
			return false, nil
		}
		if err := do.take(b); err != nil {
			return false, err
		}
		v.progress(b.isLast)
		queue, free = append(queue[:0], queue[1:]...), append(free, b)
	}
}

// cut cuts a batch of at most size bytes from the files. It returns false if that takes reading record by
// record. After is nil if only one file is read.
func (b *batch) cut(before, after *reader, size int) bool {
	b.line, b.marks, b.after = before.next, before.marks, b.after[:0]
	before.fill(size)
	text := before.buf[before.at:]
	if b.isLast = before.end == io.EOF && len(text) <= size; len(text) > size {
		text = text[:size]
	}
	n := len(text)
	if !b.isLast {
		n = endOfRecords(text)
	}
	lines := bytes.Count(text[:n], []byte{'\n'})
	b.before = before.take(b.before, n, lines)
	if before.end != nil && before.end != io.EOF || n == 0 && !b.isLast {
		return false
	}
	if after == nil {
		return true
	}
	n, ok := after.find(lines, len(b.before), b.isLast)
	if ok {
		b.after = after.take(b.after, n, lines)
	}
	return ok
}

// take takes n bytes with so many line ends off the text that follows, and gives the
// reader a spare buffer for the rest.
func (r *reader) take(spare []byte, n, lines int) []byte {
	text := r.buf[r.at : r.at+n]
	r.buf, r.at = append(spare[:0], r.buf[r.at+n:]...), 0
	r.next += int64(lines)
	r.marks = 0
	return text
}

// endOfRecords returns where the last record ends in a text that begins outside quotes, 0
// if none does. It does not end with empty lines: these belong to the next record.
func endOfRecords(text []byte) int {
	quotes, end := bytes.Count(text, []byte{'"'}), len(text)
	for n := bytes.LastIndexByte(text, '\n'); n >= 0; n = bytes.LastIndexByte(text[:end], '\n') {
		quotes -= bytes.Count(text[n+1:end], []byte{'"'})
		end = n
		if quotes%2 > 0 {
			continue
		}
		line := bytes.TrimSuffix(text[bytes.LastIndexByte(text[:n], '\n')+1:n], []byte{'\r'})
		if len(line) > 0 {
			return n + 1
		}
	}
	return 0
}

// find returns where so many lines of the output end, or the output itself if nothing may
// follow. It returns false if they are not within a usual distance.
func (r *reader) find(lines, size int, isLast bool) (end int, ok bool) {
	r.fill(size)
	for {
		text := r.buf[r.at:]
		end, found := min(size, len(text)), 0
		found = bytes.Count(text[:end], []byte{'\n'})
		for ; found > lines; found-- {
			end = bytes.LastIndexByte(text[:end], '\n')
		}
		if end > 0 && found == lines { // at the end of the line, or in the next one
			end = bytes.LastIndexByte(text[:end], '\n') + 1
		}
		for ; found < lines; found++ {
			n := bytes.IndexByte(text[end:], '\n')
			if n < 0 {
				break
			}
			end += n + 1
		}
		switch {
		case found == lines && !isLast:
			return end, true
		case r.end == io.EOF && found == lines:
			return len(text), true
		case r.end != nil || len(text) > 2*size+batchBytes:
			return 0, false
		}
		r.fill(len(text) + 1)
	}
}

// restore gives the text of batches back to the readers.
func restore(queue []*batch, before, after *reader) {
	var text, output []byte
	for _, b := range queue {
		text, output = append(text, b.before...), append(output, b.after...)
	}
	for _, r := range []*reader{before, after} {
		if r == nil {
			continue
		}
		r.buf, r.at = append(text, r.buf[r.at:]...), 0
		r.next, r.marks = queue[0].line, queue[0].marks
		text = output
	}
}

// open sets a reader to a part of the batch, which is read as the file is.
func (b *batch) open(r, file *reader, text []byte) {
	*r = reader{
		buf: text, end: errCut, max: file.max, columns: file.columns, where: file.where,
		next: b.line, marks: b.marks, gap: r.gap[:0], cells: r.cells[:0],
	}
	if b.isLast {
		r.end = io.EOF
	}
}

// readBatch calls do with each row of the input of a batch, and leaves it if something is wrong
// with its text.
func (v *verifier) readBatch(b *batch, do func(*reader)) {
	if !isPlainText(b.before) {
		return
	}
	r := &v.input
	b.open(r, v.inputFile, b.before)
	r.isText = true
	for b.isLast || r.at < len(b.before) {
		place := v.models.of(b.before[r.at:])
		ok, err := r.readLike(*place)
		if err != nil {
			return
		}
		if !ok {
			break
		}
		do(r)
		if *place == nil {
			v.keep(place, r, false)
		}
	}
	b.isRegular = true
}

// errCut says that a record goes on after a batch. The batch is not regular then.
var errCut = errors.New("the batch is cut in a record")

// isPlainText reports whether all of the text is UTF-8 without NUL.
func isPlainText(text []byte) bool { return bytes.IndexByte(text, 0) < 0 && utf8.Valid(text) }
