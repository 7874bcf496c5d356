package anonymize_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// TestResourceThatWasNotDeletedIsNeverDue asks with what an empty cell gives.
func TestResourceThatWasNotDeletedIsNeverDue(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{"", "0001-01-01T00:00:00Z", "1/1/0001 12:00:00 AM"} {
		empty, err := csvschema.ParseDateTime(cell)
		require.NoError(t, err)
		for _, p := range []*anonymize.Policy{nil, {}, {Retention: time.Hour}} {
			assert.False(t, p.Due(empty.In(nil), later))
			assert.True(t, p.DueAt(empty.In(nil)).IsZero())
		}
	}
}

// TestNoIdentifierOfADueRowIsLeft looks for the very identifiers that were
// planted, in any spelling, in the rows that are due.
func TestNoIdentifierOfADueRowIsLeft(t *testing.T) {
	t.Parallel()
	eachSet(t, func(t *testing.T, set *csvschematest.Set) {
		looked := 0
		for _, f := range set.Files {
			out, _ := copyOf(t, nil, set.Now, f.Role, f.Data)
			csvschematest.AssertConserved(t, f.Data, out, func(row int) bool {
				return f.Rows[row-1].Due(set.Now, set.Retention)
			})
			is := records(t, f.Role, out)
			require.Len(t, is, len(f.Rows))
			for i, row := range f.Rows {
				if !row.Due(set.Now, set.Retention) {
					assert.Equal(t, string(row.Raw), is[i].raw)
					continue
				}
				for _, id := range row.Identifiers {
					if !identity.IsReplacement([]byte(id.Text)) {
						csvschematest.AssertNoIdentifiers(t, []byte(is[i].raw), id.Text)
						looked++
					}
				}
				if f.Role == csvschema.VirtualMachines {
					assertOwnerIsReplaced(t, row.Value(csvschema.ResourceOwner), is[i])
				}
			}
		}
		assert.Positive(t, looked)
	})
}

// assertOwnerIsReplaced holds that an owner becomes a replacement of its kind,
// and that nobody stays nobody.
func assertOwnerIsReplaced(t *testing.T, was string, r record) {
	t.Helper()
	for i, c := range r.columns {
		if c != csvschema.ResourceOwner {
			continue
		}
		want := identity.ReplacementAddress
		if id, err := identity.Parse(was); err == nil && id.IsObjectID() {
			want = identity.ReplacementObjectID
		}
		if identity.Normal(was) == "" || identity.IsReplacement([]byte(was)) {
			want = was
		}
		assert.Equal(t, want, string(r.cells[i]))
	}
}

// TestWhatTheOwnerCellHoldsGoesFromOtherCells gives owners that hold more than
// one identifier as a whole.
func TestWhatTheOwnerCellHoldsGoesFromOtherCells(t *testing.T) {
	t.Parallel()
	for _, owner := range []string{
		"/labs/lab/users/" + objectID,
		"zoe@contoso.com /users/" + strings.ToUpper(objectID) + "/x",
		"%2Fusers%2F" + objectID,
	} {
		file := vm("2/4/2017", owner, map[csvschema.Column]string{csvschema.Name: "box-" + objectID})
		out, stats := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(file))
		assert.Equal(t, identity.ReplacementAddress, cellOf(t, csvschema.VirtualMachines, out, csvschema.ResourceOwner))
		assert.Equal(t, "box-"+identity.ReplacementObjectID, cellOf(t, csvschema.VirtualMachines, out, csvschema.Name))
		assert.Equal(t, int64(1), stats.Owners)
		assert.Equal(t, int64(1), stats.Occurrences)
	}
}

// TestPredicateIsAskedAboutValuesNotTheirEncoding also holds that it never sees
// a replacement of ours.
func TestPredicateIsAskedAboutValuesNotTheirEncoding(t *testing.T) {
	t.Parallel()
	var asked sync.Map
	p := &anonymize.Policy{Anonymous: func(value string) bool {
		asked.Store(value, true)
		return value == "gone@service.example.com"
	}}
	file := vm("2/4/2017", identity.ReplacementAddress, map[csvschema.Column]string{
		csvschema.Name:          "gone%40service.example.com",
		csvschema.LabName:       "removed%40anonymized.invalid, REMOVED@anonymized.invalid",
		csvschema.EnvironmentId: "/users/" + identity.ReplacementObjectID + "/environments/e",
	})
	out, stats := copyOf(t, p, later, csvschema.VirtualMachines, []byte(file))
	assert.Equal(t, file, string(out))
	assert.Equal(t, int64(5), stats.Anonymous)
	asked.Range(func(value, _ any) bool { return assert.Equal(t, "gone@service.example.com", value) })
}

