package main

import (
	"fmt"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// refuseMisplaced refuses the first request whose object ID is an ID of something else.
func refuseMisplaced(requests []anonymize.Request, found map[int]csvschema.Column) error {
	for i, request := range requests {
		if column := found[i]; column != 0 {
			return notAPerson(fmt.Sprintf("the object ID of request number %d (%s)", i+1, request.Kind), column)
		}
	}
	return nil
}

// checkIDs refuses identifiers that the exports have as IDs of something else. What was
// asked for is then not what was meant.
func checkIDs(report *dsr.Report, subject int) error {
	if columns := report.Subjects[subject].NotAPerson; len(columns) > 0 {
		return notAPerson("an object ID of the person", columns[0])
	}
	return nil
}

// notAPerson returns the error for an object ID in a column that holds none of people.
func notAPerson(what string, column csvschema.Column) error {
	return fault.WithHint(fmt.Errorf("%s is in column %s of these exports: it is no person's", what, column),
		"give the object ID of the person's account, as Microsoft Entra ID has it, or leave this one out")
}
