package response_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
	"github.com/labdsr/labdsr/dsr/response"
)

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	for seed := range min(uint64(seeds), 3) {
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
	for seed := range uint64(seeds) {
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
			code, err := m.Rule.MarshalText()
			require.NoError(t, err)
			place := fmt.Sprintf(`{"kind":%q,"export":%d,"file":%d,"row":%d,"why":%q,`, role, m.Export, m.File, m.Row, code)
			assert.Contains(t, entries["data.json"], place)

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
	for n := 0; n < len(raw); n += 997 * 4 / seeds {
		report, err := response.Write(t.Context(), &limitedWriter{n}, set.Exports(), alice, nil)
		require.ErrorIs(t, err, errDisk, "after %d bytes", n)
		require.Nil(t, report)
	}
}

// opened is a package that WriteAll writes.
type opened struct {
	bytes.Buffer
	isClosed bool
}

func (o *opened) Close() error {
	o.isClosed = true
	return nil
}

// writtenAll writes the packages of all subjects.
func writtenAll(t testing.TB, exports []csvschema.Export, subjects []dsr.Subject, o *response.Options) (*redact.Report, []*opened) {
	t.Helper()
	var all []*opened
	report, err := response.WriteAll(t.Context(), exports, subjects, func(subject int) (io.WriteCloser, error) {
		assert.Len(t, all, subject, "in order")
		if subject > 0 {
			assert.True(t, all[subject-1].isClosed, "one at a time")
		}
		all = append(all, &opened{})
		return all[subject], nil
	}, o)
	require.NoError(t, err)
	require.Len(t, all, len(subjects))
	return report, all
}

// Each person gets the package that they would get alone: findings, decisions, hidden
// people, owners over time and what is shown included, in memory and in a spool.
func TestManyPeopleGetThePackagesThatEachGetsAlone(t *testing.T) {
	t.Parallel()
	var findings, hidden, decided, shown, spooled int
	for seed := range uint64(seeds) {
		set := csvschematest.New(seed, &csvschematest.Options{ExtraColumns: seed%2 == 1, ShuffledColumns: seed%2 == 0, UnreadableDates: seed == 2, CRLF: seed == 3})
		var subjects []dsr.Subject
		for _, p := range set.People {
			subjects = append(subjects, subjectOf(t, p.Identifiers...))
		}
		// Some people have identifiers of others, too, and one is nobody here.
		subjects = append(subjects, subjectOf(t, set.People[0].Identifiers[0], set.People[3].Identifiers[0]), subjectOf(t, "nobody@example.com"), subjects[0])
		options := func(i func(subject int) int, limit int) *response.Options {
			o := &response.Options{Made: made, Controller: complete, MaxEntries: 20}
			o.Keep = func(k csvschema.Key) fate.Keeping {
				sum := sha256.Sum256([]byte(k.String()))
				return fate.Keeping{Fate: fate.Fate(sum[0] % 6), At: made.AddDate(0, 0, int(sum[1])), Reason: hex.EncodeToString(sum[:4])}
			}
			o.Filter.Decide = func(f dsr.Finding) dsr.Decision {
				switch (int(f.Row) + i(f.Subject)) % 4 {
				case 0:
					return dsr.NotTheirs
				case 1:
					if f.TakesTheirs {
						decided++
						return dsr.Theirs
					}
				}
				return dsr.Undecided
			}
			o.Shown = func(subject int) *redact.Shown {
				if i(subject)%3 > 0 {
					return nil
				}
				shown++
				return &redact.Shown{Identifiers: []identity.Identifier{must(identity.Parse("bob@contoso.com"))}}
			}
			response.HoldAtMost(o, limit)
			return o
		}
		many := options(func(subject int) int { return subject }, 8<<10)
		spool := &memorySpool{}
		many.Spool = spool
		report, all := writtenAll(t, set.Exports(), subjects, many)
		spooled += spool.Len()
		_, held := writtenAll(t, set.Exports(), subjects, options(func(subject int) int { return subject }, 0))
		for i, subject := range subjects {
			if i < len(set.People) && i%3 != int(seed)%3 {
				continue // a search for each takes long
			}
			alone := options(func(int) int { return i }, 0)
			var out bytes.Buffer
			own, err := response.Write(t.Context(), &out, set.Exports(), subject, alone)
			require.NoError(t, err)
			require.True(t, bytes.Equal(out.Bytes(), all[i].Bytes()), "seed %d, subject %d", seed, i)
			require.True(t, bytes.Equal(out.Bytes(), held[i].Bytes()), "seed %d, subject %d, without a spool", seed, i)
			assert.Equal(t, own.Subjects[0], report.Subjects[i])
			assert.Equal(t, own.Hidden[0], report.Hidden[i])
			hidden += int(own.Hidden[0].Places())
		}
		findings += len(report.Findings)
	}
	for name, n := range map[string]int{"findings": findings, "hidden": hidden, "decided": decided, "shown": shown, "spooled": spooled} {
		assert.Greater(t, n, 25*seeds, name)
	}
}

func TestAnErrorOfOnePackageStopsAllAndNamesTheSubject(t *testing.T) {
	t.Parallel()
	exports := exportOf(map[csvschema.Column]string{})
	subjects := []dsr.Subject{subjectOf(t, "alice@example.com"), subjectOf(t, "bob@example.com"), subjectOf(t, "carol@example.com")}
	for name, second := range map[string]func() (io.WriteCloser, error){
		"open":  func() (io.WriteCloser, error) { return nil, errDisk },
		"write": func() (io.WriteCloser, error) { return closer{&limitedWriter{100}, nil}, nil },
		"close": func() (io.WriteCloser, error) { return closer{io.Discard, errDisk}, nil },
	} {
		count := 0
		report, err := response.WriteAll(t.Context(), exports, subjects, func(subject int) (io.WriteCloser, error) {
			if count++; subject == 1 {
				return second()
			}
			return closer{io.Discard, nil}, nil
		}, nil)
		require.ErrorIs(t, err, errDisk, name)
		assert.Contains(t, err.Error(), "subject 1", name)
		assert.Nil(t, report, name)
		assert.Equal(t, 2, count, name)
	}
	ctx, cancel := context.WithCancel(t.Context())
	count := 0
	_, err := response.WriteAll(ctx, exports, subjects, func(subject int) (io.WriteCloser, error) {
		if count++; subject == 1 { // who has no row
			cancel()
		}
		return closer{io.Discard, nil}, nil
	}, nil)
	require.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, 2, count)
	_, err = response.WriteAll(t.Context(), exports, subjects, func(int) (io.WriteCloser, error) { return nil, nil }, nil) //nolint:nilnil // this is tested
	require.ErrorContains(t, err, "subject 0: open returned no writer")
	_, err = response.WriteAll(t.Context(), exports, nil, nil, nil)
	require.ErrorIs(t, err, dsr.ErrNoIdentifier)
	_, err = response.WriteAll(t.Context(), exports, []dsr.Subject{subjects[0], {}}, nil, nil)
	require.ErrorIs(t, err, dsr.ErrNoIdentifier)
}

// A closer returns an error when it is closed.
type closer struct {
	io.Writer
	err error
}

func (c closer) Close() error { return c.err }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
