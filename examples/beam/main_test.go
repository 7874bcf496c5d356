package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	beamlog "github.com/apache/beam/sdks/v2/go/pkg/beam/log"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// asProgram makes the test binary the program.
const asProgram = "BEAM_TEST_PROGRAM"

// isolated is why there is no network of the tests' own, or "".
var isolated string

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	if status, done := isolate(); done {
		os.Exit(status)
	}
	flag.Parse()
	beam.Init()
	beamlog.SetupLogging("error", "text")
	os.Exit(m.Run())
}

// needsRunner skips a test that would listen in the network of the machine.
func needsRunner(t *testing.T) {
	t.Helper()
	if isolated != "" {
		t.Skip(isolated)
	}
}

// program returns a command that runs the program.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	c := exec.CommandContext(t.Context(), self, args...)
	c.Env = append(os.Environ(), asProgram+"=1")
	return c
}

// A tree is files by their paths.
type tree map[string]string

func (files tree) write(t testing.TB, dir string) {
	t.Helper()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(name), 0o700))
		require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	}
}

// treeAt returns the files below a folder. One that is not there has none.
func treeAt(t *testing.T, dir string) tree {
	t.Helper()
	files := tree{}
	if _, err := os.Stat(dir); os.IsNotExist(err) {
		return files
	}
	require.NoError(t, fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		files[name] = string(text)
		return err
	}))
	return files
}

// options returns how the files of a seed are written.
func options(seed uint64) *csvschematest.Options {
	return &csvschematest.Options{CRLF: seed%2 == 1, ByteOrderMark: seed%3 == 1, ShuffledColumns: seed%3 == 2, ExtraColumns: seed%5 == 2, Ordinary: 12}
}

// layouts are ways to keep the files of a set.
var layouts = map[string]func(*csvschematest.Set) tree{
	"as made": func(set *csvschematest.Set) tree {
		files := tree{}
		for _, f := range set.Files {
			files[fmt.Sprintf("%d/%v-%d.csv", f.Export, f.Role, f.Number)] = string(f.Data)
		}
		return files
	},
	"labs apart": func(set *csvschematest.Set) tree {
		return byLab(set, func(f *csvschematest.File, lab string) string {
			return fmt.Sprintf("%s/%d/%v-%d.csv", lab, f.Export, f.Role, f.Number)
		})
	},
	"labs in one folder": func(set *csvschematest.Set) tree {
		return byLab(set, func(f *csvschematest.File, lab string) string {
			return fmt.Sprintf("%d/%s-%v-%d.csv", f.Export, lab, f.Role, f.Number)
		})
	},
	"of the lab service": func(set *csvschematest.Set) tree {
		return byLab(set, func(f *csvschematest.File, lab string) string {
			return fmt.Sprintf("%s/%s/%d-%d-%d/full/%v-%d.csv", lab, lab, f.Export, set.Now.Month(), set.Now.Year(), f.Role, f.Number)
		})
	},
}

// byLab returns the files of a set with the rows of each lab in a file of their own.
func byLab(set *csvschematest.Set, name func(f *csvschematest.File, lab string) string) tree {
	files := tree{}
	for _, f := range set.Files {
		for _, row := range f.Rows {
			lab := strings.ToLower(strings.Trim(strings.TrimSpace(row.Value(csvschema.LabUId)), "{}"))
			if lab == "" {
				lab = "none"
			}
			at := name(f, strings.ReplaceAll(lab, "/", "_"))
			if files[at] == "" {
				files[at] = string(f.Header)
			}
			files[at] += string(row.Raw)
		}
	}
	return files
}

// layoutOf returns the layout of a seed.
func layoutOf(seed uint64) string {
	return []string{"labs apart", "labs in one folder", "of the lab service", "as made"}[seed%4]
}

// seeds returns how many seeds a test tries.
func seeds() uint64 {
	if testing.Short() {
		return 3
	}
	return 20
}

// labs returns small exports of a number of labs, in folders of the lab service.
func labs(t testing.TB, count int) tree {
	t.Helper()
	const lab = "36f675cc-81e7-4ef5-a8e2-5d940ed90475" // that of the files
	files := tree{}
	for _, name := range []string{"virtualmachines.csv", "disks.csv"} {
		text, err := os.ReadFile(filepath.Join("..", "quickstart", "exports", "contoso-dev", name))
		require.NoError(t, err)
		require.Contains(t, string(text), lab)
		for i := range count {
			uid := labUID(i)
			files[fmt.Sprintf("lab%04d/%s/1-7-2026/full/%s", i, uid, name)] = string(bytes.ReplaceAll(text, []byte(lab), []byte(uid)))
		}
	}
	return files
}

func labUID(i int) string { return fmt.Sprintf("36f675cc-81e7-4ef5-a8e2-%012x", i) }

// quickstart is an instant at which rows of labs are due.
var quickstart = time.Date(2026, time.July, 1, 9, 0, 0, 0, time.UTC)

