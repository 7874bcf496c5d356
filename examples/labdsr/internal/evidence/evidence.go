// Package evidence answers one question: which bytes did a run read and write?
//
// An [Evidence] collects keyed digests of files and seals them as a receipt. [Checks]
// confirm receipts, [Chain] puts them in order, and [Mismatches] compares files with them.
package evidence

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"errors"
	"hash"
	"io"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

// An Evidence is a receipt before it is sealed. Nil is a run without a receipt. Only
// one goroutine may use it.
type Evidence struct {
	Head identity.Digest // of the sealed receipt

	options  Options
	digests  identity.SecretKey
	previous identity.Digest
	inputs   []receipt.File // nil until they were read
}

// Options say how a receipt is sealed. Without a key and without a signer nobody can
// confirm it later.
type Options struct {
	Key      identity.SecretKey // of the digests and of the receipt; zero for none
	Signer   ed25519.PrivateKey // nil for none
	Previous string             // path of the receipt before this one, or ""
	Checks   Checks             // of the previous receipt
	Request  string             // number of the request, or ""
}

// New returns evidence. Without a key the digests are made with a random one that nobody
// sees: then nobody can check them.
func New(o Options) (*Evidence, error) {
	e := &Evidence{options: o, digests: o.Key}
	if o.Key.IsZero() {
		secret := make([]byte, identity.MinSecretKeyBytes)
		_, _ = rand.Read(secret) // never fails
		var err error
		if e.digests, err = identity.NewSecretKey(secret); err != nil {
			return nil, err
		}
	}
	if o.Previous != "" {
		previous, err := o.Checks.Open(o.Previous)
		if err != nil {
			return nil, err
		}
		e.previous = previous.Head
	}
	return e, nil
}

// IsSealed reports whether the receipt is sealed with the caller's key, by which its
// digests can be checked, too.
func (e *Evidence) IsSealed() bool { return !e.options.Key.IsZero() }

// IsSigned reports whether the receipt is signed.
func (e *Evidence) IsSigned() bool { return e.options.Signer != nil }

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
	return &Digest{receipt.File{Export: file.Export, File: file.File, Role: file.Role}, receipt.NewFileHash(e.digests)}
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

// ReadInputs makes the digests of all inputs, which it reads, unless they are made. It is
// for those that do not stay until [Evidence.Seal].
func (e *Evidence) ReadInputs(ctx context.Context, exports *inputs.Exports) error {
	if e == nil || e.inputs != nil {
		return nil
	}
	all := make([]receipt.File, 0, len(exports.Files))
	for _, file := range exports.Files {
		d := e.Digest(file)
		if err := file.CopyTo(ctx, d); err != nil {
			return err
		}
		all = append(all, d.File(0))
	}
	e.inputs = all
	return nil
}

// Seal returns the receipt r, sealed, with the terms of a policy unless it is nil, and
// with digests of all inputs, which it reads unless that was done.
func (e *Evidence) Seal(ctx context.Context, r receipt.Receipt, exports *inputs.Exports, policy *anonymize.Policy) ([]byte, error) {
	if err := e.ReadInputs(ctx, exports); err != nil {
		return nil, err
	}
	r.Inputs = e.inputs
	if policy != nil {
		terms, err := json.Marshal(policy.Terms())
		if err != nil {
			return nil, err
		}
		r.Policy = terms
	}
	r.Request, r.Previous = e.options.Request, e.previous
	o := &receipt.Options{Key: e.options.Key}
	if e.IsSigned() {
		o.Signer = e.options.Signer
	}
	sealed, err := receipt.Seal(r, o)
	if err != nil {
		if errors.Is(err, receipt.ErrIdentifier) || errors.Is(err, receipt.ErrValue) {
			return nil, fault.WithHint(errors.New("--request cannot be in a receipt"), "give a number that says nothing about the person, in plain letters and digits")
		}
		return nil, err
	}
	e.Head = receipt.Head(sealed)
	return sealed, nil
}
