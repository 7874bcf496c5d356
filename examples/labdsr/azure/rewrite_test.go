package azure_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/source"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/response"
	"github.com/labdsr/labdsr/examples/labdsr/azure"
	"github.com/labdsr/labdsr/examples/labdsr/internal/azuretest"
)

// now is when the identifiers of most deleted resources are due.
var now = time.Date(2024, 10, 1, 0, 0, 0, 0, time.UTC)

// labFiles returns the exports of so many labs as the service names them.
func labFiles(labs int) map[string][]byte {
	files := map[string][]byte{}
	for i := range labs {
		folder := fmt.Sprintf("labresourceusage/contoso-%d/36f675cc-81e7-4ef5-a8e2-5d940e%06d/26-6-2026/full/", i, i)
		large := csvschematest.NewLarge(uint64(i+1), 20_000, &csvschematest.LargeOptions{Subjects: 1})
		for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
			data, _ := io.ReadAll(large.Reader(role)) // it never fails
			files[folder+role.String()+".csv"] = data
		}
	}
	files["labresourceusage/20260626.txt"] = nil
	return files
}

// upload writes files to a container.
func upload(t testing.TB, c *container.Client, files map[string][]byte) {
	t.Helper()
	for name, data := range files {
		azuretest.Put(t, c, name, string(data))
	}
}

// download returns all blobs of a container.
func download(t testing.TB, opened *azure.Container) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, b := range blobsOf(t, opened) {
		data, err := readAll(t.Context(), opened, b)
		require.NoError(t, err)
		files[b.Name] = slices.Clip(data)
		if len(data) == 0 {
			files[b.Name] = nil
		}
	}
	return files
}

// folderOf writes files to a folder and returns the exports in it.
func folderOf(t testing.TB, files map[string][]byte) *source.Found {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		at := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o700))
		require.NoError(t, os.WriteFile(at, data, 0o600))
	}
	found, err := source.Find(t.Context(), os.DirFS(dir), nil)
	require.NoError(t, err)
	return found
}

// anonymized returns what a plan over files in a folder makes of them.
func anonymized(t testing.TB, found *source.Found, p *anonymize.Policy) map[string][]byte {
	t.Helper()
	plan, err := p.Plan(t.Context(), now, found.Exports)
	require.NoError(t, err)
	all := map[string][]byte{}
	for _, f := range found.Files {
		var b bytes.Buffer
		_, err := plan.Apply(t.Context(), f.FileID, &b)
		require.NoError(t, err)
		all[f.Path] = b.Bytes()
	}
	return all
}

