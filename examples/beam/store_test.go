package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path"
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

// azurite starts the storage server that Microsoft makes for tests, and returns the URL of
// a new container in it. The credentials are in the environment of this process.
func azurite(t *testing.T) (url string, client *azblob.Client) {
	t.Helper()
	name := os.Getenv("AZURITE")
	if name == "" {
		name = filepath.Join("..", "..", ".ci", "azurite", "node_modules", ".bin", "azurite-blob")
	}
	name, err := filepath.Abs(name)
	require.NoError(t, err)
	if _, err := os.Stat(name); err != nil {
		t.Skip("Azurite absent: run npm --prefix .ci/azurite ci, or set AZURITE to the path of azurite-blob")
	}
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
	}, 30*time.Second, 20*time.Millisecond)
	account := "http://" + host + "/labdsrtest"
	connection := "DefaultEndpointsProtocol=http;AccountName=labdsrtest;AccountKey=" + key + ";BlobEndpoint=" + account + ";"
	t.Setenv(connectionVariable, connection)
	client, err = azblob.NewClientFromConnectionString(connection, "labs", nil)
	require.NoError(t, err)
	_, err = client.Create(t.Context(), nil)
	require.NoError(t, err)
	return account + "/labs", client
}

func TestContainersAreLikeFolders(t *testing.T) {
	url, client := azurite(t)
	files := labs(t, 3)
	for name, text := range files {
		_, err := client.NewBlockBlobClient("in/"+name).UploadBuffer(t.Context(), []byte(text), nil)
		require.NoError(t, err)
	}
	for _, action := range []string{anonymizing, access} {
		want := undisturbed(t, action, files)
		j := heldJob(t, action, files)
		j.Roots, j.Out = []string{url + "/in"}, url+"/"+action
		require.NoError(t, j.checkRoots())
		for range 2 { // the second time all is there
			*j = job{Action: j.Action, Roots: j.Roots, Out: j.Out, Subjects: j.Subjects, Key: j.Key, At: j.At, Policy: j.Policy, Holds: j.Holds, Erase: j.Erase}
			mustRun(t, j)
		}
		s, err := j.store(j.Out)
		require.NoError(t, err)
		for name, text := range want {
			var in string // with whole names of blobs
			if first, rest, ok := bytes.Cut([]byte(name), []byte("/")); ok && string(first) == exportsFolder {
				in = path.Join(exportsFolder, "in", string(rest))
			} else if string(first) == subjectsFolder {
				subject, rest, _ := bytes.Cut(rest, []byte("/"))
				in = path.Join(subjectsFolder, string(subject), "in", string(rest))
			} else {
				continue // named after the paths
			}
			r, err := s.open(t.Context(), in)
			require.NoError(t, err, in)
			got, err := io.ReadAll(r)
			require.NoError(t, err)
			require.NoError(t, r.Close())
			assert.Equal(t, text, string(got))
		}
		work, err := s.work()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(work, "f"), []byte("another"), 0o600))
		require.ErrorIs(t, publish(t.Context(), s, j.reportName(), filepath.Join(work, "f")), errOther)
		require.NoError(t, os.RemoveAll(work))
	}

	j := newTestJob(t, access, files) // a blob that changed since it was listed
	j.Roots = []string{url + "/in"}
	units, _ := unitsOf(t, j)
	name := units[0].files()[0].Path
	_, err := client.NewBlockBlobClient(name).UploadBuffer(t.Context(), []byte("another"), nil)
	require.NoError(t, err)
	done := worked(t, j, units[0])
	require.Len(t, done.Failures, 1)
	assert.Contains(t, done.Failures[0].Error, csvschema.ErrSourceChanged.Error())
}
