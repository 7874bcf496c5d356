package azure

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. Errors of the SDK print the address of the request and the answer of the service,
// and errors of net/http the address with the SAS in it. So none of them is ever wrapped:
// what a person needs is taken out, and the rest is left behind.

// An Error says what the service refused or what failed on the way to it. It holds no
// address of a request, no credential and no answer of the service.
type Error struct {
	// Op is what was to be done, such as "read".
	Op string
	// Place is where: the number of a blob in its listing and its name, in which what names
	// a person is hidden. It is "" for what is about the whole container.
	Place string
	// Status is the HTTP status, or 0 if there was no answer.
	Status int
	// Code is the service's error code, such as "BlobArchived", or "".
	Code string
	// Hint says what to do about it, or is "".
	Hint string
	// Err is a cause for errors.Is: [csvschema.ErrSourceChanged], [fs.ErrNotExist],
	// [fs.ErrExist], [fs.ErrPermission], an error of the context or the system, or one of
	// this package. It may be nil.
	Err error
}

// Errors of this package, each within an [Error].
var (
	// ErrPublic says that a container lets anybody read its blobs, or that nobody can tell.
	ErrPublic = errors.New("the container may be public")
	// ErrPacked says that a blob is compressed, and so cannot be replaced in place.
	ErrPacked = errors.New("the blob is compressed")
	// ErrNotAsWritten says that the service does not have what was written.
	ErrNotAsWritten = errors.New("the blob is not what was written")
	// ErrNotAsVerified says that what was to be written is not what was verified.
	ErrNotAsVerified = errors.New("not what was verified")
	// ErrUnknown says that a blob may have been written, but no answer came.
	ErrUnknown = errors.New("nobody knows whether the blob was written")

	errConnection = errors.New("the connection failed")
	errStalled    = errors.New("nothing came in for too long")
	errCut        = errors.New("the answer was cut off")
	errSignIn     = errors.New("signing in failed")
	errHost       = errors.New("the host was not found")
	errTLS        = errors.New("the certificate of the host is not trusted")
	errAnswer     = errors.New("the answer is not one of a storage service")
)

const prefix = "labdsr: "

// Error describes the place and the cause in one line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(prefix)
	b.WriteString(e.Op)
	if e.Place != "" {
		b.WriteString(" " + e.Place)
	}
	if e.Err != nil {
		b.WriteString(": " + strings.TrimPrefix(e.Err.Error(), prefix))
	}
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
		if e.Code != "" {
			b.WriteString(" " + e.Code)
		}
	}
	if e.Hint != "" {
		b.WriteString(" (" + e.Hint + ")")
	}
	return b.String()
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// newError returns the Error for an error of the SDK, of net/http or of this package.
func newError(op, place string, err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	e := &Error{Op: op, Place: place}
	if response, ok := errors.AsType[*azcore.ResponseError](err); ok {
		e.answered(response)
		return e
	}
	e.Hint, e.Err = causeOf(err)
	return e
}

// A codeOf is a word, whatever a proxy sends.
var codeOf = regexp.MustCompile(`^[A-Za-z0-9]{1,64}$`)

// answered fills in what an answer of the service says.
func (e *Error) answered(r *azcore.ResponseError) {
	e.Status = r.StatusCode
	if codeOf.MatchString(r.ErrorCode) {
		e.Code = r.ErrorCode
	}
	if say, known := answers[bloberror.Code(e.Code)]; known {
		e.Err, e.Hint = say.err, say.hint
		return
	}
	switch r.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		e.Err, e.Hint = errAnswer, "something on the way leads elsewhere, and nothing was sent there; is the URL right, and is there a proxy?"
	case http.StatusUnauthorized, http.StatusForbidden:
		e.Err, e.Hint = fs.ErrPermission, "is the SAS or the key valid, and does it, or the role, allow this?"
	case http.StatusNotFound:
		e.Err = fs.ErrNotExist
	case http.StatusPreconditionFailed:
		e.Err, e.Hint = csvschema.ErrSourceChanged, hintChanged
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		e.Hint = "the service is busy; run it again later"
	}
}

const hintChanged = "somebody changed the blob meanwhile; run it again"

