package redact_test

import (
	"github.com/labdsr/labdsr/dsr/redact"

	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
)

func redactor(t testing.TB, s dsr.Subject, shown *redact.Shown) *redact.Redactor {
	t.Helper()
	r, err := redact.New(s, shown)
	require.NoError(t, err)
	return r
}

func redactors(t testing.TB, subjects []dsr.Subject) (all []*redact.Redactor) {
	t.Helper()
	for _, s := range subjects {
		all = append(all, redactor(t, s, nil))
	}
	return all
}

// sameAccount is what two spellings of an identifier share.
func sameAccount(text string) string {
	for range 3 {
		text = strings.NewReplacer("%40", "@", "%25", "%").Replace(text)
	}
	text = identity.Normal(text)
	if digits := strings.ReplaceAll(strings.Trim(text, "{}"), "-", ""); len(digits) == 32 {
		return digits
	}
	return text
}

// namePatterns find names that were derived from the local part of an address, or of
// the address that a guest account stands for: its letters and digits with anything
// between them but a slash, and perhaps a number.
func namePatterns(address string) (all []*regexp.Regexp) {
	local, _, _ := strings.Cut(sameAccount(address), "@")
	if stem, isGuest := strings.CutSuffix(local, "#ext#"); isGuest {
		all = append(all, namePattern(stem), namePattern(stem[:strings.LastIndex(stem, "_")]))
	}
	return append(all, namePattern(local))
}

func namePattern(local string) *regexp.Regexp {
	if known, ok := patterns.Load(local); ok {
		return known.(*regexp.Regexp)
	}
	var letters []string
	for _, r := range cases.Fold().String(norm.NFKC.String(local)) {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			letters = append(letters, string(r))
		}
	}
	pattern := regexp.MustCompile(`(?i)(^|[^\pL\pN])(` + strings.Join(letters, `[^\pL\pN/\\@]*`) + `\pN*)($|[^\pL\pN])`)
	patterns.Store(local, pattern)
	return pattern
}

// patterns are the patterns that were made, by local part: to make one takes long.
var patterns sync.Map

// redactedCells returns the cells of a row as a person may get them, by what the
// generator says about it, and how many places are hidden.
func redactedCells(r *csvschematest.Row, p csvschematest.Person) (cells []string, others []string, places int) {
	own := map[string]bool{}
	var ownNames, names []*regexp.Regexp
	for _, id := range p.Identifiers {
		own[sameAccount(id)] = true
		if strings.Contains(id, "@") {
			ownNames = append(ownNames, namePatterns(id)...)
		}
	}
	cells = slices.Clone(r.Cells)
	for _, id := range slices.Backward(r.Identifiers) {
		if own[sameAccount(id.Text)] {
			continue
		}
		places++
		others = append(others, sameAccount(id.Text))
		cell := cells[id.Field]
		cells[id.Field] = cell[:id.Start] + "[hidden]" + cell[id.Start+len(id.Text):]
		if strings.Contains(sameAccount(id.Text), "@") {
			names = append(names, namePatterns(id.Text)...)
		}
	}
	for i, cell := range cells {
		for _, name := range names {
			for {
				at := name.FindStringSubmatchIndex(cell)
				if at == nil || slices.ContainsFunc(ownNames, func(n *regexp.Regexp) bool { return n.MatchString(cell[at[0]:at[1]]) }) {
					break
				}
				places++
				cell = cell[:at[4]] + "[hidden]" + cell[at[5]:]
			}
		}
		cells[i] = cell
	}
	return cells, others, places
}

// rowsOf finds the rows of a set by their place.
func rowsOf(set *csvschematest.Set) map[place]*csvschematest.Row {
	rows := map[place]*csvschematest.Row{}
	for r := range set.Rows() {
		rows[placeOf(r)] = r
	}
	return rows
}

func cellsOf(t *testing.T, raw []byte) []string {
	t.Helper()
	// encoding/csv would change CR LF in cells.
	raw = bytes.ReplaceAll(bytes.TrimRight(raw, "\r\n"), []byte("\r"), []byte("\x01"))
	cells, err := csv.NewReader(bytes.NewReader(raw)).Read()
	require.NoError(t, err)
	for i := range cells {
		cells[i] = strings.ReplaceAll(cells[i], "\x01", "\r")
	}
	return cells
}

