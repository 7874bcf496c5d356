package main

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
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

// names are those that folders can hold and some program may get wrong.
var names = []string{
	"plain.csv", "a/b/c.csv", "with blank.csv", "a%20b.csv", "%2e%2e.csv", "100%.csv", "a+b.csv", "a&b=c?d#e.csv", "Ünï/ćödé 漢字 🙂.csv", "u\u0308.csv",
	"__0x2f__.csv", "..a/b...csv", "a;b,c:d@e.csv", "'quoted' \"twice\".csv", "<xml>&amp;.csv", "~tilde.csv", "*.csv", "$.csv", " leading.csv", "trailing ",
}

// TestAStoreGivesBackWhatItHas is of all stores.
func TestAStoreGivesBackWhatItHas(t *testing.T) {
	for _, p := range places(t) {
		t.Run(p.name, func(t *testing.T) {
			var want []string
			for i, name := range names {
				if p.name == "container" && (strings.HasSuffix(name, " ") || strings.ContainsAny(name, "?#")) {
					continue // package azure has tests of its own
				}
				p.write(t, "in/"+name, fmt.Sprint("text ", i))
				p.write(t, "in-old/"+name, "of another folder")
				want = append(want, p.whole+name)
			}
			s := p.opened(t)
			files := listed(t, s)
			assert.ElementsMatch(t, want, slices.Collect(maps.Keys(files)))
			for i, name := range names {
				f, ok := files[p.whole+name]
				if !ok {
					continue
				}
				assert.Empty(t, f.Fault)
				assert.Equal(t, name, strings.TrimPrefix(s.inside(f), "/"))
				r, err := s.source(f).Open(t.Context())
				assert.Equal(t, fmt.Sprint("text ", i), textOf(t, r, err), name)
				r, err = s.open(t.Context(), name)
				assert.Equal(t, fmt.Sprint("text ", i), textOf(t, r, err), name)
			}
		})
	}
}

func TestAStoreNoticesThatAFileChanged(t *testing.T) {
	for _, p := range places(t) {
		t.Run(p.name, func(t *testing.T) {
			for _, change := range []struct {
				name   string
				change func(t *testing.T)
				want   error
			}{
				{"not", func(*testing.T) {}, nil},
				{"replaced", func(t *testing.T) { p.write(t, "in/canary.csv", "b") }, csvschema.ErrSourceChanged},
				{"longer", func(t *testing.T) { p.write(t, "in/canary.csv", "bb") }, csvschema.ErrSourceChanged},
				{"gone", func(t *testing.T) { p.remove(t, "in/canary.csv") }, csvschema.ErrSourceChanged},
			} {
				p.write(t, "in/canary.csv", "a")
				s := p.opened(t)
				from := s.source(listed(t, s)[p.whole+"canary.csv"])
				time.Sleep(2 * time.Millisecond) // or the time of a file may be the same
				change.change(t)
				r, err := from.Open(t.Context())
				switch {
				case change.want == nil:
					assert.Equal(t, "a", textOf(t, r, err))
				case p.name == "container" && change.name == "gone":
					require.Error(t, err, "package azure tells what") // of a blob that is looked at again
				case p.name == "folder" && change.name == "gone":
					require.ErrorIs(t, err, fs.ErrNotExist)
				default:
					require.ErrorIs(t, err, change.want, change.name)
				}
				if err != nil && p.name != "container" { // of which the name is shown
					assert.NotContains(t, err.Error(), "canary")
				}
			}
		})
	}
}

func TestAStorePublishesOnce(t *testing.T) {
	for _, p := range places(t) {
		t.Run(p.name, func(t *testing.T) {
			s := p.opened(t)
			for _, size := range []int{0, 3, 300_000} {
				name := fmt.Sprintf("a b/ü%%+/%d.csv", size)
				one, two := strings.Repeat("1", size), strings.Repeat("2", size+1)
				require.NoError(t, publish(t.Context(), s, name, placed(t, s, one)))
				require.NoError(t, publish(t.Context(), s, name, placed(t, s, one)))
				require.ErrorIs(t, publish(t.Context(), s, name, placed(t, s, two)), errOther)
				require.ErrorIs(t, s.create(t.Context(), name, placed(t, s, two)), fs.ErrExist)
				r, err := s.open(t.Context(), name)
				assert.Equal(t, one, textOf(t, r, err))
			}
			_, err := s.open(t.Context(), "canary.csv")
			require.ErrorIs(t, err, fs.ErrNotExist)
			if p.name != "container" {
				assert.NotContains(t, err.Error(), "canary")
			}
		})
	}
}

// placed returns the path of a file in a work folder.
func placed(t *testing.T, s store, text string) string {
	t.Helper()
	work, err := s.work()
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(work) })
	name := filepath.Join(work, "f")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// TestOneOfManyCreates lets several create a file at the same time.
func TestOneOfManyCreates(t *testing.T) {
	for _, p := range places(t) {
		t.Run(p.name, func(t *testing.T) {
			s := p.opened(t)
			var all sync.WaitGroup
			errs := make([]error, 8)
			for i := range errs {
				from := placed(t, s, strings.Repeat(fmt.Sprint(i), 1000))
				all.Go(func() { errs[i] = s.create(t.Context(), "one.csv", from) })
			}
			all.Wait()
			made := -1
			for i, err := range errs {
				if err == nil {
					assert.Equal(t, -1, made, "two have made it")
					made = i
					continue
				}
				require.ErrorIs(t, err, fs.ErrExist)
			}
			require.GreaterOrEqual(t, made, 0)
			r, err := s.open(t.Context(), "one.csv")
			assert.Equal(t, strings.Repeat(fmt.Sprint(made), 1000), textOf(t, r, err))
		})
	}
}
