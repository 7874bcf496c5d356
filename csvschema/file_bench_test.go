package csvschema_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
)

// A filterWorker is what a worker of BenchmarkFilterWholeFile remembers.
type filterWorker struct {
	lab         []byte
	rows        *int64 // of the lab
	labs        map[string]*int64
	first, last time.Time
	hits        int // rows of the owner
}

// filter does for each record of a chunk what dsr.Filter does for a machine of somebody
// else: it compares the owner, counts the rows of the lab and adds the dates.
func (w *filterWorker) filter(c *csvschema.Chunk, lab int, positions []int, owner []byte) error {
	var cells [4][]byte // owner, environment, created, deleted
	for i := range c.Len() {
		rec := c.Record(i)
		if !rec.Repeats(lab) || w.rows == nil {
			if cell := rec.Cell(lab); !bytes.Equal(cell, w.lab) || w.rows == nil {
				w.lab = append(w.lab[:0], cell...)
				if w.rows = w.labs[string(cell)]; w.rows == nil {
					w.rows = new(int64)
					w.labs[string(cell)] = w.rows
				}
			}
		}
		*w.rows++
		rec.Cells(cells[:], positions)
		if bytes.Equal(cells[0], owner) || bytes.Contains(cells[1], owner) {
			w.hits++
		}
		for _, date := range cells[2:] {
			at, empty, err := csvschema.ParseTime(date, nil)
			if err != nil {
				return err
			}
			if !empty && (w.first.IsZero() || at.Before(w.first)) {
				w.first = at
			}
			if !empty && at.After(w.last) {
				w.last = at
			}
		}
	}
	return nil
}

// BenchmarkFilterWholeFile makes one pass over a quoted export of 64 MiB, as dsr.Filter
// does over a file of virtual machines, from a file and from memory.
func BenchmarkFilterWholeFile(b *testing.B) {
	large := csvschematest.NewLarge(1, 64<<20, nil)
	text, err := io.ReadAll(large.Reader(csvschema.VirtualMachines))
	require.NoError(b, err)
	path := filepath.Join(b.TempDir(), "virtualmachines.csv")
	require.NoError(b, os.WriteFile(path, text, 0o600))
	owner := []byte(large.Subjects()[0].Identifiers[0])
	for name, open := range map[string]func(context.Context) (io.ReadCloser, error){
		"file":   func(context.Context) (io.ReadCloser, error) { return os.Open(path) },
		"memory": func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil },
	} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/workers=%d", name, workers), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{{Open: open}}}}
				for b.Loop() {
					files, err := csvschema.Files(exports, csvschema.FileOptions{Workers: workers})
					require.NoError(b, err)
					pool := sync.Pool{New: func() any { return &filterWorker{labs: map[string]*int64{}} }}
					var lab int
					var positions []int
					rows := int64(0)
					err = csvschema.ForEachChunk(b.Context(), files[0], csvschema.Pass[error]{
						Header: func(h *csvschema.Header) error {
							lab = h.Index(csvschema.LabUId)
							for _, c := range []csvschema.Column{csvschema.ResourceOwner, csvschema.EnvironmentId, csvschema.CreatedTime, csvschema.DeletedDate} {
								positions = append(positions, h.Index(c))
							}
							return nil
						},
						Work: func(c *csvschema.Chunk) error {
							w, _ := pool.Get().(*filterWorker)
							defer pool.Put(w)
							w.rows = nil // the chunk before was another worker's
							return w.filter(c, lab, positions, owner)
						},
						Emit: func(c *csvschema.Chunk, err error) error {
							rows += int64(c.Len())
							return err
						},
					})
					require.NoError(b, err)
					require.Equal(b, large.Rows(), rows)
				}
			})
		}
	}
}
