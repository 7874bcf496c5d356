package azure

import (
	"io"
	"net/http"
	"sync"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// ownBody gives each try of a request a body of its own, which ends with the try. A service
// may answer before it has read the body; then net/http goes on reading it, while the SDK is
// at its beginning again for the next try.
type ownBody struct{}

// Do implements policy.Policy.
func (ownBody) Do(r *policy.Request) (*http.Response, error) {
	raw := r.Raw()
	if raw.Body == nil || raw.Body == http.NoBody {
		return r.Next()
	}
	body := &bodyOfTry{in: raw.Body}
	defer body.end()
	raw.Body, raw.GetBody = body, nil // or net/http begins again with the body of all tries
	return r.Next()
}

// A bodyOfTry is the body of one try.
type bodyOfTry struct {
	mu sync.Mutex
	in io.Reader // nil when the try is over
}

// Read implements io.Reader.
func (b *bodyOfTry) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.in == nil {
		return 0, http.ErrBodyReadAfterClose
	}
	return b.in.Read(p)
}

// Close does nothing: the SDK closes the body after the last try.
func (b *bodyOfTry) Close() error { return nil }

// end waits for a read, and lets no other begin.
func (b *bodyOfTry) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.in = nil
}
