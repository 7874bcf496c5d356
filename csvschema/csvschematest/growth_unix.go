//go:build linux || darwin

package csvschematest

import (
	"syscall"
	"time"
)

// processorTime returns for how long processors have worked for this program.
func processorTime() time.Duration {
	var used syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
		return wallTime()
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
