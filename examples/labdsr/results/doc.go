// Package results has the types of what labdsr writes with --json, for programs that run it:
//
//	var plan results.Plan
//	if err := json.Unmarshal(stdout, &plan); err != nil {
//		return err
//	}
//	fmt.Println(plan.Total.Due, "rows are due")
//
// A run that fails writes an [Error] instead: its exit status is 1, 2 or 4. verify and receipts
// check, which end with 4 because of what they found, write their result, and so does export,
// which ends with 1 if a lab was not exported. [Schema] describes the objects of each command to
// other programs.
//
// Kinds, causes and choices are codes that do not change. Words are in errors and hints, and in
// the reasons of holds, as their lists give them.
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
