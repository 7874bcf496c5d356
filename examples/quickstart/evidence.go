package main

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"path"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// seal writes a receipt of the answer and one of the erasure, a chain, and verifies
// it. The digests in them are made with a random key: a controller has one for
// years, keeps it apart from the exports, and writes the head of the chain down
// somewhere else.
func seal(o *output, found *dsr.Report, erased *erasure) error {
	secret := make([]byte, csvschema.MinSecretKeyBytes)
	_, _ = rand.Read(secret) // never fails
	key, err := csvschema.NewSecretKey(secret)
	if err != nil {
		return err
	}
	inputs, err := digests(key, found.Scope.Files, openExport)
	if err != nil {
		return err
	}
	outputs, err := digests(key, found.Scope.Files, o.openAnonymized)
	if err != nil {
		return err
	}
	terms, err := json.Marshal(policy.Terms())
	if err != nil {
		return err
	}
	subject := found.Subjects[0]
	var chain [][]byte
	var head csvschema.Digest
	for _, r := range []receipt.Receipt{
		{
			Request: "DSR-2026-0042", Action: "access", Inputs: inputs,
			Counts: map[string]int64{"virtual machines": subject.VirtualMachines.Theirs(), "disks": subject.Disks.Theirs(), "undecided": int64(len(found.Findings))},
		},
		{
			Action: "anonymize", Policy: terms, Inputs: inputs, Outputs: outputs,
			Counts: map[string]int64{"rows": erased.proof.Rows, "changed": erased.proof.Changed, "replaced": erased.proof.Replaced},
		},
	} {
		r.At, r.Previous = now, head
		sealed, err := receipt.Seal(r, nil)
		if err != nil {
			return err
		}
		if err := o.write(path.Join("receipts", r.Action+".json"), sealed); err != nil {
			return err
		}
		chain, head = append(chain, sealed), receipt.Head(sealed)
	}
	return receipt.Verify(chain, head)
}

// digests returns what a receipt says of the files, which open opens.
func digests(key csvschema.SecretKey, files []dsr.File, open openFunc) ([]receipt.File, error) {
	var all []receipt.File
	for _, f := range files {
		in, err := open(labs[f.Export-1], f.Role)
		if err != nil {
			return nil, err
		}
		hash := receipt.NewFileHash(key)
		n, err := io.Copy(hash, in)
		_ = in.Close() // only read
		if err != nil {
			return nil, err
		}
		all = append(all, receipt.File{
			Export: f.Export, File: f.File, Role: f.Role, Bytes: n, Rows: f.Rows, Digest: csvschema.Digest(hash.Sum(nil)),
		})
	}
	return all, nil
}
