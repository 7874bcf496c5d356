package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"syscall"

	"github.com/labdsr/labdsr/csvschema"
)

// NOTE. Errors of the SDKs print addresses of requests, with names of buckets and objects in
// them, and what the service answered. So none of them is ever wrapped: what a person needs
// is taken out, and the rest is left behind. The name of the object is told by whoever knows
// what may be shown of it.

// A bucketError says what a service refused or what failed on the way to it. It holds no
// address, no name of a bucket or object, no credential and no text of an answer.
type bucketError struct {
	op     string // what was to be done
	status int    // the HTTP status, or 0 if there was no answer
	code   string // the service's error code, or ""
	hint   string // what to do about it, or ""
	err    error  // a cause for errors.Is, or nil
}

// Error describes the cause in one line.
func (e *bucketError) Error() string {
	text := e.op
	if e.err != nil {
		text += ": " + strings.TrimPrefix(e.err.Error(), "labdsr: ")
	}
	if e.status != 0 {
		text += fmt.Sprintf(": status %d", e.status)
		if e.code != "" {
			text += " " + e.code
		}
	}
	if e.hint != "" {
		text += " (" + e.hint + ")"
	}
	return text
}

// Unwrap returns the cause.
func (e *bucketError) Unwrap() error { return e.err }

var (
	errConnection = errors.New("the connection failed")
	errCut        = errors.New("the answer was cut off")
	errDamaged    = errors.New("what came in is not what the service has")
	errSignIn     = errors.New("signing in failed")
	errHost       = errors.New("the host was not found")
	errTLS        = errors.New("the certificate of the host is not trusted")
	errAnswer     = errors.New("the answer is not one of a storage service")
	errSettings   = errors.New("the settings of the service in the environment cannot be used")
	errPlain      = errors.New("the endpoint in the environment is neither one of https nor on this machine")
)

// An answer is what an SDK tells of that of the service.
type answer struct {
	status int
	code   string
}

// codeOf is a word, whatever a proxy sends.
var codeOf = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)

// newBucketError returns the error for one of an SDK or of this program, or nil.
func newBucketError(ctx context.Context, op string, a answer, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*bucketError](err); ok {
		return e
	}
	e := &bucketError{op: op}
	if ctx.Err() != nil { // whatever it made of other errors
		e.err = context.Cause(ctx)
		return e
	}
	if a.status < http.StatusMultipleChoices {
		e.hint, e.err = causeOf(err)
		return e
	}
	e.status = a.status
	if codeOf.MatchString(a.code) {
		e.code = a.code
	}
	switch {
	case e.code == "InvalidObjectState":
		e.err, e.hint = fs.ErrPermission, "the object is archived: restore it first"
	case a.status == http.StatusUnauthorized, a.status == http.StatusForbidden:
		e.err, e.hint = fs.ErrPermission, "are the credentials of the environment those of somebody who may do this? See the README for what is needed"
	case a.status == http.StatusNotFound:
		e.err = fs.ErrNotExist
	case a.status == http.StatusPreconditionFailed:
		e.err = csvschema.ErrSourceChanged
	case a.status == http.StatusTooManyRequests, a.status == http.StatusServiceUnavailable:
		e.hint = "the service is busy; run it again later"
	case a.status < http.StatusBadRequest:
		e.err, e.hint = errAnswer, "something on the way leads elsewhere; is the endpoint right, and is there a proxy?"
	}
	return e
}

// changed turns 404 of an object that was listed into [csvschema.ErrSourceChanged].
func changed(err error) error {
	if e, ok := errors.AsType[*bucketError](err); ok && e.err == fs.ErrNotExist {
		e.err = csvschema.ErrSourceChanged
	}
	return err
}

// isThere turns 412 of an object that was to be made into [fs.ErrExist].
func isThere(err error) error {
	if e, ok := errors.AsType[*bucketError](err); ok && e.err == csvschema.ErrSourceChanged {
		e.err = fs.ErrExist
	}
	return err
}

// causeOf returns what went wrong on the way, without the address that it went wrong for.
func causeOf(err error) (hint string, cause error) {
	for _, known := range []error{
		context.Canceled, context.DeadlineExceeded, errStalled, errCut, errDamaged, errSignIn, errAnswer, errSettings, errPlain, csvschema.ErrSourceChanged,
	} {
		if errors.Is(err, known) {
			if known == errSignIn {
				hint = "are there credentials in the environment?"
			}
			return hint, known
		}
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return "are the names of the bucket and the region right?", errHost
	}
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	_, name := errors.AsType[x509.HostnameError](err)
	if unknown || invalid || name {
		return "is there a proxy that opens TLS?", errTLS
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return "", errno
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return "", errCut
	}
	return "", errConnection
}

// isSafe reports whether an address is one of https or of this machine: what is sent to it
// is about people.
func isSafe(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}