// answers are the service's codes that need more words than their status has.
var answers = map[bloberror.Code]struct {
	err  error
	hint string
}{
	bloberror.AuthenticationFailed:                           {fs.ErrPermission, "the SAS or the key is wrong or has expired, or the clock of this machine is"},
	bloberror.AuthorizationFailure:                           {fs.ErrPermission, "the SAS has expired or does not allow this, or a firewall of the storage account does not"},
	bloberror.AuthorizationPermissionMismatch:                {fs.ErrPermission, "the role or the SAS does not allow this"},
	bloberror.AuthorizationProtocolMismatch:                  {fs.ErrPermission, "the SAS allows https alone"},
	bloberror.AuthorizationSourceIPMismatch:                  {fs.ErrPermission, "the SAS is for other addresses than that of this machine"},
	bloberror.BlobArchived:                                   {nil, "the blob is in the archive tier: rehydrate it first"},
	bloberror.BlobBeingRehydrated:                            {nil, "the blob comes back from the archive tier: wait until it is there"},
	bloberror.BlobImmutableDueToPolicy:                       {fs.ErrPermission, "an immutability policy or a legal hold protects the blob"},
	bloberror.BlobUsesCustomerSpecifiedEncryption:            {fs.ErrPermission, "the blob is encrypted with a key that only its owner has"},
	bloberror.BlobAlreadyExists:                              {fs.ErrExist, "nothing was written"},
	bloberror.ContainerBeingDeleted:                          {fs.ErrNotExist, "the container is being deleted"},
	bloberror.InvalidBlobOrBlock:                             {nil, "blocks of another program wait at this blob; they go by themselves after a week"},
	bloberror.InvalidBlobType:                                {nil, "only block blobs can be replaced"},
	bloberror.LeaseIDMissing:                                 {fs.ErrPermission, "somebody has a lease on the blob: break it, or wait"},
	bloberror.SnapshotsPresent:                               {nil, "the blob has snapshots"},
	"FeatureNotYetSupportedForHierarchicalNamespaceAccounts": {nil, "an account with a hierarchical namespace does not know this"},
	"PublicAccessNotPermitted":                               {fs.ErrPermission, ""},
	"KeyBasedAuthenticationNotPermitted":                     {fs.ErrPermission, "the storage account takes no key: sign in by Entra"},
}

// causeOf returns what went wrong on the way, without the address that it went wrong for.
func causeOf(err error) (hint string, cause error) {
	for _, known := range []error{
		context.Canceled, context.DeadlineExceeded, errStalled, errCut, errAnswer, csvschema.ErrSourceChanged, ErrNotAsWritten, ErrNotAsVerified,
		ErrPacked, ErrPublic, fs.ErrInvalid, fs.ErrClosed, fs.ErrNotExist, fs.ErrPermission, fs.ErrExist,
	} {
		if errors.Is(err, known) {
			if known == csvschema.ErrSourceChanged {
				hint = hintChanged
			}
			return hint, known
		}
	}
	if _, ok := errors.AsType[signInError](err); ok {
		return "use az login, a managed identity, a SAS or a connection string", errSignIn
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return "is the name of the storage account right?", errHost
	}
	if isTrust(err) {
		return "is there a proxy that opens TLS?", errTLS
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		return "", errno
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return "", errCut
	}
	if strings.HasPrefix(err.Error(), "unmarshalling ") { // of the SDK, which has no type for it
		return "is the URL right, and is there a proxy?", errAnswer
	}
	return "", errConnection
}

// A signInError is one of package azidentity, none of whose types is for all of them.
type signInError interface {
	error
	NonRetriable()
}

// isTrust reports whether a certificate is not trusted.
func isTrust(err error) bool {
	_, unknown := errors.AsType[x509.UnknownAuthorityError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	_, name := errors.AsType[x509.HostnameError](err)
	return unknown || invalid || name
}

// hide returns a name without what names a person: addresses, and the x of /users/{x}.
// Characters that nobody sees are left out.
func hide(text string) string {
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return -1
		}
		return r
	}, text)
	var finder identity.Finder
	for _, span := range slices.Backward(finder.Find(nil, []byte(text))) {
		text = text[:span.Start] + "[hidden]" + text[span.End:]
	}
	return text
}