func TestWhatIsHandedOutNamesNobodyElseAndAllElseIsTheSame(t *testing.T) {
	t.Parallel()
	forEachSet(t, func(t *testing.T, set *csvschematest.Set) {
		rows := rowsOf(set)
		wantPlaces := make([]int64, len(set.People))
		handedOut := 0
		headers := map[place][]byte{}
		for _, f := range set.Files {
			headers[place{f.Role, f.Export, f.Number, 0}] = f.Header
		}
		report, err := redact.Records(t.Context(), set.Exports(), redactors(t, subjectsOf(t, set.People)), func(m redact.Match) error {
			handedOut++
			p := set.People[m.Subject]
			row := rows[place{m.Key.Role(), m.Export, m.File, int(m.Row)}]
			want, others, places := redactedCells(row, p)
			raw := m.Record.AppendTo(nil)
			assert.Equal(t, want, cellsOf(t, raw), "%s, %s", row.Trap, p.Name)
			if len(others) > 0 {
				csvschematest.AssertNoIdentifiers(t, raw, others...)
			}
			wantPlaces[m.Subject] += int64(places)
			assert.Len(t, m.Record.Hidden, places, "%s, %s", row.Trap, p.Name)
			header := headers[place{m.Key.Role(), m.Export, m.File, 0}]
			before := append(slices.Clone(header), row.Raw...)
			if row.Raw[len(row.Raw)-1] != '\n' {
				before = append(before, m.Record.Header().LineEnd()...)
			}
			csvschematest.AssertConserved(t, before, append(slices.Clone(header), raw...), func(int) bool { return places > 0 })
			for i := range want {
				assert.Equal(t, want[i], string(m.Record.Cell(i)))
			}
			return nil
		}, nil)
		require.NoError(t, err)
		assert.Greater(t, handedOut, 200)
		for i, hidden := range report.Hidden {
			assert.Equal(t, wantPlaces[i], hidden.Places(), set.People[i].Name)
		}
		assert.Positive(t, wantPlaces[0])
	})
}

// A redactor need not be asked about rows of its subject only: those of others are
// full of people and of names that were derived from them.
func TestRowsOfAnybodyNameNobodyElseAndAllElseIsTheSame(t *testing.T) {
	t.Parallel()
	for seed, o := range variants {
		t.Run(fmt.Sprintf("variant %d", seed), func(t *testing.T) {
			t.Parallel()
			set := csvschematest.New(uint64(seed), &o)
			all := redactors(t, subjectsOf(t, set.People))
			for _, f := range set.Files {
				rr := csvschema.NewRecordReader(bytes.NewReader(f.Data), f.Role, nil)
				for _, row := range f.Rows {
					rec, err := rr.Read()
					require.NoError(t, err)
					for i, p := range set.People {
						if i%7 != row.Number%7 { // to be done in seconds
							continue
						}
						want, others, places := redactedCells(row, p)
						redacted := all[i].Record(rec)
						raw := redacted.AppendTo(nil)
						require.Equal(t, want, cellsOf(t, raw), "%s, %s", row.Trap, p.Name)
						assert.Len(t, redacted.Hidden, places, "%s, %s", row.Trap, p.Name)
						if len(others) > 0 && i%3 == 0 {
							csvschematest.AssertNoIdentifiers(t, raw, others...)
						}
					}
				}
			}
		})
	}
}

func TestRecordsEmitsWhatFilterEmits(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(2, &csvschematest.Options{NoFinalLineEnd: true})
	subjects := subjectsOf(t, set.People)
	var want, got []redact.Match
	wantReport, err := dsr.Filter(t.Context(), set.Exports(), subjects, func(m dsr.Match) error {
		want = append(want, redact.Match{FileID: m.FileID, Subject: m.Subject, Row: m.Row, Rule: m.Rule, Key: m.Key})
		return nil
	}, nil)
	require.NoError(t, err)
	report, err := redact.Records(t.Context(), set.Exports(), redactors(t, subjects), func(m redact.Match) error {
		m.Record = redact.Record{}
		got = append(got, m)
		return nil
	}, nil)
	require.NoError(t, err)
	assert.Equal(t, want, got)
	assert.Len(t, report.Hidden, len(subjects))
	assert.NotContains(t, report.Hidden, (*redact.Summary)(nil))
	assert.Equal(t, wantReport, report.Report)
}

