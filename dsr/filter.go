package dsr

import (
	"context"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// Options are the options of a request. The zero value, or nil, is the strictest.
type Options struct {
	// Zone is that of the civil times in the files. Nil means UTC. It matters only
	// where a cell with an offset of its own meets one without.
	Zone *time.Location
	// MaxRecordBytes is the size, line end included, over which a record is
	// refused. 0 means 16 MiB.
	MaxRecordBytes int
	// MaxDangling is how many dangling disks the report lists, so that it stays
	// small where the virtual machines of a whole lab are missing. All are counted.
	// 0 means 10,000; negative, none.
	MaxDangling int
	// Decide is asked about every finding about a subject, in the order of
	// [Report.Findings] and in the caller's goroutine: what a person decided. Nil
	// decides nothing.
	Decide func(Finding) Decision
	// Workers is how many chunks of a file are worked on at the same time. 0 means
	// GOMAXPROCS; with 1 no goroutine is started. The answer does not depend on it.
	Workers int
}

const defaultMaxDangling = 10_000

func (o *Options) maxDangling() int64 {
	if o.MaxDangling == 0 {
		return defaultMaxDangling
	}
	return int64(o.MaxDangling)
}

// A Match is a row that is a subject's.
type Match struct {
	csvschema.FileID                  // the file; its role is that of the resource
	Subject          int              // index in the subjects of the request
	Row              int64            // number of the row in its file, from 1, not counting the header
	Rule             Rule             // why the row is the subject's
	Key              csvschema.Key    // the resource
	Record           csvschema.Record // the row as it is in the file; valid until emit returns
}

// Filter calls emit for every row of the exports that is a subject's, and
// returns what was read and what was found. A row that is several subjects' is
// emitted for each. Rows may name others: [Redact] is for what is handed out to the
// subjects.
//
// Whose a virtual machine is, its own row tells (RuleOwner, RuleEnvironment).
// Whose a disk is, its path (RuleUserPath) or the virtual machines that it may
// belong to tell: all of them, in the disk's own export or, if that has none, in
// the others, must be the subject's (RuleLease, RuleResource). What is not
// certain is never emitted, unless a person decided it (RuleDecision); it is in
// [Report.Findings].
//
// Matches come in a fixed order: virtual machines by export, file and row, then
// disks in the same way; of one row, by subject. Nothing is merged: a resource
// that is in several exports is emitted from each, by what each says. Emit is
// called in the caller's goroutine. An error of emit stops the run.
//
// Every error means that what was emitted is not complete and must be thrown
// away; the report is then nil. It is an [csvschema.Error] that names the file,
// and wraps what the caller's source, emit or ctx returned, except for a request
// without files ([ErrNoFiles]), without subjects or with a zero Subject
// ([ErrNoIdentifier]). A date that cannot be read is no error.
//
// A disks file is read up to twice, and a virtual machines file once, or twice if
// a disk names a subject's virtual machine by an ID that a row of none of the
// subjects has, too: one that differs from what was read first is
// [csvschema.ErrSourceChanged]. No more than one source is open at a time, and all
// that were opened are closed.
//
// Filter holds a few chunks of a file (see [csvschema.ForEachChunk]) and,
// besides the report, some 9 bytes for each disk, twice that for one without a lease; and for
// each ID by which disks name a subject's virtual machine, that ID and some 200
// bytes for each row of virtual machines that has it.
func Filter(ctx context.Context, exports []csvschema.Export, subjects []Subject, emit func(Match) error, o *Options) (*Report, error) {
	s, err := newSearch(exports, subjects, emit, o)
	if err != nil {
		return nil, err
	}
	return s.run(ctx)
}
