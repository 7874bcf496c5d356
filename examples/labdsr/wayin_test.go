package main

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/sas"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

// A heard is all that runs have written to standard output and standard error.
type heard struct {
	bytes.Buffer
	service *azuretest.LabService // that runs ask for exports
}

// labdsr runs the program in this process, and returns the exit status and what it wrote.
func (h *heard) labdsr(t *testing.T, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	dir := t.TempDir()
	open := func(name string) *os.File {
		file, err := os.Create(filepath.Join(dir, name))
		require.NoError(t, err)
		return file
	}
	out, err := open("stdout"), open("stderr")
	a := newApp(args, strings.NewReader(""), out, err)
	if h.service != nil {
		askFake(a, h.service)
	}
	status = a.run(t.Context(), args)
	texts := []string{}
	for _, file := range []*os.File{out, err} {
		require.NoError(t, file.Close())
		text, readErr := os.ReadFile(file.Name())
		require.NoError(t, readErr)
		h.Write(text)
		texts = append(texts, string(text))
	}
	return status, texts[0], texts[1]
}

// labs writes the exports of so many labs, in the layout of the lab service.
func labs(t *testing.T, dir string, n int) {
	t.Helper()
	for i := range n {
		set := csvschematest.New(uint64(i+1), &csvschematest.Options{Ordinary: 10})
		for _, f := range set.Files {
			if i > 2 && f.Export > 1 { // most labs are exported once
				continue
			}
			folder := filepath.Join(dir, fmt.Sprintf("lab-%d", i), fmt.Sprintf("36f675cc-81e7-4ef5-a8e2-%012d", i), fmt.Sprintf("%02d-06-2026", f.Export), "full")
			require.NoError(t, os.MkdirAll(folder, 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("%s-%d.csv", f.Role, f.Number)), f.Data, 0o600))
		}
	}
}

// filesBelow returns the texts of all files in a folder, without markers.
func filesBelow(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == ".labdsr" {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = string(text)
		return err
	}))
	return all
}

// entriesOf returns the texts of the entries of a ZIP file.
func entriesOf(t *testing.T, text string) map[string]string {
	t.Helper()
	archive, err := zip.NewReader(strings.NewReader(text), int64(len(text)))
	require.NoError(t, err)
	all := map[string]string{}
	for _, entry := range archive.File {
		in, err := entry.Open()
		require.NoError(t, err)
		data, err := io.ReadAll(in)
		require.NoError(t, err)
		all[entry.Name] = string(data)
	}
	return all
}

// askedLabs returns so many labs of the service, in which there is a person, and the
// identifiers of that person.
func askedLabs(n int) (all []*azuretest.Lab, person []string) {
	all = azuretest.NewLabs(n)
	for i, l := range all {
		set := csvschematest.New(uint64(i+1), &csvschematest.Options{Ordinary: 10})
		l.UID, l.Machines, l.Disks = fmt.Sprintf("36f675cc-81e7-4ef5-a8e2-%012d", i), nil, nil
		for _, f := range slices.Backward(set.Files) { // the first of each role
			if f.Role == csvschema.Disks {
				l.Disks = f.Data
			} else {
				l.Machines = f.Data
			}
		}
	}
	return all, csvschematest.New(1, nil).Person("alice").Identifiers
}

