// Package deadline computes the last day for the answer to a data subject's
// request: one month after receipt, or three months if the request was extended
// (Article 12(3) GDPR). Periods are counted by Regulation (EEC, Euratom) No
// 1182/71.
//
//	holidays, err := deadline.ParseHolidays(file)
//	if err != nil {
//		return err
//	}
//	request := deadline.Request{Received: received, Holidays: holidays}
//	deadlines, err := request.Deadlines()
//	if err != nil {
//		return err
//	}
//	state, err := deadlines.Answer.State(deadline.DateOf(now, zone))
//
// [Deadlines] holds the last day for the answer. It also holds the last day for
// the notice of an extension (Article 12(3) GDPR) or of a refusal (Article 12(4)
// GDPR), which is always one month after receipt. The fields of a [Deadline] show
// how its day was computed: the day that was counted, the days added by pauses
// ([Pause], Article 12(6) GDPR), and the weekends and holidays that were skipped.
//
// A deadline is the latest day that the law allows. The law asks for an answer
// without undue delay.
//
// The caller supplies the public holidays. If there are none for the year of a
// last day, the package considers only weekends, and the result says so. Nothing
// here is legal advice.
//
// # Errors
//
// An error about a request or a list of holidays is an [Error]. It gives the line
// or the field, and a sentinel such as [ErrOverlap]. An error comes with a zero
// result. An open pause is not an error: there is no deadline yet, and its
// [Status] is [Paused].
//
// # Personal data
//
// The package holds dates and the reasons of pauses. The reasons are in no result
// and no error, but printing a [Request] shows them. No error holds text that was
// read.
//
// # Concurrency
//
// All types are values. They are safe for concurrent use as long as nobody changes
// them. The package starts no goroutines and does not read the clock.
package deadline
