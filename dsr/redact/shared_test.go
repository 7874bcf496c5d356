package redact_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
)

const (
	alice   = "alice@example.com"
	bob     = "bob@contoso.com"
	aliceID = "0a11ce00-0000-4000-8000-000000000001"
	bobID   = "00000b0b-0000-4000-8000-000000000002"
	oneLab  = "1ab00000-0000-4000-8000-000000000003"
	twoLab  = "1ab00000-0000-4000-8000-000000000004"

	users = "/subscriptions/s/resourcegroups/g/labs/l/users/"
	uid1  = "d15c0000-0000-4000-8000-000000000005"
	uid2  = "d15c0000-0000-4000-8000-000000000006"
)

var errTest = errors.New("some failure")

func subject(t testing.TB, texts ...string) dsr.Subject {
	t.Helper()
	s, err := dsr.ParseSubject(texts...)
	require.NoError(t, err)
	return s
}

func source(data []byte) csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

// place identifies a row.
type place struct {
	role              csvschema.Role
	export, file, row int
}

func placeOf(r *csvschematest.Row) place { return place{r.Role, r.Export, r.File, r.Number} }

func subjectsOf(t *testing.T, people []csvschematest.Person) []dsr.Subject {
	t.Helper()
	var subjects []dsr.Subject
	for _, p := range people {
		s, err := dsr.ParseSubject(p.Identifiers...)
		require.NoError(t, err)
		subjects = append(subjects, s)
	}
	return subjects
}

// variants are ways to write the same rows.
var variants = []csvschematest.Options{
	{},
	{Dialect: csvschematest.Plain, CRLF: true, ByteOrderMark: true, EmptyLines: true},
	{ShuffledColumns: true, ExtraColumns: true, NoFinalLineEnd: true},
	{UnreadableDates: true, Ordinary: 300},
}

// forEachSet calls test with sets of several seeds in all variants.
func forEachSet(t *testing.T, test func(t *testing.T, set *csvschematest.Set)) {
	t.Helper()
	for seed := range uint64(seeds) {
		for i, o := range variants {
			t.Run(fmt.Sprintf("seed %d, variant %d", seed, i), func(t *testing.T) {
				t.Parallel()
				test(t, csvschematest.New(seed, &o))
			})
		}
	}
}

// oneExport makes all files of a set those of one export.
func oneExport(set *csvschematest.Set) csvschema.Export {
	var one csvschema.Export
	for _, e := range set.Exports() {
		one.VirtualMachines = append(one.VirtualMachines, e.VirtualMachines...)
		one.Disks = append(one.Disks, e.Disks...)
	}
	return one
}

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

// sameAccount returns a text that is the same for all spellings of an identifier.
func sameAccount(text string) string {
	for range 3 {
		text = strings.NewReplacer("%40", "@", "%25", "%", `\u0040`, "@", "&#39;", "'").Replace(text)
	}
	text = identity.Normal(text)
	if digits := strings.ReplaceAll(strings.Trim(text, "{}"), "-", ""); len(digits) == 32 {
		return digits
	}
	return text
}

// namePatterns find names that were derived from the local part of an address, or of
// the address that a guest account was made of: its letters and digits with anything
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

// patterns are the patterns that were made, by local part. Making one takes long.
var patterns sync.Map

// copyOwners returns the owners of all rows of the machines of a person that a row is
// about: the machine itself, or those that the disk names.
func copyOwners(set *csvschematest.Set, r *csvschematest.Row, p csvschematest.Person) (owners []string) {
	own := map[string]bool{}
	for _, id := range p.Identifiers {
		own[sameAccount(id)] = true
	}
	id := func(r *csvschematest.Row, c csvschema.Column) string { return armOf(r.Value(c)) }
	uid := func(r *csvschematest.Row) string {
		return id(r, csvschema.LabUId) + " " + sameAccount(r.Value(csvschema.ResourceUId))
	}
	isOf := func(m *csvschematest.Row) bool { return uid(m) == uid(r) }
	if lease := r.Value(csvschema.LeasedByVmId); r.Role == csvschema.Disks && lease != "" {
		isOf = func(m *csvschematest.Row) bool {
			return id(m, csvschema.LabUId) == id(r, csvschema.LabUId) &&
				(id(m, csvschema.ResourceId) == armOf(lease) || id(m, csvschema.ComputeResourceId) == armOf(lease))
		}
	}
	isTheirs := r.Role == csvschema.VirtualMachines
	for m := range set.Rows() {
		if m.Role == csvschema.VirtualMachines && isOf(m) {
			owner := m.Value(csvschema.ResourceOwner)
			owners = append(owners, owner)
			isTheirs = isTheirs || own[sameAccount(owner)] || m.Truth(p.Name).Verdict == csvschematest.Theirs
		}
	}
	if !isTheirs {
		return nil
	}
	return owners
}

func armOf(id string) string { return string(identity.AppendARM(nil, []byte(id))) }

// redactedCells returns the cells of a row as a person may get them, from what the
// generator says about the row and the owners of its copies, and how many places are
// hidden.
func redactedCells(r *csvschematest.Row, p csvschematest.Person, copyOwners []string) (cells []string, others []string, places int) {
	own := map[string]bool{}
	var ownNames, names []*regexp.Regexp
	for _, id := range p.Identifiers {
		own[sameAccount(id)] = true
		if strings.Contains(id, "@") {
			ownNames = append(ownNames, namePatterns(id)...)
		}
	}
	for _, owner := range copyOwners {
		if !own[sameAccount(owner)] && strings.Contains(owner, "@") && !identity.IsReplacement([]byte(owner)) {
			names = append(names, namePatterns(owner)...)
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

// readOne returns the only record of a text.
func readOne(t testing.TB, role csvschema.Role, text []byte) csvschema.Record {
	t.Helper()
	rr := csvschema.NewRecordReader(bytes.NewReader(text), role, &csvschema.RecordOptions{Required: []csvschema.Column{}})
	rec, err := rr.Read()
	require.NoError(t, err)
	return rec
}

// lineEnd returns the line end of a header.
func lineEnd(h *csvschema.Header) []byte {
	if bytes.HasSuffix(h.Raw(), []byte("\r\n")) {
		return []byte("\r\n")
	}
	return []byte("\n")
}