// TestAnonymousValuesStayWhenAUserInThemWasReplaced has an owner whom the caller takes for
// anonymous, and in whose text only another cell shows a user.
func TestAnonymousValuesStayWhenAUserInThemWasReplaced(t *testing.T) {
	t.Parallel()
	p := &anonymize.Policy{Anonymous: func(value string) bool { return strings.HasPrefix(value, "/Users/") }}
	file := vm("2/4/2017", "/Users/#EXT#", map[csvschema.Column]string{csvschema.Name: "users/%23EXT%23"})
	_, once := planOf(t, p, later, exportOf(csvschema.VirtualMachines, []byte(file)))
	text := textOf(t, once[0].VirtualMachines[0])
	assert.Equal(t, "/Users/"+identity.ReplacementObjectID, cellOf(t, csvschema.VirtualMachines, text, csvschema.ResourceOwner))
	_, twice := planOf(t, p, later, once...)
	assert.Equal(t, string(text), string(textOf(t, twice[0].VirtualMachines[0])))
}

func TestLocalPartOfOneCharacterIsInNoName(t *testing.T) {
	t.Parallel()
	for owner, want := range map[string]int64{"李@contoso.com": 0, "李小龙@contoso.com": 1} {
		name, _, _ := strings.Cut(owner, "@")
		file := vm("2/4/2017", owner, map[csvschema.Column]string{csvschema.Name: name + "01"})
		_, stats := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(file))
		assert.Equal(t, want, stats.DerivedNames)
	}
}

// TestSlowReadersChangeNothing reads in pieces of all sizes.
func TestSlowReadersChangeNothing(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(4, &csvschematest.Options{ByteOrderMark: true, CRLF: true, NoFinalLineEnd: true})
	for _, f := range set.Files {
		want, stats := copyOf(t, nil, set.Now, f.Role, f.Data)
		for name, slow := range map[string]func(io.Reader) io.Reader{
			"one byte": iotest.OneByteReader, "half": iotest.HalfReader, "data with the error": iotest.DataErrReader,
		} {
			var got bytes.Buffer
			slowly, err := (&anonymize.Policy{}).Copy(t.Context(), set.Now, f.Role, &got, slow(bytes.NewReader(f.Data)))
			require.NoError(t, err, name)
			assert.Equal(t, string(want), got.String(), name)
			assert.Equal(t, stats, slowly, name)
		}
	}
}

// TestFailingReaderIsNeverASuccess fails, or ends, at every place of a file.
func TestFailingReaderIsNeverASuccess(t *testing.T) {
	t.Parallel()
	broken := errors.New("device gone")
	file := vm("2/4/2017", "zoe@contoso.com", nil)
	for at := range len(file) + 1 {
		r := io.MultiReader(strings.NewReader(file[:at]), iotest.ErrReader(broken))
		stats, err := (&anonymize.Policy{}).Copy(t.Context(), later, csvschema.VirtualMachines, io.Discard, r)
		require.ErrorIs(t, err, broken, "byte %d", at)
		require.Zero(t, stats)
		csvschematest.AssertNoLeak(t, err, "zoe@contoso.com", "86545712")
	}
}

// TestCancellingStopsInTheMiddle cancels while a file is read that would be far
// longer.
func TestCancellingStopsInTheMiddle(t *testing.T) {
	t.Parallel()
	for _, workers := range []int{1, 3} {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		large := csvschematest.NewLarge(1, 1<<30, nil)
		counted := &countingReader{r: large.Reader(csvschema.VirtualMachines), at: 2 << 20, then: cancel}
		stats, err := (&anonymize.Policy{Workers: workers}).Copy(ctx, later, csvschema.VirtualMachines, io.Discard, counted)
		require.ErrorIs(t, err, context.Canceled)
		assert.Zero(t, stats)
		assert.Less(t, counted.n, int64(16<<20))
	}
}

// A countingReader calls a function once so many bytes were read.
type countingReader struct {
	r     io.Reader
	n, at int64
	then  func()
}

func (c *countingReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	if c.n += int64(n); c.n >= c.at {
		c.then()
	}
	return n, err
}

