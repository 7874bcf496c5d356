// Package deadline tells until when a data subject's request has to be answered
// at the latest: one month after receipt, or three if the request was extended
// (Article 12(3) GDPR), counted as Regulation (EEC, Euratom) No 1182/71 says.
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
// [Deadlines] hold the last day for the answer, and the last day for the notice
// of an extension (Article 12(3) GDPR) or of a refusal (Article 12(4) GDPR), which
// is the first deadline in any case. How each day came about is in its fields: the
// day that was counted, the days of pauses ([Pause], Article 12(6) GDPR), and the
// weekends and holidays passed over.
//
// A deadline is the latest day, not the due one: the law wants the answer without
// undue delay. Holidays are the caller's. If there are none for the year of a last
// day, the package regards weekends only and says so. It is no legal advice.
//
// # Errors
//
// Whatever is wrong with a request or a list of holidays is an [Error]: the line
// or the field, and a sentinel such as [ErrOverlap]. There is no result with an
// error. A pause that has not ended is no error: there is no deadline yet, and
// its [Status] is [Paused].
//
// # Personal data
//
// There are only dates here, and the reasons of pauses, which the package keeps
// out of all that it returns; a [Request] that is printed shows them. No error
// holds a text that was read.
//
// # Concurrency
//
// All types are values; they may be shared as long as nobody changes them. There
// are no goroutines. The clock is not read.
package deadline
