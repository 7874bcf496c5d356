package azure

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
)

// NOTE. What the service may do with the container. Its documentation asks for a SAS "with
// write permission to the container". The example of its REST API has sp=rcw, and the older
// scripts have all permissions of the account. Nothing says what reading would be for, so a
// SAS that is made here lets the service create and write blobs, and neither read, list nor
// delete them: it learns nothing of the exports of other labs. If a service does need more,
// it refuses, and a SAS that is given to [Open] is handed on as it is.

// exportPermissions are what a SAS that is made here allows.
var exportPermissions = sas.ContainerPermissions{Create: true, Write: true}

// clockSkew is how far the clock of this machine may be from that of the store.
const clockSkew = 15 * time.Minute

// keyTime is how long a user delegation key is asked for. It stays in memory; only what it
// signs is handed out, and that ends earlier.
const keyTime = 24 * time.Hour

// errNoWrite and the like say why a SAS that was given is of no use.
var (
	errNoWrite = errors.New("the SAS does not let the service write blobs")
	errNoList  = errors.New("the SAS does not let blobs be listed")
	errExpired = errors.New("the SAS expires before the labs can be exported")
)

// A signer makes the URL by which the service writes into a container. It is safe for
// concurrent use.
type signer struct {
	container *Container
	name      string // of the container
	at        string // its URL, without a SAS

	mu    sync.Mutex
	key   *service.UserDelegationCredential
	until time.Time // until then the key is valid
}

// newSigner returns the signer of a container. Life is for how long a SAS is needed.
func newSigner(c *Container, now time.Time, life time.Duration) (*signer, error) {
	s := &signer{container: c}
	var query string
	s.at, query, _ = strings.Cut(c.client.URL(), "?")
	s.name = s.at[strings.LastIndexByte(s.at, '/')+1:]
	if query != "" {
		return s, checkSAS(query, now.Add(life))
	}
	return s, nil
}

// checkSAS refuses a SAS that was given and with which no export can end well. What a
// stored access policy allows is not in the SAS, and is not looked at.
func checkSAS(query string, until time.Time) error {
	const hint = "it needs the permissions create, write and list of the container (sp=cwl), or more if the service asks for it"
	q, err := url.ParseQuery(query)
	switch may := q.Get("sp"); {
	case err != nil:
		return wrongUsage("this is no SAS", "")
	case q.Get("si") != "":
		return nil
	case !strings.Contains(may, "w"):
		return &Error{Op: "export", Err: errNoWrite, Hint: hint}
	case !strings.Contains(may, "l"):
		return &Error{Op: "export", Err: errNoList, Hint: hint}
	}
	if expiry, err := time.Parse(time.RFC3339, q.Get("se")); err == nil && expiry.Before(until) {
		return &Error{Op: "export", Err: errExpired, Hint: "make one that is valid for longer, or sign in by Entra: then labdsr makes it"}
	}
	return nil
}

// url returns the URL of the container with a SAS that is valid from now on for so long. It
// is a secret.
func (s *signer) url(ctx context.Context, now time.Time, life time.Duration) (string, error) {
	if _, _, given := strings.Cut(s.container.client.URL(), "?"); given {
		return s.container.client.URL(), nil
	}
	values := sas.BlobSignatureValues{
		Protocol:      sas.ProtocolHTTPS,
		StartTime:     now.Add(-clockSkew).UTC(),
		ExpiryTime:    now.Add(life + clockSkew).UTC(),
		Permissions:   exportPermissions.String(),
		ContainerName: s.name,
	}
	if strings.HasPrefix(s.at, "http:") { // Open allows that for this machine alone
		values.Protocol = sas.ProtocolHTTPSandHTTP
	}
	query, err := s.sign(ctx, values, now)
	if err != nil {
		return "", newError("make a SAS", "", err)
	}
	return s.at + "?" + query.Encode(), nil
}

// sign signs with the key of the account, or with one that stands for who signed in.
func (s *signer) sign(ctx context.Context, values sas.BlobSignatureValues, now time.Time) (sas.QueryParameters, error) {
	if text := s.container.creds.ConnectionString; text != "" {
		key, err := keyOf(text)
		if err != nil {
			return sas.QueryParameters{}, err
		}
		return values.SignWithSharedKey(key)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.key == nil || values.ExpiryTime.After(s.until) {
		start, until := now.Add(-clockSkew).UTC(), now.Add(keyTime).UTC()
		if until.Before(values.ExpiryTime) {
			until = values.ExpiryTime
		}
		from, to := start.Format(sas.TimeFormat), until.Format(sas.TimeFormat)
		key, err := s.container.account.GetUserDelegationCredential(ctx, service.KeyInfo{Start: &from, Expiry: &to}, nil)
		if err != nil {
			e, _ := errors.AsType[*Error](newError("get a user delegation key", "", err)) // it always is one
			if e.Status == http.StatusForbidden {
				e.Hint = "the role Storage Blob Delegator, or Storage Blob Data Contributor, of the storage account is needed"
			}
			return sas.QueryParameters{}, e
		}
		s.key, s.until = key, until
	}
	return values.SignWithUserDelegation(s.key)
}

// keyOf returns the key in a connection string.
func keyOf(text string) (*container.SharedKeyCredential, error) {
	parts := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		name, value, _ := strings.Cut(part, "=")
		parts[name] = value
	}
	key, err := container.NewSharedKeyCredential(parts["AccountName"], parts["AccountKey"])
	if err != nil {
		return nil, wrongUsage("the connection string has no key", "") // Open has looked
	}
	return key, nil
}
