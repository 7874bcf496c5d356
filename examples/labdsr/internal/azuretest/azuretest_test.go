package azuretest_test

import (
	"net/http"
	"os"
	"path"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

func TestMain(m *testing.M) { os.Exit(azuretest.Main(m)) }

func TestServerIsReachedByAProxy(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	azuretest.Put(t, c, "a", "text")
	azuretest.Put(t, c, "empty", "")
	assert.Empty(t, azuretest.Get(t, c, "empty"))
	refused := 0
	proxy := s.Proxy(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodGet && refused == 0 {
			refused++
			azuretest.Refuse(w, http.StatusServiceUnavailable, "ServerBusy", "Retry-After", "1")
			return
		}
		next.ServeHTTP(w, r)
	})
	other, err := container.NewClientFromConnectionString(proxy.ConnectionString(), path.Base(c.URL()), nil)
	require.NoError(t, err)
	assert.Equal(t, "text", azuretest.Get(t, other, "a"))
	assert.Equal(t, 1, refused)
}
