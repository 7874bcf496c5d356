package main

import (
	"context"
	"io"
	"io/fs"
	"math/rand/v2"
	"time"
)

// An objectReader reads an object as it was listed. If somebody has changed it since,
// reading is [csvschema.ErrSourceChanged]: bytes of two versions are never mixed. A
// connection that breaks, stalls or ends too early is made again, where it was, a bounded
// number of times. Only one goroutine may use it.
type objectReader struct {
	ctx     context.Context
	service service
	object  object
	at      int64         // of the next byte
	body    io.ReadCloser // nil if a request is to be made first
	watch   *watch        // of body
	failed  int           // how often, since bytes came in
	err     error         // sticky
}

// read returns a reader of an object at its first byte. The first request is made at once,
// so that an object that has changed is noticed here.
func (b *bucket) read(ctx context.Context, o object) (io.ReadCloser, error) {
	r := &objectReader{ctx: ctx, service: b.service, object: o}
	if err := r.connect(); err != nil {
		return nil, err
	}
	return r, nil
}

// connect asks for the rest of the object.
func (r *objectReader) connect() error {
	ctx, w := watched(r.ctx, stall)
	body, err := r.service.get(ctx, r.object, r.at)
	w.pause()
	if err != nil {
		w.end()
		return err
	}
	r.body, r.watch = body, w
	return nil
}

// Read implements io.Reader.
func (r *objectReader) Read(p []byte) (int, error) {
	for r.err == nil && len(p) > 0 {
		if r.ctx.Err() != nil {
			r.err = r.fail(r.ctx.Err())
			break
		}
		if r.body == nil {
			r.err = r.connect()
			continue
		}
		r.watch.happens()
		n, err := r.body.Read(p)
		r.watch.pause()
		r.at += int64(n)
		if n > 0 {
			r.failed = 0
		}
		switch {
		case r.at > r.object.size:
			n, r.err = 0, r.fail(errAnswer)
		case err == io.EOF && r.at == r.object.size:
			r.err = io.EOF
		case err != nil && r.at == r.object.size: // the checksum, which the SDK compares at the end
			r.err = r.fail(errDamaged)
		case err != nil:
			if r.watch.isOver() {
				err = errStalled
			}
			r.disconnect()
			r.err = r.again(err)
		}
		if n > 0 {
			return n, nil // an error is sticky
		}
	}
	return 0, r.err
}

// retryDelay is how long is waited after the first failure. Tests make it short.
var retryDelay = time.Second

// again returns an error if reading the body has failed too often, and waits otherwise.
func (r *objectReader) again(err error) error {
	if r.failed++; r.failed > 5 {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return r.fail(err)
	}
	d := retryDelay << (r.failed - 1)
	timer := time.NewTimer(d/2 + rand.N(d/2+1))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-r.ctx.Done():
		return r.fail(r.ctx.Err())
	}
}

func (r *objectReader) fail(err error) error {
	return newBucketError(r.ctx, "read an object", answer{}, err)
}

// disconnect gives the connection up.
func (r *objectReader) disconnect() {
	if r.body != nil {
		r.watch.end()
		_ = r.body.Close() // what was read was checked
		r.body = nil
	}
}

// Close implements io.Closer.
func (r *objectReader) Close() error {
	r.disconnect()
	r.err = fs.ErrClosed
	return nil
}
