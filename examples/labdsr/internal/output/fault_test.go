package output_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/memtest"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
)

// tree returns what is in a folder: the texts of files, by their paths.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		rel, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		all[rel] = d.Type().String()
		if d.Type().IsRegular() {
			all[rel] = read(t, path)
		}
		return nil
	}))
	return all
}

// finished returns what of a tree is no trace of a run.
func finished(all map[string]string) map[string]string {
	all = maps.Clone(all)
	maps.DeleteFunc(all, func(name, _ string) bool { return strings.HasPrefix(name, ".labdsr-") })
	return all
}

// write is a run that writes a folder, a receipt and a review. It returns what the run
// would say was not put right.
func write(s *output.Set, dir, text string) (left []string, err error) {
	defer func() {
		if err != nil {
			left = s.Discard()
		}
	}()
	var all []*output.Output
	for _, name := range []string{"out", "receipt", "review"} {
		o, err := s.Begin(filepath.Join(dir, name), kind(name == "out"), true)
		if err != nil {
			return nil, err
		}
		all = append(all, o)
	}
	for _, o := range all[1:] {
		if err := o.Write("", say(ours+text)); err != nil {
			return nil, err
		}
	}
	if err := all[0].Write("a/vm.csv", say(text)); err != nil {
		return nil, err
	}
	file, err := all[0].Create("a/b/vm.csv")
	if err == nil {
		err = file.Finish(nil)
	}
	if err == nil {
		file, err = all[0].Append("a/b/vm.csv")
	}
	if err == nil {
		_, err = file.Write([]byte(text))
		err = file.Finish(err)
	}
	if err == nil {
		err = s.Commit(all...)
	}
	if err != nil {
		return nil, err
	}
	return s.Keep(), nil
}

// A world is what is there before a run, and what the file system can do.
type world struct{ replaces, cannot bool }

func (w world) String() string {
	text := "new"
	if w.replaces {
		text = "replaced"
	}
	if w.cannot {
		text += ", on a file system without exchange"
	}
	return text
}

// worlds calls test for each world.
func worlds(t *testing.T, test func(t *testing.T, w world)) {
	for _, w := range []world{{false, false}, {true, false}, {false, true}, {true, true}} {
		t.Run(w.String(), func(t *testing.T) { t.Parallel(); test(t, w) })
	}
}

func (w world) begin(t *testing.T) string {
	t.Helper()
	dir := memtest.Folder(t)
	if w.replaces {
		_, err := write(&output.Set{}, dir, "old")
		require.NoError(t, err)
	}
	return dir
}

// set returns the outputs of a run whose calls fail if fault says so.
func (w world) set(fault func(n int, op, path string) error) *output.Set {
	s, n := &output.Set{}, 0
	s.Fault(func(op, path string) error {
		if w.cannot && (op == "exchange" || op == "rename only new") {
			return output.ErrCannot
		}
		n++
		return fault(n, op, path)
	})
	return s
}

// calls returns the calls of a run that nothing happens to, and what is there after it.
func (w world) calls(t *testing.T) (calls []string, after map[string]string) {
	t.Helper()
	dir := w.begin(t)
	left, err := write(w.set(func(_ int, op, path string) error {
		calls = append(calls, op+" "+filepath.Base(path))
		return nil
	}), dir, "new")
	require.NoError(t, err)
	require.Empty(t, left)
	return calls, tree(t, dir)
}

// isSilent reports whether a failure of a call does not matter: an empty lock stays.
func isSilent(call string) bool {
	return strings.HasPrefix(call, "unlink ") && strings.HasSuffix(call, ".lock")
}

