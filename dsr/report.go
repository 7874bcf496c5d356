package dsr

import (
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A Report says what was read and what was found. It names resources by their
// keys and shows no address and no object ID of a person, but is linkable by
// whoever holds the exports. What was hidden is in it, redacted.
//
// It grows with the number of files and labs, with the findings about the
// subjects, up to [Options.MaxDangling] with the dangling disks, and up to a limit
// with what was hidden; not with the rows.
type Report struct {
	// Scope is what was read. An answer is about that and nothing else.
	Scope Scope
	// Subjects has one entry for each subject, in their order in the request.
	Subjects []SubjectReport
	// Findings are the rows that a person must look at, in the order of the
	// matches: virtual machines first, then disks. None of them was handed out
	// for that subject, except that an AliasCandidate may be a row of its own.
	Findings []Finding
	// Dangling is the number of disks that dangle for at least one subject, and
	// DanglingListed how many of them are in Findings.
	Dangling, DanglingListed int64
}

// NoSubject stands for a subject where a finding is about none: a dangling disk
// may be anybody's.
const NoSubject = -1

// A Finding is a row that a person must look at. It is not handed out and not
// followed: nothing else is decided by it.
type Finding struct {
	csvschema.FileID // the file
	Kind             FindingKind
	Subject          int           // index in the subjects of the request; NoSubject for a dangling disk
	Key              csvschema.Key // the resource
	Row              int64         // number of the row in its file, from 1, not counting the header
	Line             int64         // physical line on which the row begins, from 1
}

// A SubjectReport says how many rows are a subject's.
type SubjectReport struct {
	VirtualMachines Counts
	Disks           Counts
}

// Role returns the counts of a role; those of virtual machines unless it is
// [csvschema.Disks].
func (s SubjectReport) Role(r csvschema.Role) Counts { return *s.counts(r) }

func (s *SubjectReport) counts(r csvschema.Role) *Counts {
	if r == csvschema.Disks {
		return &s.Disks
	}
	return &s.VirtualMachines
}

// Counts are the rows of one role, for one subject. The rows that were read are
// the sum of those that are theirs, by whatever rule, those that are
// undetermined or dangling, and those that are not theirs.
type Counts struct {
	Rows int64 // rows that were read

	Owner       int64 // theirs by RuleOwner
	Environment int64 // theirs by RuleEnvironment
	UserPath    int64 // theirs by RuleUserPath
	Lease       int64 // theirs by RuleLease
	Resource    int64 // theirs by RuleResource
	Decided     int64 // theirs by RuleDecision

	Undetermined int64
	Dangling     int64
	NotTheirs    int64

	Near         int64 // of those not theirs: near matches
	Aliases      int64 // of those theirs and not theirs: candidates for an alias
	ThirdParties int64 // of the disks that are theirs: those whose path names somebody else
}

// Theirs returns how many rows were handed out for the subject.
func (c Counts) Theirs() int64 {
	return c.Owner + c.Environment + c.UserPath + c.Lease + c.Resource + c.Decided
}

// ByRule returns how many rows are theirs by a rule.
func (c Counts) ByRule(r Rule) int64 {
	if n := c.rule(r); n != nil {
		return *n
	}
	return 0
}

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

func (c *Counts) count(r Rule) { *c.rule(r)++ }

// countOpen counts a finding about the subject.
func (c *Counts) countOpen(k FindingKind) {
	switch k {
	case Undetermined:
		c.Undetermined++
	case NearMatch:
		c.Near++
	case AliasCandidate:
		c.Aliases++
	case Dangling: // about no subject
	}
}

// A Scope is what a request read.
type Scope struct {
	Exports int    // number of exports
	Files   []File // all files: export by export, virtual machines first
	Labs    []Lab  // all labs that rows name, in the order of LabUId
	// VirtualMachines and Disks are the rows that were read.
	VirtualMachines, Disks int64
	// First and Last are the earliest and the latest CreatedTime or DeletedDate,
	// in the zone of the options; zero if no row has a date. Exports do not say
	// which period they cover: rows before, after and between may be missing.
	First, Last time.Time
}

// A File is one file of a [Scope].
type File struct {
	csvschema.FileID
	Rows            int64              // rows that were read
	UnknownColumns  []int              // numbers, from 1, of the columns that are not documented; their cells were not looked at
	MissingColumns  []csvschema.Column // documented columns that the file lacks, among those that can be done without
	UnreadableDates int64              // rows whose CreatedTime or DeletedDate is neither empty nor a date
}

// A Lab is one lab of a [Scope].
type Lab struct {
	LabUId          string // in normal form; empty for rows without one
	VirtualMachines int64  // rows
	Disks           int64  // rows
	// WithoutDisksFile says that an export with virtual machines of the lab came
	// without a disks file, so that disks of the lab may be missing.
	WithoutDisksFile bool
}

// NoDataHeld reports whether these files hold no row of the subject with that
// index, as far as the identifiers that were given can tell: no row is theirs,
// no disk is undetermined for them, no owner is nearly one of their identifiers,
// and nothing suggests a further one.
//
// It is said of these exports, of the labs, files and rows in Scope, and of
// nothing else: not of labs or periods that were not exported, of disks of a lab
// whose disks file is missing ([Lab.WithoutDisksFile]), of disks that dangle,
// which may be anybody's ([Report.Dangling]), of unknown columns, or of other
// systems.
func (r *Report) NoDataHeld(subject int) bool {
	s := r.Subjects[subject]
	return s.VirtualMachines.Theirs()+s.Disks.Theirs() == 0 && !r.NeedsDecision(subject)
}

// NeedsDecision reports whether findings about the subject with that index wait
// for a person's decision: undetermined disks, near matches or candidates for an
// alias. Dangling disks are about no subject.
func (r *Report) NeedsDecision(subject int) bool {
	s := r.Subjects[subject]
	open := func(c Counts) int64 { return c.Undetermined + c.Near + c.Aliases }
	return open(s.VirtualMachines)+open(s.Disks) > 0
}
