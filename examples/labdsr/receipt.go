package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/labdsr/internal/evidence"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
)

// receiptFlags say where a receipt goes, and what it follows.
type receiptFlags struct{ receipt, previous, request string }

func (f *receiptFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.receipt, "receipt", "", "`file` for a receipt: counts, policy and keyed digests, nobody's name")
	flags.StringVar(&f.previous, "previous", "", "`file` of the receipt before this one, to make a chain")
	flags.StringVar(&f.request, "request", "", "`number` of the request in the controller's own files, for the receipt")
}

// begin begins a receipt. Both results are nil if nobody asked for one.
func (f *receiptFlags) begin(a *app, key identity.SecretKey, force bool) (*evidence.Evidence, *output.Output, error) {
	if f.receipt == "" {
		if f.previous != "" || f.request != "" {
			return nil, nil, fault.Usage("--previous and --request are about a receipt: give --receipt, too")
		}
		return nil, nil, nil
	}
	e, err := evidence.New(key, f.previous, f.request)
	if err != nil {
		return nil, nil, err
	}
	out, err := a.outputs.Begin(f.receipt, false, force)
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

// A receiptJSON is where a receipt is, in the output of --json.
type receiptJSON struct {
	Receipt string `json:"receipt,omitempty"`
	Head    string `json:"head,omitempty"` // of the receipt; to be kept elsewhere
}

// tellReceipt says where the receipt is and what to do with it, if there is one.
func (a *app) tellReceipt(e *evidence.Evidence, path string) receiptJSON {
	if e == nil {
		return receiptJSON{}
	}
	a.con.Line("receipt", "%s; keep its head elsewhere: %s", path, e.Head)
	if !e.Kept {
		a.con.Line("", "its digests cannot be checked later, because there is no --key-file")
	}
	return receiptJSON{a.con.Hide(path), e.Head.String()}
}
