package receipt

import (
	"encoding/json"
	"hash"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A Receipt records what was done, when, under which policy, and with which files.
// Its texts must not hold an e-mail address or /users/{x}.
type Receipt struct {
	// Request is the ID of the request: at most 128 characters of printable ASCII.
	// It is empty if there was no request, as for the run of a retention policy.
	Request string
	// Action says what was done, such as "access" or "anonymize". It has the limits of
	// Request, and is not empty.
	Action string
	// At is the time of the action, in the years 1 to 9999 and not the zero time. It is
	// recorded in UTC. The order of a chain does not depend on it.
	At time.Time
	// Policy is a JSON object such as the Terms of package anonymize, or nil. It has at
	// most 64 KiB and 1000 objects and arrays inside each other, repeats no name in an
	// object, and has no control characters in its texts. Blanks between its tokens are
	// not kept.
	Policy json.RawMessage
	// Counts holds named numbers, such as how many rows were found or changed. At most
	// 1024 are allowed. They are not negative, and their names have the limits of Action.
	Counts map[string]int64
	// Inputs lists the files that were read, and Outputs those that were written. At
	// most 65536 of each are allowed.
	Inputs, Outputs []File
	// Previous is the [Head] of the receipt before this one; zero for the first.
	Previous identity.Digest
	// Nonce is random, so that nobody can guess the head of a receipt. Open sets it.
	// Seal ignores it and makes a new one.
	Nonce [16]byte
}

// A File is the record of a file. It has no name, because file names may name people.
type File struct {
	Export int             // number of the export, from 1; 0 if there is only one
	File   int             // number of the file of this role in its export, from 1; 0 if there is only one
	Role   csvschema.Role  // kind of file; 0 for files that are not exports, such as the package for a person
	Bytes  int64           // size
	Rows   int64           // rows, without the header
	Digest identity.Digest // see [NewFileHash]; not zero
}

// NewFileHash returns a hash for the digests of files under a key. Write the bytes of
// a file to it, with an [io.TeeReader] or [io.MultiWriter], and convert its sum to an
// [identity.Digest]. Equal files have equal digests, whether they are inputs or
// outputs. NewFileHash panics if the key is zero.
//
// Do not use a hash without a key. Exports vary so little that somebody who has such
// a hash can find the file by trying.
func NewFileHash(key identity.SecretKey) hash.Hash { return key.Hash("receipt") }
