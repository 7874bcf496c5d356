package dsr

import (
	"context"
	"fmt"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// Options are the options of a request. The zero value, or nil, is the strictest
// choice.
type Options struct {
	// Zone is the time zone of dates without an offset. Nil means UTC. It changes an
	// answer only where such a date is compared with one that has an offset.
	Zone *time.Location
	// MaxRecordBytes is the size, line end included, over which a record is
	// refused. 0 means 16 MiB.
	MaxRecordBytes int
	// MaxDangling is how many dangling disks the report lists at most, so that it
	// stays small where the virtual machines of a whole lab are missing. All are
	// counted. 0 means 10,000; a negative number means none.
	MaxDangling int
	// Decide returns what a person decided about a finding. It is called for every
	// finding about a subject, and so not for dangling disks, in the order of
	// [Report.Findings] and in the caller's goroutine. Nil decides nothing. What the finding
	// does not take is [ErrDecision]. [Decisions] has decisions that a program stored.
	Decide func(Finding) Decision
	// CopyOwners asks for [Match.CopyOwners]. The rows of virtual machines wait for it: up to
	// 8 MiB of them are held, 3 KiB besides its text for each; if there are more, the virtual
	// machines files are read once more. Records of package redact and FilterRows always ask
	// for it.
	CopyOwners bool
	// Progress is called in the caller's goroutine, after every chunk of a file in every
	// pass. Nil costs nothing.
	Progress func(csvschema.Progress)
	// Workers is how many chunks of a file are worked on at the same time. 0 or less
	// means GOMAXPROCS; with 1 no goroutine is started. The answer is the same for
	// every number.
	Workers int

	maxHeld int // bytes of rows that wait for CopyOwners; 0 means 8 MiB
}

const defaultMaxDangling = 10_000

// maxDangling returns how many dangling disks are listed.
func (o *Options) maxDangling() int64 {
	if o.MaxDangling == 0 {
		return defaultMaxDangling
	}
	return int64(o.MaxDangling)
}

// A Match is a row that belongs to a subject.
type Match struct {
	csvschema.FileID                  // the file; its role is that of the resource
	Subject          int              // index in the subjects of the request, from 0
	Row              int64            // number of the row in its file, from 1, not counting the header
	Rule             Rule             // why the row belongs to the subject
	Key              csvschema.Key    // the resource
	Record           csvschema.Record // the row as it is in the file; valid until emit returns

	// CopyOwners are the different owners in all rows of the virtual machine, and the users
	// in their EnvironmentIds: the machine may be named after one of them. Those of a disk
	// are of the machines that its LeasedByVmId, or else its ResourceUId or ResourceId,
	// names, if one of them is the subject's. Replacements are left out. It is nil unless
	// [Options.CopyOwners] asks for it, and may be nil where all rows of the machine are the
	// subject's. It must not be changed.
	CopyOwners []csvschema.PersonalText
}

// Filter calls emit for every row of the exports that belongs to a subject, and
// returns what was read and what was found. A row that belongs to several subjects is
// emitted for each of them. Rows may name other people: package redact hides them.
//
// The row of a virtual machine decides by itself whose it is (RuleOwner,
// RuleEnvironment). The row of a disk decides by its path (RuleUserPath). Otherwise
// the virtual machines decide that the disk may belong to: those of the disk's own
// export or, if that has none, those of all others. All of them must be the subject's
// (RuleLease, RuleResource). What is not certain is listed in [Report.Findings] and
// never emitted, unless a person decided so (RuleDecision; see [Options.Decide]).
//
// Matches come in a fixed order: first virtual machines by export, file and row, then
// disks in the same way; those of one row by subject. Nothing is merged: a resource
// that is in several exports is emitted from each of them, by what that export says.
// Emit is called in the caller's goroutine. An error of emit stops the run.
//
// After any error, what was emitted is not complete and must be thrown away; the
// report is then nil. The error is a [csvschema.Error] that names the file. It wraps
// what the caller's source, emit or ctx returned, or [ErrDecision]. Only a request without files
// ([csvschema.ErrNoFiles]), without subjects or with a zero Subject
// ([ErrNoIdentifier]) has another error. A date that cannot be read is no error.
//
// A disks file is read once. A virtual machines file is read once, or twice if a row of
// nobody among the subjects has the ResourceId, ComputeResourceId or ResourceUId of a
// virtual machine of a subject and there are disks, or if a virtual machine of a subject has
// another owner in another row. With [Options.CopyOwners] it is read once more if the rows
// of the subjects take more than 8 MiB. A file that differs when it is read again is
// [csvschema.ErrSourceChanged]. No more than one source is open at a time, and every source
// that was opened is closed.
//
// Filter holds a few chunks of a file (see [csvschema.ForEachChunk]) and the report.
// It also holds some 8 bytes for each row of a virtual machine that has an owner or an
// environment, and some 300 bytes for each virtual machine of a subject. If there are disks,
// it holds some 7 bytes for each ResourceId, ComputeResourceId and ResourceUId of a row of
// somebody else, 21 bytes for a row with all three, and these IDs and some 1,000 bytes for
// each row of a virtual machine of a subject, or that has an ID of one.
func Filter(ctx context.Context, exports []csvschema.Export, subjects []Subject, emit func(Match) error, o *Options) (*Report, error) {
	s, err := newSearch(exports, subjects, emit, o)
	if err != nil {
		return nil, err
	}
	return s.run(ctx)
}

// filesOf returns the files of the exports.
func filesOf(exports []csvschema.Export, o *Options) ([]*csvschema.File, error) {
	if o == nil {
		o = &Options{}
	}
	files, err := csvschema.Files(exports, csvschema.FileOptions{
		Required: requiredColumns, MaxRecordBytes: o.MaxRecordBytes, Workers: o.Workers, Progress: o.Progress,
	})
	if err != nil {
		return nil, fmt.Errorf("labdsr: %w", err)
	}
	return files, nil
}
