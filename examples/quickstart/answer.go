package main

import (
	"context"

	"golang.org/x/text/language"

	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/dsr/redact"
	"github.com/labdsr/labdsr/dsr/response"
)

// answerFile is the package that the person receives.
const answerFile = "answer.zip"

// controller is what only the controller knows. Two fields are left empty here, so
// the report says that it is a draft.
var controller = response.Controller{
	Name:       "Contoso Ltd, 1 High Street, London\nData protection officer: privacy@contoso.com",
	Purposes:   "The costs of the labs are charged to the teams that use them.",
	Categories: "Usage records of virtual machines and disks.",
	Recipients: "The finance department of Contoso Ltd.",
	Storage:    "Identifiers are removed 30 days after a resource was deleted.",
	Source:     "Azure DevTest Labs, which writes a record of each resource that is made in a lab.",
	Elsewhere:  []string{"Addresses for shutdown notifications", "Users and roles of the labs", "Reports that were made from the exports, and backups"},
}

// answer writes the package that the person receives: a report in English, tables
// and data. The report says until when each record is kept; that comes from a plan.
func answer(ctx context.Context, o *output) (*redact.Report, error) {
	subject, err := dsr.ParseSubject(identifiers...)
	if err != nil {
		return nil, err
	}
	plan, err := policy.Plan(ctx, now, given())
	if err != nil {
		return nil, err
	}
	out, err := o.create(answerFile)
	if err != nil {
		return nil, err
	}
	report, err := response.Write(ctx, out, given(), subject, &response.Options{
		Language: language.English, Made: now, Controller: controller,
		Keep: plan.Keeping,
	})
	if err != nil {
		_ = out.Close()
		return nil, err
	}
	return report, out.Close()
}
