package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

// The actions.
const (
	access      = "access"
	anonymizing = "anonymize"
)

// A job is what all steps of a run know. It is part of the graph that the runner gets, so
// it holds paths of what is secret, and nothing secret.
type job struct {
	Action string
	Roots  []string // folders, and URLs of containers and buckets, without credentials
	Out    string   // the same, for what is written
	Run    string   // a random name of the run, and of its report

	Subjects string // path of the file of subjects
	Key      string // path of the key of receipts and digests

	At     time.Time
	Policy anonymize.Terms
	Holds  []string // paths of lists of holds
	// AllowUnmetHolds says that holds may be on resources that are in no file.
	AllowUnmetHolds bool
	Erase, Removed  []string // paths of lists of requests
	EraseExisting   bool

	Sum []byte // what the key, subjects, holds and requests must be; see given

	// Credentials is the path of a file with a SAS or a connection string.
	Credentials string
	// Salt makes fingerprints of one run useless in another one.
	Salt []byte
}

// begin makes a run of its own of a job.
func (j *job) begin() error {
	j.Run = strings.ToLower(rand.Text())
	j.Salt = make([]byte, sha256.Size)
	_, _ = rand.Read(j.Salt) // it never fails
	g, err := j.read()
	if err != nil {
		return err
	}
	j.Sum = j.sumOf(g)
	return nil
}

// seal returns a digest of a text by which two workers of a run can tell whether they have
// the same.
func (j *job) seal(text []byte) []byte {
	mac := hmac.New(sha256.New, j.Salt)
	_, _ = mac.Write(text) // it never fails
	return mac.Sum(nil)
}

// fingerprint returns what stands for a LabUId in this run. The LabUId itself does not
// leave the worker, since it is a cell, which may hold anything.
func (j *job) fingerprint(normal []byte) string { return hex.EncodeToString(j.seal(normal)[:16]) }

// A given is what people wrote for a job. It does not leave the process that read it.
type given struct {
	subjects []dsr.Subject
	holds    *lists.Holdings // nil if there are none
	requests []anonymize.Request
	text     []byte // all of it, or nil if there is nothing
	key      identity.SecretKey
}

// sumOf returns the digest of what was given, perhaps nothing. Whoever has the graph or the
// claim has the salt, too, and can guess an address: so it is under the key.
func (j *job) sumOf(g *given) []byte {
	mac := g.key.Hash("beam lists")
	_, _ = mac.Write(j.seal(g.text)) // it never fails
	return mac.Sum(nil)
}

// errGiven says that a file is not the one that the run began with.
var errGiven = errors.New("the key or a file of subjects, holds or requests cannot be read here, or has changed since the run began")

// errPipe says that a file can be read once only.
var errPipe = errors.New("a file of subjects, holds, requests or the key is a pipe or a device: each step reads it again")

// given reads what people wrote for the job. It must be what the run began with.
func (j *job) given() (*given, error) {
	g, err := j.read()
	if err != nil || !hmac.Equal(j.Sum, j.sumOf(g)) {
		return nil, errGiven
	}
	return g, nil
}

// read reads what people wrote for the job.
func (j *job) read() (g *given, err error) {
	g = &given{}
	for _, path := range slices.Concat([]string{j.Subjects, j.Key}, j.Holds, j.Erase, j.Removed) {
		info, err := os.Stat(path)
		if err == nil && !info.Mode().IsRegular() && !info.IsDir() { // it would wait for ever
			return g, errPipe
		}
	}
	if g.key, err = j.key(); err != nil {
		return g, err
	}
	if j.Action == access {
		if err := lists.Private(j.Subjects); err != nil {
			return g, err
		}
		if g.text, err = os.ReadFile(j.Subjects); err == nil {
			g.subjects, err = parseSubjects(g.text)
		}
		return g, err
	}
	var all []any
	if len(j.Holds) > 0 {
		if g.holds, err = lists.ReadHoldings(j.Holds); err != nil {
			return g, err
		}
		for _, hold := range g.holds.Holds {
			list := slices.Index(j.Holds, hold.Path)
			hold.Path = "" // another worker may have it elsewhere, and a later run, too
			all = append(all, list, hold)
		}
	}
	for _, of := range []struct {
		kind  anonymize.RequestKind
		paths []string
	}{{anonymize.Erase, j.Erase}, {anonymize.Removed, j.Removed}} {
		for _, path := range of.paths {
			if err := lists.Private(path); err != nil {
				return g, err
			}
			requests, err := lists.Requests(path, of.kind, j.At)
			if err != nil {
				return g, err
			}
			g.requests = append(g.requests, requests...)
		}
	}
	g.requests = lists.Earliest(g.requests)
	for i := range g.requests {
		q := &g.requests[i]
		q.Existing = j.EraseExisting && q.Kind == anonymize.Erase
		all = append(all, q.Kind, q.Identifier.Reveal(), q.Identifier.IsVerbatim(), q.At, q.Existing)
	}
	if all != nil {
		g.text, err = json.Marshal(all)
	}
	return g, err
}

// parseSubjects returns the subjects in a text: one on each line, its identifiers with blanks
// between them. Empty lines and lines that begin with # are left out.
func parseSubjects(text []byte) ([]dsr.Subject, error) {
	var all []dsr.Subject
	for number, line := range bytes.Split(text, []byte("\n")) {
		words := strings.Fields(string(line))
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		subject, err := dsr.ParseSubject(words...)
		if err != nil {
			return nil, atLine(number+1, err)
		}
		all = append(all, subject)
	}
	if len(all) == 0 {
		return nil, dsr.ErrNoIdentifier
	}
	return all, nil
}

// policy returns the policy of the run.
func (j *job) policy() (*anonymize.Policy, error) {
	p, err := j.Policy.Policy()
	if err != nil {
		return nil, err
	}
	return p, p.Validate()
}

// key reads the key of receipts and digests.
func (j *job) key() (identity.SecretKey, error) { return lists.Key(j.Key) }

// The variables of the environment in which credentials are looked for, as by labdsr.
const (
	sasVariable        = "AZURE_STORAGE_SAS_TOKEN"
	connectionVariable = "AZURE_STORAGE_CONNECTION_STRING"
)

// credentials reads those of containers: of the file, or else of the environment, or else
// of whoever is signed in.
func (j *job) credentials() (c azure.Credentials, err error) {
	c.SAS, c.ConnectionString = os.Getenv(sasVariable), os.Getenv(connectionVariable)
	if j.Credentials == "" {
		return c, nil
	}
	secret, err := lists.Secret(j.Credentials)
	if err != nil {
		return c, err
	}
	if strings.Contains(secret, ";") {
		return azure.Credentials{ConnectionString: secret}, nil
	}
	return azure.Credentials{SAS: secret}, nil
}
