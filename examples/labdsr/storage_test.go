package main

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

// TestContainerScripts runs the scripts of containers. Each has one of its own, at $URL,
// with the exports of the quickstart, and its SAS in the file sas.
func TestContainerScripts(t *testing.T) {
	t.Parallel()
	server := azuretest.Run(t)
	scripts := maps.Clone(commands)
	maps.Copy(scripts, map[string]func(ts *testscript.TestScript, neg bool, args []string){
		"upload": upload, "download": download, "remove": remove, "snapshot": snapshot, "public": public,
	})
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "containers"), Cmds: scripts, RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			c := server.Container(t)
			env.Values[containerKey{}], env.Values[testKey{}] = c, t
			env.Setenv("URL", c.URL())
			env.Setenv("CONNECTION", server.ConnectionString())
			if err := os.WriteFile(filepath.Join(env.WorkDir, "connection"), []byte(server.ConnectionString()+"\n"), 0o600); err != nil {
				return err
			}
			read := server.SAS(t, c, sas.ContainerPermissions{Read: true, List: true}, time.Now().Add(time.Hour))
			if err := os.WriteFile(filepath.Join(env.WorkDir, "sas"), []byte("?"+read+"\n"), 0o600); err != nil {
				return err
			}
			if err := setup(env); err != nil {
				return err
			}
			return uploadFolder(t, c, filepath.Join(env.WorkDir, "exports"), "")
		},
		UpdateScripts: os.Getenv("UPDATE") != "",
	})
}

type containerKey struct{}

type testKey struct{}

func containerOf(ts *testscript.TestScript) *container.Client {
	return ts.Value(containerKey{}).(*container.Client)
}

// uploadFolder puts the files of a folder into a container.
func uploadFolder(t testing.TB, c *container.Client, dir, prefix string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil {
			_, err = c.NewBlockBlobClient(prefix+filepath.ToSlash(name)).UploadBuffer(t.Context(), text, nil)
		}
		return err
	})
}

// upload puts the files of a folder into the container.
func upload(ts *testscript.TestScript, _ bool, args []string) {
	for _, arg := range args {
		ts.Check(uploadFolder(ts.Value(testKey{}).(testing.TB), containerOf(ts), ts.MkAbs(arg), strings.TrimSuffix(arg, "/")+"/"))
	}
}

// download writes all blobs into a folder.
func download(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(downloadAll(ts.Value(testKey{}).(testing.TB), containerOf(ts), ts.MkAbs(args[0])))
}

// downloadAll writes all blobs of a container into a folder.
func downloadAll(t testing.TB, c *container.Client, dir string) error {
	for name, text := range blobsOf(t, c) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// blobsOf returns the texts of all blobs by their names.
func blobsOf(t testing.TB, c *container.Client) map[string]string {
	t.Helper()
	all := map[string]string{}
	for pages := c.NewListBlobsFlatPager(nil); pages.More(); {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, item := range page.Segment.BlobItems {
			all[*item.Name] = azuretest.Get(t, c, *item.Name)
		}
	}
	return all
}

// remove deletes blobs.
func remove(ts *testscript.TestScript, _ bool, args []string) {
	for _, arg := range args {
		_, err := containerOf(ts).NewBlobClient(arg).Delete(ts.Value(testKey{}).(testing.TB).Context(), nil)
		ts.Check(err)
	}
}

// snapshot makes a snapshot of each blob.
func snapshot(ts *testscript.TestScript, _ bool, args []string) {
	for _, arg := range args {
		_, err := containerOf(ts).NewBlobClient(arg).CreateSnapshot(ts.Value(testKey{}).(testing.TB).Context(), nil)
		ts.Check(err)
	}
}

// public lets anybody read the blobs of the container.
func public(ts *testscript.TestScript, _ bool, _ []string) {
	_, err := containerOf(ts).SetAccessPolicy(ts.Value(testKey{}).(testing.TB).Context(), &container.SetAccessPolicyOptions{Access: new(container.PublicAccessTypeBlob)})
	ts.Check(err)
}
