// Package results has the types of what labdsr writes with --json, for programs that run it:
//
//	var plan results.Plan
//	if err := json.Unmarshal(stdout, &plan); err != nil {
//		return err
//	}
//	fmt.Println(plan.Total.Due, "rows are due")
//
// A run that failed writes an [Error], whatever the command; its exit status is neither 0 nor
// 3, or, of a run that writes its result in any case, 4. [Schema] describes the object of each
// command to other programs.
//
// # Instants
//
// Instants are RFC 3339. One after the year 9999, which that cannot say, is the last second of
// that year: [Instant].
//
// # Personal data
//
// No identifier of a person is in a result. Where a path, a reason or an ID held one, it says
// "[hidden]".
package results
