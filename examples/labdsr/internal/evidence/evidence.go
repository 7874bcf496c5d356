// Package evidence answers one question: which bytes did a run read and write?
//
// An [Evidence] collects keyed digests of files and seals them as a receipt.
package evidence

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"os"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

// An Evidence is a receipt before it is sealed. Nil is a run without a receipt. Only
// one goroutine may use it.
type Evidence struct {
	Kept bool            // the key is the caller's, so that the digests can be checked later
	Head identity.Digest // of the sealed receipt

	key      identity.SecretKey
	previous identity.Digest
	request  string
}

// New returns evidence under a key. Without a key it makes a random one that nobody
// sees: then nobody can check the digests. Previous is the path of the receipt before this one,
// and request the number of the request; either may be "".
func New(key identity.SecretKey, previous, request string) (*Evidence, error) {
	e := &Evidence{key: key, Kept: !key.IsZero(), request: request}
	if !e.Kept {
		secret := make([]byte, identity.MinSecretKeyBytes)
		_, _ = rand.Read(secret) // never fails
		var err error
		if e.key, err = identity.NewSecretKey(secret); err != nil {
			return nil, err
		}
	}
	if previous != "" {
		sealed, err := os.ReadFile(previous)
		if err != nil {
			return nil, err
		}
		if _, err := receipt.Open(sealed); err != nil {
			return nil, fault.In(previous, fault.WithHint(errors.New("no receipt, or one that was changed"), "it has to be the file of --receipt as it was written"))
		}
		e.previous = receipt.Head(sealed)
	}
	return e, nil
}

// A Digest is the digest of one file, for a receipt. Nil digests nothing.
type Digest struct {
	file receipt.File
	hash hash.Hash
}

// Digest begins the digest of a file. It is nil for nil evidence.
func (e *Evidence) Digest(file *inputs.File) *Digest {
	if e == nil {
		return nil
	}
	return NewDigest(e.key, file)
}

// NewDigest begins the digest of a file under a key.
func NewDigest(key identity.SecretKey, file *inputs.File) *Digest {
	return &Digest{receipt.File{Export: file.Export, File: file.File, Role: file.Role}, receipt.NewFileHash(key)}
}

// Beside returns a writer to w whose bytes are digested.
func (d *Digest) Beside(w io.Writer) io.Writer {
	if d == nil {
		return w
	}
	return io.MultiWriter(w, d)
}

// Write adds bytes to the digest. It never fails.
func (d *Digest) Write(p []byte) (int, error) {
	d.file.Bytes += int64(len(p))
	return d.hash.Write(p)
}

// File returns what a receipt says about the file.
func (d *Digest) File(rows int64) receipt.File {
	d.file.Rows, d.file.Digest = rows, identity.Digest(d.hash.Sum(nil))
	return d.file
}

// IsIn reports whether one of the files of a receipt is the digested one.
func (d *Digest) IsIn(all []receipt.File) bool {
	have := d.File(0)
	for _, file := range all {
		if file.Export == have.Export && file.File == have.File && file.Role == have.Role && file.Digest == have.Digest {
			return true
		}
	}
	return false
}

// Seal returns the receipt r, sealed, with the terms of a policy unless it is nil, and
// with digests of all inputs, which it reads.
func (e *Evidence) Seal(ctx context.Context, r receipt.Receipt, exports *inputs.Exports, policy *anonymize.Policy) ([]byte, error) {
	for _, file := range exports.Files {
		d := e.Digest(file)
		if err := file.CopyTo(ctx, d); err != nil {
			return nil, err
		}
		r.Inputs = append(r.Inputs, d.File(0))
	}
	if policy != nil {
		terms, err := json.Marshal(policy.Terms())
		if err != nil {
			return nil, err
		}
		r.Policy = terms
	}
	r.Request, r.Previous = e.request, e.previous
	sealed, err := receipt.Seal(r, nil)
	if err != nil {
		if errors.Is(err, receipt.ErrIdentifier) || errors.Is(err, receipt.ErrValue) {
			return nil, fault.WithHint(errors.New("--request cannot be in a receipt"), "give a number that says nothing about the person, in plain letters and digits")
		}
		return nil, err
	}
	e.Head = receipt.Head(sealed)
	return sealed, nil
}