// TestContainerIsAsGoodAsAFolder has the same exports of 40 labs in both.
func TestContainerIsAsGoodAsAFolder(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	files := labFiles(40)
	c := s.Container(t)
	upload(t, c, files)
	opened := open(t, s, c, "")
	inContainer, err := opened.Sources(t.Context(), nil)
	require.NoError(t, err)
	inFolder := folderOf(t, files)
	require.Len(t, inContainer.Exports, 40)
	require.Len(t, inContainer.Files, 80)
	for i := range inFolder.Files {
		require.Equal(t, inFolder.Files[i].Path, inContainer.Files[i].Path)
		require.Equal(t, inFolder.Files[i].FileID, inContainer.Files[i].FileID)
	}
	assert.Equal(t, inFolder.Left, inContainer.Left)
	for i := range inFolder.Exports {
		require.Equal(t, inFolder.Exports[i].Made, inContainer.Exports[i].Made)
	}

	person := csvschematest.NewLarge(1, 20_000, &csvschematest.LargeOptions{Subjects: 1}).Subjects()[0]
	var ids []identity.Identifier
	for _, text := range person.Identifiers {
		id, err := identity.Parse(text)
		require.NoError(t, err)
		ids = append(ids, id)
	}
	subject, err := dsr.NewSubject(ids...)
	require.NoError(t, err)
	rowsOf := func(exports []csvschema.Export) (rows []string) {
		_, err := dsr.Filter(t.Context(), exports, []dsr.Subject{subject}, func(m dsr.Match) error {
			rows = append(rows, fmt.Sprint(m.FileID, m.Row)+string(m.Record.Raw()))
			return nil
		}, nil)
		require.NoError(t, err)
		return rows
	}
	want := rowsOf(inFolder.Exports)
	assert.NotEmpty(t, want)
	assert.Equal(t, want, rowsOf(inContainer.Exports))

	packageOf := func(exports []csvschema.Export) []byte {
		var b bytes.Buffer
		_, err := response.Write(t.Context(), &b, exports, subject, nil)
		require.NoError(t, err)
		return b.Bytes()
	}
	assert.True(t, bytes.Equal(packageOf(inFolder.Exports), packageOf(inContainer.Exports)), "other packages")

	// Anonymized in place it is what the folder would become.
	policy := &anonymize.Policy{}
	wanted := anonymized(t, inFolder, policy)
	r, err := opened.Anonymize(t.Context(), policy, now, inContainer)
	require.NoError(t, err)
	assert.Equal(t, 40, r.Count(azure.Replaced)) // disks of these exports name nobody
	assert.Equal(t, 40, r.Count(azure.Unchanged))
	is := download(t, opened)
	for path, data := range files {
		if after, isExport := wanted[path]; isExport {
			data = after
		}
		assert.True(t, bytes.Equal(data, is[path]), path)
	}
	assert.Len(t, is, len(files))
	for _, f := range r.Files {
		data := wanted[f.Blob.Name]
		assert.Equal(t, sha256.Sum256(data), f.Digest)
		assert.EqualValues(t, len(data), f.Size)
	}
	verified := folderOf(t, is)
	v, err := verify.Exports(t.Context(), policy, now, inFolder.Exports, verified.Exports)
	require.NoError(t, err)
	assert.True(t, v.OK())
	assert.Equal(t, v.Replaced, r.Verification.Replaced)

	// A second run writes nothing.
	before := blobsOf(t, opened)
	again, err := opened.Sources(t.Context(), nil)
	require.NoError(t, err)
	r, err = opened.Anonymize(t.Context(), policy, now, again)
	require.NoError(t, err)
	assert.Equal(t, 80, r.Count(azure.Unchanged))
	assert.Equal(t, before, blobsOf(t, opened))
}

// prepared finds the exports of some labs in a container, and prepares a rewrite of them.
func prepared(t testing.TB, opened *azure.Container, p *anonymize.Policy) *azure.Rewrite {
	t.Helper()
	found, err := opened.Sources(t.Context(), nil)
	require.NoError(t, err)
	plan, err := p.Plan(t.Context(), now, found.Exports)
	require.NoError(t, err)
	r, err := azure.Prepare(t.Context(), plan, p, now, found.Exports, found.Targets(opened), nil)
	require.NoError(t, err)
	return r
}

func TestPreparingWritesNothing(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	upload(t, c, labFiles(2))
	var written atomic.Int32
	proxy := s.Proxy(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			written.Add(1)
		}
		next.ServeHTTP(w, r)
	})
	r := prepared(t, open(t, proxy, c, ""), nil)
	assert.Equal(t, 2, r.Count(azure.Due))
	assert.Zero(t, written.Load())
	assert.Positive(t, r.Verification.Replaced)
}

// TestTokensAreTheSameInAllBlobs replaces by random tokens, which one run has in common.
func TestTokensAreTheSameInAllBlobs(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	files := labFiles(2)
	upload(t, c, files)
	opened := open(t, s, c, "")
	found, err := opened.Sources(t.Context(), nil)
	require.NoError(t, err)
	policy := &anonymize.Policy{Replacement: identity.TokenReplacement}
	_, err = opened.Anonymize(t.Context(), policy, now, found)
	require.NoError(t, err)
	v, err := verify.Exports(t.Context(), policy, now, folderOf(t, files).Exports, folderOf(t, download(t, opened)).Exports)
	require.NoError(t, err)
	assert.True(t, v.OK())
}

