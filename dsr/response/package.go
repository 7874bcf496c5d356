package response

import (
	"archive/zip"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
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
// of [redact.Records] and of w, [ErrLanguage], [ErrNoSpool] and [ErrSpool].
//
// Write searches the exports once. It holds up to 64 MiB of rows, the page, about 150
// bytes for each row of the person, and what [dsr.Filter] holds. A person with more rows
// needs [Options.Spool].
func Write(ctx context.Context, w io.Writer, exports []csvschema.Export, subject dsr.Subject, o *Options) (*redact.Report, error) {
	return writeAll(ctx, exports, []dsr.Subject{subject}, o, func(_ int, write func(io.Writer) error) error { return write(w) })
}

// WriteAll is [Write] for many people, with one search for all of them. The package of
// each is the same, byte for byte, as if Write had written it. The report is about all
// subjects, in their order.
//
// After the search, WriteAll calls open with the index of each subject, in their order. It
// writes the package to what open returns, and closes that before it opens the next. An
// error of open, Write or Close stops it, and says of which subject it is, by the index.
// Then no package may be used, since what is wrong may concern them all.
//
// WriteAll holds up to 64 MiB of the rows of all people. More need [Options.Spool], which
// then takes all of them; WriteAll holds 24 bytes for each block of up to 64 KiB there, of
// which each person has one or more in every 64 MiB. It also holds one page, about 150
// bytes for each row of one person, the report, and what [redact.Records] holds.
func WriteAll(
	ctx context.Context, exports []csvschema.Export, subjects []dsr.Subject, open func(subject int) (io.WriteCloser, error), o *Options,
) (*redact.Report, error) {
	return writeAll(ctx, exports, subjects, o, func(subject int, write func(io.Writer) error) error {
		w, err := open(subject)
		if err == nil && w == nil {
			err = errNoWriter
		}
		if err == nil {
			err = write(w)
			if closeErr := w.Close(); err == nil {
				err = closeErr
			}
		}
		if err != nil {
			return fmt.Errorf("labdsr: package of subject %d: %w", subject, err)
		}
		return nil
	})
}

var errNoWriter = errors.New("open returned no writer")

// writeAll searches, and calls each for every subject with a function that writes the
// package.
func writeAll(
	ctx context.Context, exports []csvschema.Export, subjects []dsr.Subject, o *Options, each func(subject int, write func(io.Writer) error) error,
) (*redact.Report, error) {
	if o == nil {
		o = &Options{}
	}
	p, err := newPrinter(o.Language)
	if err != nil {
		return nil, err
	}
	s := &search{exports: exports, subjects: subjects, options: o}
	if err := s.run(ctx); err != nil {
		return nil, err
	}
	var c compressor
	for i := range subjects {
		err := each(i, func(w io.Writer) error { return writePackage(ctx, newArchive(w, &c), p, answer{s, i}) })
		if err != nil {
			return nil, err
		}
	}
	return s.report, nil
}

// writePackage writes the package of one person.
func writePackage(ctx context.Context, a *archive, p *printer, of answer) error {
	if err := ctx.Err(); err != nil {
		return err // otherwise asked for each row, and somebody may have none
	}
	s := newSurvey(of)
	if err := s.each(ctx, func(r *row) error { s.take(p, r, of.options); return nil }); err != nil {
		return err
	}
	page, err := newView(p, s, of.options).render()
	if err != nil {
		return fmt.Errorf("labdsr: %w", err)
	}
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
		err = a.file("data.json", func(w io.Writer) error { return writeData(ctx, w, p, s, of.options) })
	}
	if err == nil {
		err = a.close()
	}
	return err
}

// A compressor compresses one entry after the other. It is large, and the same for all
// packages.
type compressor struct{ w *flate.Writer }

func (c *compressor) begin(w io.Writer) (io.WriteCloser, error) {
	if c.w != nil {
		c.w.Reset(w)
		return c.w, nil
	}
	var err error
	c.w, err = flate.NewWriter(w, flate.BestCompression)
	return c.w, err
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

func newArchive(w io.Writer, c *compressor) *archive {
	a := &archive{zip: zip.NewWriter(w), sum: sha256.New()}
	a.zip.RegisterCompressor(zip.Deflate, c.begin)
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
	return s.each(ctx, func(r *row) error {
		if r.layout.place != last {
			last = r.layout.place
			if err := a.begin(machineName(last)); err != nil {
				return err
			}
			if _, err := a.Write(r.layout.header); err != nil {
				return err
			}
		}
		_, err := io.WriteString(a, r.raw)
		return err
	})
}

// machineName returns the name of the entry with the rows of a file.
func machineName(p place) string {
	return fmt.Sprintf("machine/export%d-%s%d.csv", p.export, p.role, p.file)
}
