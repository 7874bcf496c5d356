package verify_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
)

const verifiedMachines = "\uFEFF" + `LabUId,ResourceUId,ResourceId,Name,DeletedDate,ResourceOwner,EnvironmentId,ResourceStatus,Note
"lab-1","00000000-0000-4000-8000-000000000001","/labs/dev/virtualmachines/alicesmith042","alicesmith042","1/3/2017 11:17:09 PM","Alice.Smith@contoso.com","","Inactive","of alice.smith@contoso.com, since"

"lab-1","00000000-0000-4000-8000-000000000002","/labs/dev/virtualmachines/web","web","","bob@contoso.com","/labs/dev/users/7c9e6679-7425-40de-944b-e07fc1f90ae7/environments/e","Active","bob@contoso.com"
"lab-1","00000000-0000-4000-8000-000000000003","/labs/dev/virtualmachines/env","env","1/4/2017","7C9E6679-7425-40DE-944B-E07FC1F90AE7","/labs/dev/users/7c9e6679-7425-40de-944b-e07fc1f90ae7/environments/e","Inactive","7c9e6679742540de944be07fc1f90ae7"
lab-1,00000000-0000-4000-8000-000000000004,/labs/dev/virtualmachines/old,old,1/5/2017,carol@contoso.com,,Inactive,"said ""carol@contoso.com"""
"lab-1","00000000-0000-4000-8000-000000000005","/labs/dev/virtualmachines/odd","odd","1/5/2017","dan@contoso.com","","Active",""
"lab-1","00000000-0000-4000-8000-000000000006","/labs/dev/virtualmachines/kept","kept","1/5/2017","erin@contoso.com","","Inactive",""
`

const verifiedDisks = `LabUId,ResourceUId,ResourceId,Name,DiskBlobName,DeletedDate,LeasedByVmId
"lab-1","00000000-0000-4000-8000-000000000001","/labs/dev/users/7c9e6679-7425-40de-944b-e07fc1f90ae7/disks/data","data","alicesmith-data","1/6/2017","/labs/dev/virtualmachines/ALICESMITH042"
"lab-1","00000000-0000-4000-8000-000000000002","/labs/dev/users/@me/disks/d","d","","","/labs/dev/virtualmachines/web"
`

