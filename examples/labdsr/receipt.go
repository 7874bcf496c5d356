package main

import (
	"context"
	"crypto/ed25519"
	"io"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/labdsr/internal/evidence"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
	"github.com/labdsr/labdsr/examples/labdsr/results"
)

// receiptFlags say where a receipt goes, who signs it, and what it follows.
type receiptFlags struct {
	receipt, previous, request, signKey string
	publicKeys                          []string
}

func (f *receiptFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.receipt, "receipt", "", "`file` for a receipt: counts, policy and keyed digests, nobody's name")
	flags.StringVar(&f.signKey, "sign-key", "", "`file` with the private key that signs the receipt: Ed25519, PKCS #8, PEM")
	flags.StringVar(&f.previous, "previous", "", "`file` of the receipt before this one, to make a chain")
	addPublicKey(cmd, &f.publicKeys, "the receipt of --previous")
	flags.StringVar(&f.request, "request", "", "`number` of the request in the controller's own files, for the receipt")
}

func addPublicKey(cmd *cobra.Command, paths *[]string, what string) {
	cmd.Flags().StringArrayVar(paths, "public-key", nil, "`file` with a public key (Ed25519, PEM): "+what+" must be signed with its private half, or that of one of them if it is repeated")
}

// addPublicKeys reads public keys and adds them to the checks.
func addPublicKeys(checks *evidence.Checks, paths []string) error {
	for _, path := range paths {
		key, err := lists.PublicKey(path)
		if err != nil {
			return err
		}
		checks.AddPublic(key)
	}
	return nil
}

// begin begins a receipt. Both results are nil if nobody asked for one.
func (f *receiptFlags) begin(a *app, key identity.SecretKey, force bool) (*evidence.Evidence, *output.Output, error) {
	switch {
	case f.receipt == "" && (f.previous != "" || f.request != "" || f.signKey != ""):
		return nil, nil, fault.Usage("--previous, --request and --sign-key are about a receipt: give --receipt, too")
	case f.previous == "" && len(f.publicKeys) > 0:
		return nil, nil, fault.Usage("--public-key checks the receipt of --previous: give it, too")
	case f.receipt == "":
		return nil, nil, nil
	}
	o := evidence.Options{Key: key, Previous: f.previous, Request: f.request}
	if f.signKey != "" {
		var err error
		if o.Signer, err = lists.SignKey(f.signKey); err != nil {
			return nil, nil, err
		}
	}
	if err := addPublicKeys(&o.Checks, f.publicKeys); err != nil {
		return nil, nil, err
	}
	if !key.IsZero() {
		o.Checks.AddSecret(key)
	}
	if o.Checks.IsEmpty() && o.Signer != nil { // then the one before it was signed with the same key
		o.Checks.AddPublic(o.Signer.Public().(ed25519.PublicKey))
	}
	if f.previous != "" && o.Checks.IsEmpty() {
		a.con.Warn("previous", "%s: nobody knows who wrote it, because there is no key", f.previous)
	}
	e, err := evidence.New(o)
	if err != nil {
		return nil, nil, err
	}
	out, err := a.outputs.Begin(f.receipt, receiptKind, force)
	return e, out, err
}

// seal writes the receipt, if there is to be one.
func (a *app) seal(ctx context.Context, e *evidence.Evidence, out *output.Output, r receipt.Receipt, policy *anonymize.Policy) error {
	if e == nil {
		return nil
	}
	a.con.Show("digesting", a.exports.Size(0))
	sealed, err := e.Seal(ctx, r, a.exports, policy)
	if err != nil {
		return err
	}
	return out.Write("", func(w io.Writer) error {
		_, err := w.Write(sealed)
		return err
	})
}

// tellReceipt says where the receipt is and what to do with it, if there is one.
func (a *app) tellReceipt(e *evidence.Evidence, path string) results.Receipt {
	if e == nil {
		return results.Receipt{}
	}
	a.con.Line("receipt", "%s; keep its head elsewhere: %s", path, e.Head)
	switch {
	case !e.IsSealed() && !e.IsSigned():
		a.con.Warn("", "nobody can confirm it later, nor check its digests: there is neither --key-file nor --sign-key")
	case !e.IsSealed():
		a.con.Line("", "signed; its digests cannot be checked later, because there is no --key-file")
	case e.IsSigned():
		a.con.Line("", "sealed with the key, and signed")
	}
	return results.Receipt{Path: a.con.Hide(path), Head: e.Head}
}
