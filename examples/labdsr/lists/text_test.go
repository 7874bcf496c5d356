package lists_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

func TestTextIsDecoded(t *testing.T) {
	t.Parallel()
	for _, order := range []unicode.Endianness{unicode.LittleEndian, unicode.BigEndian} {
		wide, err := unicode.UTF16(order, unicode.UseBOM).NewEncoder().String("Zoë\n")
		require.NoError(t, err)
		text, err := lists.Text(file(t, wide))
		require.NoError(t, err)
		assert.Equal(t, "Zoë\n", text)
	}
	text, err := lists.Text(file(t, "\ufeffZoë\n"))
	require.NoError(t, err)
	assert.Equal(t, "Zoë\n", text)
}

func TestWorkbookIsNoText(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"PK\x03\x04\x14\x00\x06", "\xd0\xcf\x11\xe0\xa1\xb1"} {
		_, err := lists.Text(file(t, text))
		require.ErrorContains(t, err, "a workbook")
		assert.Contains(t, fault.Hint(err), "CSV UTF-8")
	}
}

func TestDayIsItsFirstInstantInUTC(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		" 2026-05-01 ":              time.Date(2026, time.May, 1, 0, 0, 0, 0, time.UTC),
		"2026-05-01t09:00:00z":      time.Date(2026, time.May, 1, 9, 0, 0, 0, time.UTC),
		"2026-05-01T09:00:00+02:00": time.Date(2026, time.May, 1, 7, 0, 0, 0, time.UTC),
	} {
		have, err := lists.Day(text)
		require.NoError(t, err)
		assert.True(t, want.Equal(have), text)
	}
	for _, text := range []string{"", "1/5/2026", "0001-01-01", "2026-02-30"} {
		_, err := lists.Day(text)
		assert.Error(t, err, text)
	}
}
