package inputs

import (
	"archive/zip"
	"errors"
	"io"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// An archive is a ZIP. Its directory is read once, whatever the number of its entries.
type archive struct {
	blob    *blob
	entries []*zip.File

	mu   sync.Mutex
	file blobFile // open while an entry is
	open int      // how many entries are
}

func newArchive(b *blob) (*archive, error) {
	a := &archive{blob: b}
	if err := a.acquire(); err != nil {
		return nil, err
	}
	z, err := zip.NewReader(a, b.size)
	if err != nil {
		return nil, errors.Join(damaged("ZIP", err), a.Close())
	}
	a.entries = z.File
	return a, a.Close()
}

func (a *archive) acquire() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open == 0 {
		var err error
		if a.file, err = a.blob.open(); err != nil {
			return err
		}
	}
	a.open++
	return nil
}

// Close implements io.Closer: it closes the file with the last entry.
func (a *archive) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.open--; a.open > 0 {
		return nil
	}
	return a.file.Close()
}

// ReadAt implements io.ReaderAt while an entry is open.
func (a *archive) ReadAt(p []byte, at int64) (int, error) { return a.file.ReadAt(p, at) }

func (f *Finder) openEntry(a *archive, entry *zip.File) (io.ReadCloser, error) {
	if err := a.acquire(); err != nil {
		return nil, err
	}
	in, err := entry.Open()
	if err != nil {
		return nil, errors.Join(damaged("ZIP", err), a.Close())
	}
	return f.metered(&unpackedReader{in, in.Close, a, "ZIP"}), nil
}

// entries returns the files in a ZIP. A ZIP becomes a folder of its name.
func (f *Finder) entries(b *blob) ([]*File, error) {
	a, err := newArchive(b)
	if err != nil {
		return nil, err
	}
	if a.isWorkbook() || a.isDocument() {
		file := &File{Path: b.path, below: b.below, info: b.info, size: b.size, isOther: !a.isWorkbook()}
		if !file.isOther {
			file.doubt = doubtWorkbook
		}
		return []*File{file}, nil
	}
	folder := ""
	if b.abs != "" {
		folder = withoutSuffix(b.abs, ".zip")
	}
	times := map[string]int{}
	for _, e := range a.entries {
		times[slashed(e.Name)]++
	}
	var all []*File
	for _, e := range a.entries {
		if e.FileInfo().IsDir() {
			continue
		}
		name := slashed(e.Name)
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, fault.WithHint(errors.New("an entry of the ZIP file would lie outside of its folder"), "this is no ZIP file of a portal; do not trust it")
		}
		file := &File{Path: b.path + "/" + name, below: path.Join(b.below, name), info: b.info, entry: name, size: int64(min(e.UncompressedSize64, 1<<50))}
		file.doubt = doubtOfEntry(e, times[name])
		if folder != "" {
			file.abs = filepath.Join(folder, filepath.FromSlash(name))
		}
		file.open = func() (io.ReadCloser, error) { return f.openEntry(a, e) }
		all = append(all, file)
	}
	return all, nil
}

// slashed returns the name of an entry with slashes: some programs on Windows write
// other ones.
func slashed(name string) string { return strings.ReplaceAll(name, `\`, "/") }
