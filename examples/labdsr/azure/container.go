package azure

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/service"
)

// Credentials say who asks. At most one field may be set; the zero value is
// [azidentity.DefaultAzureCredential]. They show nothing of themselves when they are
// printed, logged or marshaled.
type Credentials struct {
	// SAS is a shared access signature of the container, the account or one blob, with or
	// without the question mark.
	SAS string
	// ConnectionString is that of the storage account of the URL.
	ConnectionString string
	// Token is who signs in by Entra.
	Token azcore.TokenCredential
}

const redacted = "[credentials]"

// String returns a text that says nothing.
func (Credentials) String() string { return redacted }

// Format writes a text that says nothing, whatever the verb.
func (Credentials) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, redacted) }

// LogValue returns a text that says nothing.
func (Credentials) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText returns a text that says nothing.
func (Credentials) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// ClientOptions are how the service is asked. Nil is the same as the zero value.
type ClientOptions struct {
	// Retry bounds how often and how long a request is tried again. The fields that are
	// zero mean five times, after 1 s at first, and at most 2 minutes. A Retry-After that
	// is longer ends the request. TryTimeout, which is not for the bodies of blobs that are
	// read, is ten times Stall if it is zero.
	Retry policy.RetryOptions
	// Stall is how long nothing may come in before a body is asked for again. 0 means one
	// minute.
	Stall time.Duration
	// Transport sends requests. Nil means a client of net/http.
	Transport policy.Transporter
}

// stall returns how long nothing may come in.
func (o *ClientOptions) stall() time.Duration {
	if o.Stall <= 0 {
		return time.Minute
	}
	return o.Stall
}

// client returns the options for the SDK.
func (o *ClientOptions) client() azcore.ClientOptions {
	retry := o.Retry
	if retry.MaxRetries == 0 {
		retry.MaxRetries = 5
	}
	if retry.RetryDelay == 0 {
		retry.RetryDelay = time.Second
	}
	if retry.MaxRetryDelay == 0 {
		retry.MaxRetryDelay = 2 * time.Minute
	}
	if retry.TryTimeout == 0 {
		retry.TryTimeout = 10 * o.stall()
	}
	if retry.ShouldRetry == nil {
		retry.ShouldRetry = shouldRetry
	}
	transport := o.Transport
	if transport == nil {
		transport = defaultTransport
	}
	return azcore.ClientOptions{
		Retry:            retry,
		Telemetry:        policy.TelemetryOptions{ApplicationID: "labdsr"},
		Transport:        transport,
		PerCallPolicies:  []policy.Policy{identityEncoding{}},
		PerRetryPolicies: []policy.Policy{ownBody{}},
	}
}

