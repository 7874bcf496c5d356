package main

import (
	"bytes"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestProgressShowsBytesSpeedAndTimeLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var drawn bytes.Buffer
		c := &console{w: &drawn, terminal: true}
		c.show("filtering", 4_000_000)
		r := &meteredReader{io.NopCloser(bytes.NewReader(make([]byte, 2_000_000))), c}
		for range 2 {
			time.Sleep(time.Second)
			_, err := io.ReadFull(r, make([]byte, 1_000_000))
			require.NoError(t, err)
		}
		assert.Contains(t, drawn.String(), "filtering  50%")
		assert.Regexp(t, `\(2\.0/4\.0 MB, \d\.\d MB/s\) \[\ds:\ds\]`, drawn.String())
		c.bar.add(4_000_000) // another pass than was expected
		time.Sleep(time.Second)
		c.bar.add(1)
		assert.NotContains(t, drawn.String(), "100%")
		c.line("read", "all")
		assert.Regexp(t, `\rread +all\n$`, drawn.String())
	})
}

func TestNoProgressWithoutTerminal(t *testing.T) {
	t.Parallel()
	var drawn bytes.Buffer
	c := &console{w: &drawn}
	c.show("filtering", 4)
	c.bar.add(4)
	c.line("read", "all")
	assert.Equal(t, "read       all\n", drawn.String())
}
