package deadline_test

import (
	"fmt"
	"strings"

	"github.com/labdsr/labdsr/dsr/deadline"
)

// A request was received on 1 July 2026. One month later, 1 August is a Saturday.
// The list has public holidays of one year. A deadline in another year would say
// that it considers weekends only.
func Example() {
	holidays, err := deadline.ParseHolidays(strings.NewReader(`# Belgium
2026-07-21 National Day
2026-08-15 Assumption
2026-11-01 All Saints
`))
	if err != nil {
		fmt.Println(err)
		return
	}
	received, err := deadline.ParseDate("2026-07-01")
	if err != nil {
		fmt.Println(err)
		return
	}
	request := deadline.Request{Received: received, Holidays: holidays}
	deadlines, err := request.Deadlines()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(deadlines)
	for _, p := range deadlines.Answer.Passed {
		fmt.Printf("not on %v, a %v\n", p.Day, p.Cause)
	}
	for _, now := range []deadline.Date{received, received.AddDays(33), received.AddDays(40)} {
		state, err := deadlines.Answer.State(now)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%v: %v %d\n", now, state.Status, state.Days)
	}
	// Output:
	// at the latest on 2026-08-03; without undue delay (Article 12(3) GDPR)
	// not on 2026-08-01, a Saturday
	// not on 2026-08-02, a Sunday
	// 2026-07-01: running 33
	// 2026-08-03: last day 0
	// 2026-08-10: overdue 7
}

// The three months are counted from receipt. The person must be told within the
// first month. There is no list of holidays.
func ExampleRequest_Deadlines_extended() {
	request := deadline.Request{Received: deadline.Date{Year: 2026, Month: 7, Day: 1}, Extended: true}
	deadlines, err := request.Deadlines()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(strings.ReplaceAll(deadlines.String(), "; ", "\n"))
	// Output:
	// at the latest on 2026-10-01
	// notice of the extension with its reasons at the latest on 2026-08-03
	// without undue delay (Article 12(3) GDPR)
	// weekends only: no public holidays were given for 2026
}

// The period is paused while the controller waits for proof of identity.
func ExamplePause() {
	request := deadline.Request{
		Received: deadline.Date{Year: 2026, Month: 3, Day: 2},
		Pauses: []deadline.Pause{{
			From:   deadline.Date{Year: 2026, Month: 3, Day: 3},
			Reason: "sent from an address that we do not know",
		}},
	}
	for _, until := range []deadline.Date{{}, {Year: 2026, Month: 3, Day: 10}} {
		request.Pauses[0].Until = until
		deadlines, err := request.Deadlines()
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(deadlines.Answer)
	}
	// Output:
	// no deadline yet: paused since 2026-03-03 (Article 12(6) GDPR)
	// at the latest on 2026-04-09
}
