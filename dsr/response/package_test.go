package response_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
	"github.com/labdsr/labdsr/dsr/response"
)

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		set, alice := aliceSet(t, seed)
		for _, tag := range response.Languages() {
			one, _ := written(t, set.Exports(), alice, &response.Options{Language: tag, Made: made, Controller: complete})
			other, _ := written(t, set.Exports(), alice, &response.Options{Language: tag, Made: made, Controller: complete, Filter: dsr.Options{Workers: 1}})
			require.Equal(t, sha256.Sum256(one), sha256.Sum256(other))
		}
	}
}

// Names, comments, times and other metadata of an entry reveal nothing about the person,
// and are valid on every system.
func TestEntriesTellNothing(t *testing.T) {
	t.Parallel()
	set, alice := aliceSet(t, 1)
	raw, _ := written(t, set.Exports(), alice, nil)
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	assert.Empty(t, archive.Comment)
	var names []string
	for _, f := range archive.File {
		names = append(names, f.Name)
		assert.Regexp(t, `^(machine/)?[a-z0-9-]+\.(csv|html|json)$`, f.Name)
		assert.True(t, filepath.IsLocal(f.Name))
		assert.Empty(t, f.Comment)
		assert.Equal(t, 1980, f.Modified.Year())
		assert.Zero(t, f.ExternalAttrs)
	}
	assert.Equal(t, []string{"index.html", "virtualmachines.csv", "disks.csv"}, names[:3])
	assert.Equal(t, []string{"data.json", "manifest.json"}, names[len(names)-2:])
}

func TestManifestHasTheDigestOfEveryOtherEntry(t *testing.T) {
	t.Parallel()
	set, alice := aliceSet(t, 2)
	_, entries := written(t, set.Exports(), alice, nil)
	var manifest struct {
		Files []struct {
			Name   string
			Bytes  int
			SHA256 string
		}
	}
	require.NoError(t, json.Unmarshal([]byte(entries["manifest.json"]), &manifest))
	var names []string
	for _, f := range manifest.Files {
		sum := sha256.Sum256([]byte(entries[f.Name]))
		assert.Equal(t, hex.EncodeToString(sum[:]), f.SHA256)
		assert.Len(t, entries[f.Name], f.Bytes)
		names = append(names, f.Name)
	}
	delete(entries, "manifest.json")
	assert.ElementsMatch(t, slices.Collect(maps.Keys(entries)), names)
}

// Each of the files has every row of the person and no others.
func TestEveryRowIsInEveryFile(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		set, alice := aliceSet(t, seed)
		_, entries := written(t, set.Exports(), alice, nil)
		redactor, err := redact.New(alice, nil)
		require.NoError(t, err)
		machine := map[string]string{}
		rows := map[csvschema.Role]int{}
		_, err = redact.Records(t.Context(), set.Exports(), []*redact.Redactor{redactor}, func(m redact.Match) error {
			role := m.Key.Role()
			name := "machine/export" + itoa(m.Export) + "-" + role.String() + itoa(m.File) + ".csv"
			if machine[name] == "" {
				machine[name] = string(m.Record.Header().Raw())
			}
			machine[name] += string(m.Record.AppendTo(nil))
			rows[role]++

			line := table(t, entries[role.String()+".csv"])[rows[role]]
			for i := range m.Record.Header().Len() {
				cell, column := string(m.Record.Cell(i)), m.Record.Header().Column(i)
				if column == 0 {
					assert.Contains(t, line[len(role.Columns()):], neutral(cell))
					continue
				}
				assert.Equal(t, neutral(cell), line[slices.Index(role.Columns(), column)])
			}
			return nil
		}, nil)
		require.NoError(t, err)
		for name, want := range machine {
			assert.Equal(t, want, entries[name], name)
		}
		assert.Len(t, entries, 5+len(machine))
		for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
			assert.Len(t, table(t, entries[role.String()+".csv"]), rows[role]+1)
		}
		assert.Equal(t, rows[csvschema.VirtualMachines]+rows[csvschema.Disks], strings.Count(entries["data.json"], "\n    {\"kind\""))
	}
}

func itoa(n int) string { return string(rune('0' + n)) }

// neutral returns a cell as encoding/csv reads it from a table for a spreadsheet.
func neutral(cell string) string {
	if strings.IndexAny(cell, "=+-@\t\r\n＝＋－＠") == 0 {
		cell = "'" + cell
	}
	return strings.ReplaceAll(cell, "\r\n", "\n")
}

func TestAnUnknownLanguageIsRefusedBeforeAnythingIsWritten(t *testing.T) {
	t.Parallel()
	set, alice := aliceSet(t, 1)
	var out bytes.Buffer
	report, err := response.Write(t.Context(), &out, set.Exports(), alice, &response.Options{Language: language.Japanese})
	require.ErrorIs(t, err, response.ErrLanguage)
	assert.Nil(t, report)
	assert.Zero(t, out.Len())
}

var errDisk = errors.New("disk full")

// A limitedWriter fails after some bytes.
type limitedWriter struct{ left int }

func (w *limitedWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errDisk
	}
	return len(p), nil
}

func TestAFullDiskIsAnErrorWhereverItHappens(t *testing.T) {
	t.Parallel()
	set, alice := aliceSet(t, 1)
	raw, _ := written(t, set.Exports(), alice, nil)
	for n := 0; n < len(raw); n += 997 {
		report, err := response.Write(t.Context(), &limitedWriter{n}, set.Exports(), alice, nil)
		require.ErrorIs(t, err, errDisk, "after %d bytes", n)
		require.Nil(t, report)
	}
}

// The exports of people with many rows are read again, and must not change.
func TestExportsThatChangeBetweenSearchesAreRefused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2<<20)
	var machines []map[csvschema.Column]string
	for range 12 {
		machines = append(machines, map[csvschema.Column]string{csvschema.PricingTier: long})
	}
	exports := exportOf(machines...)
	data, err := io.ReadAll(must(exports[0].VirtualMachines[0].Open(context.Background())))
	require.NoError(t, err)
	header, rows, _ := bytes.Cut(data, []byte("\n"))
	stranger := bytes.Replace(rows[:bytes.IndexByte(rows, '\n')+1], []byte("alice@example.com"), []byte("bob@example.com"), 1)
	require.Contains(t, string(stranger), "bob@")
	for name, changed := range map[string][]byte{
		"a cell":            bytes.Replace(data, []byte(long), []byte("y"+long[1:]), 1),
		"a row of a person": append(bytes.Clone(data), rows[:bytes.IndexByte(rows, '\n')+1]...),
		"numbers of rows":   slices.Concat(header, []byte("\n"), stranger, rows),
	} {
		opened := 0
		exports[0].VirtualMachines[0].Open = func(context.Context) (io.ReadCloser, error) {
			if opened++; opened > 2 { // the search itself reads them twice
				return io.NopCloser(bytes.NewReader(changed)), nil
			}
			return io.NopCloser(bytes.NewReader(data)), nil
		}
		_, err = response.Write(t.Context(), io.Discard, exports, subjectOf(t, "alice@example.com"), nil)
		require.ErrorIs(t, err, csvschema.ErrSourceChanged, name)
		assert.Greater(t, opened, 2, name)
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
