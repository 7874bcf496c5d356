package response_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/response"
)

var made = time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)

// complete is a controller with all fields filled in.
var complete = response.Controller{
	Name: "Contoso Ltd, 1 High Street", Purposes: "Billing of labs.", Categories: "Usage records.", Recipients: "Finance.\nAuditors.",
	Storage: "30 days after deletion.", Source: "Azure.", Automated: "None.", Transfers: "None.",
	Authority: "ICO", Elsewhere: []string{"Shutdown notifications", "Lab users & roles"}, Portability: true,
}

func subjectOf(t testing.TB, identifiers ...string) dsr.Subject {
	t.Helper()
	s, err := dsr.ParseSubject(identifiers...)
	require.NoError(t, err)
	return s
}

// written writes a package. It returns the package and the contents of its entries.
func written(t testing.TB, exports []csvschema.Export, subject dsr.Subject, o *response.Options) (raw []byte, entries map[string]string) {
	t.Helper()
	var out bytes.Buffer
	_, err := response.Write(t.Context(), &out, exports, subject, o)
	require.NoError(t, err)
	return out.Bytes(), entriesOf(t, out.Bytes())
}

func entriesOf(t testing.TB, raw []byte) map[string]string {
	t.Helper()
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	require.NoError(t, err)
	entries := map[string]string{}
	for _, f := range archive.File {
		r, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		require.NotContains(t, entries, f.Name)
		entries[f.Name] = string(text)
	}
	return entries
}

// aliceSet returns generated exports and the subject who has the most rows in them.
func aliceSet(t testing.TB, seed uint64) (*csvschematest.Set, dsr.Subject) {
	t.Helper()
	set := csvschematest.New(seed, nil)
	return set, subjectOf(t, set.People[0].Identifiers...)
}

func table(t testing.TB, text string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\uFEFF"))).ReadAll()
	require.NoError(t, err)
	return rows
}

// exportOf returns an export with these machines, given as cells by column. Columns that
// are not given get a suitable value. The default owner is Alice.
func exportOf(machines ...map[csvschema.Column]string) []csvschema.Export {
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	columns := csvschema.VirtualMachines.Columns()
	var header []string
	for _, c := range columns {
		header = append(header, c.String())
	}
	_ = w.Write(header)
	for i, m := range machines {
		var cells []string
		for _, c := range columns {
			cell, ok := m[c]
			if !ok {
				cell = map[csvschema.Column]string{
					csvschema.LabUId: "00000000-0000-0000-0000-0000000000aa", csvschema.LabName: "Lab",
					csvschema.ResourceUId: fmt.Sprintf("00000000-0000-0000-0000-%012d", i+1),
					csvschema.ResourceId:  fmt.Sprintf("/labs/lab/virtualmachines/vm%d", i+1),
					csvschema.Name:        fmt.Sprintf("vm%d", i+1), csvschema.ResourceOwner: "alice@example.com",
					csvschema.CreatedTime: "1/3/2017 11:17:09 PM", csvschema.ResourceStatus: "Active",
				}[c]
			}
			cells = append(cells, cell)
		}
		_ = w.Write(cells)
	}
	w.Flush()
	return []csvschema.Export{{VirtualMachines: []csvschema.Source{source(text.Bytes())}}}
}

func source(data []byte) csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}