// TestTheWholeWayInAContainer has the lab service export 40 labs into a container, answers,
// cleans up and verifies. All that comes out is what comes out of the same files on a disk.
func TestTheWholeWayInAContainer(t *testing.T) {
	t.Parallel()
	server := azuretest.Run(t)
	n := 40
	if testing.Short() {
		n = 3
	}
	exports, answers := server.Container(t), server.Container(t)
	dir := t.TempDir()
	before := filepath.Join(dir, "exports")
	asked, ids := askedLabs(n)
	in := func(name string) string { return filepath.Join(dir, name) }
	for name, text := range map[string]string{
		"subject": strings.Join(ids, "\n"), "key": strings.Repeat("k", 40), "connection": server.ConnectionString(),
	} {
		require.NoError(t, os.WriteFile(in(name), []byte(text), 0o600))
	}
	at := time.Now().UTC().Format(time.RFC3339)
	said := heard{service: azuretest.NewLabService(asked)}
	t.Cleanup(said.service.Wait)
	status, _, stderr := said.labdsr(t, "export", "--container", exports.URL(), "--storage-credentials", in("connection"))
	require.Equal(t, statusDone, status, stderr)
	for name, text := range blobsOf(t, exports) { // what a download has
		path := filepath.Join(before, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	require.Len(t, filesBelow(t, before), 2*n)
	both := func(want int, args ...string) {
		t.Helper()
		for _, place := range []string{before, exports.URL()} {
			out, all := in("disk-"+args[0]), slices.Clone(args)
			if place != before {
				out = answers.URL() + "/" + args[0]
				all = append(all, "--storage-credentials", in("connection"))
			}
			if args[0] == "access" {
				out += ".zip"
			}
			status, _, stderr := said.labdsr(t, append(all, "--virtualmachines", place, "--out", out)...)
			require.Equal(t, want, status, stderr)
		}
	}
	both(statusUndecided, "access", "--subject-file", in("subject"), "--at", at)
	both(statusUndecided, "filter", "--subject-file", in("subject"))
	both(statusUndecided, "anonymize", "--at", at)
	made := blobsOf(t, answers)
	disk, err := os.ReadFile(in("disk-access.zip"))
	require.NoError(t, err)
	assert.Equal(t, entriesOf(t, string(disk)), entriesOf(t, made["access.zip"]))
	clean := filesBelow(t, in("disk-anonymize"))
	for name, want := range map[string]map[string]string{"filter/": filesBelow(t, in("disk-filter")), "anonymize/": clean} {
		for file, text := range want {
			assert.Equal(t, text, made[name+file], name+file)
			delete(made, name+file)
		}
	}
	assert.Len(t, made, 1, "and nothing else but the package")

	inPlace := []string{
		"anonymize", "--virtualmachines", exports.URL(), "--at", at, "--in-place", "--json", "--key-file", in("key"), "--storage-credentials", in("connection"),
	}
	status, _, stderr = said.labdsr(t, append(inPlace, "--dry-run")...)
	require.Equal(t, statusUndecided, status, stderr)
	assert.Equal(t, filesBelow(t, before), blobsOf(t, exports), "nothing was written")
	status, stdout, stderr := said.labdsr(t, append(inPlace, "--receipt", in("july.json"))...)
	require.Equal(t, statusUndecided, status, stderr)
	assert.Contains(t, stdout, `"outcome": "replaced"`)
	assert.Equal(t, clean, blobsOf(t, exports))
	status, _, stderr = said.labdsr(t, "verify", "--before", before, "--after", exports.URL(), "--receipt", in("july.json"), "--key-file", in("key"), "--storage-credentials", in("connection"))
	require.Equal(t, statusDone, status, stderr)
	assert.Contains(t, stderr, "the files are those of the receipt")
	status, stdout, stderr = said.labdsr(t, append(inPlace, "--receipt", in("again.json"), "--previous", in("july.json"))...)
	require.Equal(t, statusUndecided, status, stderr)
	assert.NotContains(t, stdout, `"outcome": "replaced"`)
	assert.Equal(t, clean, blobsOf(t, exports))
	status, _, stderr = said.labdsr(t, "receipts", "check", in("july.json"), in("again.json"), "--key-file", in("key"))
	require.Equal(t, statusDone, status, stderr)

	for name, text := range filesBelow(t, dir) {
		if name != "connection" {
			assert.NotContains(t, text, server.Key, name)
		}
	}
	secrets := append(ids, server.Key, strings.Repeat("k", 40), azuretest.TokenCanary, azuretest.SignatureCanary)
	for _, sas := range said.service.SAS() {
		_, query, _ := strings.Cut(sas, "?")
		secrets = append(secrets, query)
	}
	for _, secret := range secrets {
		assert.NotContains(t, strings.ToLower(said.String()), strings.ToLower(secret))
	}
}

// TestNothingOfASASIsSaid has a SAS that has expired, that is of another container, or that
// is damaged.
func TestNothingOfASASIsSaid(t *testing.T) {
	t.Parallel()
	server := azuretest.Run(t)
	c := server.Container(t)
	azuretest.Put(t, c, "ann@contoso.com/virtualmachines.csv", "LabUId,ResourceUId,ResourceId,ResourceOwner,DeletedDate\n")
	valid := server.SAS(t, c, sas.ContainerPermissions{Read: true, List: true}, time.Now().Add(time.Hour))
	for name, text := range map[string]string{
		"expired": server.SAS(t, c, sas.ContainerPermissions{Read: true, List: true}, time.Now().Add(-time.Minute)),
		"another": server.SAS(t, server.Container(t), sas.ContainerPermissions{Read: true, List: true}, time.Now().Add(time.Hour)),
		"damaged": strings.Replace(valid, "sig=", "sig=A", 1),
		"valid":   valid,
		"no SAS":  "canary",
		"no key":  "AccountName=canary;AccountKey=canary",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "sas")
			require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
			var said heard
			status, _, stderr := said.labdsr(t, "plan", "--virtualmachines", c.URL(), "--at", "2026-07-01T09:00:00Z", "--storage-credentials", path, "--json")
			if want := statusFailed; name != "valid" {
				assert.Equal(t, want, status, stderr)
			} else {
				assert.Equal(t, statusDone, status, stderr)
			}
			_, sig, _ := strings.Cut(text, "sig=")
			sig, _, _ = strings.Cut(sig, "&")
			for _, secret := range []string{sig, "canary", "ann@contoso.com", "ann%40contoso"} {
				if secret != "" {
					assert.NotContains(t, said.String(), secret)
				}
			}
		})
	}
}

