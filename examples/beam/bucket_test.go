package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
)

// A testRoot is a root that a test fills, as somebody else would: what is there is replaced.
type testRoot struct {
	name   string
	root   string // for --input and --out, with the prefix "in"
	write  func(t *testing.T, name, text string)
	remove func(t *testing.T, name string)
	whole  string          // of names as they are listed, before those in the root
	front  *front          // of a bucket
	scheme string          // of a bucket
	names  func() []string // of all objects of a bucket
}

// A front answers before a fake service: it knows what the fake does not, and what a test
// wants to go wrong.
type front struct {
	http.Handler
	knows func(w http.ResponseWriter, r *http.Request) bool // reports whether it has answered

	mu     sync.Mutex
	before func(w http.ResponseWriter, r *http.Request) bool // of a test, the same
	asked  map[string]int                                    // how often, for what
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	before := f.before
	f.mu.Unlock()
	if before != nil && before(w, r) || f.knows(w, r) {
		_, _ = io.Copy(io.Discard, r.Body) // or whoever still sends sees no answer but a broken connection
		return
	}
	f.Handler.ServeHTTP(w, r)
}

// set sets what is done before the fake answers.
func (f *front) set(t *testing.T, before func(w http.ResponseWriter, r *http.Request) bool) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before = before
	t.Cleanup(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.before = nil
	})
}

// counts counts a request.
func (f *front) counts(what string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.asked == nil {
		f.asked = map[string]int{}
	}
	f.asked[what]++
}

func (f *front) count(what string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked[what]
}

