package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/labdsr/labdsr/dsr/receipt"
	"github.com/labdsr/labdsr/examples/labdsr/internal/output"
	"github.com/labdsr/labdsr/examples/labdsr/internal/review"
)

// The kinds of outputs. Each function reports whether a file is one that this program
// wrote, so that --force replaces nothing else.
var (
	packageKind = output.Kind{Ours: isPackageFile}
	receiptKind = output.Kind{Ours: isReceipt}
	reviewKind  = output.Kind{Ours: isReview}
)

// maxRecognisedBytes is how much of a file is held to recognise it.
const maxRecognisedBytes = 64 << 20

func isReceipt(file *os.File) bool {
	sealed, err := io.ReadAll(io.LimitReader(file, maxRecognisedBytes))
	if err != nil {
		return false
	}
	_, err = receipt.Open(sealed)
	return err == nil
}

// isReview reports whether a file is a review in which nobody has written anything: a
// person's work is not replaced.
func isReview(file *os.File) bool { return review.IsAsWritten(file) }

func isPackageFile(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && isPackage(file, info.Size())
}

// isPackage reports whether a file is a package of this program, with no entry added or
// changed.
func isPackage(file io.ReaderAt, size int64) bool {
	archive, err := zip.NewReader(file, size)
	if err != nil || len(archive.File) == 0 {
		return false
	}
	var manifest struct {
		Files []struct {
			Name   string `json:"name"`
			SHA256 string `json:"sha256"`
		} `json:"files"`
	}
	var have []string // names and digests, in the order of the entries
	for i, entry := range archive.File {
		in, err := entry.Open()
		if err != nil {
			return false
		}
		if i == len(archive.File)-1 {
			text, err := io.ReadAll(io.LimitReader(in, maxRecognisedBytes))
			if err != nil || entry.Name != "manifest.json" || json.Unmarshal(text, &manifest) != nil {
				return false
			}
			break
		}
		if !isPackageEntry(entry.Name) {
			return false
		}
		sum := sha256.New()
		if _, err := io.Copy(sum, in); err != nil {
			return false
		}
		have = append(have, entry.Name+" "+hex.EncodeToString(sum.Sum(nil)))
	}
	var want []string
	for _, file := range manifest.Files {
		want = append(want, file.Name+" "+file.SHA256)
	}
	return len(want) > 0 && slices.Equal(want, have) && isOnly(file, size, archive)
}

// isOnly reports whether a file is what a ZIP writer makes of its entries, so that there
// is nothing before, between and after them, and no comment.
func isOnly(file io.ReaderAt, size int64, archive *zip.Reader) bool {
	have, want := sha256.New(), sha256.New()
	out := zip.NewWriter(want)
	for _, entry := range archive.File {
		in, err := entry.OpenRaw()
		if err != nil || entry.Comment != "" {
			return false
		}
		header := entry.FileHeader
		w, err := out.CreateRaw(&header)
		if err != nil {
			return false
		}
		if _, err := io.Copy(w, in); err != nil {
			return false
		}
	}
	if out.Close() != nil {
		return false
	}
	if _, err := io.Copy(have, io.NewSectionReader(file, 0, size)); err != nil {
		return false
	}
	return bytes.Equal(have.Sum(nil), want.Sum(nil))
}

func isPackageEntry(name string) bool {
	isTable, _ := path.Match("machine/export*-*.csv", name)
	return isTable || slices.Contains([]string{"index.html", "virtualmachines.csv", "disks.csv", "data.json"}, name)
}

// protect keeps outputs from all that flags name for reading. Of the flags whose value
// is a file or folder, some name outputs.
func (a *app) protect(cmd *cobra.Command) {
	cmd.Flags().Visit(func(flag *pflag.Flag) {
		kind, _ := pflag.UnquoteUsage(flag)
		if kind != "file" && kind != "folder" || slices.Contains([]string{"out", "receipt", "review"}, flag.Name) {
			return
		}
		values := []string{flag.Value.String()}
		if many, ok := flag.Value.(pflag.SliceValue); ok {
			values = many.GetSlice()
		}
		for _, value := range values {
			a.outputs.Protect("--"+flag.Name, value)
		}
	})
}

// A checkedWriter remembers whether anything could not be written. Not everybody who
// writes to standard output looks.
type checkedWriter struct {
	io.Writer
	err error
}

func (w *checkedWriter) Write(p []byte) (int, error) {
	n, err := w.Writer.Write(p)
	if w.err == nil {
		w.err = err
	}
	return n, err
}
