package deadline_test

import (
	"errors"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/deadline"
)

var holidaysTests = []struct {
	name string
	text string
	want string // dates, separated by blanks
	line int64  // line of the error; 0 if there is none
}{
	{"empty", "", "", 0},
	{"one", "2026-12-25", "2026-12-25", 0},
	{"names", "2026-12-25 Christmas Day\n2026-12-26\tBoxing Day\n", "2026-12-25 2026-12-26", 0},
	{"comments", "# Germany\n\n2026-05-01 # Labour Day, not 2026-05-02\n  # end", "2026-05-01", 0},
	{"blanks", " \t2026-05-01 \t\n \t \n", "2026-05-01", 0},
	{"CRLF", "2026-05-01\r\n\r\n2026-10-03 x\r\n", "2026-05-01 2026-10-03", 0},
	{"CRLF without a last LF", "2026-05-01\r", "2026-05-01", 0},
	{"mark", "\uFEFF2026-05-01\n", "2026-05-01", 0},
	{"mark before a comment", "\uFEFF# x\n2026-05-01\n", "2026-05-01", 0},
	{"repeated", "2026-05-01 Ascension\n2026-05-01 Labour Day\n", "2026-05-01", 0},
	{"any order", "2027-01-01\n2026-01-01\n", "2026-01-01 2027-01-01", 0},
	{"name with another date inside", "2026-05-04 for(2026-05-02)", "2026-05-04", 0},
	{"name in Latin-1", "2026-08-15 Mari\xe4 Himmelfahrt", "2026-08-15", 0},
	{"no such day", "2026-05-01\n\n2026-02-29\n", "", 3},
	{"day first", "01.05.2026", "", 1},
	{"header", "date name\n2026-05-01\n", "", 1},
	{"comma", "2026-05-01,Labour Day", "", 1},
	{"semicolon", "2026-05-01;Labour Day", "", 1},
	{"two in a line", "2026-12-25 2026-12-26", "", 1},
	{"range", "2026-12-24 - 2026-12-26", "", 1},
	{"second date before a comment", "2026-12-25 2026-12-26 # Christmas", "", 1},
	{"CR as line end", "2026-05-01\r2026-10-03\r", "", 1},
	{"CR in a comment", "# x\r2026-05-01\n", "", 1},
	{"second mark", "2026-05-01\n\uFEFF2026-10-03\n", "", 2},
	{"UTF-16", "\xff\xfe2\x000\x002\x006\x00", "", 1},
	{"no-break space", "2026-05-01\u00a0Labour Day", "", 1},
	{"name only", "2026-05-01\nLabour Day\n", "", 2},
	{"line too long", "# x\n2026-05-01 " + strings.Repeat("x", 70_000), "", 2},
}

func TestParseHolidaysReadsLinesOrFails(t *testing.T) {
	t.Parallel()
	for _, test := range holidaysTests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, r := range []io.Reader{strings.NewReader(test.text), iotest.OneByteReader(strings.NewReader(test.text))} {
				h, err := deadline.ParseHolidays(r)
				if test.line > 0 {
					var e *deadline.Error
					require.ErrorAs(t, err, &e)
					assert.Equal(t, deadline.Error{Line: test.line, Err: deadline.ErrHoliday}, *e)
					assert.Zero(t, h)
					continue
				}
				require.NoError(t, err)
				var days []deadline.Date
				for d := range strings.FieldsSeq(test.want) {
					days = append(days, date(t, d))
					assert.True(t, h.Contains(date(t, d)), d)
					assert.True(t, h.CoversYear(date(t, d).Year))
				}
				assertHolidays(t, days, h)
			}
		})
	}
}

// assertHolidays asserts that a set has these days and no others.
func assertHolidays(t *testing.T, want []deadline.Date, got deadline.Holidays) {
	t.Helper()
	h, err := deadline.NewHolidays(want...)
	require.NoError(t, err)
	require.Equal(t, h, got)
}

func TestParseHolidaysKeepsTheReadersError(t *testing.T) {
	t.Parallel()
	errDisk := errors.New("disk on fire")
	h, err := deadline.ParseHolidays(io.MultiReader(strings.NewReader("2026-05-01\n2026-"), iotest.ErrReader(errDisk)))
	require.ErrorIs(t, err, errDisk)
	assert.Zero(t, h)
}

