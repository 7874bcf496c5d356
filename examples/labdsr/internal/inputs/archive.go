package inputs

import (
	"archive/zip"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"path"
	"path/filepath"
	"slices"
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
		if a.file, err = a.blob.openAt(); err != nil {
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
	whole := &File{Path: b.path, below: b.below, stored: b.stored, info: b.info, size: b.size, isOther: true}
	isDocument := a.isDocument()
	switch {
	case a.isWorkbook():
		whole.doubt = doubtWorkbook
	case !a.isComplete():
		whole.doubt = doubtGap
	}
	if whole.doubt != "" {
		return []*File{whole}, nil
	}
	folder := ""
	if b.abs != "" {
		folder = withoutSuffix(b.abs, ".zip")
	}
	times := map[string]int{}
	for _, e := range a.entries {
		times[path.Clean(slashed(e.Name))]++
	}
	var all []*File
	if isDocument {
		all = append(all, whole)
	}
	for _, e := range a.entries {
		name := slashed(e.Name)
		if strings.HasSuffix(name, "/") && e.UncompressedSize64 == 0 {
			continue
		}
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return nil, fault.WithHint(errors.New("an entry of the ZIP file would lie outside of its folder"), "this is no ZIP file of a portal; do not trust it")
		}
		file := &File{Path: b.path + "/" + name, below: path.Join(b.below, name), stored: b.stored, info: b.info, entry: name, size: int64(min(e.UncompressedSize64, 1<<50))}
		file.inDocument = isDocument
		file.doubt = doubtOfEntry(e, times[path.Clean(name)])
		if folder != "" {
			file.abs = filepath.Join(folder, filepath.FromSlash(name))
		}
		file.open = func() (io.ReadCloser, error) { return f.openEntry(a, e) }
		all = append(all, file)
	}
	if len(all) == 0 {
		whole.doubt = doubtEmpty
		return []*File{whole}, nil
	}
	return all, nil
}

// isComplete reports whether all bytes of the ZIP up to its directory are those of
// entries. There are others if two ZIPs are one after the other, and nobody sees the first.
func (a *archive) isComplete() bool {
	const header, nameAt, extraAt, maxDescriptor = 30, 26, 28, 24
	if a.acquire() != nil {
		return false
	}
	defer quietly(a)
	type span struct{ start, end int64 }
	spans := make([]span, 0, len(a.entries))
	for _, e := range a.entries {
		data, err := e.DataOffset()
		if err != nil {
			return false
		}
		spans = append(spans, span{data, data + int64(e.CompressedSize64)})
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.start, b.start) })
	at, buffer := int64(0), make([]byte, header+maxDescriptor)
	for _, s := range spans {
		// The header of the entry is at the end of the one before, or after its descriptor.
		n, _ := a.ReadAt(buffer, at)
		i := bytes.Index(buffer[:n], []byte("PK\x03\x04"))
		if i < 0 || i > 0 && at == 0 || n < i+header {
			return false
		}
		own := buffer[i:]
		if at+int64(i+header+int(binary.LittleEndian.Uint16(own[nameAt:]))+int(binary.LittleEndian.Uint16(own[extraAt:]))) != s.start {
			return false
		}
		at = s.end
	}
	n, _ := a.ReadAt(buffer, at)
	if at == 0 {
		return bytes.HasPrefix(buffer[:n], []byte("PK\x05\x06"))
	}
	i := bytes.Index(buffer[:n], []byte("PK\x01\x02"))
	return i >= 0 && i <= maxDescriptor
}

// slashed returns the name of an entry with slashes: some programs on Windows write
// other ones.
func slashed(name string) string { return strings.ReplaceAll(name, `\`, "/") }
