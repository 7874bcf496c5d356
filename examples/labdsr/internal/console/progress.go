package console

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/labdsr/labdsr/csvschema"
)

// A progress shows how much of the inputs was read: bytes, speed and the time that
// is left. A nil progress shows nothing.
type progress struct {
	what  string
	bar   *progressbar.ProgressBar
	now   atomic.Value // string: what is read, and in which pass; "" once it is drawn
	read  atomic.Int64
	total int64
	next  atomic.Int64 // instant, in nanoseconds, before which nothing is drawn
	done  atomic.Bool
}

const (
	drawEvery = 100 * time.Millisecond
	barWidth  = 20
)

// Show begins a progress over so many bytes, if there is a terminal. It replaces an
// earlier one.
func (c *Console) Show(what string, total int64) {
	c.Clear()
	c.bar = nil
	if !c.terminal {
		return
	}
	c.bar = &progress{what: what, total: total, bar: progressbar.NewOptions64(total,
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

// Advance records that so many more bytes were read. Any number of goroutines may call
// it between two calls of Show.
func (c *Console) Advance(n int) { c.bar.add(n) }

// Reading says which kind of file is read, and in which pass over it.
func (c *Console) Reading(p csvschema.Progress) {
	if c.bar == nil {
		return
	}
	now := c.bar.what + " " + p.Role.String()
	if p.Passes > 1 {
		now += ", pass " + strconv.Itoa(p.Pass) + " of " + strconv.Itoa(p.Passes)
	}
	c.bar.now.Store(now)
}

// Clear removes the progress from the terminal.
func (c *Console) Clear() { c.bar.clear() }

// add moves the bar. When more is read than was expected, the end moves, too.
func (p *progress) add(n int) {
	if p == nil || n <= 0 || p.done.Load() {
		return
	}
	read := p.read.Add(int64(n))
	now, next := time.Now().UnixNano(), p.next.Load()
	if now < next || !p.next.CompareAndSwap(next, now+int64(drawEvery)) {
		return
	}
	if now, _ := p.now.Swap("").(string); now != "" {
		p.bar.Describe(now)
	}
	if read >= p.total {
		p.bar.ChangeMax64(read + 1)
	}
	_ = p.bar.Set64(read) // a bar that cannot be drawn does not matter
}

func (p *progress) clear() {
	if p != nil && !p.done.Swap(true) {
		_ = p.bar.Clear()
	}
}