// memory returns a folder in memory, if this system has such: what is written is flushed to
// the disk, which takes much of the time otherwise.
func memory(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "beam-test-") //nolint:usetesting // that is on the disk
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// newTestJob returns a job over the files, and where they are.
func newTestJob(t *testing.T, action string, files tree) *job {
	t.Helper()
	dir := memory(t)
	files.write(t, filepath.Join(dir, "in"))
	return jobAt(t, dir, action)
}

// jobAt returns a job over the folder in of a folder.
func jobAt(t testing.TB, dir, action string) *job {
	t.Helper()
	j := &job{
		Action: action, Roots: []string{filepath.Join(dir, "in")}, Out: filepath.Join(dir, "out"), At: quickstart,
		Policy: (&anonymize.Policy{}).Terms(), Key: filepath.Join(dir, "key"), Subjects: filepath.Join(dir, "subjects"),
	}
	require.NoError(t, os.WriteFile(j.Key, []byte("a key of receipts for tests only, long enough"), 0o600))
	require.NoError(t, os.WriteFile(j.Subjects, []byte("# nobody else\nalice.archer@contoso.com 6f0c2f3e-5f0d-4c53-9d0e-0a4f1c7b2e11\n"), 0o600))
	require.NoError(t, j.checkRoots())
	return j
}

// mustRun runs a job in which nothing fails, and returns its report.
func mustRun(t *testing.T, j *job) *report {
	t.Helper()
	needsRunner(t)
	var said bytes.Buffer
	failed, err := j.run(t.Context(), "prism", &said)
	require.NoError(t, err)
	require.False(t, failed, said.String())
	total, err := j.readReport(t.Context())
	require.NoError(t, err)
	return total
}

func TestWrongCallsAreRefused(t *testing.T) {
	for _, args := range [][]string{
		{},
		{"erase"},
		{"access", "--input", "x", "--out", "y", "--key", "k"},
		{"access", "--input", "x", "--out", "y", "--subjects", "s"},
		{"access", "--subjects", "s", "--key", "k", "--input", "x", "--out", "x/y"},
		{"anonymize", "--input", "x", "--out", "y", "--key", "k"},
		{"anonymize", "--input", "x", "--out", "y", "--key", "k", "--at", "yesterday"},
		{"anonymize", "--input", "x", "--out", "y", "--key", "k", "--at", "2026-07-01T09:00:00Z", "--retention", "30ns"},
		{"anonymize", "--input", "x", "--out", "y", "--key", "k", "--at", "2026-07-01T09:00:00Z", "more"},
		{"access", "--subjects", "s", "--key", "k", "--input", "x", "--out", "y", "--holds", "h"},
		{"access", "--subjects", "s", "--key", "k", "--input", "x", "--out", "y", "--erase", "e"},
		{"anonymize", "--input", "x", "--out", "y", "--key", "k", "--at", "2026-07-01T09:00:00Z", "--erase-existing"},
		{"anonymize", "--no-such-flag"},
	} {
		c := program(t, args...)
		text, err := c.CombinedOutput()
		require.Error(t, err, "%q", args)
		assert.Equal(t, 2, c.ProcessState.ExitCode(), "%q: %s", args, text)
	}
}

func TestHelpIsNoError(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"anonymize", "-h"}} {
		text, err := program(t, args...).CombinedOutput()
		require.NoError(t, err, "%q", args)
		assert.Contains(t, string(text), "usage: beam access ")
		assert.Contains(t, string(text), "-erase-existing")
	}
}

// TestAFolderThatIsNotThereMakesNothing has a mistyped root.
func TestAFolderThatIsNotThereMakesNothing(t *testing.T) {
	j := newTestJob(t, anonymizing, labs(t, 1))
	for root, want := range map[string]string{j.Roots[0] + "/none": "beam: root 1: no such file or directory\n", j.Key: "beam: root 1: is no folder\n"} {
		text, err := program(t, "anonymize", "--input", root, "--out", j.Out, "--key", j.Key, "--at", "2026-07-01T09:00:00Z").CombinedOutput()
		require.Error(t, err)
		assert.Equal(t, want, string(text))
		assert.NoDirExists(t, j.Out)
	}
}

// TestErrorsHideWhoIsInThePathOfAList has errors that show the path.
func TestErrorsHideWhoIsInThePathOfAList(t *testing.T) {
	j := newTestJob(t, anonymizing, labs(t, 1))
	list := listFile(t, j, "alice.archer@contoso.com", "no list")
	for _, flags := range [][]string{{"--holds", list}, {"--erase", list}, {"--holds", list + "/none"}} {
		c := program(t, append([]string{"anonymize", "--input", j.Roots[0], "--out", j.Out, "--key", j.Key, "--at", "2026-07-01T09:00:00Z"}, flags...)...)
		text, err := c.CombinedOutput()
		require.Error(t, err)
		assert.Equal(t, 1, c.ProcessState.ExitCode())
		assert.Contains(t, string(text), "[hidden]")
		assert.NotContains(t, string(text), "alice")
	}
}
