package main

import (
	"context"
	"fmt"
	"os"
	"path"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
)

// policy is the policy that Microsoft documents: 30 days after the deletion.
var policy anonymize.Policy

// An erasure is what was done in all files, and the verification of the written files.
type erasure struct {
	total anonymize.Stats
	proof *verify.Verification
}

// erase writes every file of the exports again, without the identifiers of the
// rows that are due. It makes a plan, applies it, and then reads the written files
// and verifies them against the policy.
func erase(ctx context.Context, o *output) (*erasure, error) {
	before := given()
	plan, err := policy.Plan(ctx, now, before)
	if err != nil {
		return nil, err
	}
	var total anonymize.Stats
	for _, f := range plan.Report().Files {
		out, err := o.create(path.Join("anonymized", fileName(labs[f.Export-1], f.Role)))
		if err != nil {
			return nil, err
		}
		stats, err := plan.Apply(ctx, f.FileID, out)
		if err != nil {
			_ = out.Close()
			return nil, err
		}
		total.Add(stats)
		if err := out.Close(); err != nil {
			return nil, err
		}
	}
	proof, err := verify.Exports(ctx, &policy, now, before, o.anonymized())
	if err != nil {
		return nil, err
	}
	if !proof.OK() {
		f := proof.Failures[0]
		return nil, fmt.Errorf("%d failures; the first: %s of lab %d, line %d: %s", proof.Failed, f.Role, f.Export, f.Line, f.Kind)
	}
	return &erasure{total, proof}, nil
}

// anonymized returns the exports that erase wrote.
func (o *output) anonymized() []csvschema.Export { return exports(os.DirFS(o.temp), "anonymized") }
