package csvschema_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/csvschema/internal/leaktest"
)

func TestCellsScanWhatDriversReturn(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("", 3600)
	moment := time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC)
	for _, test := range []struct {
		cell  sql.Scanner
		value any
		want  string
	}{
		{new(csvschema.Bool), nil, ""},
		{new(csvschema.Bool), true, "True"},
		{new(csvschema.Bool), false, "False"},
		{new(csvschema.Bool), int64(1), "True"},
		{new(csvschema.Bool), int64(0), "False"},
		{new(csvschema.Bool), "1", "True"},
		{new(csvschema.Bool), []byte("0"), "False"},
		{new(csvschema.Bool), []byte("tRue"), "tRue"},
		{new(csvschema.Bool), "", ""},
		{new(csvschema.Integer), nil, ""},
		{new(csvschema.Integer), int64(128), "128"},
		{new(csvschema.Integer), int64(0), "0"},
		{new(csvschema.Integer), "010", "010"},
		{new(csvschema.Integer), []byte("7"), "7"},
		{new(csvschema.DateTime), nil, ""},
		{new(csvschema.DateTime), "", ""},
		{new(csvschema.DateTime), moment, "1/3/2017 11:17:09 PM"},
		{new(csvschema.DateTime), moment.Add(500 * time.Millisecond), "2017-01-03 23:17:09.5"},
		{new(csvschema.DateTime), moment.Add(123456789), "2017-01-03 23:17:09.1234567"},
		{new(csvschema.DateTime), moment.In(berlin), "2017-01-03T23:17:09Z"},
		{new(csvschema.DateTime), moment.In(time.FixedZone("GMT", 0)), "2017-01-03T23:17:09Z"}, // London in winter
		{new(csvschema.DateTime), moment.In(time.FixedZone("", 0)), "1/3/2017 11:17:09 PM"},
		{new(csvschema.DateTime), time.Time{}, ""},
		{new(csvschema.DateTime), "1/3/2017", "1/3/2017"},
		{new(csvschema.DateTime), []byte("2017-01-03 23:17:09.123"), "2017-01-03 23:17:09.123"},
		{new(csvschema.DateTime), "0001-01-01", "0001-01-01"},
	} {
		require.NoError(t, test.cell.Scan(test.value), "%T %v", test.cell, test.value)
		text, ok := test.cell.(interface{ String() string })
		require.True(t, ok)
		assert.Equal(t, test.want, text.String(), "%T %v", test.cell, test.value)
	}
	var text csvschema.PersonalText
	for value, want := range map[any]string{"a\nb": "a\nb", "": "", nil: ""} {
		require.NoError(t, text.Scan(value))
		assert.Equal(t, want, text.Reveal())
	}
	require.NoError(t, text.Scan([]byte("alice@contoso.com")))
	assert.Equal(t, "alice@contoso.com", text.Reveal())
	require.ErrorIs(t, text.Scan("[redacted]"), identity.ErrRedacted)
	require.ErrorIs(t, text.Scan(int64(1)), csvschema.ErrValue)
	assert.Equal(t, "alice@contoso.com", text.Reveal(), "a failure changes nothing")
}

func TestCellsDoNotScanWhatTheyCannotHold(t *testing.T) {
	t.Parallel()
	when := time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC)
	for _, test := range []struct {
		cell   func() sql.Scanner
		values []any
	}{
		{func() sql.Scanner { b, _ := parseBool("True"); return &b }, []any{int64(2), int64(-1), 1.0, when, "2", "t", "yes", leaktest.Canary, []byte(leaktest.Canary), struct{}{}}},
		{func() sql.Scanner { i, _ := parseInteger("7"); return &i }, []any{int64(-1), 1.0, true, when, "-1", "1.0", leaktest.Canary, []byte(leaktest.Canary), struct{}{}}},
		{func() sql.Scanner { d, _ := csvschema.ParseDateTime("1/3/2017"); return &d }, []any{int64(1), 1.0, true, "31/31/2017", leaktest.Canary, []byte(leaktest.Canary), when.AddDate(-200, 0, 0), when.AddDate(9000, 0, 0), struct{}{}}},
	} {
		for _, value := range test.values {
			cell := test.cell()
			err := cell.Scan(value)
			require.Equal(t, csvschema.ErrValue, err, "%T %T", cell, value)
			text, ok := cell.(interface{ String() string })
			require.True(t, ok)
			assert.Empty(t, text.String(), "nothing old stays")
		}
	}
}

