package output_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/examples/labdsr/internal/marker"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
)

func TestOutputsAreRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	for name, text := range map[string]string{
		"searched/vm.csv": "export", "searched/.hidden/x": "", "given/vm.csv": "export", "exports/vm.csv": "export", "file": "text",
		"receipt": ours, "empty": "", "list": ours, "more/key": ours,
	} {
		require.NoError(t, os.MkdirAll(filepath.Dir(at(name)), 0o700))
		require.NoError(t, os.WriteFile(at(name), []byte(text), 0o600))
	}
	earlier := func(name string) string { put(t, at(name), "new"); return at(name) }
	earlier("earlier")
	earlier("shown")
	require.NoError(t, os.WriteFile(at("shown/.DS_Store"), []byte("x"), 0o600))
	require.NoError(t, os.Mkdir(earlier("with folder")+"/more", 0o700))
	require.NoError(t, os.WriteFile(earlier("with file")+"/notes.txt", nil, 0o600))
	require.NoError(t, os.Remove(earlier("without file")+"/vm.csv"))
	require.NoError(t, os.WriteFile(earlier("edited")+"/vm.csv", []byte("old"), 0o600))
	require.NoError(t, os.Symlink(at("file"), earlier("with link")+"/link"))
	require.NoError(t, os.WriteFile(earlier("unfinished")+"/"+marker.Name, []byte(marker.Begun), 0o600))
	require.NoError(t, os.CopyFS(at("copied marker"), os.DirFS(at("exports"))))
	require.NoError(t, os.WriteFile(at("copied marker/.labdsr"), []byte(read(t, at("earlier/.labdsr"))), 0o600))
	require.NoError(t, os.Link(at("list"), at("hard link to a list")))
	require.NoError(t, os.Symlink(at("receipt"), at("link to a receipt")))
	require.NoError(t, os.Symlink(at("searched"), at("link to a folder")))
	require.NoError(t, os.Symlink(at("earlier/vm.csv"), at("searched/linked.csv")))
	require.NoError(t, os.Symlink(at("nowhere"), at("searched/broken.csv")))
	require.NoError(t, os.Mkdir(at("nothing"), 0o700))
	put(t, at("list in it"), "new")
	require.NoError(t, os.Symlink(at("list in it/vm.csv"), at("link to a list")))

	for _, test := range []struct {
		name, path    string
		folder, force bool
		want          string // "" if it is allowed
	}{
		{"new", "new", true, false, ""},
		{"no folder above", "none/new", true, false, "does not exist"},
		{"file above", "file/new", true, false, "no folder"},
		{"file there", "file", false, false, "exists already"},
		{"file of this program there", "receipt", false, false, "exists already"},
		{"file there, with force", "file", false, true, "not only, what this program wrote"},
		{"file of this program there, with force", "receipt", false, true, ""},
		{"empty file there, with force", "empty", false, true, "not only, what this program wrote"},
		{"folder for a new file", "new/", false, false, "names a folder, and this output is a file"},
		{"folder with a slash", "new/", true, false, ""},
		{"link to a file of this program, with force", "link to a receipt", false, true, "of another kind"},
		{"file for a folder", "file", true, true, "of another kind"},
		{"folder for a file", "earlier", false, true, "of another kind"},
		{"device", "/dev/null", false, true, "of another kind"},
		{"root", "/", true, true, "cannot be an output"},
		{"name of what is not finished", ".labdsr-x.new", true, true, "cannot be an output"},
		{"name of what is not finished, in capitals", ".LabDSR-x.new", true, true, "cannot be an output"},
		{"name of the marker", ".labdsr", false, false, "cannot be an output"},
		{"empty folder", "nothing", true, false, ""},
		{"folder there", "edited", true, false, "exists already"},
		{"folder of exports, with force", "exports", true, true, "not only, what this program wrote"},
		{"folder of exports with the marker of another, with force", "copied marker", true, true, "not only, what this program wrote"},
		{"folder of this program, with force", "shown", true, true, ""},
		{"unfinished folder", "unfinished", true, true, "not only, what this program wrote"},
		{"folder with another file", "with file", true, true, "not only, what this program wrote"},
		{"folder with another folder", "with folder", true, true, "not only, what this program wrote"},
		{"folder with a link", "with link", true, true, "not only, what this program wrote"},
		{"folder without one of its files", "without file", true, true, "not only, what this program wrote"},
		{"folder with a file that was edited", "edited", true, true, "not only, what this program wrote"},
		{"searched folder", "searched", true, true, "a folder of inputs"},
		{"in a searched folder", "searched/new.zip", false, true, "a folder of inputs"},
		{"in a hidden folder of a searched folder", "searched/.hidden/new.zip", false, true, "a folder of inputs"},
		{"in a link to a searched folder", "link to a folder/new.zip", false, true, "a folder of inputs"},
		{"over an input that is a link's", "earlier", true, true, "an input is there"},
		{"over an input", "given/vm.csv", false, true, "the file of --virtualmachines is there"},
		{"over the folder of an input", "given", true, true, "the file of --virtualmachines is there"},
		{"beside an input", "given/new.csv", false, false, ""},
		{"over a list", "list", false, true, "the file of --erase is there"},
		{"over a hard link to a list", "hard link to a list", false, true, "the file of --erase is there"},
		{"over a key, by another path", "given/../more/key", false, true, "the file of --key-file is there"},
		{"over the folder of a key", "more", true, true, "the file of --key-file is there"},
		{"over the folder of a list that is a link's", "list in it", true, true, "the file of --holds is there"},
	} {
		t.Run(test.name, func(t *testing.T) { // one after the other: they lock the same outputs
			var s output.Set
			s.Protect("--virtualmachines", at("searched"))
			s.Protect("--virtualmachines", at("given/vm.csv"))
			s.Protect("--erase", at("list"))
			s.Protect("--key-file", at("more/key"))
			s.Protect("--holds", at("link to a list"))
			s.Protect("--removed", at("nowhere"))
			path := dir + "/" + test.path
			if strings.HasPrefix(test.path, "/") {
				if runtime.GOOS == "windows" {
					t.Skip("there are no such paths")
				}
				path = test.path
			}
			before := tree(t, dir)
			_, err := s.Begin(path, kind(test.folder), test.force)
			assert.Empty(t, s.Discard())
			assert.Equal(t, before, tree(t, dir))
			if test.want == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.want)
			}
		})
	}
}

