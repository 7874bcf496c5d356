package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// receiptFlags say where a receipt goes, and what it follows.
type receiptFlags struct{ receipt, previous, request string }

func (f *receiptFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.receipt, "receipt", "", "`file` for a receipt: counts, policy and keyed digests, nobody's name")
	flags.StringVar(&f.previous, "previous", "", "`file` of the receipt before this one, to make a chain")
	flags.StringVar(&f.request, "request", "", "`number` of the request in the controller's own files, for the receipt")
}

// evidence is a receipt in the making. Nil is none.
type evidence struct {
	out      *output
	key      identity.SecretKey
	kept     bool // the key is the caller's, and not thrown away
	previous identity.Digest
	request  string
	head     identity.Digest // of the sealed receipt
}

// begin begins a receipt, or returns nil if nobody asked for one. Without a key a
// random one is used, which nobody sees: then digests tell nothing.
func (f *receiptFlags) begin(a *app, key identity.SecretKey, force bool) (*evidence, error) {
	if f.receipt == "" {
		if f.previous != "" || f.request != "" {
			return nil, usagef("--previous and --request are about a receipt: give --receipt, too")
		}
		return nil, nil //nolint:nilnil // no receipt is evidence of nothing
	}
	e := &evidence{key: key, kept: !key.IsZero(), request: f.request}
	if !e.kept {
		secret := make([]byte, identity.MinSecretKeyBytes)
		_, _ = rand.Read(secret) // never fails
		var err error
		if e.key, err = identity.NewSecretKey(secret); err != nil {
			return nil, err
		}
	}
	if f.previous != "" {
		sealed, err := os.ReadFile(f.previous)
		if err != nil {
			return nil, err
		}
		if _, err := receipt.Open(sealed); err != nil {
			return nil, &fileError{f.previous, hinted(errors.New("no receipt, or one that was changed"), "it has to be the file of --receipt as it was written")}
		}
		e.previous = receipt.Head(sealed)
	}
	var err error
	e.out, err = a.newOutput(f.receipt, false, force)
	return e, err
}

func (e *evidence) output() *output {
	if e == nil {
		return nil
	}
	return e.out
}

// A digest is that of a file in a receipt. Nil is none.
type digest struct {
	receipt.File
	hash hash.Hash
}

func (e *evidence) newDigest(export, number int, role csvschema.Role) *digest {
	if e == nil {
		return nil
	}
	return &digest{receipt.File{Export: export, File: number, Role: role}, receipt.NewFileHash(e.key)}
}

// beside returns a writer to w whose bytes are digested.
func (d *digest) beside(w io.Writer) io.Writer {
	if d == nil {
		return w
	}
	return io.MultiWriter(w, d)
}

func (d *digest) Write(p []byte) (int, error) {
	d.Bytes += int64(len(p))
	return d.hash.Write(p)
}

// file returns what a receipt says of the file.
func (d *digest) file(rows int64) receipt.File {
	d.Rows, d.Digest = rows, identity.Digest(d.hash.Sum(nil))
	return d.File
}

// seal writes the receipt, with digests of all inputs.
func (e *evidence) seal(ctx context.Context, a *app, r receipt.Receipt, policy *anonymize.Policy) error {
	if e == nil {
		return nil
	}
	a.con.show("digesting", a.exports.size(0))
	for _, i := range a.exports.inputs {
		d := e.newDigest(i.export, i.number, i.role)
		if err := i.digest(ctx, d); err != nil {
			return err
		}
		r.Inputs = append(r.Inputs, d.file(0))
	}
	if policy != nil {
		terms, err := json.Marshal(policy.Terms())
		if err != nil {
			return err
		}
		r.Policy = terms
	}
	r.Request, r.Previous = e.request, e.previous
	sealed, err := receipt.Seal(r, nil)
	if err != nil {
		if errors.Is(err, receipt.ErrIdentifier) || errors.Is(err, receipt.ErrValue) {
			return hinted(errors.New("--request cannot be in a receipt"), "give a number that says nothing about the person, in plain letters and digits")
		}
		return err
	}
	e.head = receipt.Head(sealed)
	return e.out.write("", func(w io.Writer) error {
		_, err := w.Write(sealed)
		return err
	})
}

// digest reads the plain bytes of the input.
func (i *input) digest(ctx context.Context, d *digest) error {
	in, err := i.open()
	if err != nil {
		return at(i.path, err)
	}
	defer quietly(in)
	if _, err := io.Copy(d, &interruptible{ctx, in}); err != nil {
		return at(i.path, err)
	}
	return nil
}

// An interruptible reader ends with its context.
type interruptible struct {
	ctx context.Context
	io.Reader
}

func (r *interruptible) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
}

// tellReceipt says where the receipt is and what to do with it.
func (a *app) tellReceipt(e *evidence, path string) {
	a.con.line("receipt", "%s; keep its head elsewhere: %s", path, e.head)
	if !e.kept {
		a.con.line("", "its digests cannot be checked later, because there is no --key-file")
	}
}
