package csvschema_test

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/internal/leaktest"
)

func TestPersonalTextRedactsItselfEverywhere(t *testing.T) {
	t.Parallel()
	text := csvschema.NewPersonalText(leaktest.Canary)
	type hidden struct{ text csvschema.PersonalText }
	type holder struct {
		Text     csvschema.PersonalText
		Pointer  *csvschema.PersonalText
		Any      any
		Slice    []csvschema.PersonalText
		Map      map[string]csvschema.PersonalText
		internal csvschema.PersonalText
		deeper   *hidden
	}
	values := map[string]any{
		"value":                text,
		"pointer":              &text,
		"slice":                []csvschema.PersonalText{text},
		"array":                [1]csvschema.PersonalText{text},
		"map":                  map[string]any{"k": text, "p": &text},
		"any":                  []any{text, &text},
		"unexported field":     hidden{text},
		"pointer to the field": &hidden{text},
		"nested":               holder{text, &text, text, []csvschema.PersonalText{text}, map[string]csvschema.PersonalText{"k": text}, text, &hidden{text}},
	}
	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			leaktest.AssertNoCanary(t, value, leaktest.AllVerbs)
		})
	}
	assert.Contains(t, csvschematest.Printed(text, leaktest.AllVerbs), "[redacted]")
	assert.Equal(t, leaktest.Canary, text.Reveal())
}

// TestComparisonsThatFailShowNoPerson compares what hides itself as tests do.
func TestComparisonsThatFailShowNoPerson(t *testing.T) {
	t.Parallel()
	text, other := csvschema.NewPersonalText(leaktest.Canary), csvschema.NewPersonalText("x")
	leaktest.AssertDiffHidesCanary(t, text, other)
	leaktest.AssertDiffHidesCanary(t, csvschema.VirtualMachineRow{ResourceOwner: text}, csvschema.VirtualMachineRow{Name: text})
	leaktest.AssertDiffHidesCanary(t, csvschema.DiskRow{Name: text}, csvschema.DiskRow{LeasedByVmId: text})
	leaktest.AssertDiffHidesCanary(t, csvschema.DiskRow{Name: csvschema.NewPersonalText("of " + leaktest.Canary)}.Key(), csvschema.DiskRow{Name: other}.Key())
	// No address, which is masked in a key, but the object ID of a person.
	const id = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
	key, none := csvschema.DiskRow{Name: csvschema.NewPersonalText(id)}.Key(), csvschema.DiskRow{}.Key()
	var r strings.Builder
	assert.False(t, assert.Equal(errorfTo{&r}, key, none))
	assert.NotContains(t, r.String(), id)
}

// An errorfTo writes what an assertion reports.
type errorfTo struct{ io.Writer }

func (w errorfTo) Errorf(format string, args ...any) { _, _ = fmt.Fprintf(w, format, args...) }

func TestCellsAreEqualIfTheirTextsAre(t *testing.T) {
	t.Parallel()
	yes, _ := parseBool("True")
	same, _ := parseBool("True")
	other, _ := parseBool("true")
	assert.True(t, yes.Equal(same))
	assert.False(t, yes.Equal(other))
	one, _ := parseInteger("1")
	padded, _ := parseInteger("01")
	assert.True(t, one.Equal(one)) //nolint:gocritic // that is what is tested
	assert.False(t, one.Equal(padded))
	date, _ := csvschema.ParseDateTime("1/3/2017")
	iso, _ := csvschema.ParseDateTime("2017-01-03")
	assert.True(t, date.Equal(date)) //nolint:gocritic // the same
	assert.False(t, date.Equal(iso))
	a, b := csvschema.NewPersonalText("a"), csvschema.NewPersonalText(strings.Clone("a"))
	assert.True(t, a.Equal(b))
	assert.True(t, csvschema.PersonalText{}.Equal(csvschema.NewPersonalText("")))
	assert.False(t, a.Equal(csvschema.PersonalText{}))
	row := csvschema.DiskRow{Name: a, CreatedTime: date, DiskSizeGB: one}
	assert.True(t, row.Equal(csvschema.DiskRow{Name: b, CreatedTime: date, DiskSizeGB: one}))
	assert.False(t, row.Equal(csvschema.DiskRow{Name: b, CreatedTime: iso, DiskSizeGB: one}))
	assert.True(t, csvschema.VirtualMachineRow{ResourceOwner: a}.Equal(csvschema.VirtualMachineRow{ResourceOwner: b}))
	assert.False(t, csvschema.VirtualMachineRow{ResourceOwner: a}.Equal(csvschema.VirtualMachineRow{Name: a}))
	assert.True(t, row.Key().Equal(csvschema.DiskRow{Name: b}.Key()))
	assert.False(t, row.Key().Equal(csvschema.DiskRow{}.Key()))
}

func TestPersonalTextGivesItsCellToCSVAlone(t *testing.T) {
	t.Parallel()
	var text csvschema.PersonalText
	require.NoError(t, text.UnmarshalCSV(" a\r\nb "))
	cell, err := text.MarshalCSV()
	require.NoError(t, err)
	assert.Equal(t, " a\r\nb ", cell)
	assert.Equal(t, " a\r\nb ", text.Reveal())
	require.NoError(t, text.UnmarshalCSV(""))
	assert.Equal(t, csvschema.PersonalText{}, text)
}

