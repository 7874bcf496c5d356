package response

import (
	"archive/zip"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

// entryNames lists the files of a package, in order, and the keys of the texts that
// describe them. The name of a folder means the files in it.
var entryNames = []struct{ name, key string }{
	{"index.html", "file.index"},
	{"virtualmachines.csv", "file.machines"},
	{"disks.csv", "file.disks"},
	{"machine/", "file.machine"},
	{"data.json", "file.json"},
	{"manifest.json", "file.manifest"},
}

// Write finds the rows of a subject in the exports and writes the package for the
// person to w, as a ZIP file. It returns the report of the search. The report says
// whether somebody must decide something first ([dsr.Report.NeedsDecision]) and what was
// hidden ([redact.Report.Hidden]). The same input gives the same bytes.
//
// After an error the output must be thrown away, and the report is nil. Errors are those
// of [redact.Records] and of w, and [ErrLanguage].
//
// Write searches the exports once if the rows of the person take less than 16 MiB, and
// up to four times otherwise. If a source differs between the searches, the error is
// [csvschema.ErrSourceChanged]. Write holds these rows, the page, about 150 bytes for
// each row of the person, and what [dsr.Filter] holds.
func Write(ctx context.Context, w io.Writer, exports []csvschema.Export, subject dsr.Subject, o *Options) (*redact.Report, error) {
	if o == nil {
		o = &Options{}
	}
	p, err := newPrinter(o.Language)
	if err != nil {
		return nil, err
	}
	s := newSurvey(&search{exports: exports, subject: subject, options: o, layouts: map[place]*layout{}})
	if err := s.search.each(ctx, func(r *row) error { s.take(p, r, o); return nil }); err != nil {
		return nil, err
	}
	page, err := newView(p, s, o).render()
	if err != nil {
		return nil, fmt.Errorf("labdsr: %w", err)
	}
	a := newArchive(w)
	err = a.file("index.html", func(w io.Writer) error {
		_, err := w.Write(page)
		return err
	})
	if err == nil {
		err = writeTables(ctx, a, s)
	}
	if err == nil {
		err = writeMachine(ctx, a, s)
	}
	if err == nil {
		err = a.file("data.json", func(w io.Writer) error { return writeData(ctx, w, p, s, o) })
	}
	if err == nil {
		err = a.close()
	}
	if err != nil {
		return nil, err
	}
	return s.search.report, nil
}

// An archive writes a ZIP file entry by entry, and its manifest.
type archive struct {
	zip   *zip.Writer
	files []manifestFile
	open  io.Writer
	sum   hash.Hash
	size  int64
}

// A manifestFile describes an entry in the manifest.
type manifestFile struct {
	Name   string `json:"name"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// entryTime is the time of every entry: the earliest time that a ZIP file can hold. With
// the real time, two runs would give different bytes.
var entryTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

func newArchive(w io.Writer) *archive {
	a := &archive{zip: zip.NewWriter(w), sum: sha256.New()}
	a.zip.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	return a
}

// begin ends the current entry and begins another.
func (a *archive) begin(name string) error {
	a.end()
	w, err := a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: entryTime})
	if err != nil {
		return err
	}
	a.files = append(a.files, manifestFile{Name: name})
	a.open = w
	return nil
}

// Write writes to the current entry.
func (a *archive) Write(data []byte) (int, error) {
	n, err := a.open.Write(data)
	_, _ = a.sum.Write(data[:n]) // never fails
	a.size += int64(n)
	return n, err
}

// end records the size and sum of the current entry, if there is one.
func (a *archive) end() {
	if a.open == nil {
		return
	}
	f := &a.files[len(a.files)-1]
	f.Bytes, f.SHA256 = a.size, fmt.Sprintf("%x", a.sum.Sum(nil))
	a.sum.Reset()
	a.size, a.open = 0, nil
}

// file writes a whole entry.
func (a *archive) file(name string, write func(io.Writer) error) error {
	if err := a.begin(name); err != nil {
		return err
	}
	return write(a)
}

// close writes the manifest and closes the ZIP file.
func (a *archive) close() error {
	a.end()
	files := slices.Clone(a.files)
	err := a.file("manifest.json", func(w io.Writer) error {
		text, err := json.MarshalIndent(struct {
			Files []manifestFile `json:"files"`
		}{files}, "", "  ")
		if err != nil {
			return err
		}
		_, err = w.Write(append(text, '\n'))
		return err
	})
	if err != nil {
		return err
	}
	return a.zip.Close()
}

// writeMachine writes the bytes of the rows, one entry for each file.
func writeMachine(ctx context.Context, a *archive, s *survey) error {
	var last place
	return s.search.each(ctx, func(r *row) error {
		if r.place != last {
			last = r.place
			if err := a.begin(machineName(r.place)); err != nil {
				return err
			}
			if _, err := a.Write(r.layout.header); err != nil {
				return err
			}
		}
		_, err := a.Write(r.raw)
		return err
	})
}

// machineName returns the name of the entry with the rows of a file.
func machineName(p place) string {
	return fmt.Sprintf("machine/export%d-%s%d.csv", p.export, p.role, p.file)
}
