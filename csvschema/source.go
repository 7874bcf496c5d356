package csvschema

import (
	"io"
	"time"
)

// A Source is a file that can be opened more than once: telling whose disk is
// whose takes several passes over the same bytes. A pass that differs from an
// earlier one is an error ([ErrSourceChanged]).
type Source struct {
	// Open returns a new reader at the first byte. Whoever opens it closes it.
	Open func() (io.ReadCloser, error)
}

// An Export is what one run of the lab's export wrote: usually one file of each
// role, more where the caller keeps a lab's files apart. An export without a
// disks file is allowed, and reports say so.
type Export struct {
	VirtualMachines []Source
	Disks           []Source
	// Made is when the export was made, and zero if nobody knows. A resource that
	// exists in an old export may be long gone.
	Made time.Time
}