func TestPersonalTextDoesNotDecodeItsRedaction(t *testing.T) {
	t.Parallel()
	text := csvschema.NewPersonalText("before")
	data, err := json.Marshal(text)
	require.NoError(t, err)
	assert.JSONEq(t, `"[redacted]"`, string(data))
	assert.Equal(t, identity.ErrRedacted, json.Unmarshal(data, &text))
	assert.Equal(t, identity.ErrRedacted, json.Unmarshal([]byte(`"\u005bredacted]"`), &text))
	data, err = text.MarshalText()
	require.NoError(t, err)
	assert.Equal(t, identity.ErrRedacted, text.UnmarshalText(data))
	for _, data := range []string{`null`, `1`, `{}`, `["x"]`} {
		assert.Equal(t, csvschema.ErrValue, json.Unmarshal([]byte(data), &text), data)
	}
	assert.Equal(t, csvschema.ErrValue, text.UnmarshalJSON([]byte(`"`+leaktest.Canary)))
	assert.Equal(t, "before", text.Reveal(), "a failure changes nothing")

	require.NoError(t, json.Unmarshal([]byte(`"alice@example.com"`), &text))
	assert.Equal(t, "alice@example.com", text.Reveal())
	require.NoError(t, text.UnmarshalText([]byte("bob@example.com")))
	assert.Equal(t, "bob@example.com", text.Reveal())
}

func TestBoolReadsTrueAndFalseInAnyCase(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		cell      string
		value, ok bool
	}{
		{"True", true, true},
		{"true", true, true},
		{"TRUE", true, true},
		{"tRuE", true, true},
		{"False", false, true},
		{"false", false, true},
		{"FALSE", false, true},
		{"", false, false},
	} {
		b, err := parseBool(test.cell)
		require.NoError(t, err, test.cell)
		value, ok := b.Bool()
		assert.Equal(t, [2]bool{test.value, test.ok}, [2]bool{value, ok}, test.cell)
		assertKeepsText(t, test.cell, b)
	}
	for _, cell := range []string{"1", "0", "t", "yes", " True", "True ", "Falsch", "falſe", "T\x12UE", "DRUE", "VALSE", "tru", "truee", "null", "-"} {
		b, err := parseBool(cell)
		assert.Equal(t, csvschema.ErrValue, err, "%q", cell)
		assert.Equal(t, csvschema.Bool{}, b, "%q", cell)
		b, _ = parseBool("True")
		assert.Equal(t, csvschema.ErrValue, b.UnmarshalText([]byte(cell)), "%q", cell)
		assert.Equal(t, csvschema.Bool{}, b, "%q", cell)
	}
}

func TestIntegerReadsDecimalDigits(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]int64{
		"0": 0, "128": 128, "010": 10, "0009": 9, "9223372036854775807": math.MaxInt64,
		"00000000000000000000000000000000000001": 1,
	} {
		i, err := parseInteger(cell)
		require.NoError(t, err, cell)
		value, ok := i.Int64()
		assert.True(t, ok, cell)
		assert.Equal(t, want, value, cell)
		assertKeepsText(t, cell, i)
	}
	i, err := parseInteger("")
	require.NoError(t, err)
	_, ok := i.Int64()
	assert.False(t, ok)
	for _, cell := range []string{"-1", "+1", "1.9", "1e3", "0x10", "1_000", "1,000", " 1", "1 ", "٣", "9223372036854775808", "99999999999999999999", "x", "/", ":"} {
		i, err := parseInteger(cell)
		assert.Equal(t, csvschema.ErrValue, err, "%q", cell)
		assert.Equal(t, csvschema.Integer{}, i, "%q", cell)
	}
}

// requireInteger compares the number of a cell with what package strconv reads.
func requireInteger(t *testing.T, cell string) {
	t.Helper()
	i, err := parseInteger(cell)
	want, wantErr := strconv.ParseInt(cell, 10, 64)
	if cell == "" || cell[0] == '+' || cell[0] == '-' {
		wantErr = csvschema.ErrValue
	}
	value, ok := i.Int64()
	assert.Equal(t, wantErr == nil, ok)
	assert.Equal(t, wantErr == nil || cell == "", err == nil)
	if ok {
		assert.Equal(t, want, value)
	}
}

func FuzzInteger(f *testing.F) {
	for _, cell := range []string{"", "0", "010", "-1", "9223372036854775807", "9223372036854775808", "1_0"} {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) { requireInteger(t, cell) })
}

func parseBool(cell string) (b csvschema.Bool, err error) {
	err = b.UnmarshalText([]byte(cell))
	return b, err
}

func parseInteger(cell string) (i csvschema.Integer, err error) {
	err = i.UnmarshalText([]byte(cell))
	return i, err
}

// A textCell is a cell that is not hidden.
type textCell interface {
	String() string
	MarshalText() ([]byte, error)
}

func assertKeepsText(t *testing.T, want string, cell textCell) {
	t.Helper()
	assert.Equal(t, want, cell.String())
	data, err := cell.MarshalText()
	require.NoError(t, err)
	assert.Equal(t, want, string(data))
}
