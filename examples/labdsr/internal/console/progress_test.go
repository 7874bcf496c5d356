package console_test

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/examples/labdsr/internal/console"
)

func TestProgressShowsBytesSpeedAndTimeLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var drawn bytes.Buffer
		c := console.NewFor(&drawn, true)
		c.Show("filtering", 4_000_000)
		for range 2 {
			time.Sleep(time.Second)
			c.Advance(1_000_000)
		}
		assert.Contains(t, drawn.String(), "filtering  50%")
		assert.Regexp(t, `\(2\.0/4\.0 MB, \d\.\d MB/s\) \[\ds:\ds\]`, drawn.String())
		assert.NotContains(t, drawn.String(), "pass")
		c.Reading(csvschema.Progress{FileID: csvschema.FileID{Role: csvschema.Disks}, Pass: 1, Passes: 1})
		time.Sleep(time.Second)
		c.Advance(1)
		assert.Contains(t, drawn.String(), "filtering disks ")
		c.Reading(csvschema.Progress{FileID: csvschema.FileID{Role: csvschema.Disks}, Pass: 2, Passes: 3})
		time.Sleep(time.Second)
		c.Advance(1)
		assert.Contains(t, drawn.String(), "filtering disks, pass 2 of 3 ")
		c.Advance(4_000_000) // another pass than was expected
		time.Sleep(time.Second)
		c.Advance(1)
		assert.NotContains(t, drawn.String(), "100%")
		c.Line("read", "all")
		assert.Regexp(t, `\rread +all\n$`, drawn.String())
	})
}

func TestNoProgressWithoutTerminal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var drawn bytes.Buffer
		c := console.NewFor(&drawn, false)
		c.Show("filtering", 4)
		time.Sleep(time.Second)
		c.Advance(3)
		c.Reading(csvschema.Progress{})
		c.Line("read", "all")
		assert.Equal(t, "read       all\n", drawn.String())
	})
}
