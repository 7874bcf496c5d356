package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"path"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/dsr/redact"
)

// seal writes a chain of two receipts, one of the answer and one of the erasure, and
// verifies it. Here a random key makes the digests in them. A controller uses one key
// for years, keeps it apart from the exports, and keeps the head of the chain in
// another place.
func seal(ctx context.Context, o *output, found *redact.Report, erased *erasure) error {
	secret := make([]byte, identity.MinSecretKeyBytes)
	_, _ = rand.Read(secret) // never fails
	key, err := identity.NewSecretKey(secret)
	if err != nil {
		return err
	}
	inputs, err := receipt.Files(ctx, key, given())
	if err != nil {
		return err
	}
	outputs, err := receipt.Files(ctx, key, o.anonymized())
	if err != nil {
		return err
	}
	answered := receipt.File{}
	if err := digest(key, &answered, func() (io.ReadCloser, error) { return o.open(answerFile) }); err != nil {
		return err
	}
	terms, err := json.Marshal(policy.Terms())
	if err != nil {
		return err
	}
	subject := found.Subjects[0]
	var chain [][]byte
	var head identity.Digest
	for _, r := range []receipt.Receipt{
		{
			Request: "DSR-2026-0042", Action: "access", Inputs: inputs, Outputs: []receipt.File{answered},
			Counts: map[string]int64{"virtual machines": subject.VirtualMachines.Theirs(), "disks": subject.Disks.Theirs(), "undecided": int64(rows(toDecide(found)))},
		},
		{
			Action: "anonymize", Policy: terms, Inputs: inputs, Outputs: outputs,
			Counts: map[string]int64{"rows": erased.proof.Rows, "changed": erased.proof.Changed, "replaced": erased.proof.Replaced},
		},
	} {
		r.At, r.Previous = now, head
		sealed, err := receipt.Seal(r, &receipt.Options{Key: key})
		if err != nil {
			return err
		}
		if err := o.write(path.Join("receipts", r.Action+".json"), sealed); err != nil {
			return err
		}
		chain, head = append(chain, sealed), receipt.Head(sealed)
	}
	return receipt.Verify(chain, head, receipt.MACKey(key))
}

// digest sets the size and the digest of f.
func digest(key identity.SecretKey, f *receipt.File, open func() (io.ReadCloser, error)) error {
	in, err := open()
	if err != nil {
		return err
	}
	hash := receipt.NewFileHash(key)
	f.Bytes, err = io.Copy(hash, in)
	_ = in.Close() // only read
	f.Digest = identity.Digest(hash.Sum(nil))
	return err
}
