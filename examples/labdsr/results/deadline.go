package results

import "github.com/labdsr/labdsr/dsr/deadline"

// A Deadline is the object of the command deadline.
type Deadline struct {
	Outcome
	// Received is the day on which the request arrived.
	Received deadline.Date `json:"received"`
	// Extended says that the request is extended by two months.
	Extended bool `json:"extended"`
	// Answer is when to answer.
	Answer LastDay `json:"answer"`
	// Notice is when to give notice of an extension or a refusal.
	Notice LastDay `json:"notice"`
}

// A LastDay is the last day of a period.
type LastDay struct {
	// Day is the day.
	Day deadline.Date `json:"day"`
	// Months is how long the period is.
	Months int `json:"months"`
	// Counted is the last day before weekends and holidays are passed over.
	Counted deadline.Date `json:"counted"`
	// Passed are the days that were passed over.
	Passed []PassedDay `json:"passed"`
	// WeekendsOnly says that no holiday of the year was given.
	WeekendsOnly bool `json:"weekendsOnly"`
}

// A PassedDay is a day on which a period does not end.
type PassedDay struct {
	// Day is the day.
	Day deadline.Date `json:"day"`
	// Cause is why.
	Cause deadline.Cause `json:"cause"`
}
