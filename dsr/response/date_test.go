package response_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/language"

	"github.com/labdsr/labdsr/dsr/response"
)

func TestDatesFollowTheLanguage(t *testing.T) {
	t.Parallel()
	for tag, want := range map[language.Tag][4]string{
		language.English: {"3 January 2017", "January 2017", "3 January 2017, 23:17", "1 March 2024"},
		language.German:  {"3. Januar 2017", "Januar 2017", "3. Januar 2017, 23:17", "1. März 2024"},
		language.French:  {"3 janvier 2017", "janvier 2017", "3 janvier 2017, 23:17", "1er mars 2024"},
		language.Spanish: {"3 de enero de 2017", "enero de 2017", "3 de enero de 2017, 23:17", "1 de marzo de 2024"},
		language.Italian: {"3 gennaio 2017", "gennaio 2017", "3 gennaio 2017, 23:17", "1 marzo 2024"},
		language.Dutch:   {"3 januari 2017", "januari 2017", "3 januari 2017, 23:17", "1 maart 2024"},
		language.Polish:  {"3 stycznia 2017", "styczeń 2017", "3 stycznia 2017, 23:17", "1 marca 2024"},
	} {
		day, month, instant, err := response.Dates(tag, time.Date(2017, 1, 3, 23, 17, 9, 0, time.UTC))
		require.NoError(t, err)
		first, _, _, err := response.Dates(tag, time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC))
		require.NoError(t, err)
		assert.Equal(t, want, [4]string{day, month, instant, first}, tag)

		seen := map[string]bool{}
		for m := range 12 {
			day, month, _, err := response.Dates(tag, time.Date(2024, time.Month(m+1), 2, 0, 0, 0, 0, time.UTC))
			require.NoError(t, err)
			seen[day], seen["month: "+month] = true, true
		}
		assert.Len(t, seen, 24, "twelve months have twelve names")
		day, _, instant, err = response.Dates(tag, time.Time{})
		require.NoError(t, err)
		assert.Empty(t, day+instant)
	}
}
