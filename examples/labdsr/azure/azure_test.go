package azure_test

import (
	"bytes"
	"compress/gzip"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

// uploadOptions are those of a blob that a test writes.
type uploadOptions = blockblob.UploadBufferOptions

// nameOf returns the name of a container.
func nameOf(c *container.Client) string {
	u, _, _ := strings.Cut(c.URL(), "?")
	return path.Base(u)
}

func gzipped(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

// open opens a container of the server, or a path in it.
func open(t testing.TB, s *azuretest.Server, c *container.Client, at string) *azure.Container {
	t.Helper()
	return openStalling(t, s, c, at, 0)
}

// openStalling is open with another time after which an answer stalls. This machine may
// stall for as long.
func openStalling(t testing.TB, s *azuretest.Server, c *container.Client, at string, stall time.Duration) *azure.Container {
	t.Helper()
	opened, err := azure.Open(s.URL+"/"+nameOf(c)+at, azure.Credentials{ConnectionString: s.ConnectionString()},
		&azure.ClientOptions{Retry: azuretest.Impatient, Stall: stall})
	require.NoError(t, err)
	return opened
}