// TestEveryTamperingIsFound changes outputs in one way each.
func TestEveryTamperingIsFound(t *testing.T) {
	t.Parallel()
	now := time.Date(2017, 3, 1, 0, 0, 0, 0, time.UTC)
	before := csvschema.Export{
		VirtualMachines: []csvschema.Source{source([]byte(verifiedMachines))},
		Disks:           []csvschema.Source{source([]byte(verifiedDisks))},
	}
	policy := &anonymize.Policy{Names: true, Replacement: identity.TokenReplacement, Holds: []anonymize.Hold{
		{Key: csvschema.VirtualMachineRow{LabUId: "lab-1", ResourceUId: "00000000-0000-4000-8000-000000000006"}.Key(), Reason: "claim 17"},
	}, Requests: []anonymize.Request{{Kind: anonymize.Erase, Identifier: identifier(t, "BOB@contoso.com"), At: now}}}
	_, after := planOf(t, policy, now, before)
	machines, disks := textOf(t, after[0].VirtualMachines[0]), textOf(t, after[0].Disks[0])
	token := cellOf(t, csvschema.VirtualMachines, machines, csvschema.ResourceOwner)
	name := cellOf(t, csvschema.VirtualMachines, machines, csvschema.Name)
	lines := strings.SplitAfter(machines, "\n")
	guid := cellOf(t, csvschema.Disks, disks, csvschema.ResourceId)[len("/labs/dev/users/"):][:36]
	carol := strings.Split(lines[5], ",")[5]
	without := func(i int) string { return strings.Join(append(append([]string{}, lines[:i]...), lines[i+1:]...), "") }
	replace := func(text, old, new string) string {
		changed := strings.Replace(text, old, new, 1)
		require.NotEqual(t, text, changed, old)
		return changed
	}
	for _, test := range []struct {
		name            string
		machines, disks string
		kind            verify.FailureKind
		line            int64
		number          int
	}{
		{"restored owner", replace(machines, token, "Alice.Smith@contoso.com"), disks, verify.IdentifierLeft, 2, 6},
		{"restored owner in another case", replace(machines, token, "ALICE.SMITH@CONTOSO.COM"), disks, verify.IdentifierLeft, 2, 6},
		{"restored address in another column", replace(machines, "of "+token, "of alice.smith@contoso.com"), disks, verify.IdentifierLeft, 2, 9},
		{"restored address, percent-encoded", replace(machines, "of "+token, "of alice.smith%40contoso.com"), disks, verify.IdentifierLeft, 2, 9},
		{"restored address, in full width", replace(machines, "of "+token, "of alice.smith＠contoso.com"), disks, verify.IdentifierLeft, 2, 9},
		{"restored address after the replacement", replace(machines, ", since", " alice.smith@contoso.com, since"), disks, verify.IdentifierLeft, 2, 9},
		{"restored object ID in a path", replace(machines, "/users/"+guid, "/users/7c9e6679-7425-40de-944b-e07fc1f90ae7"), disks, verify.IdentifierLeft, 5, 7},
		{"restored object ID without hyphens", replace(machines, "Inactive\",\""+guid, "Inactive\",\"7c9e6679742540de944be07fc1f90ae7"), disks, verify.IdentifierLeft, 5, 9},
		{"restored name", replace(machines, `"`+name+`"`, `"alicesmith042"`), disks, verify.NameLeft, 2, 4},
		{"restored name in an ID", replace(machines, "/"+name, "/alicesmith042"), disks, verify.NameLeft, 2, 3},
		{"restored name in a lease", machines, replace(disks, "virtualmachines/"+name, "virtualmachines/ALICESMITH042"), verify.NameLeft, 2, 7},
		{"another name of a machine in a lease", machines, replace(disks, "virtualmachines/"+name, "virtualmachines/"+name[:len(name)-1]+"x"), verify.WrongReplacement, 2, 7},
		{"two names with one token", machines, replace(disks, disks[strings.Index(disks, `","t-`)+3:][:34], name), verify.WrongReplacement, 2, 5},
		{"changed byte in a row that is kept", replace(machines, "erin@", "erik@"), disks, verify.RowChanged, 8, 6},
		{"changed letter case in a row that is kept", replace(machines, "/virtualmachines/kept", "/virtualMachines/kept"), disks, verify.RowChanged, 8, 3},
		{"changed byte in a row that is due", replace(machines, ", since", ", Since"), disks, verify.CellChanged, 2, 9},
		{"changed cell in a row that is due", replace(machines, "1/4/2017", "1/4/2018"), disks, verify.CellChanged, 5, 5},
		{"dropped row", without(4), disks, verify.QuotesChanged, 5, 1},
		{"dropped last row", without(7), disks, verify.RowMissing, 8, 0},
		{"doubled row", machines + lines[7], disks, verify.RowAdded, 9, 0},
		{"moved rows", replace(machines, lines[6]+lines[7], lines[7]+lines[6]), disks, verify.RowChanged, 7, 2},
		{"no rows", lines[0], disks, verify.RowMissing, 2, 0},
		{"nothing at all", "", disks, verify.HeaderChanged, 1, 0},
		{"changed header", replace(machines, "Note", "Notes"), disks, verify.HeaderChanged, 1, 0},
		{"header in another case", replace(machines, "Note", "note"), disks, verify.HeaderChanged, 1, 0},
		{"dropped mark", strings.TrimPrefix(machines, "\uFEFF"), disks, verify.HeaderChanged, 1, 0},
		{"quotes taken off", replace(machines, `"00000000-0000-4000-8000-000000000001"`, `00000000-0000-4000-8000-000000000001`), disks, verify.QuotesChanged, 2, 2},
		{"quotes put on", replace(machines, `,00000000-0000-4000-8000-000000000004,`, `,"00000000-0000-4000-8000-000000000004",`), disks, verify.QuotesChanged, 6, 2},
		{"quotes taken off a replacement", replace(machines, `"`+token+`"`, token), disks, verify.QuotesChanged, 2, 6},
		{"quotes taken off a row that is kept", replace(machines, `"00000000-0000-4000-8000-000000000006"`, `00000000-0000-4000-8000-000000000006`), disks, verify.RowChanged, 8, 0},
		{"another line end in a row that is due", replace(machines, `since"`+"\n", `since"`+"\r\n"), disks, verify.LineEndChanged, 2, 0},
		{"another line end in a row that is kept", strings.TrimSuffix(machines, "\n") + "\r\n", disks, verify.RowChanged, 8, 0},
		{"no last line end", strings.TrimSuffix(machines, "\n"), disks, verify.RowChanged, 8, 0},
		{"dropped empty line", replace(machines, "\n\n", "\n"), disks, verify.LineEndChanged, 3, 0},
		{"added empty line at the end", machines, disks + "\n", verify.LineEndChanged, 5, 0},
		{"emptied replacement", replace(machines, token, ""), disks, verify.WrongReplacement, 2, 6},
		{"blank in the place of a replacement", replace(machines, "of "+token, "of "), disks, verify.WrongReplacement, 2, 9},
		{"another kind of replacement", replace(machines, token, identity.ReplacementAddress), disks, verify.WrongReplacement, 2, 6},
		{"object ID in the place of an address", replace(machines, token, guid), disks, verify.WrongReplacement, 2, 6},
		{"somebody else's token", replace(machines, carol, token), disks, verify.WrongReplacement, 6, 6},
		{"two tokens of one person", replace(machines, "of "+token, "of "+carol), disks, verify.WrongReplacement, 2, 9},
		{"token in upper case", replace(machines, token, strings.ToUpper(token)), disks, verify.WrongReplacement, 2, 6},
		{"owner erased too early", replace(machines, "erin@contoso.com", token), disks, verify.RowChanged, 8, 6},
		{"owner erased although nobody decided", replace(machines, "dan@contoso.com", token), disks, verify.RowChanged, 7, 6},
		{"identifier erased that nobody asked for", replace(machines, "bob@contoso.com", token), disks, verify.RowChanged, 4, 6},
		{"@me replaced", machines, replace(disks, "@me", guid), verify.RowChanged, 3, 3},
		{"cell added", replace(machines, `"00000000-0000-4000-8000-000000000001",`, `"00000000-0000-4000-8000-000000000001","",`), disks, verify.Unreadable, 2, 0},
		{"quote not closed", replace(machines, `"kept",`, `"kept,`), disks, verify.Unreadable, 8, 0},
		{"text after a quote", replace(machines, `"kept",`, `"kept"x,`), disks, verify.Unreadable, 8, 0},
		{"cut in a row", machines[:len(machines)-20], disks, verify.Unreadable, 8, 0},
		{"NUL", replace(machines, "since", "since\x00"), disks, verify.Unreadable, 2, 0},
		{"not UTF-8", replace(machines, "since", "since\xFF"), disks, verify.Unreadable, 2, 0},
		{"files changed about", disks, machines, verify.HeaderChanged, 1, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			v, err := verify.Exports(t.Context(), policy, now, []csvschema.Export{before}, []csvschema.Export{{
				VirtualMachines: []csvschema.Source{source([]byte(test.machines))},
				Disks:           []csvschema.Source{source([]byte(test.disks))},
			}})
			require.NoError(t, err)
			require.False(t, v.OK())
			f := v.Failures[0]
			assert.Equal(t, test.kind.String(), f.Kind.String())
			assert.Equal(t, test.line, f.Line)
			assert.Equal(t, test.number, f.Number)
			want := csvschema.VirtualMachines
			if test.machines == machines {
				want = csvschema.Disks
			}
			assert.Equal(t, csvschema.FileID{Export: 1, File: 1, Role: want}, f.FileID)
		})
	}
}

