package dsr

// HoldAtMost makes the limit of rows that wait for CopyOwners smaller.
func HoldAtMost(o *Options, size int) { o.maxHeld = size }