// TestValuesOfDatesSortAndKeepTheirInstant has dates in the order of time, each in several
// spellings.
func TestValuesOfDatesSortAndKeepTheirInstant(t *testing.T) {
	t.Parallel()
	var values []string
	for _, spellings := range [][]string{
		{"12/31/2016 11:59:59 PM", "2016-12-31T23:59:59"},
		{"1/3/2017", "1/3/2017 12:00 AM", "2017-01-03", "2017-01-03 00:00:00.000"},
		{"1/3/2017 1:00:00 AM", "1/3/2017 1:00"},
		{"1/3/2017 11:17:09 PM", "2017-01-03 23:17:09"},
		{"2017-01-03T23:17:09.0000001"},
		{"2017-01-03T23:17:09.5", "2017-01-03 23:17:09.50"},
		{"2/1/2017", "2017-02-01T00:00:00"},
	} {
		for _, text := range spellings {
			d, err := csvschema.ParseDateTime(text)
			require.NoError(t, err)
			value, err := d.Value()
			require.NoError(t, err)
			values = append(values, value.(string)) //nolint:forcetypeassert // it fails the test
			assert.Equal(t, values[len(values)-1], firstOf(t, spellings[0]), text)
			var back csvschema.DateTime
			require.NoError(t, back.Scan(value))
			for _, zone := range []*time.Location{time.UTC, time.FixedZone("", 7200)} {
				assert.True(t, d.In(zone).Equal(back.In(zone)), text)
			}
		}
	}
	assert.True(t, slices.IsSorted(values), values)
	assert.Equal(t, "2017-01-03T22:17:09Z", firstOf(t, "2017-01-03T23:17:09+01:00"))
	assert.Equal(t, "2017-01-03T22:17:09.5Z", firstOf(t, "2017-01-03T22:17:09.5Z"))
	for _, none := range []string{"", "0001-01-01", "1/1/0001 12:00:00 AM", "0001-01-01T00:00:00+01:00"} {
		d, err := csvschema.ParseDateTime(none)
		require.NoError(t, err)
		value, err := d.Value()
		require.NoError(t, err)
		assert.Nil(t, value, "no date is NULL, and earlier than nothing")
	}
}

// firstOf returns the Value of a date.
func firstOf(t *testing.T, text string) string {
	t.Helper()
	d, err := csvschema.ParseDateTime(text)
	require.NoError(t, err)
	value, err := d.Value()
	require.NoError(t, err)
	return value.(string) //nolint:forcetypeassert // it fails the test
}

func TestCellsOfExportsComeBackFromTheirColumns(t *testing.T) {
	t.Parallel()
	d, err := csvschema.ParseDateTime("11/30/2017 1:07:09 PM")
	require.NoError(t, err)
	stored, err := time.Parse("2006-01-02 15:04:05", firstOf(t, d.String()))
	require.NoError(t, err)
	var back csvschema.DateTime
	require.NoError(t, back.Scan(stored), "as drivers return a TIMESTAMP")
	assert.Equal(t, d, back)
	for _, text := range []string{"True", "False", ""} {
		b, err := parseBool(text)
		require.NoError(t, err)
		value, err := b.Value()
		require.NoError(t, err)
		var back csvschema.Bool
		require.NoError(t, back.Scan(value))
		assert.Equal(t, b, back)
	}
	for _, text := range []string{"128", "0", ""} {
		i, err := parseInteger(text)
		require.NoError(t, err)
		value, err := i.Value()
		require.NoError(t, err)
		var back csvschema.Integer
		require.NoError(t, back.Scan(value))
		assert.Equal(t, i, back)
	}
}

func TestDateTimeOfKeepsTheInstantInEveryZone(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("", 3600)
	for _, moment := range []time.Time{
		time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC), time.Date(2017, 1, 3, 23, 17, 9, 100, berlin), time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2017, 1, 3, 23, 17, 9, 0, time.FixedZone("", 3599)),
		{},
	} {
		d, err := csvschema.DateTimeOf(moment)
		require.NoError(t, err)
		assert.Equal(t, moment.IsZero(), d.String() == "")
		for _, zone := range []*time.Location{nil, time.UTC, berlin} {
			assert.True(t, moment.Equal(d.In(zone)), "%v is not %v", d, moment)
		}
	}
	for _, year := range []int{-1, 2, 1899, 10000} {
		d, err := csvschema.DateTimeOf(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC))
		assert.Equal(t, csvschema.ErrValue, err)
		assert.Equal(t, csvschema.DateTime{}, d)
	}
}

// TestPersonalCellsAreNoArguments asks database/sql, and marshals what it was given.
func TestPersonalCellsAreNoArguments(t *testing.T) {
	t.Parallel()
	db := sql.OpenDB(fakeDriver{})
	t.Cleanup(func() { assert.NoError(t, db.Close()) })
	var row csvschema.VirtualMachineRow
	require.NoError(t, row.Claimable.UnmarshalText([]byte("True")))
	_, err := db.ExecContext(t.Context(), "insert", row.Claimable, row.DeletedDate, "x")
	require.EqualError(t, err, "true,null,\"x\"", "the fake driver received these")

	text := csvschema.NewPersonalText(leaktest.Canary)
	for _, argument := range []any{text, &text, row, csvschema.DiskRow{Name: text}} {
		_, err := db.ExecContext(t.Context(), "insert", argument)
		require.ErrorContains(t, err, "sql: converting argument $1 type: ")
		leaktest.AssertErrorHidesCanary(t, err)
	}
}

// A fakeDriver returns the arguments of a query as an error.
type fakeDriver struct{}

func (f fakeDriver) Connect(context.Context) (driver.Conn, error) { return f, nil }
func (f fakeDriver) Driver() driver.Driver                        { return nil }
func (f fakeDriver) Prepare(string) (driver.Stmt, error)          { return nil, errors.ErrUnsupported }
func (f fakeDriver) Close() error                                 { return nil }
func (f fakeDriver) Begin() (driver.Tx, error)                    { return nil, errors.ErrUnsupported }

func (f fakeDriver) ExecContext(_ context.Context, _ string, args []driver.NamedValue) (driver.Result, error) {
	var texts []string
	for _, a := range args {
		data, err := json.Marshal(a.Value)
		if err != nil {
			return nil, err
		}
		texts = append(texts, string(data))
	}
	return nil, errors.New(strings.Join(texts, ","))
}