// TestNoChangedByteGoesUnseen changes one byte of an output at a time.
func TestNoChangedByteGoesUnseen(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	changes := 60
	if isRace {
		changes = 8
	}
	for seed := range uint64(3) {
		set := csvschematest.New(seed, &csvschematest.Options{ExtraColumns: true, EmptyLines: true})
		policy := &anonymize.Policy{Replacement: identity.ReplacementKind(seed + 1), Key: secretKey(t, "k")}
		plan, after := planOf(t, policy, set.Now, set.Exports()...)
		for range changes {
			f := plan.Report().Files[random.IntN(len(plan.Report().Files))]
			e := after[f.Export-1]
			sources := &e.VirtualMachines
			if f.Role == csvschema.Disks {
				sources = &e.Disks
			}
			tampered := append([]csvschema.Source{}, *sources...)
			text := []byte(textOf(t, tampered[f.File-1]))
			i := random.IntN(len(text))
			was := text[i]
			for text[i] == was {
				text[i] = " \",\n\rAz0@%\x00\x80"[random.IntN(12)]
			}
			tampered[f.File-1] = source(text)
			*sources = tampered
			outputs := append([]csvschema.Export{}, after...)
			outputs[f.Export-1] = e
			v, err := verify.Exports(t.Context(), policy, set.Now, set.Exports(), outputs)
			require.NoError(t, err)
			if assert.False(t, v.OK(), "byte %d of %d, %q became %q", i, len(text), was, text[i]) {
				got := v.Failures[0]
				assert.Equal(t, f.FileID, got.FileID)
			}
		}
	}
}

// TestManyFailuresAreCounted lists the first of them.
func TestManyFailuresAreCounted(t *testing.T) {
	t.Parallel()
	head, row, _ := strings.Cut(vm("", "zoe@contoso.com"), "\n")
	before, after := head+"\n"+strings.Repeat(row, 500), head+"\n"+strings.Repeat(strings.Replace(row, "zoe@", "zoa@", 1), 500)
	v, err := verify.Exports(t.Context(), nil, later,
		[]csvschema.Export{exportOf(csvschema.VirtualMachines, []byte(before))},
		[]csvschema.Export{exportOf(csvschema.VirtualMachines, []byte(after))})
	require.NoError(t, err)
	assert.Equal(t, int64(500), v.Failed)
	assert.Len(t, v.Failures, 100)
	csvschematest.AssertNoLeak(t, fmt.Errorf("%+v", v.Failures), "zoa@contoso.com", "zoe@contoso.com") //nolint:err113 // the text of failures
}

