package lists_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/dsr/deadline"
	"github.com/labdsr/labdsr/examples/labdsr/lists"
)

func TestHolidaysOfAllFilesCount(t *testing.T) {
	t.Parallel()
	received, err := deadline.ParseDate("2026-08-03") // the answer is due on 2026-09-03
	require.NoError(t, err)
	holidays, err := lists.Holidays([]string{file(t, "# all\n2026-09-03 A day off"), file(t, "2026-09-04\n")})
	require.NoError(t, err)
	request := deadline.Request{Received: received, Holidays: holidays}
	d, err := request.Deadlines()
	require.NoError(t, err)
	assert.Equal(t, "2026-09-07", d.Answer.Day.String(), "two holidays and a weekend")
	_, err = lists.Holidays(nil)
	assert.NoError(t, err)
}