func TestHolidaysAreValidDays(t *testing.T) {
	t.Parallel()
	h, err := deadline.NewHolidays(date(t, "2026-05-01"), deadline.Date{Year: 2026, Month: 2, Day: 30})
	require.ErrorIs(t, err, deadline.ErrDate)
	assert.Zero(t, h)
	_, err = deadline.NewHolidays(deadline.Date{})
	require.ErrorIs(t, err, deadline.ErrDate)

	h, err = deadline.NewHolidays(date(t, "2026-05-01"), date(t, "2026-05-01"))
	require.NoError(t, err)
	assertHolidays(t, []deadline.Date{date(t, "2026-05-01")}, h)
	assert.True(t, h.CoversYear(2026))
	assert.False(t, h.CoversYear(2027))
	var none deadline.Holidays
	assert.False(t, none.Contains(date(t, "2026-05-01")))
	assert.False(t, none.CoversYear(2026))
}

// FuzzParseHolidays compares the result with the dates that regular expressions find.
// Then it writes the dates and reads them again.
func FuzzParseHolidays(f *testing.F) {
	for _, test := range holidaysTests {
		f.Add(test.text)
	}
	f.Fuzz(requireHolidays)
}

func TestRandomHolidaysAreThoseOfTheReference(t *testing.T) {
	t.Parallel()
	parts := []string{
		"2026-05-01", "2026-12-25", "2024-02-29", "2023-02-29", "0000-01-01", "2026-1-01", " ", "\t", "\n", "\n", "\r\n", "\r", "#", "x", "-", ",", "\uFEFF", "\u00a0", "\u0085", "\xff", "\x00", "\v",
		strings.Repeat("x", 65_525), strings.Repeat("y", 9), // with a date and a blank, and as the whole line, around 64 KiB
	}
	r := rand.New(rand.NewPCG(1, 6))
	for range 3000 {
		few := make([]string, 5)
		for i := range few {
			few[i] = parts[r.IntN(len(parts))]
		}
		var text strings.Builder
		for range r.IntN(10) {
			text.WriteString(few[r.IntN(len(few))])
		}
		requireHolidays(t, text.String())
	}
}

var (
	holidayComment = regexp.MustCompile(`^[ \t]*(#[^\r]*)?$`)
	holidayDate    = regexp.MustCompile(`^[ \t]*([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ \t]+([^\r]*))?$`)
)

// findHolidays returns the dates in a list, or the number of the first line that is none.
func findHolidays(text string) (found map[string]bool, badLine int64) {
	isDate := func(word string) bool {
		day, err := time.Parse(time.DateOnly, word)
		return err == nil && day.Year() > 0
	}
	found = map[string]bool{}
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		line = strings.TrimSuffix(line, "\n")
		if len(line) >= 64<<10 {
			return nil, int64(i + 1)
		}
		line = strings.TrimSuffix(line, "\r")
		if i == 0 {
			line = strings.TrimPrefix(line, "\uFEFF")
		}
		if holidayComment.MatchString(line) {
			continue
		}
		match := holidayDate.FindStringSubmatch(line)
		if match == nil || !isDate(match[1]) || !strings.HasPrefix(match[2], "#") && slices.ContainsFunc(strings.FieldsFunc(match[2], unicode.IsSpace), isDate) {
			return nil, int64(i + 1)
		}
		found[match[1]] = true
	}
	return found, 0
}

// requireHolidays checks that the dates of a list are those that findHolidays finds.
func requireHolidays(t *testing.T, text string) {
	t.Helper()
	h, err := deadline.ParseHolidays(strings.NewReader(text))
	found, badLine := findHolidays(text)
	if badLine > 0 {
		require.Equal(t, &deadline.Error{Line: badLine, Err: deadline.ErrHoliday}, err, "%.200q", text)
		require.Zero(t, h)
		return
	}
	require.NoError(t, err, "%.200q", text)
	var days []deadline.Date
	var again strings.Builder
	for d := range found {
		days = append(days, date(t, d))
		again.WriteString(d + " x\n")
	}
	assertHolidays(t, days, h)
	h2, err := deadline.ParseHolidays(strings.NewReader(again.String()))
	require.NoError(t, err)
	assertHolidays(t, days, h2)
}