// TestInterruptEndsARequestThatHangs has a service that does not answer.
func TestInterruptEndsARequestThatHangs(t *testing.T) {
	t.Parallel()
	server := azuretest.Run(t)
	c := server.Container(t)
	require.NoError(t, uploadFolder(t, c, "../quickstart/exports", ""))
	for _, hangs := range []string{"comp=list", "contoso-dev/virtualmachines.csv", "comp=block&", "comp=blocklist"} {
		t.Run(hangs, func(t *testing.T) {
			t.Parallel()
			waiting := make(chan struct{}, 100)
			proxy := server.Proxy(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if !strings.Contains(r.URL.Path+"?"+r.URL.RawQuery+"&", hangs) {
					next.ServeHTTP(w, r)
					return
				}
				waiting <- struct{}{}
				_, _ = io.Copy(io.Discard, r.Body) // or else nobody sees that the other end is gone
				<-r.Context().Done()
			})
			dir := t.TempDir()
			path := filepath.Join(dir, "connection")
			require.NoError(t, os.WriteFile(path, []byte(proxy.ConnectionString()), 0o600))
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				<-waiting
				cancel()
			}()
			errors, err := os.Create(filepath.Join(dir, "stderr"))
			require.NoError(t, err)
			url := strings.Replace(c.URL(), server.URL, proxy.URL, 1)
			begun := time.Now()
			status := run(ctx, []string{"anonymize", "--virtualmachines", url, "--at", "2026-07-01T09:00:00Z", "--in-place", "--storage-credentials", path}, nil, os.Stdout, errors)
			assert.Equal(t, statusFailed, status)
			assert.Less(t, time.Since(begun), time.Minute, "after which the client asks again")
			text, err := os.ReadFile(errors.Name())
			require.NoError(t, err)
			assert.Contains(t, string(text), "labdsr: interrupted\n")
			if strings.HasPrefix(hangs, "comp=block") {
				assert.Contains(t, string(text), "hint: each blob is what it was, or what it is to be, and whole; run it again")
			} else {
				assert.Contains(t, string(text), "hint: nothing was written; run it again")
			}
			assert.Equal(t, filesBelow(t, "../quickstart/exports"), blobsOf(t, c))
		})
	}
}

// TestBlobThatSomebodyChangesIsLeft changes a blob before it becomes another one.
func TestBlobThatSomebodyChangesIsLeft(t *testing.T) {
	t.Parallel()
	server := azuretest.Run(t)
	c := server.Container(t)
	const changed = "contoso-dev/disks.csv"
	require.NoError(t, uploadFolder(t, c, "../quickstart/exports", ""))
	theirs := azuretest.Get(t, c, changed) + "\n"
	once := sync.OnceFunc(func() { azuretest.Put(t, c, changed, theirs) })
	proxy := server.Proxy(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, changed) && r.URL.Query().Get("comp") == "blocklist" {
			once()
		}
		next.ServeHTTP(w, r)
	})
	dir := t.TempDir()
	path, key := filepath.Join(dir, "connection"), filepath.Join(dir, "key")
	require.NoError(t, os.WriteFile(path, []byte(proxy.ConnectionString()), 0o600))
	require.NoError(t, os.WriteFile(key, bytes.Repeat([]byte("k"), 40), 0o600))
	args := []string{
		"anonymize", "--virtualmachines", strings.Replace(c.URL(), server.URL, proxy.URL, 1), "--at", "2026-07-01T09:00:00Z", "--in-place",
		"--storage-credentials", path, "--json", "--key-file", key, "--delete-copies",
	}
	var said heard
	status, stdout, stderr := said.labdsr(t, append(args, "--receipt", filepath.Join(dir, "july.json"))...)
	require.Equal(t, statusFailed, status, stderr)
	require.NoError(t, checkObject([]byte(stdout)))
	assert.Equal(t, 1, strings.Count(stdout, `"outcome": "left"`))
	assert.Equal(t, 3, strings.Count(stdout, `"outcome": "replaced"`))
	assert.Regexp(t, "left +1 blob that somebody changed meanwhile: http.*/"+changed+"\n", stderr)
	assert.Equal(t, theirs, azuretest.Get(t, c, changed))
	status, stdout, stderr = said.labdsr(t, append(args, "--receipt", filepath.Join(dir, "again.json"), "--previous", filepath.Join(dir, "july.json"))...)
	require.Equal(t, statusDone, status, stderr)
	assert.Equal(t, 1, strings.Count(stdout, `"outcome": "replaced"`))
	status, _, stderr = said.labdsr(t, "receipts", "check", filepath.Join(dir, "july.json"), filepath.Join(dir, "again.json"), "--key-file", key)
	require.Equal(t, statusDone, status, stderr)
}

