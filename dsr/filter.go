package dsr

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
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

// A Match is a row that is a subject's.
type Match struct {
	Subject int              // index in the subjects of the request
	Export  int              // number of the export in the request, from 1
	File    int              // number of the file of this role in its export, from 1
	Row     int64            // number of the row in its file, from 1; the header is none
	Rule    Rule             // why the row is the subject's
	Key     csvschema.Key    // the resource; its role is that of the file
	Record  csvschema.Record // the row as it stands in the file; valid until emit returns
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
	return filter(ctx, exports, subjects, func(f *file, b batch, h hit, row int64) error {
		return emit(Match{
			Subject: h.subject, Export: f.export, File: f.number, Row: row, Rule: h.rule,
			Key: b.key(h.row), Record: b.(recordBatch).chunk.Record(h.row),
		})
	}, o)
}

func filter(ctx context.Context, exports []csvschema.Export, subjects []Subject, emit func(*file, batch, hit, int64) error, o *Options) (*Report, error) {
	q, err := newRequest(subjects, o)
	if err != nil {
		return nil, err
	}
	q.emit, q.exports = emit, len(exports)
	seed := maphash.MakeSeed()
	hasDisks := slices.ContainsFunc(exports, func(e csvschema.Export) bool { return len(e.Disks) > 0 })
	for i, export := range exports {
		for _, role := range []csvschema.Role{csvschema.VirtualMachines, csvschema.Disks} {
			sources := export.VirtualMachines
			if role == csvschema.Disks {
				sources = export.Disks
			}
			for j, source := range sources {
				f := &file{export: i + 1, number: j + 1, role: role}
				f.rows = &recordRows{
					file: f, source: source, seed: seed, again: hasDisks, workers: max(q.options.Workers, 0),
					options: &csvschema.RecordOptions{Required: required(role), MaxRecordBytes: q.options.MaxRecordBytes},
				}
				q.add(f)
			}
		}
	}
	if err := q.run(ctx); err != nil {
		return nil, err
	}
	return q.report, nil
}

// errStop ends a run whose caller has enough.
var errStop = errors.New("stopped")

// Matches returns the matches of [Filter], for a caller that needs no report. A
// match comes with nil; an error comes last, with a zero Match, and means that
// the matches before it must be thrown away. A [Match.Record] is valid until the
// loop goes on. The sequence can be used as often as the sources can be opened.
func Matches(ctx context.Context, exports []csvschema.Export, subjects []Subject, o *Options) iter.Seq2[Match, error] {
	return func(yield func(Match, error) bool) {
		stopped := false
		_, err := Filter(ctx, exports, subjects, func(m Match) error {
			if stopped = !yield(m, nil); stopped {
				return errStop
			}
			return nil
		}, o)
		if err != nil && !stopped {
			yield(Match{}, err)
		}
	}
}

// prefixed makes an error that belongs to no file one of this library.
func prefixed(err error) error { return fmt.Errorf("labdsr: %w", err) }