// TestInputsThatCannotBeReadAreErrors gives inputs and sources that fail, which is no
// failure of an output.
func TestInputsThatCannotBeReadAreErrors(t *testing.T) {
	t.Parallel()
	good := []byte(vm("2/4/2017", "zoe@contoso.com"))
	broken := fmt.Errorf("disk on fire") //nolint:perfsprint // any error
	failing := csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(bytes.NewReader(good[:len(good)-9]), iotest.ErrReader(broken))), nil
	}}
	closing := csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return failingCloser{bytes.NewReader(good), broken}, nil }}
	of := func(s ...csvschema.Source) []csvschema.Export { return []csvschema.Export{{VirtualMachines: s}} }
	for name, test := range map[string]struct {
		before, after []csvschema.Export
		want          error
	}{
		"input that fails":          {of(failing), of(source(good)), broken},
		"output that fails":         {of(source(good)), of(failing), broken},
		"input that closes badly":   {of(closing), of(source(good)), broken},
		"output that closes badly":  {of(source(good)), of(closing), broken},
		"input without a header":    {of(source(nil)), of(source(nil)), csvschema.ErrNoHeader},
		"input of another kind":     {of(source([]byte(verifiedDisks))), of(source(good)), csvschema.ErrMissingColumn},
		"input with a ragged row":   {of(source(append(bytes.Clone(good), "x,y\n"...))), of(source(good)), csvschema.ErrFieldCount},
		"input with a bare quote":   {of(source(append(bytes.Clone(good), "x\"y\"\n"...))), of(source(good)), csvschema.ErrBareQuote},
		"input that is not UTF-8":   {of(source(append(bytes.Clone(good), "\xFF\n"...))), of(source(good)), csvschema.ErrUTF8},
		"input with NUL":            {of(source(append(bytes.Clone(good), "\x00\n"...))), of(source(good)), csvschema.ErrNUL},
		"input that is cut":         {of(source(good[:len(good)-2])), of(source(good)), csvschema.ErrQuote},
		"nothing":                   {nil, nil, csvschema.ErrNoFiles},
		"no output":                 {of(source(good)), nil, verify.ErrPairs},
		"an output too many":        {of(source(good)), of(source(good), source(good)), verify.ErrPairs},
		"source that opens nothing": {of(csvschema.Source{Open: func(context.Context) (io.ReadCloser, error) { return nil, nil }}), of(source(good)), csvschema.ErrNoFiles}, //nolint:nilnil // what is tested
		"source without Open":       {of(source(good)), of(csvschema.Source{}), csvschema.ErrNoFiles},
	} {
		v, err := verify.Exports(t.Context(), &anonymize.Policy{}, later, test.before, test.after)
		require.ErrorIs(t, err, test.want, name)
		assert.Nil(t, v, name)
		csvschematest.AssertNoLeak(t, err, "zoe@contoso.com", "box")
	}
	p := &anonymize.Policy{MaxRecordBytes: 50}
	_, err := verify.Exports(t.Context(), p, later, of(source(good)), of(source(good)))
	require.ErrorIs(t, err, csvschema.ErrRecordTooLarge)
	for _, retention := range []time.Duration{-1, 30} {
		_, err = verify.Exports(t.Context(), &anonymize.Policy{Retention: retention}, later, of(source(good)), of(source(good)))
		require.ErrorIs(t, err, anonymize.ErrPolicy)
	}
	_, err = verify.Exports(t.Context(), nil, time.Time{}, of(source(good)), of(source(good)))
	require.ErrorIs(t, err, anonymize.ErrPolicy)
}

type failingCloser struct {
	io.Reader
	err error
}

func (c failingCloser) Close() error { return c.err }

// TestAllCountsHaveTheNamesOfTheirFields compares them with the fields, in order.
func TestAllCountsHaveTheNamesOfTheirFields(t *testing.T) {
	t.Parallel()
	var verification verify.Verification
	v := reflect.ValueOf(&verification).Elem()
	var want []string
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Int64 || f.Kind() == reflect.Int {
			f.SetInt(int64(i + 1))
			name := v.Type().Field(i).Name
			want = append(want, fmt.Sprint(strings.ToLower(name[:1])+name[1:], i+1))
		}
	}
	var got []string
	for name, n := range verification.All() {
		got = append(got, fmt.Sprint(name, n))
	}
	assert.Equal(t, want, got)
	for range verification.All() {
		break
	}
}