// shouldRetry reports whether an answer or an error may be another one the next time.
func shouldRetry(r *http.Response, err error) bool {
	if err != nil {
		dns, ok := errors.AsType[*net.DNSError](err)
		return !isTrust(err) && (!ok || !dns.IsNotFound)
	}
	switch r.StatusCode {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// defaultTransport is that of net/http, which does not wait for ever for an answer.
var defaultTransport = func() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone() // nobody has replaced it by another type before main
	t.ResponseHeaderTimeout = 2 * time.Minute
	t.MaxIdleConnsPerHost = 16
	return &http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}()

// identityEncoding asks for the bytes as they are. Otherwise net/http would unpack a blob
// that says to be compressed, and ranges and sizes would be those of other bytes.
type identityEncoding struct{}

// Do implements policy.Policy.
func (identityEncoding) Do(r *policy.Request) (*http.Response, error) {
	r.Raw().Header.Set("Accept-Encoding", "identity")
	return r.Next()
}

// A Container is a container of a storage account, what is below a prefix in it, or one
// blob. It is safe for concurrent use.
type Container struct {
	client  *container.Client
	account *service.Client
	public  *container.Client // asks without credentials
	path    string            // prefix without a slash at its end, or the name of one blob; "" for the whole container
	stall   time.Duration
	retry   policy.RetryOptions
	creds   Credentials
}

// Open returns the container of a URL, such as
//
//	https://ACCOUNT.blob.core.windows.net/labresourceusage
//
// After the container a prefix may follow, such as the name of a lab, or the name of one
// blob. Nothing is asked of the service yet.
//
// A URL with a query is refused: a SAS in it would be in the history of a shell and in the
// list of processes. So is http, unless the host is an address of this machine, as that of
// Azurite is; then the name of the account is before that of the container.
func Open(address string, c Credentials, o *ClientOptions) (*Container, error) {
	if o == nil {
		o = &ClientOptions{}
	}
	u, err := parse(address)
	if err != nil {
		return nil, err
	}
	opened := &Container{path: strings.TrimRight(u.parts.BlobName, "/"), stall: o.stall(), creds: c}
	options := o.client()
	opened.retry = options.Retry
	if err := opened.connect(u, c, options); err != nil {
		return nil, err
	}
	opened.public, err = container.NewClientWithNoCredential(u.container, &container.ClientOptions{ClientOptions: options})
	if err != nil {
		return nil, wrongUsage("the URL cannot be used", "")
	}
	return opened, nil
}

// An address is a URL of a container, in parts.
type address struct {
	parts     blob.URLParts
	account   string // its URL, without a slash at the end
	container string
}

// parse returns the parts of the URL of a container, prefix or blob.
func parse(text string) (*address, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil {
		return nil, wrongUsage("this is no URL of a container", "https://ACCOUNT.blob.core.windows.net/CONTAINER[/PREFIX]")
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return nil, wrongUsage("the URL has a query or a fragment", "give a SAS apart, by the environment or a private file, and never on the command line")
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme != "https" && (u.Scheme != "http" || ip == nil || !ip.IsLoopback()) {
		return nil, wrongUsage("the URL is not one of https", "Azurite is at http://127.0.0.1:PORT/ACCOUNT/CONTAINER")
	}
	parts, err := blob.ParseURL(text)
	if err != nil || parts.ContainerName == "" {
		return nil, wrongUsage("the URL names no container", "https://ACCOUNT.blob.core.windows.net/CONTAINER[/PREFIX]")
	}
	a := &address{parts: parts, account: u.Scheme + "://" + u.Host}
	if name := parts.IPEndpointStyleInfo.AccountName; name != "" {
		a.account += "/" + name
	}
	a.container = a.account + "/" + parts.ContainerName
	return a, nil
}

// wrongUsage returns an error in what the caller gave.
func wrongUsage(what, hint string) error {
	return &Error{Op: "open a container", Hint: hint, Err: errors.New(what)}
}

// connect makes the clients of a container.
func (c *Container) connect(u *address, creds Credentials, options azcore.ClientOptions) (err error) {
	ofContainer, ofAccount := &container.ClientOptions{ClientOptions: options}, &service.ClientOptions{ClientOptions: options}
	given := 0
	for _, is := range []bool{creds.SAS != "", creds.ConnectionString != "", creds.Token != nil} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		return wrongUsage("there is more than one credential", "give one of them")
	case creds.SAS != "":
		query := strings.TrimPrefix(creds.SAS, "?")
		if values, err := url.ParseQuery(query); err != nil || values.Get("sig") == "" || strings.ContainsAny(query, "# \t\r\n") {
			return wrongUsage("this is no SAS", "it is the part of a URL after the question mark, with sig=")
		}
		if c.client, err = container.NewClientWithNoCredential(u.container+"?"+query, ofContainer); err == nil {
			c.account, err = service.NewClientWithNoCredential(u.account+"?"+query, ofAccount)
		}
	case creds.ConnectionString != "":
		if c.client, err = container.NewClientFromConnectionString(creds.ConnectionString, u.parts.ContainerName, ofContainer); err == nil {
			c.account, err = service.NewClientFromConnectionString(creds.ConnectionString, ofAccount)
		}
		if err != nil {
			return wrongUsage("this is no connection string", "") // the error may hold the key
		}
		if at, _, _ := strings.Cut(c.client.URL(), "?"); !strings.EqualFold(at, u.container) {
			return wrongUsage("the connection string is of another storage account than the URL", "")
		}
	default:
		if creds.Token == nil {
			if creds.Token, err = azidentity.NewDefaultAzureCredential(&azidentity.DefaultAzureCredentialOptions{ClientOptions: options}); err != nil {
				return newError("sign in", "", err)
			}
			c.creds.Token = creds.Token
		}
		if c.client, err = container.NewClient(u.container, creds.Token, ofContainer); err == nil {
			c.account, err = service.NewClient(u.account, creds.Token, ofAccount)
		}
	}
	if err != nil {
		return wrongUsage("the URL and the credential do not fit together", "")
	}
	return nil
}

// String returns the URL of the container and the path in it, without a credential. What
// names a person is hidden.
func (c *Container) String() string {
	at, _, _ := strings.Cut(c.client.URL(), "?")
	if c.path != "" {
		at += "/" + c.path
	}
	return hide(at)
}

// Format writes what String returns, whatever the verb.
func (c *Container) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, c.String()) }

// LogValue returns what String returns.
func (c *Container) LogValue() slog.Value { return slog.StringValue(c.String()) }
