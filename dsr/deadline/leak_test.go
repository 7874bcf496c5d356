package deadline_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/labdsr/labdsr/csvschema/csvschematest"
	"github.com/labdsr/labdsr/dsr/deadline"
)

const canary = "canary.q7x@example.com"

func TestNoErrorHoldsWhatWasRead(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"name":      canary,
		"date":      "2031-05-01" + canary,
		"no day":    "2031-02-30 " + canary,
		"long":      "2031-05-01 " + strings.Repeat(canary, 4000),
		"two":       "2031-05-01 2031-05-02 " + canary,
		"CR":        "# " + canary + "\r2031-05-01",
		"later":     "2031-05-01\n# x\n" + canary + "\n",
		"ten bytes": canary[:10],
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := deadline.ParseHolidays(strings.NewReader(text))
			csvschematest.AssertNoLeak(t, err, canary, canary[:10], "2031-0")
			_, err = deadline.ParseDate(text)
			csvschematest.AssertNoLeak(t, err, canary, canary[:10], "2031-0")
			var d deadline.Date
			csvschematest.AssertNoLeak(t, d.UnmarshalText([]byte(text)), canary, canary[:10], "2031-0")
		})
	}
}

func TestNoReasonIsHandedOut(t *testing.T) {
	t.Parallel()
	received := date(t, "2024-03-05")
	day := func(n int) deadline.Date { return received.AddDays(n) }
	for name, bad := range map[string]deadline.Request{
		"reversed":    {Pauses: []deadline.Pause{{From: day(3), Until: day(2), Reason: canary}}},
		"early":       {Pauses: []deadline.Pause{{From: day(-1), Until: day(2), Reason: canary}}},
		"late":        {Pauses: []deadline.Pause{{From: day(70), Until: day(71), Reason: canary}}},
		"no date":     {Pauses: []deadline.Pause{{Reason: canary}}},
		"overlapping": {Pauses: []deadline.Pause{{From: day(1), Reason: canary}, {From: day(2), Reason: canary}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bad.Received = received
			_, err := bad.Deadlines()
			csvschematest.AssertNoLeak(t, err, canary, "2024-0")
		})
	}
	for _, until := range []deadline.Date{day(9), {}} {
		r := deadline.Request{Received: received, Pauses: []deadline.Pause{{From: day(1), Until: until, Reason: canary}}}
		d, err := r.Deadlines()
		require.NoError(t, err)
		assert.NotContains(t, fmt.Sprintf("%v %+v %#v", d, d.Answer, d), canary)
	}
}