// TestEachCallFails lets each call fail with each error. After an error nothing has
// changed; otherwise all is there.
func TestEachCallFails(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w world) {
		calls, after := w.calls(t)
		for _, op := range []string{"lstat", "open", "flock", "mkdir", "write", "fsync", "close", "rename", "unlink"} {
			assert.True(t, slices.ContainsFunc(calls, func(call string) bool { return strings.HasPrefix(call, op+" ") }) ||
				op == "rename" && !w.cannot, "no %s", op)
		}
		for i, call := range calls {
			for _, errno := range []error{syscall.ENOSPC, syscall.EIO, syscall.EACCES, syscall.EMFILE} {
				what := fmt.Sprintf("call %d, %s: %v", i+1, call, errno)
				dir := w.begin(t)
				before := tree(t, dir)
				left, err := write(w.set(func(n int, _, _ string) error {
					if n == i+1 {
						return errno
					}
					return nil
				}), dir, "new")
				have := tree(t, dir)
				switch {
				case err != nil:
					require.ErrorIs(t, err, errno, what)
					require.Empty(t, left, what)
					require.Equal(t, before, withoutLocks(have), what)
				case isSilent(call):
					require.Equal(t, after, withoutLocks(have), what)
				default:
					require.NotEmpty(t, left, what)
					require.Equal(t, after, finished(have), what)
				}
				// The next run cleans up.
				left, err = write(&output.Set{}, dir, "new")
				require.NoError(t, err, what)
				require.Empty(t, left, what)
				require.Equal(t, after, tree(t, dir), what)
			}
		}
	})
}

func withoutLocks(all map[string]string) map[string]string {
	maps.DeleteFunc(all, func(name, _ string) bool { return strings.HasSuffix(name, ".lock") })
	return all
}

// TestDiskGoesAway lets a call and all after it fail, as if the disk went away: what
// cannot be put back is said.
func TestDiskGoesAway(t *testing.T) {
	t.Parallel()
	worlds(t, func(t *testing.T, w world) {
		calls, after := w.calls(t)
		for i, call := range calls {
			dir := w.begin(t)
			before := tree(t, dir)
			s := w.set(func(n int, _, _ string) error {
				if n > i {
					return syscall.EIO
				}
				return nil
			})
			left, err := write(s, dir, "new")
			have := tree(t, dir)
			what := fmt.Sprintf("from call %d on, %s: %v %v", i+1, call, err, left)
			if len(left) == 0 {
				want := before
				if err == nil {
					want = after
				}
				require.Equal(t, want, withoutLocks(have), what)
			}
			for name := range have {
				if _, was := before[name]; !was && !strings.Contains(name, string(filepath.Separator)) && !strings.HasSuffix(name, ".lock") && err != nil {
					require.Contains(t, strings.Join(left, "\n"), filepath.Join(dir, name), what)
				}
			}
		}
	})
}

// TestProcessDies ends the process at each call: what is there is old or new, or comes
// back with the next run, and that cleans up.
func TestProcessDies(t *testing.T) {
	t.Parallel()
	died := errors.New("died")
	worlds(t, func(t *testing.T, w world) {
		calls, after := w.calls(t)
		for i, call := range calls {
			dir := w.begin(t)
			before := finished(tree(t, dir))
			s := w.set(func(n int, _, _ string) error {
				if n > i {
					panic(died)
				}
				return nil
			})
			func() {
				defer func() { require.Equal(t, died, recover()) }()
				_, _ = write(s, dir, "new")
			}()
			require.NoError(t, s.Die())
			what := fmt.Sprintf("call %d, %s", i+1, call)
			for _, name := range []string{"out", "receipt", "review"} {
				have := part(tree(t, dir), name)
				if w.cannot && len(have) == 0 {
					continue // it comes back
				}
				if len(have) > 0 || w.replaces {
					assert.Contains(t, []map[string]string{part(before, name), part(after, name)}, have, "%s: half %s", what, name)
				}
			}
			left, err := write(&output.Set{}, dir, "new")
			require.NoError(t, err, what)
			require.Empty(t, left, what)
			require.Equal(t, after, tree(t, dir), what)
		}
	})
}

// part returns what is at a path and below it.
func part(all map[string]string, path string) map[string]string {
	all = maps.Clone(all)
	maps.DeleteFunc(all, func(name, _ string) bool {
		return name != path && !strings.HasPrefix(name, path+string(filepath.Separator))
	})
	return all
}
