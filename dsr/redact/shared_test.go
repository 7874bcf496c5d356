package redact_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
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

// place is where a row stands.
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
	for seed := range uint64(4) {
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
