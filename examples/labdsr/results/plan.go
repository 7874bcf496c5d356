package results

import (
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/dsr/deadline"
)

// A Plan is the object of the command plan.
type Plan struct {
	Outcome
	Inputs
	// At is the instant at which identifiers have to be gone.
	At time.Time `json:"at"`
	// Policy is the policy.
	Policy anonymize.Terms `json:"policy"`
	// Total counts the rows of all files.
	Total Stats `json:"total"`
	// Files count the rows of each file, in the order of the inputs.
	Files []PlanFile `json:"files"`
	// Days are when rows that are not yet due will be.
	Days []DueDay `json:"days"`
	// Findings are resources that a person should know about.
	Findings []Finding `json:"findings"`
	// Requests are those of --erase, then those of --removed, in the order of their lines.
	Requests []Request `json:"requests"`
	// Unmet is what was given and is about nothing in these exports.
	Unmet Unmet `json:"unmet"`
	// ToDecide are the resources and rows that a person has to decide about. They stay.
	ToDecide []Question `json:"toDecide"`
	// NotListed is how many rows more a person may have to decide about, which are too many
	// to list before ToDecide is decided.
	NotListed int64 `json:"notListed"`
	// Review is the file of --review. It is absent if nothing is to be decided, or nobody
	// asked for it.
	Review string `json:"review,omitempty"`
}

// An Anonymize is the object of the command anonymize.
type Anonymize struct {
	Plan
	// Out is the folder of the anonymized exports.
	Out string `json:"out"`
	// Outputs are the files in Out, in the order of the inputs.
	Outputs []string `json:"outputs"`
	Receipt
}

// A PlanFile counts the rows of a file.
type PlanFile struct {
	// File is its path.
	File string `json:"file"`
	Stats
}

// A Stats counts rows, and what is replaced in them.
type Stats struct {
	// Rows is the number of rows.
	Rows int64 `json:"rows"`
	// Due is the number of rows that are due.
	Due int64 `json:"due"`
	// NotYetDue is the number of rows of deleted resources that are due later.
	NotYetDue int64 `json:"notYetDue"`
	// NotDeleted is the number of rows of resources that exist.
	NotDeleted int64 `json:"notDeleted"`
	// Unreadable is the number of rows with a date of deletion that cannot be read.
	Unreadable int64 `json:"unreadable"`
	// Undecided is the number of rows that stay until a person decides.
	Undecided int64 `json:"undecided"`
	// Held is the number of rows that a hold keeps.
	Held int64 `json:"held"`
	// Changed is the number of rows in which something is replaced.
	Changed int64 `json:"changed"`
	// Parts is the number of rows of which only a part is replaced, because of a request.
	Parts int64 `json:"parts"`
	// Owners is the number of owners that are replaced.
	Owners int64 `json:"owners"`
	// Addresses is the number of other addresses that are replaced.
	Addresses int64 `json:"addresses"`
	// UserSegments is the number of x in /users/{x} that are replaced.
	UserSegments int64 `json:"userSegments"`
	// Occurrences is the number of further occurrences of these that are replaced.
	Occurrences int64 `json:"occurrences"`
	// Anonymous is the number of identifiers that are anonymous already.
	Anonymous int64 `json:"anonymous"`
	// Names is the number of derived names that are replaced.
	Names int64 `json:"names"`
	// DerivedNames is the number of due rows that keep a name that seems to be derived.
	DerivedNames int64 `json:"derivedNames"`
	// NextDue is when the next row is due. It is absent if there is none.
	NextDue time.Time `json:"nextDue,omitzero"`
}

// A DueDay is a day on which rows will be due.
type DueDay struct {
	// Date is the day, in the zone of the policy.
	Date deadline.Date `json:"date"`
	// Rows is the number of rows.
	Rows int64 `json:"rows"`
}

// A Finding is a resource that a person should know about.
type Finding struct {
	Key
	// Kind is why.
	Kind FindingKind `json:"kind"`
	// Rows is the number of its rows.
	Rows int64 `json:"rows"`
	// File is the path of the file with the first of them.
	File string `json:"file"`
	// Line is the number of its line, from 1.
	Line int64 `json:"line"`
	// Made is when the newest export that has the resource was made. It is absent if that is
	// not known, or says nothing of the finding.
	Made time.Time `json:"made,omitzero"`
	// Reason is that of the hold, in the words of its list. It is absent without a hold.
	Reason string `json:"reason,omitempty"`
	// Until is when the hold ends. It is absent if it has no end.
	Until time.Time `json:"until,omitzero"`
}

// A FindingKind is the code of an anonymize.FindingKind.
type FindingKind string

// An Unmet is what was given and is about nothing in these exports.
type Unmet struct {
	// Holds are the lines of holds that have not ended.
	Holds []Place `json:"holds"`
	// Requests is how many requests.
	Requests int `json:"requests"`
	// Decisions is how many decisions, also if they are about nothing that is to be decided.
	Decisions int `json:"decisions"`
}

// A Request says what becomes of a request.
type Request struct {
	// Kind is the kind of request.
	Kind anonymize.RequestKind `json:"kind"`
	// Answers are about the resources whose rows have the identifier.
	Answers []Answer `json:"answers"`
}

// An Answer says what becomes of the rows of a resource.
type Answer struct {
	Key
	// Fate is what becomes of them.
	Fate fate.Fate `json:"fate"`
	// Rows is the number of rows.
	Rows int64 `json:"rows"`
	// At is when they are due, or when the hold ends. It is absent if there is no such
	// instant.
	At time.Time `json:"at,omitzero"`
	// Reason is that of the hold, in the words of its list. It is absent without a hold.
	Reason string `json:"reason,omitempty"`
}
