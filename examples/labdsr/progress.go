package main

import (
	"io"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
)

// A progress shows how much of the inputs was read: bytes, speed and the time that
// is left. A nil progress shows nothing.
type progress struct {
	bar   *progressbar.ProgressBar
	read  atomic.Int64
	total int64
	next  atomic.Int64 // instant, in nanoseconds, before which nothing is drawn
	done  atomic.Bool
}

const (
	drawEvery = 100 * time.Millisecond
	barWidth  = 20
)

// show begins a progress over so many bytes, if there is a terminal.
func (c *console) show(what string, total int64) {
	c.bar.clear()
	c.bar = nil
	if !c.terminal {
		return
	}
	c.bar = &progress{total: total, bar: progressbar.NewOptions64(total,
		progressbar.OptionSetWriter(c.w),
		progressbar.OptionSetDescription(what),
		progressbar.OptionShowBytes(true),
		progressbar.OptionShowTotalBytes(true),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionShowCount(),
		progressbar.OptionSetWidth(barWidth),
		progressbar.OptionClearOnFinish(),
		progressbar.OptionEnableColorCodes(c.colours),
	)}
	c.bar.next.Store(time.Now().Add(drawEvery).UnixNano()) // a short run shows nothing
}

// add takes up that so many bytes were read. More than was expected moves the end.
func (p *progress) add(n int) {
	if p == nil || n <= 0 || p.done.Load() {
		return
	}
	read := p.read.Add(int64(n))
	now, next := time.Now().UnixNano(), p.next.Load()
	if now < next || !p.next.CompareAndSwap(next, now+int64(drawEvery)) {
		return
	}
	if read >= p.total {
		p.bar.ChangeMax64(read + 1)
	}
	_ = p.bar.Set64(read) // what cannot be drawn is not missed
}

// clear takes the bar away.
func (p *progress) clear() {
	if p != nil && !p.done.Swap(true) {
		_ = p.bar.Clear()
	}
}

// A meteredReader tells the console of the run what is read.
type meteredReader struct {
	io.ReadCloser
	con *console
}

func (m *meteredReader) Read(b []byte) (int, error) {
	n, err := m.ReadCloser.Read(b)
	m.con.bar.add(n)
	return n, err
}