// TestEmptyFolderOfOthersIsKept makes an empty folder that has something to lose.
func TestEmptyFolderOfOthersIsKept(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("there are neither modes nor groups")
	}
	for name, change := range map[string]func(path string) error{
		"nothing": func(string) error { return nil },
		"mode":    func(path string) error { return os.Chmod(path, 0o775) },
		"sticky":  func(path string) error { return os.Chmod(path, 0o777|os.ModeSticky) },
		"owner":   func(path string) error { return os.Chown(path, 12345, -1) },
		"group":   func(path string) error { return os.Chown(path, -1, 12345) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if os.Geteuid() != 0 && (name == "owner" || name == "group") {
				t.Skip("only root can give folders away")
			}
			path := filepath.Join(t.TempDir(), "out")
			require.NoError(t, os.Mkdir(path, 0o700))
			require.NoError(t, change(path))
			for _, force := range []bool{false, true} {
				var s output.Set
				_, err := s.Begin(path, output.Folder(), force)
				assert.Empty(t, s.Discard())
				if force || name == "nothing" || name == "mode" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, "with another owner or group, or shared")
				}
			}
		})
	}
}

func TestOpenFilesAreProtected(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "out"), "text")
	file, err := os.Open(filepath.Join(dir, "out", "vm.csv"))
	require.NoError(t, err)
	defer func() { assert.NoError(t, file.Close()) }()
	var s output.Set
	s.ProtectOpen("standard input", file)
	_, err = s.Begin(filepath.Join(dir, "out"), output.Folder(), true)
	require.ErrorContains(t, err, "standard input is there")
	s.Discard()
}

// TestLetterCaseIsThatOfTheFileSystem has another result where file systems do not tell
// letters apart.
func TestLetterCaseIsThatOfTheFileSystem(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "searched"), 0o700))
	_, err := os.Stat(filepath.Join(dir, "SEARCHED"))
	isSame := err == nil
	if !isSame {
		require.NoError(t, os.Mkdir(filepath.Join(dir, "SEARCHED"), 0o700))
	}
	var s output.Set
	s.Protect("--virtualmachines", filepath.Join(dir, "searched"))
	begin(t, &s, filepath.Join(dir, "out"), true, false)
	for _, name := range []string{"SEARCHED/new", "OUT"} {
		_, err := s.Begin(filepath.Join(dir, filepath.FromSlash(name)), kind(false), true)
		assert.Equal(t, isSame, err != nil, "%s: %v", name, err)
	}
	s.Discard()
}

func TestOutputsOfOneRunAreApart(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, first, second string }{
		{"the same", "out", "out"},
		{"the same by another path", "out", "sub/../out"},
		{"the same through a link", "out", "link/out"},
		{"in a folder that is there", "there", "there/receipt"},
		{"in a folder that is there, the other way round", "there/receipt", "there"},
		{"in a folder that is being written", "out", ".labdsr-out.new/receipt"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(dir, "there"), 0o700))
			require.NoError(t, os.Mkdir(filepath.Join(dir, "sub"), 0o700))
			require.NoError(t, os.Symlink(dir, filepath.Join(dir, "link")))
			var s output.Set
			isFolder := func(name string) bool { return filepath.Base(name) != "receipt" }
			begin(t, &s, filepath.Join(dir, test.first), isFolder(test.first), true)
			_, err := s.Begin(dir+"/"+test.second, kind(isFolder(test.second)), true)
			require.ErrorContains(t, err, "is another output of this run, holds it, or lies in it")
			assert.Empty(t, s.Discard())
			assert.Equal(t, []string{"link", "sub", "there"}, names(t, dir))
		})
	}
}