func TestBlobThatSomebodyChangedIsLeft(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	files := labFiles(4)
	upload(t, c, files)
	opened := open(t, s, c, "")
	r := prepared(t, opened, nil)
	changed, deleted, leased := r.Files[0], r.Files[2], r.Files[4]
	azuretest.Put(t, c, changed.Blob.Name, "somebody's")
	_, err := c.NewBlobClient(deleted.Blob.Name).Delete(t.Context(), nil)
	require.NoError(t, err)
	leaseBlob(t, c, leased.Blob.Name)
	err = r.Replace(t.Context())
	require.ErrorIs(t, err, csvschema.ErrSourceChanged)
	assert.Equal(t, azure.Left, changed.Outcome)
	assert.Equal(t, azure.Left, deleted.Outcome)
	assert.Equal(t, azure.Failed, leased.Outcome)
	require.ErrorContains(t, leased.Err, "lease")
	assert.Equal(t, 1, r.Count(azure.Replaced))
	assert.Equal(t, "somebody's", azuretest.Get(t, c, changed.Blob.Name))
	assert.Equal(t, string(files[leased.Blob.Name]), azuretest.Get(t, c, leased.Blob.Name))
	assert.Len(t, blobsOf(t, opened), len(files)-1)
}

func TestBlobThatCannotBeReplacedIsToldBefore(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	files := labFiles(2)
	upload(t, c, files)
	for name := range files {
		if strings.Contains(name, "contoso-1") {
			leaseBlob(t, c, name)
		}
	}
	r := prepared(t, open(t, s, c, ""), nil)
	assert.Equal(t, 1, r.Count(azure.Failed))
	assert.Equal(t, 1, r.Count(azure.Due))
	require.ErrorContains(t, r.Replace(t.Context()), "lease")
	assert.Equal(t, 1, r.Count(azure.Replaced))
}

func TestCompressedBlobIsRefused(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	for name, data := range labFiles(1) {
		if strings.Contains(name, "disks") {
			data = gzipped(t, string(data))
		}
		azuretest.Put(t, c, name, string(data))
	}
	opened := open(t, s, c, "")
	found, err := opened.Sources(t.Context(), nil)
	require.NoError(t, err)
	_, err = opened.Anonymize(t.Context(), nil, now, found)
	require.ErrorIs(t, err, azure.ErrPacked)
}

// TestTargetsAreCompared gives blobs that are not those of the plan.
func TestTargetsAreCompared(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	files := labFiles(2)
	upload(t, c, files)
	opened := open(t, s, c, "")
	found, err := opened.Sources(t.Context(), nil)
	require.NoError(t, err)
	plan, err := (*anonymize.Policy)(nil).Plan(t.Context(), now, found.Exports)
	require.NoError(t, err)
	prepare := func(targets []azure.Target) (*azure.Rewrite, error) {
		return azure.Prepare(t.Context(), plan, nil, now, found.Exports, targets, nil)
	}
	all := found.Targets(opened)
	_, err = prepare(all[1:])
	require.ErrorContains(t, err, "1 missing")
	_, err = prepare(append(all, all[0]))
	require.ErrorContains(t, err, "not the files")
	_, err = prepare(append(slices.Clip(all), azure.Target{FileID: csvschema.FileID{Export: 9, File: 1, Role: csvschema.Disks}}))
	require.ErrorContains(t, err, "not the files")
	all[0].Blob, all[2].Blob = all[2].Blob, all[0].Blob
	r, err := prepare(all)
	require.ErrorIs(t, err, azure.ErrNotAsPlanned)
	assert.False(t, r.Verification.OK())
	is := download(t, opened)
	for name := range files {
		assert.Equal(t, files[name], is[name])
	}
}

