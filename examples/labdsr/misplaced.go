package main

import (
	"fmt"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// A misplaced is a search for object IDs of people that the exports have as IDs of labs,
// resources or subscriptions.
type misplaced struct {
	columns map[string]csvschema.Column // by object ID the column that has it, zero for none
	cell    []byte                      // buffer
}

// newMisplaced returns a search for the object IDs of requests.
func newMisplaced(requests []anonymize.Request) *misplaced {
	m := &misplaced{columns: map[string]csvschema.Column{}}
	for _, request := range requests {
		if request.Identifier.IsObjectID() {
			m.columns[request.Identifier.Reveal()] = 0
		}
	}
	return m
}

// note notes which of the object IDs the record has.
func (m *misplaced) note(rec csvschema.Record) {
	if len(m.columns) == 0 {
		return
	}
	for _, column := range [...]csvschema.Column{csvschema.LabUId, csvschema.ResourceUId, csvschema.SubscriptionId} {
		m.cell = identity.AppendNormal(m.cell[:0], rec.Value(column))
		if have, ok := m.columns[string(m.cell)]; ok && have == 0 {
			m.columns[string(m.cell)] = column
		}
	}
}

// check refuses the first request whose object ID was found.
func (m *misplaced) check(requests []anonymize.Request) error {
	for i, request := range requests {
		if column := m.columns[request.Identifier.Reveal()]; column != 0 && request.Identifier.IsObjectID() {
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
