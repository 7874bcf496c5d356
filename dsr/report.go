package dsr

import (
	"fmt"
	"iter"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A Report says what was read and what was found. It names resources by their keys.
// It shows no address and no object ID of a person, but whoever has the exports can
// link a key to a person.
//
// It grows with the number of files and labs, with the number of findings about the
// subjects, and with the number of dangling disks up to [Options.MaxDangling]. It does
// not grow with the number of rows.
type Report struct {
	// Scope is what was read. The answer is about that and nothing else.
	Scope Scope
	// Subjects has one entry for each subject, in their order in the request.
	Subjects []SubjectReport
	// Findings are the rows that a person must look at, in the order of the matches:
	// virtual machines first, then those that another row of the same machine shows to be
	// an AliasCandidate, then disks. No such row was emitted for that subject,
	// except that an AliasCandidate may be a row of the subject's own.
	Findings []Finding
	// Dangling is the number of disks that dangle for at least one subject.
	// DanglingListed is how many of them are in Findings.
	Dangling, DanglingListed int64
}

// NoSubject is the subject of a finding that is not about a subject: a dangling disk
// may be anybody's.
const NoSubject = -1

// A Finding is a row that a person must look at. It decides nothing about other rows:
// a disk does not become the subject's through a virtual machine that is a finding.
type Finding struct {
	csvschema.FileID // the file
	Kind             FindingKind
	Subject          int           // index in the subjects of the request, from 0; NoSubject for a dangling disk
	Key              csvschema.Key // the resource
	Row              int64         // number of the row in its file, from 1, not counting the header
	Line             int64         // physical line on which the row begins, from 1
	TakesTheirs      bool          // a person may decide [Theirs] about it, and not only [NotTheirs]

	row, rivals rowSum // see Digest
}

// String returns where the row is, and why a person must look at it.
func (f Finding) String() string { return fmt.Sprintf("%v, line %d: %v", f.FileID, f.Line, f.Kind) }

// A SubjectReport says how many rows belong to a subject.
type SubjectReport struct {
	VirtualMachines Counts
	Disks           Counts
	// NotAPerson are those of the columns LabUId, ResourceUId and SubscriptionId in which
	// some row has an object ID of the subject. It is then no person's, and was given by
	// mistake: rows of the person may be missing from the answer.
	NotAPerson []csvschema.Column
}

// Role returns the counts of a role: Disks for [csvschema.Disks], VirtualMachines for
// any other value.
func (s SubjectReport) Role(r csvschema.Role) Counts { return *s.counts(r) }

// counts returns the counts of a role, to be changed.
func (s *SubjectReport) counts(r csvschema.Role) *Counts {
	if r == csvschema.Disks {
		return &s.Disks
	}
	return &s.VirtualMachines
}

// Counts counts the rows of one role for one subject. Rows is the sum of the rows that
// are theirs, by any rule, and of Undetermined, Dangling and NotTheirs.
type Counts struct {
	Rows int64 // rows that were read

	Owner       int64 // theirs by RuleOwner
	Environment int64 // theirs by RuleEnvironment
	UserPath    int64 // theirs by RuleUserPath
	Lease       int64 // theirs by RuleLease
	Resource    int64 // theirs by RuleResource
	Decided     int64 // theirs by RuleDecision

	Undetermined int64 // findings of that kind
	Dangling     int64 // disks that dangle and are not theirs; not all are listed
	NotTheirs    int64 // all other rows

	Near         int64 // rows of NotTheirs that are a NearMatch
	Aliases      int64 // rows of theirs and of NotTheirs that are an AliasCandidate
	ThirdParties int64 // disks that are theirs and whose path names somebody else
}

// Theirs returns how many rows were emitted for the subject.
func (c Counts) Theirs() int64 {
	return c.Owner + c.Environment + c.UserPath + c.Lease + c.Resource + c.Decided
}

// All returns the counts, for metrics and logs: each field in order, by its name with a
// small first letter, such as "userPath". The names do not change.
func (c Counts) All() iter.Seq2[string, int64] {
	return func(yield func(string, int64) bool) {
		_ = yield("rows", c.Rows) && yield("owner", c.Owner) && yield("environment", c.Environment) && yield("userPath", c.UserPath) &&
			yield("lease", c.Lease) && yield("resource", c.Resource) && yield("decided", c.Decided) && yield("undetermined", c.Undetermined) &&
			yield("dangling", c.Dangling) && yield("notTheirs", c.NotTheirs) && yield("near", c.Near) && yield("aliases", c.Aliases) &&
			yield("thirdParties", c.ThirdParties)
	}
}

// ByRule returns how many rows are theirs by a rule, and 0 for any other value.
func (c Counts) ByRule(r Rule) int64 {
	if n := c.rule(r); n != nil {
		return *n
	}
	return 0
}

// rule returns the counter of a rule, or nil for any other value.
func (c *Counts) rule(r Rule) *int64 {
	switch r {
	case RuleOwner:
		return &c.Owner
	case RuleEnvironment:
		return &c.Environment
	case RuleUserPath:
		return &c.UserPath
	case RuleLease:
		return &c.Lease
	case RuleResource:
		return &c.Resource
	case RuleDecision:
		return &c.Decided
	}
	return nil
}

// A Scope says what a request read.
type Scope struct {
	Exports int    // number of exports
	Files   []File // all files, by export; of one export virtual machines first
	Labs    []Lab  // all labs that rows name, in the order of LabUId
	// VirtualMachines and Disks are the numbers of rows that were read.
	VirtualMachines, Disks int64
	// First and Last are the earliest and the latest CreatedTime or DeletedDate, in
	// [Options.Zone]. They are zero if no row has a date. Exports do not say which
	// period they cover: rows before, after and between may be missing.
	First, Last time.Time
}

// A File says what was read of one file.
type File struct {
	csvschema.FileID
	Rows            int64              // number of rows
	UnknownColumns  []int              // numbers, from 1, of the columns that are not documented; their cells were not read
	MissingColumns  []csvschema.Column // documented columns that the file lacks; those that Filter requires are never among them
	UnreadableDates int64              // number of rows whose CreatedTime or DeletedDate is neither empty nor a date
}

// A Lab says what was read of one lab.
type Lab struct {
	LabUId          string // in normal form; empty for the rows without a lab
	VirtualMachines int64  // number of rows
	Disks           int64  // number of rows
	// WithoutDisksFile says that some export has virtual machines of the lab and no
	// disks file, so that disks of the lab may be missing.
	WithoutDisksFile bool
}

// NoDataHeld reports whether the exports hold no row of the subject with that index,
// as far as the identifiers that were given can tell: no row is theirs, and no finding
// is about them (see [Report.NeedsDecision]).
//
// The answer is about these exports only: the labs, files and rows of Scope. It is not
// about labs or periods that were not exported, about disks of a lab whose disks file
// is missing ([Lab.WithoutDisksFile]), about dangling disks, which may be anybody's
// ([Report.Dangling]), about columns that are not documented, or about other systems.
func (r *Report) NoDataHeld(subject int) bool {
	s := r.Subjects[subject]
	return s.VirtualMachines.Theirs()+s.Disks.Theirs() == 0 && !r.NeedsDecision(subject)
}

// NeedsDecision reports whether a person must decide about a finding of the subject
// with that index: an undetermined disk, a near match or a candidate for an alias.
// Dangling disks do not count, since they are about no subject.
func (r *Report) NeedsDecision(subject int) bool {
	s := r.Subjects[subject]
	open := func(c Counts) int64 { return c.Undetermined + c.Near + c.Aliases }
	return open(s.VirtualMachines)+open(s.Disks) > 0
}