// TestInPlaceUnderFaults lets one request go wrong. Blobs are old or new, and the next run
// finishes.
func TestInPlaceUnderFaults(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	files := labFiles(4)
	wanted := anonymized(t, folderOf(t, files), nil)
	for _, test := range []struct {
		name  string
		on    func(*http.Request) bool
		from  int32 // number of the first request that goes wrong
		fault fault
		ok    bool
	}{
		{"403 for a list", isList, 1, always(403, "AuthorizationFailure"), false},
		{"403 for a read", isRead, 9, always(403, "AuthorizationFailure"), false},
		{"403 for a read, late", isRead, 25, always(403, "AuthorizationFailure"), false},
		{"500 for all reads", isRead, 14, always(500, "InternalError"), false},
		{"403 for a block", isStage, 3, always(403, "AuthorizationFailure"), false},
		{"403 for a commit", isCommit, 2, always(403, "AuthorizationFailure"), false},
		{"no answer to a commit", isCommit, 2, done, true},
		{"resets in all bodies", isRead, 1, cut(10_000), true},
		{"no connection for a commit", isCommit, 2, lost, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := s.Container(t)
			upload(t, c, files)
			var n atomic.Int32
			proxy := s.Proxy(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
				if test.on(r) && n.Add(1) >= test.from {
					test.fault(nil, w, r, next, 1)
					return
				}
				next.ServeHTTP(w, r)
			})
			run := func(s *azuretest.Server) error {
				opened := open(t, s, c, "")
				found, err := opened.Sources(t.Context(), nil)
				if err == nil {
					_, err = opened.Anonymize(t.Context(), nil, now, found)
				}
				return err
			}
			err := run(proxy)
			assert.GreaterOrEqual(t, n.Load(), test.from, "nothing went wrong")
			if test.ok {
				require.NoError(t, err)
			} else {
				require.Error(t, err)
			}
			count := 0
			for name, data := range download(t, open(t, s, c, "")) {
				if bytes.Equal(data, files[name]) {
					count++
				} else {
					assert.True(t, bytes.Equal(data, wanted[name]), "half a blob")
				}
			}
			assert.Equal(t, !test.ok, count > 5, "blobs are old") // those that name nobody, and the sign of the service
			require.NoError(t, run(s))
			for name, data := range download(t, open(t, s, c, "")) {
				if wanted[name] != nil {
					assert.True(t, bytes.Equal(data, wanted[name]), name)
				}
			}
		})
	}
}

func TestInterruptedRewriteStops(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	upload(t, c, labFiles(4))
	ctx, stop := context.WithCancel(t.Context())
	var n atomic.Int32
	proxy := s.Proxy(t, func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if isCommit(r) && n.Add(1) == 2 {
			stop()
		}
		next.ServeHTTP(w, r)
	})
	r := prepared(t, open(t, proxy, c, ""), nil)
	require.ErrorIs(t, r.Replace(ctx), context.Canceled)
	assert.Equal(t, 1, r.Count(azure.Replaced))
	assert.Equal(t, 2, r.Count(azure.Due))
	assert.Equal(t, 1, r.Count(azure.Failed))
}

// TestOnlyWhatWasVerifiedIsWritten has a policy that changes its mind.
func TestOnlyWhatWasVerifiedIsWritten(t *testing.T) {
	t.Parallel()
	s := azuretest.Run(t)
	c := s.Container(t)
	files := labFiles(1)
	upload(t, c, files)
	opened := open(t, s, c, "")
	var isAnonymous atomic.Bool
	r := prepared(t, opened, &anonymize.Policy{Anonymous: func(string) bool { return isAnonymous.Load() }})
	require.Equal(t, 1, r.Count(azure.Due))
	isAnonymous.Store(true)
	require.ErrorIs(t, r.Replace(t.Context()), azure.ErrNotAsVerified)
	assert.Equal(t, 1, r.Count(azure.Failed))
	assert.Equal(t, files, download(t, opened))
}

func TestOutcomesHaveCodes(t *testing.T) {
	t.Parallel()
	for o := range azure.Outcome(10) {
		code, err := o.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, o >= azure.Due && o <= azure.Failed, len(code) > 0 && o.String() != "", o)
	}
}

func leaseBlob(t testing.TB, c *container.Client, name string) {
	t.Helper()
	l, err := lease.NewBlobClient(c.NewBlobClient(name), nil)
	require.NoError(t, err)
	_, err = l.AcquireLease(t.Context(), -1, nil)
	require.NoError(t, err)
}
