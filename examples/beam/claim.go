package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/labdsr/labdsr/anonymize"
)

// claimFile is the file in an output that says what it is an output of.
const claimFile = "job.json"

// A claim is what all runs into one output have in common. Another job would leave its
// files beside those that are there: rows of a person in the folder of another one, since
// subjects are numbers.
type claim struct {
	Action string          `json:"action"`
	Roots  []string        `json:"roots"`
	At     time.Time       `json:"at,omitzero"` // of the policy; access has none
	Policy anonymize.Terms `json:"policy"`
	// Salt and Given are the digest of the subjects, or of holds and requests, under the key; see
	// sumOf.
	Salt  []byte `json:"salt"`
	Given []byte `json:"given"`
}

var (
	errClaimed = errors.New("the output is of other subjects, holds, requests, roots or terms, or another key; name another one")
	errLocked  = errors.New("another run writes to the output")
)

// claim makes the output one of this job, or says that it is one of another job.
func (j *job) claim(ctx context.Context) (err error) {
	out, err := j.store(j.Out)
	if err != nil {
		return err
	}
	dir, err := out.work()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, withoutPath(os.RemoveAll(dir))) }()
	text, err := j.newClaim(j.Salt)
	if err != nil {
		return err
	}
	if err := writeFile(dir, claimFile, func(to io.Writer) error {
		_, err := to.Write(text)
		return err
	}); err != nil {
		return err
	}
	if err := out.create(ctx, claimFile, filepath.Join(dir, claimFile)); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return j.checkClaim(ctx)
}

// newClaim returns the claim of this job. The salt is its own, or that of another run.
func (j *job) newClaim(salt []byte) ([]byte, error) {
	g, err := j.given()
	if err != nil {
		return nil, err
	}
	policy := j.Policy
	policy.Requests = len(g.requests)
	if g.holds != nil {
		policy.Holds = len(g.holds.Holds)
	}
	return json.MarshalIndent(claim{j.Action, j.Roots, j.At, policy, salt, (&job{Salt: salt}).sumOf(g)}, "", "  ")
}

// checkClaim says whether the output is one of another job. One of no job yet is not.
func (j *job) checkClaim(ctx context.Context) error {
	out, err := j.store(j.Out)
	if err != nil {
		return err
	}
	r, err := out.open(ctx, claimFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	there, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	var first claim
	if json.Unmarshal(there, &first) != nil {
		return errClaimed
	}
	mine, err := j.newClaim(first.Salt)
	if err != nil {
		return err
	}
	if !bytes.Equal(mine, there) {
		return errClaimed
	}
	return nil
}

// lock keeps an output for one run, where it is a folder: what is not finished in it is
// removed when a run begins. It is free again when this process ends.
func (j *job) lock() (unlock func(), err error) {
	if isURL(j.Out) {
		return func() {}, nil
	}
	if err := os.MkdirAll(j.Out, 0o700); err != nil {
		return nil, withoutPath(err)
	}
	dir, err := os.Open(j.Out)
	if err != nil {
		return nil, withoutPath(err)
	}
	if err := lockFolder(dir); err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	return func() { _ = dir.Close() }, nil
}