// TestKilledInPlaceIsFinishedByTheNext kills runs while they replace blobs. Each blob is old or new, and
// the receipts of those that ended make a chain.
func TestKilledInPlaceIsFinishedByTheNext(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("programFor makes no program of Windows")
	}
	server := azuretest.Run(t)
	c, dir, program := server.Container(t), t.TempDir(), programFor(t)
	before := filepath.Join(dir, "exports")
	labs(t, before, 4)
	in := func(name string) string { return filepath.Join(dir, name) }
	var victim atomic.Pointer[os.Process] // is killed beside its request that makes a blob, when countdown is 0
	var countdown atomic.Int32
	proxy := server.Proxy(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		kill := r.Method == http.MethodPut && r.URL.Query().Get("comp") == "blocklist" && countdown.Add(-1) == 0
		if kill && rand.IntN(2) == 0 {
			_ = victim.Load().Kill()
			kill = false
		}
		next.ServeHTTP(w, r)
		if kill {
			_ = victim.Load().Kill()
		}
	})
	require.NoError(t, os.WriteFile(in("connection"), []byte(proxy.ConnectionString()), 0o600))
	require.NoError(t, os.WriteFile(in("key"), bytes.Repeat([]byte("k"), 40), 0o600))
	const at = "2026-07-01T09:00:00Z"
	var said heard
	status, _, stderr := said.labdsr(t, "anonymize", "--virtualmachines", before, "--at", at, "--out", in("clean"))
	require.Equal(t, statusUndecided, status, stderr)
	old, clean := filesBelow(t, before), filesBelow(t, in("clean"))
	rounds, previous := 10, ""
	if testing.Short() {
		rounds = 2
	}
	var receipts []string
	for round := range rounds + 1 {
		if round%3 == 0 {
			require.NoError(t, uploadFolder(t, c, before, ""))
		}
		name := in(fmt.Sprintf("receipt-%d.json", round))
		args := []string{"anonymize", "--virtualmachines", strings.Replace(c.URL(), server.URL, proxy.URL, 1), "--at", at, "--in-place", "--storage-credentials", in("connection"), "--key-file", in("key"), "--receipt", name}
		if previous != "" {
			args = append(args, "--previous", previous)
		}
		run := exec.Command(program, args...)
		countdown.Store(0)
		require.NoError(t, run.Start())
		victim.Store(run.Process)
		if round < rounds {
			countdown.Store(1 + rand.Int32N(12))
		}
		err := run.Wait()
		if run.ProcessState.Exited() {
			require.Equal(t, statusUndecided, run.ProcessState.ExitCode(), err)
			require.FileExists(t, name)
		}
		if _, err := os.Stat(name); err == nil {
			previous, receipts = name, append(receipts, name)
		}
		replaced := 0
		for blob, text := range blobsOf(t, c) {
			if text == clean[blob] {
				replaced++
			} else {
				require.Equal(t, old[blob], text, blob)
			}
		}
		t.Logf("round %d: %d of %d", round, replaced, len(old))
	}
	assert.Equal(t, clean, blobsOf(t, c))
	status, _, stderr = said.labdsr(t, append([]string{"receipts", "check", "--key-file", in("key")}, receipts...)...)
	require.Equal(t, statusDone, status, stderr)
}