// ask returns the answer of the fake to a request of the front.
func (f *front) ask(method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	f.Handler.ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

// quick makes waiting short.
func quick(t *testing.T) {
	t.Helper()
	was := retryDelay
	retryDelay = time.Millisecond
	t.Cleanup(func() { retryDelay = was })
}

// places returns one of each kind that there is.
func places(t *testing.T) []testRoot {
	t.Helper()
	dir := t.TempDir()
	all := []testRoot{{
		name: "folder", root: filepath.Join(dir, "in"),
		write: func(t *testing.T, name, text string) {
			t.Helper()
			tree{name: text}.write(t, dir)
		},
		remove: func(t *testing.T, name string) { require.NoError(t, os.Remove(filepath.Join(dir, name))) },
	}}
	if _, err := os.Stat(azuriteName(t)); err != nil {
		t.Run("container", func(t *testing.T) {
			t.Skip("Azurite absent: run npm --prefix .ci/azurite ci, or set AZURITE to the path of azurite-blob")
		})
	} else {
		url, client := azurite(t)
		all = append(all, testRoot{
			name: "container", root: url + "/in", whole: "in/",
			write: func(t *testing.T, name, text string) {
				t.Helper()
				_, err := client.NewBlockBlobClient(name).UploadBuffer(t.Context(), []byte(text), nil)
				require.NoError(t, err)
			},
			remove: func(t *testing.T, name string) {
				t.Helper()
				_, err := client.NewBlobClient(name).Delete(t.Context(), nil)
				require.NoError(t, err)
			},
		})
	}
	return append(all, buckets(t)...)
}

// pageSize is how many objects the fakes list at once, instead of 1,000.
const pageSize = 200

// buckets returns one of each service.
func buckets(t *testing.T) []testRoot {
	t.Helper()
	return []testRoot{fakeS3(t), fakeGCS(t)}
}

// opened opens the root of a root.
func (p *testRoot) opened(t *testing.T) store {
	t.Helper()
	s, err := (&job{}).store(p.root)
	require.NoError(t, err)
	return s
}

// listed returns what a store lists.
func listed(t *testing.T, s store) map[string]file {
	t.Helper()
	files := map[string]file{}
	require.NoError(t, s.list(t.Context(), func(f file) {
		assert.NotContains(t, files, f.Path)
		files[f.Path] = f
	}))
	return files
}

// textOf returns what is read.
func textOf(t *testing.T, r io.ReadCloser, err error) string {
	t.Helper()
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	return string(text)
}

// fileOf returns the path of a file with a text.
func fileOf(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "f")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// TestWhatABucketListsIsWhatFoldersHold has names that no folder holds.
func TestWhatABucketListsIsWhatFoldersHold(t *testing.T) {
	for _, p := range buckets(t) {
		t.Run(p.name, func(t *testing.T) {
			good := []string{"in/v.csv", "in"}
			bad := []string{"in/../v.csv", "in//v.csv", "in/./v.csv", `in/a\v.csv`, "in/full/"}
			for _, name := range slices.Concat(good, bad, []string{"in-old", "ink/v.csv", "/in/v.csv", "i"}) {
				p.write(t, name, "x")
			}
			p.write(t, "in/empty/", "")
			p.write(t, "in/", "")
			files := listed(t, p.opened(t))
			assert.ElementsMatch(t, slices.Concat(good, bad), slices.Collect(maps.Keys(files)))
			for name, f := range files {
				assert.Equal(t, slices.Contains(bad, name), f.Fault != "", "%q: %s", name, f.Fault)
			}
			whole := testRoot{root: strings.TrimSuffix(p.root, "/in")}
			files = listed(t, whole.opened(t))
			assert.Len(t, files, len(good)+len(bad)+4)
			assert.NotEmpty(t, files["/in/v.csv"].Fault)
			assert.Equal(t, "in/v.csv", whole.opened(t).inside(files["in/v.csv"]))
		})
	}
}

// TestWhatIsPackedIsUnpackedOnce is of objects that say to be packed, which services and
// net/http like to unpack.
func TestWhatIsPackedIsUnpackedOnce(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err := w.Write([]byte("text"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for _, p := range buckets(t) {
		t.Run(p.name, func(t *testing.T) {
			p.write(t, "in/gzip/v.csv.gz", packed.String()) // with Content-Encoding: gzip
			s := p.opened(t)
			f := listed(t, s)["in/gzip/v.csv.gz"]
			r, err := s.source(f).Open(t.Context())
			assert.Equal(t, "text", textOf(t, r, err))
			r, err = s.open(t.Context(), "gzip/v.csv.gz")
			assert.Equal(t, packed.String(), textOf(t, r, err))
		})
	}
}

func TestManyObjectsAreListedByPages(t *testing.T) {
	for _, p := range buckets(t) {
		t.Run(p.name, func(t *testing.T) {
			const objects = 2*pageSize + 50
			for i := range objects {
				p.write(t, fmt.Sprintf("in/%04d/%s", i, names[i%len(names)]), "x")
			}
			before := p.front.count("list")
			assert.Len(t, listed(t, p.opened(t)), objects)
			assert.Equal(t, 3, p.front.count("list")-before)
		})
	}
}

// TestABucketIsLikeAFolder runs all over each of them.
func TestABucketIsLikeAFolder(t *testing.T) {
	needsRunner(t)
	files := labs(t, 3)
	for _, p := range places(t)[1:] {
		for name, text := range files {
			p.write(t, "in/"+name, text)
		}
		for _, action := range []string{anonymizing, access} {
			t.Run(p.name+" "+action, func(t *testing.T) {
				want := undisturbed(t, action, files)
				j := heldJob(t, action, files)
				j.Roots, j.Out = []string{p.root}, strings.TrimSuffix(p.root, "/in")+"/"+action
				require.NoError(t, j.checkRoots())
				for range 2 { // the second time all is there
					*j = job{Action: j.Action, Roots: j.Roots, Out: j.Out, Subjects: j.Subjects, Key: j.Key, At: j.At, Policy: j.Policy, Holds: j.Holds, Erase: j.Erase}
					mustRun(t, j)
				}
				s, err := j.store(j.Out)
				require.NoError(t, err)
				written := listed(t, s)
				assert.Len(t, written, len(want)+3, "the claim and two reports")
				for name, text := range inPlace(want) {
					r, err := s.open(t.Context(), name)
					assert.Equal(t, text, textOf(t, r, err), name)
				}
				require.ErrorIs(t, publish(t.Context(), s, j.reportName(), fileOf(t, "another")), errOther)
			})
		}
		j := newTestJob(t, access, files) // an object that changed since it was listed
		j.Roots = []string{p.root}
		units, _ := unitsOf(t, j)
		p.write(t, units[0].files()[0].Path, "another")
		done := worked(t, j, units[0])
		require.Len(t, done.Failures, 1)
		assert.Contains(t, done.Failures[0].Error, csvschema.ErrSourceChanged.Error())
	}
}

// inPlace returns what a job over a folder writes, by the whole names of blobs and objects,
// but for what is named after them.
func inPlace(files tree) tree {
	to := tree{}
	for name, text := range files {
		first, rest, _ := strings.Cut(name, "/")
		switch first {
		case exportsFolder:
			to[path.Join(exportsFolder, "in", rest)] = text
		case subjectsFolder:
			subject, rest, _ := strings.Cut(rest, "/")
			to[path.Join(subjectsFolder, subject, "in", rest)] = text
		}
	}
	return to
}

// job returns a job with holds and requests over files in the bucket, which writes to it, too.
func (p *testRoot) job(t *testing.T, files tree) *job {
	t.Helper()
	for name, text := range files {
		p.write(t, "in/"+name, text)
	}
	j := heldJob(t, anonymizing, files)
	j.Roots, j.Out = []string{p.root}, strings.TrimSuffix(p.root, "/in")+"/out"
	return j
}

// TestAfterAKillTheNextRunDoesTheRestOfABucket kills the program in the middle.
func TestAfterAKillTheNextRunDoesTheRestOfABucket(t *testing.T) {
	needsRunner(t)
	files := labs(t, 20)
	want := inPlace(undisturbed(t, anonymizing, files))
	for _, p := range buckets(t) {
		t.Run(p.name, func(t *testing.T) {
			j := p.job(t, files)
			written := func() int {
				n := 0
				for _, name := range p.names() {
					if strings.HasPrefix(name, "out/"+receiptsFolder) {
						n++
					}
				}
				return n
			}
			s, err := j.store(j.Out)
			require.NoError(t, err)
			for round := range 3 {
				c := program(t, arguments(j)...)
				require.NoError(t, c.Start())
				require.Eventually(t, func() bool { return written() > 4*round }, 20*time.Second, time.Millisecond)
				require.NoError(t, c.Process.Kill())
				_ = c.Wait()
				for name := range listed(t, s) {
					inside := strings.TrimPrefix(name, "out/")
					if text, ok := want[inside]; ok {
						r, err := s.open(t.Context(), inside)
						require.Equal(t, text, textOf(t, r, err), "round %d left half of %s", round, name)
					}
				}
			}
			assert.Less(t, written(), 20, "no run was killed in the middle")
			text, err := program(t, arguments(j)...).CombinedOutput()
			require.NoError(t, err, string(text))
			for name, text := range want {
				r, err := s.open(t.Context(), name)
				require.Equal(t, text, textOf(t, r, err))
			}
			assert.Equal(t, 20, written())
		})
	}
}

// TestNothingIsWrittenWhereAnybodyReads has services that answer anybody.
func TestNothingIsWrittenWhereAnybodyReads(t *testing.T) {
	for _, p := range buckets(t) {
		t.Run(p.name, func(t *testing.T) {
			b := p.opened(t).(*bucket)
			if gcs, ok := b.service.(*gcsBucket); ok { // an emulator takes no credentials
				gcs.public = gcs.BucketHandle
			}
			if p.scheme == schemeS3 {
				p.front.set(t, func(_ http.ResponseWriter, r *http.Request) bool {
					if r.Method == http.MethodHead {
						r.Header.Set("Authorization", "Credential="+fakeKey+"/")
					}
					return false
				})
			}
			require.ErrorIs(t, b.create(t.Context(), claimFile, fileOf(t, "claim")), errPublic)
			require.ErrorIs(t, b.create(t.Context(), claimFile, fileOf(t, "claim")), errPublic, "also if it is there")
		})
	}
}

// TestAServiceThatOverwritesIsNoticed has services that do not know conditions.
func TestAServiceThatOverwritesIsNoticed(t *testing.T) {
	for _, p := range buckets(t) {
		t.Run(p.name, func(t *testing.T) {
			p.front.set(t, func(_ http.ResponseWriter, r *http.Request) bool {
				r.Header.Del("If-None-Match")
				q := r.URL.Query()
				q.Del("ifGenerationMatch")
				r.URL.RawQuery = q.Encode()
				return false
			})
			require.ErrorIs(t, p.opened(t).create(t.Context(), claimFile, fileOf(t, "claim")), errOverwrites)
		})
	}
}

// TestAFileThatCannotBeReadMakesNoObject fails in the middle of what is sent.
func TestAFileThatCannotBeReadMakesNoObject(t *testing.T) {
	partBytes = 5 << 20
	t.Cleanup(func() { partBytes = 64 << 20 })
	for _, p := range buckets(t) {
		for _, size := range []int64{1 << 20, 40 << 20} {
			t.Run(fmt.Sprint(p.name, " ", size), func(t *testing.T) {
				from := fileOf(t, strings.Repeat("x", int(size/2)))
				f, err := os.Open(from)
				require.NoError(t, err)
				ctx, w := watched(t.Context(), stall)
				err = p.opened(t).(*bucket).put(ctx, "in/half.csv", &watchedFile{f, size, w}) // it says to be longer
				w.end()
				require.Error(t, err)
				require.NoError(t, f.Close())
				time.Sleep(50 * time.Millisecond)
				assert.NotContains(t, p.names(), "in/half.csv")
			})
		}
	}
}

// isWrite reports whether a request sends an object, or a part of one.
func isWrite(r *http.Request) bool {
	return r.Method == http.MethodPut || r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/upload/")
}

// TestAnAnswerThatIsLost is of objects that are there, although the service said that they
// could not be made: asked again, it says that there is one.
func TestAnAnswerThatIsLost(t *testing.T) {
	quick(t)
	for _, p := range buckets(t) {
		t.Run(p.name, func(t *testing.T) {
			lost := 0
			p.front.set(t, func(w http.ResponseWriter, r *http.Request) bool {
				if !isWrite(r) || lost > 0 {
					return false
				}
				lost++
				made := httptest.NewRecorder()
				p.front.Handler.ServeHTTP(made, r)
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			})
			s := p.opened(t)
			require.NoError(t, publish(t.Context(), s, "a.csv", fileOf(t, "text")))
			assert.Equal(t, 1, lost)
			lost = 0
			require.ErrorIs(t, publish(t.Context(), s, "a.csv", fileOf(t, "another")), errOther)
		})
	}
}

// TestAnOutputThatIsLostInTheMiddle is of a bucket that somebody deletes.
func TestAnOutputThatIsLostInTheMiddle(t *testing.T) {
	needsRunner(t)
	quick(t)
	files := labs(t, 3)
	want := inPlace(undisturbed(t, anonymizing, files))
	for _, p := range buckets(t) {
		t.Run(p.name, func(t *testing.T) {
			j := p.job(t, files)
			var writes atomic.Int32
			p.front.set(t, func(w http.ResponseWriter, r *http.Request) bool {
				if isWrite(r) {
					writes.Add(1)
				}
				if writes.Load() < 6 {
					return false
				}
				w.WriteHeader(http.StatusNotFound)
				_, _ = w.Write([]byte("<Error><Code>NoSuchBucket</Code><Message>canary</Message></Error>"))
				return true
			})
			_, err := j.run(t.Context(), "prism", io.Discard)
			require.Error(t, err)
			assert.NotContains(t, err.Error(), "canary")
			p.front.set(t, nil)
			*j = job{Action: j.Action, Roots: j.Roots, Out: j.Out, Key: j.Key, At: j.At, Policy: j.Policy, Holds: j.Holds, Erase: j.Erase}
			mustRun(t, j)
			s := (&testRoot{root: j.Out}).opened(t)
			for name, text := range want {
				r, err := s.open(t.Context(), name)
				assert.Equal(t, text, textOf(t, r, err), name)
			}
		})
	}
}
