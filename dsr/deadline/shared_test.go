package deadline_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/deadline"
)

// date parses a date. "" is the zero Date.
func date(tb testing.TB, text string) deadline.Date {
	tb.Helper()
	if text == "" {
		return deadline.Date{}
	}
	d, err := deadline.ParseDate(text)
	require.NoError(tb, err)
	return d
}

// holidays parses dates that are separated by blanks.
func holidays(tb testing.TB, text string) deadline.Holidays {
	tb.Helper()
	h, err := deadline.ParseHolidays(strings.NewReader(strings.Join(strings.Fields(text), "\n")))
	require.NoError(tb, err)
	return h
}

// pauses parses "2026-03-06..2026-03-16" and, for an open pause, "2026-03-06..".
func pauses(tb testing.TB, texts []string) []deadline.Pause {
	tb.Helper()
	var all []deadline.Pause
	for _, text := range texts {
		from, until, ok := strings.Cut(text, "..")
		require.True(tb, ok)
		all = append(all, deadline.Pause{From: date(tb, from), Until: date(tb, until), Reason: "unknown sender"})
	}
	return all
}