// TestHostileTextIsInNoError breaks the exports with hostile strings in several
// places: nothing that must not be told is in an error.
func TestHostileTextIsInNoError(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("..", "..", "shared", "data", "exports")
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("shared data absent: no hostile exports next to the project")
	}
	require.NoError(t, err)
	for _, entry := range entries {
		var expect struct {
			Secret struct{ Values []string } `json:"error_text_must_not_contain"`
		}
		text, err := os.ReadFile(filepath.Join(dir, entry.Name(), "expect.json"))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &expect))
		require.NotEmpty(t, expect.Secret.Values)
		file, err := os.ReadFile(filepath.Join(dir, entry.Name(), "virtualmachines.csv"))
		require.NoError(t, err)
		for _, at := range []int{len(file) / 4, len(file) / 2, len(file) - 20} {
			for name, broken := range map[string][]byte{
				"cut":       file[:at],
				"NUL":       append(append(bytes.Clone(file[:at]), 0), file[at:]...),
				"not UTF-8": append(append(bytes.Clone(file[:at]), 0xFF), file[at:]...),
				"dates":     bytes.ReplaceAll(file, []byte("2019-06-26T00:00:00Z"), []byte("zoe@contoso.com")),
			} {
				_, err := (&anonymize.Policy{}).Copy(t.Context(), later, csvschema.VirtualMachines, io.Discard, bytes.NewReader(broken))
				if assert.Error(t, err, name) {
					csvschematest.AssertNoLeak(t, err, append(expect.Secret.Values, "zoe@contoso.com")...)
				}
			}
		}
	}
}

// TestOwnersThatOnlyLookLikeObjectIDsAreNone gives owners of the length of a
// GUID.
func TestOwnersThatOnlyLookLikeObjectIDsAreNone(t *testing.T) {
	t.Parallel()
	for owner, want := range map[string]string{
		objectID:                                 identity.ReplacementObjectID,
		strings.ToUpper(objectID):                identity.ReplacementObjectID,
		"{" + objectID + "}":                     identity.ReplacementObjectID,
		strings.ReplaceAll(objectID, "-", ""):    identity.ReplacementObjectID,
		strings.ReplaceAll(objectID, "7", "z"):   identity.ReplacementAddress,
		strings.ReplaceAll(objectID, "-", "0"):   identity.ReplacementAddress,
		objectID + "0":                           identity.ReplacementAddress,
		objectID[:35] + "@":                      identity.ReplacementAddress,
		"zoe.smith.of.the.lab@dev.contoso.com-x": identity.ReplacementAddress,
	} {
		file := vm("2/4/2017", owner, nil)
		out, _ := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(file))
		assert.Equal(t, want, cellOf(t, csvschema.VirtualMachines, out, csvschema.ResourceOwner), owner)
	}
}

// TestZoneDecidesForTypedRowsToo asks at the instants between which a row is due
// in one zone only.
func TestZoneDecidesForTypedRowsToo(t *testing.T) {
	t.Parallel()
	deleted, err := csvschema.ParseDateTime("2/4/2017 9:02:11 AM")
	require.NoError(t, err)
	west := time.FixedZone("west", -5*3600)
	now := deleted.In(nil).Add(anonymize.DefaultRetention)
	for _, test := range []struct {
		zone *time.Location
		due  int64
	}{{nil, 1}, {west, 0}} {
		machines := []csvschema.VirtualMachineRow{{DeletedDate: deleted, ResourceOwner: csvschema.NewPersonalText("zoe@contoso.com")}}
		disks := []csvschema.DiskRow{{DeletedDate: deleted}}
		stats, err := (&anonymize.Policy{Zone: test.zone}).Rows(now, machines, disks)
		require.NoError(t, err)
		assert.Equal(t, 2*test.due, stats.Due)
		assert.Equal(t, test.due, stats.Changed)
	}
}

func TestRecordsOverTheLimitAreRefused(t *testing.T) {
	t.Parallel()
	file := vm("2/4/2017", "zoe@contoso.com", map[csvschema.Column]string{csvschema.LabName: strings.Repeat("x", 5000)})
	for limit, want := range map[int]error{0: nil, 4000: csvschema.ErrRecordTooLarge} {
		p := &anonymize.Policy{MaxRecordBytes: limit}
		_, err := p.Copy(t.Context(), later, csvschema.VirtualMachines, io.Discard, strings.NewReader(file))
		require.ErrorIs(t, err, want)
	}
}

func TestDerivedNameInResourceIdIsCounted(t *testing.T) {
	t.Parallel()
	file := vm("2/4/2017", "alice@contoso.com", map[csvschema.Column]string{csvschema.ResourceId: "/labs/lab/virtualmachines/alice042"})
	_, stats := copyOf(t, nil, later, csvschema.VirtualMachines, []byte(file))
	assert.Equal(t, int64(1), stats.DerivedNames)
}
