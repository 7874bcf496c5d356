package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
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
	Roots  []string // folders, and URLs of containers, without credentials
	Out    string   // the same, for what is written
	Run    string   // a random name of the run, and of its report

	Subjects string // path of the file of subjects
	Sum      []byte // what that file must be; see seal
	Key      string // path of the key of receipts

	At     time.Time
	Policy anonymize.Terms

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
	if j.Action != access {
		_, err := j.key()
		return err
	}
	text, err := private(j.Subjects)
	if err != nil {
		return err
	}
	j.Sum = j.seal(text)
	_, err = j.subjects()
	return err
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

// errSubjects says that the file of subjects is not the one that the run began with.
var errSubjects = errors.New("the file of subjects has changed since the run began")

// subjects reads the file of subjects: one on each line, its identifiers with blanks
// between them. Empty lines and lines that begin with # are left out.
func (j *job) subjects() ([]dsr.Subject, error) {
	text, err := private(j.Subjects)
	if err != nil {
		return nil, err
	}
	if !hmac.Equal(j.Sum, j.seal(text)) {
		return nil, errSubjects
	}
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

// key reads the key of receipts: all bytes of a file but the last line end.
func (j *job) key() (identity.SecretKey, error) {
	text, err := private(j.Key)
	if err != nil {
		return identity.SecretKey{}, err
	}
	return identity.NewSecretKey(bytes.TrimRight(text, "\r\n"))
}

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
	text, err := private(j.Credentials)
	if err != nil {
		return c, err
	}
	secret := strings.TrimSpace(string(text))
	if strings.Contains(secret, ";") {
		return azure.Credentials{ConnectionString: secret}, nil
	}
	return azure.Credentials{SAS: secret}, nil
}

// errNotPrivate says that a file is not as secret as what is in it.
var errNotPrivate = errors.New("other people of this machine may read the file; chmod 600 it")

// private reads a small file that nobody else may read.
func private(path string) ([]byte, error) {
	if path == "" {
		return nil, errors.New("no such file was named")
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, errNotPrivate
	}
	return os.ReadFile(path)
}
