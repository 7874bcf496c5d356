package receipt_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/dsr/receipt"
)

// The retention policy runs on the first of March and again on the first of April.
// Each run leaves a receipt that refers to the one before it. The head is kept
// elsewhere.
func Example() {
	// In a program, both keys come from where secrets are kept.
	key, err := identity.NewSecretKey(bytes.Repeat([]byte("k"), 32))
	if err != nil {
		fmt.Println(err)
		return
	}
	signer := ed25519.NewKeyFromSeed(bytes.Repeat([]byte("s"), ed25519.SeedSize))

	export := `LabUId,ResourceId,ResourceUId,DeletedDate,ResourceOwner
lab-1,/labs/dev/virtualmachines/build,vm-1,1/3/2017 11:17:09 PM,zoe@contoso.com
lab-1,/labs/dev/virtualmachines/web,vm-2,2/20/2017 9:00:00 AM,bob@contoso.com
`
	var chain [][]byte
	var head identity.Digest
	for _, now := range []time.Time{
		time.Date(2017, time.March, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2017, time.April, 1, 0, 0, 0, 0, time.UTC),
	} {
		policy := &anonymize.Policy{}
		terms, err := json.Marshal(policy)
		if err != nil {
			fmt.Println(err)
			return
		}
		read, written := receipt.NewFileHash(key), receipt.NewFileHash(key)
		var out strings.Builder
		stats, err := policy.Copy(context.Background(), now, csvschema.VirtualMachines,
			io.MultiWriter(&out, written), io.TeeReader(strings.NewReader(export), read))
		if err != nil {
			fmt.Println(err)
			return
		}
		sealed, err := receipt.Seal(receipt.Receipt{
			Action: "anonymize",
			At:     now,
			Policy: terms,
			Counts: map[string]int64{"rows": stats.Rows, "due": stats.Due, "changed": stats.Changed},
			Inputs: []receipt.File{{
				Role: csvschema.VirtualMachines, Bytes: int64(len(export)), Rows: stats.Rows, Digest: identity.Digest(read.Sum(nil)),
			}},
			Outputs: []receipt.File{{
				Role: csvschema.VirtualMachines, Bytes: int64(out.Len()), Rows: stats.Rows, Digest: identity.Digest(written.Sum(nil)),
			}},
			Previous: head,
		}, &receipt.Options{Signer: signer})
		if err != nil {
			fmt.Println(err)
			return
		}
		chain, head = append(chain, sealed), receipt.Head(sealed)
		export = out.String()
	}

	// An auditor has the head from elsewhere and knows the public key.
	public := receipt.PublicKey(signer.Public().(ed25519.PublicKey))
	fmt.Println("whole:", receipt.Verify(chain, head, public))
	fmt.Println("cut:", receipt.Verify(chain[:1], head, public))
	for _, sealed := range chain {
		r, err := receipt.Open(sealed, public)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %s, %d of %d rows due, %d changed\n", r.At.Format(time.DateOnly), r.Action, r.Counts["due"], r.Counts["rows"], r.Counts["changed"])
	}
	// Output:
	// whole: <nil>
	// cut: labdsr: receipt: chain does not end with this head
	// 2017-03-01: anonymize, 1 of 2 rows due, 1 changed
	// 2017-04-01: anonymize, 2 of 2 rows due, 1 changed
}

// From a plan to its receipt: a folder of exports is planned, written, verified, and the
// receipt says which files were read and which were written.
func ExampleFiles() {
	key, err := identity.NewSecretKey(bytes.Repeat([]byte("k"), 32)) // in a program, from where secrets are kept
	if err != nil {
		fmt.Println(err)
		return
	}
	var policy anonymize.Policy
	now := time.Date(2026, time.July, 1, 9, 0, 0, 0, time.UTC)

	sealed, err := func() ([]byte, error) {
		ctx := context.Background()
		found, err := source.Find(ctx, os.DirFS("../../examples/quickstart/exports/contoso-dev"), nil)
		if err != nil {
			return nil, err
		}
		plan, err := policy.Plan(ctx, now, found.Exports)
		if err != nil {
			return nil, err
		}
		written := slices.Clone(found.Files)
		for i, f := range found.Files { // a program writes to temporary files, and renames them after the verification
			var file bytes.Buffer
			if _, err := plan.Apply(ctx, f.FileID, &file); err != nil {
				return nil, err
			}
			written[i].Source = source.FromBytes(file.Bytes())
		}
		after := source.Group(written, nil)
		proof, err := verify.Exports(ctx, &policy, now, found.Exports, after)
		if err != nil {
			return nil, err
		}
		if !proof.OK() {
			return nil, errors.New("the files are not what was planned")
		}
		r := receipt.Receipt{Action: "anonymize", At: now, Counts: maps.Collect(proof.All())}
		if r.Policy, err = json.Marshal(&policy); err != nil {
			return nil, err
		}
		if r.Inputs, err = receipt.Files(ctx, key, found.Exports); err != nil {
			return nil, err
		}
		if r.Outputs, err = receipt.Files(ctx, key, after); err != nil {
			return nil, err
		}
		return receipt.Seal(r, &receipt.Options{Key: key})
	}()
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := receipt.Open(sealed, receipt.MACKey(key))
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, in := range r.Inputs {
		fmt.Printf("%v: %d rows, changed: %t\n", in.Role, in.Rows, in.Digest != r.Outputs[i].Digest)
	}
	fmt.Println("rows changed:", r.Counts["changed"])
	// Output:
	// virtualmachines: 12 rows, changed: true
	// disks: 6 rows, changed: true
	// rows changed: 6
}

// A chain is kept as the lines of a file. The file cannot show that lines were removed
// from its end: without a head from elsewhere, the shorter chain is valid.
func ExampleVerify() {
	var file bytes.Buffer
	var head identity.Digest
	for day := 1; day <= 3; day++ {
		sealed, err := receipt.Seal(receipt.Receipt{
			Request:  fmt.Sprintf("DSR-2026-%04d", day),
			Action:   "access",
			At:       time.Date(2026, time.July, day, 9, 0, 0, 0, time.UTC),
			Previous: head,
		}, nil)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Fprintf(&file, "%s\n", sealed)
		head = receipt.Head(sealed)
	}

	chain := bytes.Split(bytes.TrimSuffix(file.Bytes(), []byte("\n")), []byte("\n"))
	fmt.Println(receipt.Verify(chain, head))
	fmt.Println(receipt.Verify([][]byte{chain[0], chain[2]}, head))
	fmt.Println(receipt.Verify(chain[:2], head))
	fmt.Println(receipt.Verify(chain[:2], receipt.Head(chain[1])))
	// Output:
	// <nil>
	// labdsr: receipt 2: receipt does not follow the one before it
	// labdsr: receipt: chain does not end with this head
	// <nil>
}
