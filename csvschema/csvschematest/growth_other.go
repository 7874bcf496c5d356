//go:build !linux && !darwin

package csvschematest

import "time"

// processorTime returns what the clock says.
func processorTime() time.Duration { return wallTime() }
