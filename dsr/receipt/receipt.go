package receipt

import (
	"encoding/json"
	"hash"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A Receipt says what was done, when, under which policy, with which files. Its
// texts hold no e-mail address and no /users/{x}.
type Receipt struct {
	// Request is the ID of the request: at most 128 characters of printable ASCII.
	// It is empty for what nobody asked for, such as the run of a retention policy.
	Request string
	// Action is what was done, such as "access" or "anonymize": as Request, but not
	// empty.
	Action string
	// At is when it was done. It is written in UTC, and the order of a chain does not
	// depend on it. The zero time is [ErrValue].
	At time.Time
	// Policy is a JSON object of at most 64 KiB without control characters in its
	// texts, such as the Terms of package anonymize; nil if there is none. Blanks
	// between its parts are not kept.
	Policy json.RawMessage
	// Counts are numbers of what was found, changed and so on, none of them negative.
	// Names are as Action, and at most 1024.
	Counts map[string]int64
	// Inputs were read and Outputs written, at most 65536 of each.
	Inputs, Outputs []File
	// Previous is the [Head] of the receipt before this one; zero for the first.
	Previous identity.Digest
	// Nonce makes the head of a receipt unguessable. Seal ignores and Open sets it.
	Nonce [16]byte
}

// A File is what a receipt holds of a file: no name, since names of files may be
// those of people.
type File struct {
	Export int             // number of the export, from 1; 0 if there is only one
	File   int             // number of the file of this role in its export, from 1; 0 if there is only one
	Role   csvschema.Role  // kind of file; 0 for what is no export, such as the package that a person gets
	Bytes  int64           // size
	Rows   int64           // rows, without the header
	Digest identity.Digest // see [NewFileHash]; not zero
}

// NewFileHash returns a hash whose sums are the digests of files under the key: write
// the bytes of the file to it, by an [io.TeeReader] or [io.MultiWriter], and convert
// its sum to a [identity.Digest]. Equal files have equal digests, whether they are
// inputs or outputs. It panics if the key is zero.
//
// Do not use a hash without a key. What an export can hold is so little that whoever
// has the hash can try it out.
func NewFileHash(key identity.SecretKey) hash.Hash { return key.Hash("receipt") }
