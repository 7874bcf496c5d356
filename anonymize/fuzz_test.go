package anonymize_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// anonymized returns a file anonymized, or nil if it is refused.
func anonymized(t *testing.T, role csvschema.Role, now time.Time, file []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	stats, err := (&anonymize.Policy{KeepUnreadableDates: true, Workers: 1}).Copy(t.Context(), now, role, &out, bytes.NewReader(file))
	if err != nil {
		require.Zero(t, stats)
		return nil
	}
	require.Equal(t, stats.Rows, stats.Due+stats.NotYetDue+stats.NotDeleted+stats.Unreadable)
	return out.Bytes()
}

func addSeeds(f *testing.F) {
	f.Helper()
	for seed := range uint64(2) {
		set := csvschematest.New(seed, &csvschematest.Options{Ordinary: -1, ExtraColumns: seed == 1})
		for _, file := range set.Files {
			for i, row := range file.Rows {
				if i%5 == int(seed) {
					f.Add(append(append([]byte{}, file.Header...), row.Raw...))
				}
			}
		}
	}
	f.Add([]byte(vm("2/4/2017", "a@x'b@y", map[csvschema.Column]string{csvschema.Name: "x'a@x.com'b@y.com%40"})))
	f.Add([]byte(vm("2/4/2017", "zoe", map[csvschema.Column]string{csvschema.Name: "q@-zoe /users/zoe/users/@me"})))
}

// roleOf guesses from the text which kind of file it is meant to be.
func roleOf(file []byte) csvschema.Role {
	if bytes.Contains(file, []byte("LeasedByVmId")) {
		return csvschema.Disks
	}
	return csvschema.VirtualMachines
}

// requireTwiceIsOnce holds anonymizing twice to anonymizing once.
func requireTwiceIsOnce(t *testing.T, file []byte) {
	t.Helper()
	role := roleOf(file)
	if once := anonymized(t, role, later, file); once != nil {
		require.Equal(t, string(once), string(anonymized(t, role, later, once)))
	}
}

func FuzzTwice(f *testing.F) {
	addSeeds(f)
	f.Fuzz(requireTwiceIsOnce)
}

// requireConserved holds every byte that is no identifier of a due row: header,
// order, rows that are not due, cells without one.
func requireConserved(t *testing.T, file []byte) {
	t.Helper()
	if bytes.HasPrefix(file, []byte("\xFF\xFE")) || bytes.HasPrefix(file, []byte("\xFE\xFF")) {
		return // the text of UTF-16 is kept, not its bytes
	}
	role := roleOf(file)
	after := anonymized(t, role, later, file)
	if after == nil {
		return
	}
	never := anonymized(t, role, time.Time{}.Add(1), file)
	require.Equal(t, string(file), string(never), "before the first year nothing is due")
	was, is := records(t, role, file), records(t, role, after)
	require.Len(t, is, len(was))
	var finder identity.Finder
	for i := range was {
		due := false
		for j, c := range was[i].columns {
			if c == csvschema.DeletedDate {
				deleted, empty, err := csvschema.ParseTime(was[i].cells[j], nil)
				due = err == nil && !empty && (*anonymize.Policy)(nil).Due(deleted, later)
			}
		}
		if !due {
			require.Equal(t, was[i].raw, is[i].raw)
		}
		// Without an owner and anything found, there is nothing to go.
		nobody := true
		for j, c := range was[i].columns {
			nobody = nobody && len(finder.Find(nil, was[i].cells[j])) == 0 && !holdsPseudonym(&finder, was[i].cells[j]) &&
				(c != csvschema.ResourceOwner || len(was[i].cells[j]) == 0)
		}
		if nobody {
			require.Equal(t, was[i].raw, is[i].raw)
		}
		for j := range was[i].cells {
			if bytes.Equal(was[i].cells[j], is[i].cells[j]) {
				assert.Equal(t, was[i].rawCells[j], is[i].rawCells[j], "quoting changed")
			}
			assert.Equal(t, was[i].rawCells[j] != "" && was[i].rawCells[j][0] == '"', is[i].rawCells[j] != "" && is[i].rawCells[j][0] == '"')
		}
	}
}

func FuzzConservation(f *testing.F) {
	addSeeds(f)
	f.Add([]byte(vm("2/4/2017", "", map[csvschema.Column]string{csvschema.Name: "616e6f6e796d82008000000000000001"})))
	f.Fuzz(requireConserved)
}

// holdsPseudonym reports whether a cell holds the pseudonym of an object ID, which goes.
func holdsPseudonym(finder *identity.Finder, cell []byte) bool {
	for digits := range finder.GUIDs(cell) {
		if identity.ReplacementKindOf(digits[:]) == identity.PseudonymReplacement {
			return true
		}
	}
	return false
}

// A record is a copy of a record.
type record struct {
	raw      string
	cells    [][]byte
	rawCells []string
	columns  []csvschema.Column
}

func records(t *testing.T, role csvschema.Role, file []byte) (all []record) {
	t.Helper()
	rr := csvschema.NewRecordReader(bytes.NewReader(file), role, &csvschema.RecordOptions{Required: []csvschema.Column{csvschema.DeletedDate}})
	for {
		rec, err := rr.Read()
		if err != nil {
			require.Equal(t, io.EOF, err)
			return all
		}
		r := record{raw: string(rec.Raw())}
		start := 0
		for i := range rec.Header().Len() {
			raw := string(rec.Cell(i))
			if strings.HasPrefix(r.raw[start:], `"`) {
				raw = `"` + strings.ReplaceAll(raw, `"`, `""`) + `"`
			}
			require.True(t, strings.HasPrefix(r.raw[start:], raw))
			start += len(raw) + len(",")
			r.cells = append(r.cells, bytes.Clone(rec.Cell(i)))
			r.rawCells = append(r.rawCells, raw)
			r.columns = append(r.columns, rec.Header().Column(i))
		}
		all = append(all, r)
	}
}

// requireErrorHoldsNoCell breaks a file whose cells are canaries.
func requireErrorHoldsNoCell(t *testing.T, at int, b byte, cut bool) {
	t.Helper()
	const canary = "canary.q7x@example.com"
	cells := map[csvschema.Column]string{}
	for _, c := range csvschema.VirtualMachines.Columns() {
		cells[c] = canary
	}
	file := []byte(export(csvschema.VirtualMachines, cells, nil))
	at = max(at, -(at+1)) % len(file)
	file[at] = b
	if cut {
		file = file[:at]
	}
	_, err := (*anonymize.Policy)(nil).Copy(t.Context(), later, csvschema.VirtualMachines, &bytes.Buffer{}, bytes.NewReader(file))
	if err == nil { // cut after the header, say
		return
	}
	csvschematest.AssertNoLeak(t, err, canary, strings.ToUpper(canary), "canary.q7x")
}

func FuzzErrorsCarryNoCell(f *testing.F) {
	f.Add(10, byte('"'), false)
	f.Add(600, byte(0), true)
	f.Add(900, byte('\xff'), false)
	f.Fuzz(requireErrorHoldsNoCell)
}
