package main

import (
	"crypto/rand"
	"encoding/base64"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	azblob "github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

func TestAFolderPublishesOnce(t *testing.T) {
	d := folder(t.TempDir())
	work, err := d.work()
	require.NoError(t, err)
	for _, text := range []string{"one", "one", "two"} {
		require.NoError(t, os.WriteFile(filepath.Join(work, "f"), []byte(text), 0o600))
		err := publish(t.Context(), d, "a/b.csv", filepath.Join(work, "f"))
		if text == "two" {
			require.ErrorIs(t, err, errOther)
		} else {
			require.NoError(t, err)
		}
		require.NoError(t, os.Remove(filepath.Join(work, "f")))
	}
	r, err := d.open(t.Context(), "a/b.csv")
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	assert.Equal(t, "one", string(text))
	_, err = d.open(t.Context(), "alice@contoso.com")
	require.ErrorIs(t, err, fs.ErrNotExist)
	assert.NotContains(t, err.Error(), "alice")
}

func TestAFolderListsWhatMayBeAnExport(t *testing.T) {
	dir := t.TempDir()
	tree{"a/v.csv": "x", "b.csv": "yy"}.write(t, dir)
	require.NoError(t, os.Symlink("b.csv", filepath.Join(dir, "link.csv")))
	require.NoError(t, os.Symlink("b.csv", filepath.Join(dir, ".DS_Store")))
	var names []string
	var faults []string
	require.NoError(t, folder(dir).list(t.Context(), func(f file) {
		names = append(names, f.Path)
		if f.Fault != "" {
			faults = append(faults, f.Path)
		}
	}))
	assert.Equal(t, []string{"a/v.csv", "b.csv", "link.csv"}, names)
	assert.Equal(t, []string{"link.csv"}, faults)
	assert.Error(t, folder(filepath.Join(dir, "missing")).list(t.Context(), nil))
}

func TestAFolderNoticesThatAFileChanged(t *testing.T) {
	dir := t.TempDir()
	tree{"v.csv": "x"}.write(t, dir)
	var f file
	require.NoError(t, folder(dir).list(t.Context(), func(found file) { f = found }))
	s := folder(dir).source(f)
	r, err := s.Open(t.Context())
	require.NoError(t, err)
	require.NoError(t, r.Close())
	tree{"v.csv": "xx"}.write(t, dir)
	_, err = s.Open(t.Context())
	assert.ErrorIs(t, err, csvschema.ErrSourceChanged)
}

func TestWhereAURLWritesTo(t *testing.T) {
	for url, want := range map[string]string{
		"https://contoso.blob.core.windows.net/labs":               "",
		"https://contoso.blob.core.windows.net/labs/out/2026-07":   "out/2026-07",
		"http://127.0.0.1:10000/account/labs":                      "",
		"http://127.0.0.1:10000/account/labs/out/":                 "out",
		"https://contoso.blob.core.windows.net/labs/a%20b/c%2540d": "a b/c%40d",
	} {
		got, err := prefixOf(url)
		require.NoError(t, err)
		assert.Equal(t, want, got, url)
	}
}

// azuriteName returns the path of the program, which may not be there.
func azuriteName(t *testing.T) string {
	t.Helper()
	name := os.Getenv("AZURITE")
	if name == "" {
		name = filepath.Join("..", "..", ".ci", "azurite", "node_modules", ".bin", "azurite-blob")
	}
	name, err := filepath.Abs(name)
	require.NoError(t, err)
	return name
}

// azurite starts the storage server that Microsoft makes for tests, and returns the URL of
// a new container in it. The credentials are in the environment of this process.
func azurite(t *testing.T) (url string, client *azblob.Client) {
	t.Helper()
	name := azuriteName(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	host := l.Addr().String()
	_, port, _ := net.SplitHostPort(host)
	require.NoError(t, l.Close())
	secret := make([]byte, 64)
	_, _ = rand.Read(secret) // it never fails
	key := base64.StdEncoding.EncodeToString(secret)
	c := exec.Command(name, "--blobHost", "127.0.0.1", "--blobPort", port, "--silent", "--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence")
	c.Dir = t.TempDir()
	c.Env = append(os.Environ(), "AZURITE_ACCOUNTS=labdsrtest:"+key)
	require.NoError(t, c.Start())
	t.Cleanup(func() { _, _ = c.Process.Kill(), c.Wait() })
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", host)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, 3*time.Minute, 20*time.Millisecond)
	account := "http://" + host + "/labdsrtest"
	connection := "DefaultEndpointsProtocol=http;AccountName=labdsrtest;AccountKey=" + key + ";BlobEndpoint=" + account + ";"
	t.Setenv(connectionVariable, connection)
	client, err = azblob.NewClientFromConnectionString(connection, "labs", nil)
	require.NoError(t, err)
	_, err = client.Create(t.Context(), nil)
	require.NoError(t, err)
	return account + "/labs", client
}