func TestTypedRowsAreRedactedAsTheFilesAre(t *testing.T) {
	t.Parallel()
	for seed := range uint64(3) {
		set := csvschematest.New(seed, &csvschematest.Options{ShuffledColumns: seed == 1})
		for i, s := range subjectsOf(t, set.People) {
			want := &dsr.Rows{}
			r := redactor(t, s, nil)
			report, err := redact.Records(t.Context(), []csvschema.Export{oneExport(set)}, []*redact.Redactor{r}, func(m redact.Match) error {
				text := append(slices.Clone(m.Record.Header().Raw()), m.Record.AppendTo(nil)...)
				if m.Key.Role() == csvschema.Disks {
					want.Disks = append(want.Disks, decodeOne[csvschema.DiskRow](t, text))
				} else {
					want.VirtualMachines = append(want.VirtualMachines, decodeOne[csvschema.VirtualMachineRow](t, text))
				}
				return nil
			}, nil)
			require.NoError(t, err)
			rows, err := dsr.FilterRows(t.Context(), []csvschema.Export{oneExport(set)}, s, nil)
			require.NoError(t, err)
			machines, disks := slices.Clone(rows.VirtualMachines), slices.Clone(rows.Disks)
			got, hidden, err := redact.Rows(r, rows)
			require.NoError(t, err)
			assert.Equal(t, want.VirtualMachines, got.VirtualMachines, set.People[i].Name)
			assert.Equal(t, want.Disks, got.Disks, set.People[i].Name)
			assert.Equal(t, rows.VirtualMachineRules, got.VirtualMachineRules)
			assert.Equal(t, rows.DiskRules, got.DiskRules)
			assert.Equal(t, report.Hidden[0], hidden)
			assert.Equal(t, machines, rows.VirtualMachines)
			assert.Equal(t, disks, rows.Disks)
			assert.Zero(t, r.Summary().Rows, "its summary is its own")
		}
	}
}

func decodeOne[T csvschema.Row](t *testing.T, text []byte) T {
	t.Helper()
	row, err := csvschema.NewReader[T](bytes.NewReader(text), nil).Read()
	require.NoError(t, err)
	return row
}

// readOne returns the only record of a text.
func readOne(t testing.TB, role csvschema.Role, text []byte) csvschema.Record {
	t.Helper()
	rr := csvschema.NewRecordReader(bytes.NewReader(text), role, &csvschema.RecordOptions{Required: []csvschema.Column{}})
	rec, err := rr.Read()
	require.NoError(t, err)
	return rec
}

func TestRedactingTwiceIsRedactingOnce(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(7, &csvschematest.Options{ExtraColumns: true})
	subjects := subjectsOf(t, set.People)
	_, err := redact.Records(t.Context(), set.Exports(), redactors(t, subjects), func(m redact.Match) error {
		once := m.Record.AppendTo(nil)
		text := append(slices.Clone(m.Record.Header().Raw()), once...)
		again := redactor(t, subjects[m.Subject], nil).Record(readOne(t, m.Key.Role(), text))
		assert.Equal(t, string(once), string(again.AppendTo(nil)))
		assert.Empty(t, again.Hidden)
		return nil
	}, nil)
	require.NoError(t, err)
}

func TestCallsOfRecordsMayShareARedactor(t *testing.T) {
	t.Parallel()
	set := csvschematest.New(4, &csvschematest.Options{Ordinary: -1})
	shared := redactors(t, subjectsOf(t, set.People))
	run := func() (*redact.Report, error) {
		return redact.Records(t.Context(), set.Exports(), shared, func(redact.Match) error { return nil }, nil)
	}
	want, err := run()
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if got, err := run(); assert.NoError(t, err) {
				assert.Equal(t, want, got)
			}
		})
	}
	wg.Wait()
}

func TestARedactorNeedsASubject(t *testing.T) {
	t.Parallel()
	r, err := redact.New(dsr.Subject{}, nil)
	require.ErrorIs(t, err, dsr.ErrNoIdentifier)
	assert.Nil(t, r)
	for _, redactors := range [][]*redact.Redactor{nil, {nil}, {{}}} {
		_, err = redact.Records(t.Context(), []csvschema.Export{{VirtualMachines: []csvschema.Source{source(nil)}}}, redactors, func(redact.Match) error { return nil }, nil)
		require.ErrorIs(t, err, dsr.ErrNoIdentifier)
	}
}

func TestRecordsEndsWithAnErrorOfEmitOrOfAFile(t *testing.T) {
	t.Parallel()
	s := subject(t, alice)
	exports := []csvschema.Export{{VirtualMachines: []csvschema.Source{source([]byte("LabUId,ResourceId,ResourceUId,ResourceOwner\nl,r,u," + alice + "\n"))}}}
	report, err := redact.Records(t.Context(), exports, redactors(t, []dsr.Subject{s}), func(redact.Match) error { return errTest }, nil)
	require.ErrorIs(t, err, errTest)
	assert.Nil(t, report)
	exports[0].VirtualMachines = append(exports[0].VirtualMachines, csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return nil, errTest }})
	report, err = redact.Records(t.Context(), exports, redactors(t, []dsr.Subject{s}), func(redact.Match) error { return nil }, nil)
	require.ErrorIs(t, err, errTest)
	assert.Nil(t, report)
}
