package verify_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

var later = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// source opens a file from memory.
func source(file []byte) csvschema.Source {
	return csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file)), nil }}
}

// textOf returns what a source holds.
func textOf(t testing.TB, s csvschema.Source) string {
	t.Helper()
	r, err := s.Open(t.Context())
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(text)
}

// exportOf returns an export of one file.
func exportOf(role csvschema.Role, file []byte) csvschema.Export {
	if role == csvschema.Disks {
		return csvschema.Export{Disks: []csvschema.Source{source(file)}}
	}
	return csvschema.Export{VirtualMachines: []csvschema.Source{source(file)}}
}

// written plans, and returns what is written of each file.
func written(t testing.TB, p *anonymize.Policy, now time.Time, exports ...csvschema.Export) (*anonymize.Plan, []csvschema.Export) {
	t.Helper()
	plan, err := p.Plan(t.Context(), now, exports)
	require.NoError(t, err)
	after := make([]csvschema.Export, len(exports))
	for _, f := range plan.Report().Files {
		var out bytes.Buffer
		_, err := plan.Apply(t.Context(), f.FileID, &out)
		require.NoError(t, err)
		to := &after[f.Export-1].VirtualMachines
		if f.Role == csvschema.Disks {
			to = &after[f.Export-1].Disks
		}
		*to = append(*to, source(out.Bytes()))
	}
	return plan, after
}

// planOf is written, and holds that it is verified.
func planOf(t testing.TB, p *anonymize.Policy, now time.Time, exports ...csvschema.Export) (*anonymize.Plan, []csvschema.Export) {
	t.Helper()
	counting := anonymize.Policy{}
	if p != nil {
		counting = *p
	}
	counting.Preview = true
	plan, after := written(t, &counting, now, exports...)
	v, err := verify.Exports(t.Context(), p, now, exports, after)
	require.NoError(t, err)
	require.Empty(t, v.Failures)
	assert.Equal(t, plan.Report().Total.Changed, v.Changed)
	return plan, after
}

// file returns a file of a role with one row for each map of cells, every cell quoted.
// Rows may have a Note, which is not documented.
func file(role csvschema.Role, rows ...map[string]string) string {
	names := []string{}
	for _, c := range role.Columns() {
		names = append(names, c.String())
	}
	if _, ok := rows[0]["Note"]; ok {
		names = append(names, "Note")
	}
	var text strings.Builder
	text.WriteString(strings.Join(names, ",") + "\n")
	for _, row := range rows {
		for i, name := range names {
			if i > 0 {
				text.WriteString(",")
			}
			text.WriteString(`"` + strings.ReplaceAll(row[name], `"`, `""`) + `"`)
		}
		text.WriteString("\n")
	}
	return text.String()
}

// vm returns a file with one machine, deleted on a date.
func vm(deleted, owner string) string {
	return file(csvschema.VirtualMachines, map[string]string{
		"LabUId": "lab-1", "ResourceUId": "00000000-0000-4000-8000-000000000001", "ResourceId": "/labs/lab/virtualmachines/box", "Name": "box",
		"CreatedTime": "1/3/2017 11:17:09 PM", "DeletedDate": deleted, "ResourceOwner": owner, "Claimable": "False",
	})
}

// cellOf returns the cell of the first row of a file.
func cellOf(t testing.TB, role csvschema.Role, file string, c csvschema.Column) string {
	t.Helper()
	rec, err := csvschema.NewRecordReader(strings.NewReader(file), role, &csvschema.RecordOptions{Required: []csvschema.Column{c}}).Read()
	require.NoError(t, err)
	return string(rec.Value(c))
}

// identifier returns the identifier that a text is.
func identifier(t testing.TB, text string) identity.Identifier {
	t.Helper()
	id, err := identity.Parse(text)
	require.NoError(t, err)
	return id
}

// secretKey returns a key made of a text.
func secretKey(t testing.TB, text string) identity.SecretKey {
	t.Helper()
	key, err := identity.NewSecretKey(bytes.Repeat([]byte(text), identity.MinSecretKeyBytes))
	require.NoError(t, err)
	return key
}

// roleOf returns the role of which a file looks.
func roleOf(file []byte) csvschema.Role {
	if bytes.Contains(file, []byte("LeasedByVmId")) {
		return csvschema.Disks
	}
	return csvschema.VirtualMachines
}

// eachDense calls do with so many texts of at most so many parts, each from six random ones of
// all: few parts often meet in a way that many never do.
func eachDense(texts uint64, parts []string, most int, do func(text string)) {
	if isRace || testing.Short() {
		texts /= 10
	}
	for seed := range texts {
		do(dense(rand.New(rand.NewPCG(seed, 11)), parts, most))
	}
}

// dense returns a text of at most so many parts, from six random ones.
func dense(random *rand.Rand, parts []string, most int) string {
	few := fewOf(random, parts)
	var text strings.Builder
	for range 1 + random.IntN(most) {
		text.WriteString(few[random.IntN(len(few))])
	}
	return text.String()
}

// fewOf returns six of the parts, some of them perhaps more than once.
func fewOf(random *rand.Rand, parts []string) []string {
	few := make([]string, 6)
	for i := range few {
		few[i] = parts[random.IntN(len(parts))]
	}
	return few
}
