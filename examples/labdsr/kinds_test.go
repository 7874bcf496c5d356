package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestOutputsAreKnownByWhatIsInThem changes what this program wrote.
func TestOutputsAreKnownByWhatIsInThem(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("programFor makes no program of Windows")
	}
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "alice.txt"), []byte(cookbookFiles["alice.txt"]), 0o600))
	c := exec.Command(programFor(t), "access", "--virtualmachines", "../quickstart/exports", "--subject-file", filepath.Join(dir, "alice.txt"),
		"--out", filepath.Join(dir, "package"), "--receipt", filepath.Join(dir, "receipt"), "--review", filepath.Join(dir, "review"))
	_ = c.Run() // the files say it
	wrote := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return data
	}
	archive, sealed, review := wrote("package"), wrote("receipt"), wrote("review")
	// again returns the package with other entries. Edit returns the entry, or nil to
	// leave it out.
	again := func(more string, edit func(name string, text []byte) []byte) []byte {
		in, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
		require.NoError(t, err)
		var b bytes.Buffer
		out := zip.NewWriter(&b)
		put := func(name string, text []byte) {
			w, err := out.Create(name)
			require.NoError(t, err)
			_, err = w.Write(text)
			require.NoError(t, err)
		}
		if more != "" {
			put(more, nil)
		}
		for _, entry := range in.File {
			r, err := entry.Open()
			require.NoError(t, err)
			text, err := io.ReadAll(r)
			require.NoError(t, err)
			if text = edit(entry.Name, text); text != nil {
				put(entry.Name, text)
			}
		}
		require.NoError(t, out.Close())
		return b.Bytes()
	}
	same := func(_ string, text []byte) []byte { return text }
	without := func(which string) func(string, []byte) []byte {
		return func(name string, text []byte) []byte {
			if name == which {
				return nil
			}
			return text
		}
	}
	other := func(which string) func(string, []byte) []byte {
		return func(name string, text []byte) []byte {
			if name == which {
				return append(text, '\n')
			}
			return text
		}
	}
	for _, test := range []struct {
		name string
		ours func(*os.File) bool
		data []byte
		want bool
	}{
		{"package", isPackageFile, archive, true},
		{"package, packed again", isPackageFile, again("", same), true},
		{"package with another file", isPackageFile, again("notes.txt", same), false},
		{"package with another table", isPackageFile, again("machine/export9-disks1.csv", same), false},
		{"package with a report that was edited", isPackageFile, again("", other("index.html")), false},
		{"package without a file", isPackageFile, again("", without("disks.csv")), false},
		{"package without a manifest", isPackageFile, again("", without("manifest.json")), false},
		{"package with more after its end", isPackageFile, append(bytes.Clone(archive), "my notes"...), false},
		{"package with more before it", isPackageFile, append([]byte("my notes"), archive...), false},
		{"package with a comment", isPackageFile, append(append(bytes.Clone(archive[:len(archive)-2]), 8, 0), "my notes"...), false},
		{"half a package", isPackageFile, archive[:len(archive)/2], false},
		{"receipt for a package", isPackageFile, sealed, false},
		{"receipt", isReceipt, sealed, true},
		{"receipt with a line more", isReceipt, append(bytes.Clone(sealed), '\n'), false},
		{"half a receipt", isReceipt, sealed[:len(sealed)/2], false},
		{"other JSON", isReceipt, []byte(`{"payloadType":"x"}`), false},
		{"package for a receipt", isReceipt, archive, false},
		{"review", isReview, review, true},
		{"review with a decision", isReview, append(bytes.Clone(review[:len(review)-1]), "other\n"...), false},
		{"review with a note in another column", isReview, bytes.Replace(review, []byte(",theirs or other,"), []byte(",theirs or other - ask Bob,"), 1), false},
		{"review with a note in the line above", isReview, bytes.Replace(review, []byte("virtualmachines,"), []byte("virtualmachines !,"), 1), false},
		{"review without a line", isReview, append(bytes.Join(bytes.SplitAfter(review, []byte("\n"))[:1], nil), bytes.Join(bytes.SplitAfter(review, []byte("\n"))[2:], nil)...), false},
		{"review with a line of its own", isReview, append(bytes.Clone(review), "\n"...), false},
		{"review that a spreadsheet saved", isReview, bytes.ReplaceAll(review, []byte("\n"), []byte("\r\n")), false},
		{"only the header of a review", isReview, bytes.SplitAfter(review, []byte("\n"))[0], true},
		{"nothing for a review", isReview, nil, false},
		{"review with a damaged line", isReview, append(bytes.Clone(review), "\"\n"...), false},
		{"other table", isReview, []byte("a,b\n1,\n"), false},
		{"list", isReview, []byte("alice.archer@contoso.com\n"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "file")
			require.NoError(t, os.WriteFile(path, test.data, 0o600))
			file, err := os.Open(path)
			require.NoError(t, err)
			defer func() { assert.NoError(t, file.Close()) }()
			assert.Equal(t, test.want, test.ours(file))
		})
	}
}

// TestAnswersAreNotSearched has a package of this program in the folder that is searched.
func TestAnswersAreNotSearched(t *testing.T) {
	t.Parallel()
	dir, scratch := t.TempDir(), t.TempDir()
	exports := filepath.Join(dir, "exports")
	require.NoError(t, os.CopyFS(exports, os.DirFS("../quickstart/exports")))
	access := func(out string) string {
		_, text := within(t, scratch, "access", "--virtualmachines", exports, "--subject", "alice.archer@contoso.com", "--out", filepath.Join(dir, out))
		require.FileExists(t, filepath.Join(dir, out), text)
		return text
	}
	access("answer.zip")
	require.NoError(t, os.Rename(filepath.Join(dir, "answer.zip"), filepath.Join(exports, "answer.zip")))
	text := access("again.zip")
	assert.Contains(t, text, "left alone 1 file that is no export of lab usage: "+filepath.Join(exports, "answer.zip"))
	assert.Contains(t, text, "read       2 exports of 2 labs")
}
