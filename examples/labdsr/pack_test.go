package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/text/encoding/unicode"
)

// pack packs files in the format that the name of the result ends with. In a ZIP, name=file
// names the entry.
func pack(ts *testscript.TestScript, _ bool, args []string) {
	var b bytes.Buffer
	switch filepath.Ext(args[0]) {
	case ".gz":
		packOne(ts, gzip.NewWriter(&b), args[1])
	case ".zst":
		w, err := zstd.NewWriter(&b)
		ts.Check(err)
		packOne(ts, w, args[1])
	default:
		w := zip.NewWriter(&b)
		for _, arg := range args[1:] {
			name, file, ok := strings.Cut(arg, "=")
			if !ok {
				file = name
			}
			entry, err := w.Create(name)
			ts.Check(err)
			_, err = io.WriteString(entry, ts.ReadFile(file))
			ts.Check(err)
		}
		ts.Check(w.Close())
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), b.Bytes(), 0o600))
}

func packOne(ts *testscript.TestScript, w io.WriteCloser, file string) {
	_, err := io.WriteString(w, ts.ReadFile(file))
	ts.Check(err)
	ts.Check(w.Close())
}

// utf16 writes a file again as PowerShell does: UTF-16 with a mark, little-endian.
func utf16(ts *testscript.TestScript, _ bool, args []string) {
	text, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(ts.ReadFile(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text), 0o600))
}
