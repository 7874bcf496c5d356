package anonymize

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/labdsr/labdsr/anonymize/internal/cells"
	"github.com/labdsr/labdsr/anonymize/internal/index"
	"github.com/labdsr/labdsr/anonymize/internal/machines"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A worker works on the chunks of one pass over a file, one after the other. Only one
// goroutine at a time may use it.
type worker struct {
	*rewriter
	row       cells.Row
	deletedAt int // position of DeletedDate
	maxBytes  int // in a record

	chunk      *csvschema.Chunk
	text       []byte // its new text
	edited     []byte // the new text up to the last edit, if there is one
	copied     int    // bytes of the chunk that edited replaces
	stats      Stats
	unreadable []int            // the records that stay because DeletedDate is no date
	fault      *csvschema.Error // of the record faulty; without its place. Nil if there is none
	faulty     int

	// What the passes of a plan find in the chunk.
	ids      index.IDs
	facts    []index.Fact        // pass 1: of each record
	marks    []mark              // pass 1: of each record; none if they are not needed
	leases   []string            // pass 2: keys of machines
	machines []machines.Machine  // passes 2 and 3
	going    []uint32            // pass 4: the records that Apply rewrites; see newGoing
	left     Stats               // passes 1 and 4: what is anonymous in rows in which nothing changes
	preview  Stats               // pass 4: what is replaced in rows that were rewritten
	days     map[time.Time]int64 // pass 4: rows that will be due on a day
	findings []foundFinding      // pass 4
	answers  []foundAnswer       // pass 4
	met      []csvschema.KeyHash // pass 4: of records that a hold or decision is of
}

// A pass is what one pass over a file does.
type pass struct {
	number int                           // of the passes over the file; 0 if it is the only one
	of     int                           // how many there are, as far as is known
	names  *machines.Names               // nil unless names are replaced
	header func(*csvschema.Header) error // nil does nothing
	skip   func(number int) bool         // as in csvschema.Pass
	// work is called for every chunk, in several goroutines at the same time; then take
	// is called in the order of the file, in the goroutine of the caller.
	work func(*worker)
	take func(*worker) error
}

// read makes a pass over a file.
func (r *rules) read(ctx context.Context, f *csvschema.File, p pass) error {
	var workers sync.Pool
	return csvschema.ForEachChunk(ctx, f, csvschema.Pass[*worker]{
		Number: p.number, Of: p.of,
		Header: func(header *csvschema.Header) error {
			workers.New = func() any { return newWorker(r, header, f.MaxRecordBytes(), p.names) }
			if p.header == nil {
				return nil
			}
			return p.header(header)
		},
		Skip: p.skip,
		Work: func(chunk *csvschema.Chunk) *worker {
			k := workers.Get().(*worker)
			k.begin(chunk)
			p.work(k)
			k.end()
			return k
		},
		Emit: func(chunk *csvschema.Chunk, k *worker) error {
			defer workers.Put(k)
			if k.fault != nil {
				k.fault.FileID, k.fault.Line = f.FileID, chunk.Record(k.faulty).Line()
				return k.fault
			}
			return p.take(k)
		},
	})
}

// fileOptions returns how files are read.
func (r *rules) fileOptions() csvschema.FileOptions {
	return csvschema.FileOptions{Required: requiredColumns, MaxRecordBytes: r.MaxRecordBytes, Workers: r.Workers, Progress: r.Progress}
}

// requiredColumns returns the columns without which a file of the role cannot be
// anonymized or is not of the role.
func requiredColumns(role csvschema.Role) []csvschema.Column {
	telling := csvschema.ResourceOwner
	if role == csvschema.Disks {
		telling = csvschema.LeasedByVmId
	}
	return []csvschema.Column{csvschema.LabUId, csvschema.ResourceUId, csvschema.ResourceId, csvschema.DeletedDate, telling}
}

// newWorker returns a worker for a file with that header. Names are those of machines,
// if names are replaced.
func newWorker(r *rules, header *csvschema.Header, maxBytes int, names *machines.Names) *worker {
	columns := make([]csvschema.Column, header.Len())
	for i := range columns {
		columns[i] = header.Column(i)
	}
	k := &worker{
		rewriter: newRewriter(r), row: cells.New(columns),
		deletedAt: header.Index(csvschema.DeletedDate), maxBytes: maxBytes, days: map[time.Time]int64{},
	}
	if r.Anonymous != nil {
		k.ids.Anonymous = k.isAnonymous
	}
	if names != nil {
		k.namer = machines.NewNamer(r.names.Hash("name"), names)
	}
	return k
}

// begin makes the worker ready for a chunk.
func (k *worker) begin(chunk *csvschema.Chunk) {
	k.chunk, k.edited, k.copied = chunk, k.edited[:0], 0
	k.stats, k.unreadable, k.fault = Stats{}, k.unreadable[:0], nil
	k.facts, k.marks, k.leases, k.machines = k.facts[:0], k.marks[:0], k.leases[:0], k.machines[:0]
	k.left, k.preview, k.going, k.findings, k.answers, k.met = Stats{}, Stats{}, k.going[:0], k.findings[:0], k.answers[:0], k.met[:0]
	clear(k.days)
}

// setRow sets the row to a record.
func (k *worker) setRow(rec csvschema.Record) { k.row.Record = rec }

// matches returns the requests whose identifiers a record holds.
func (k *worker) matches(rec csvschema.Record) []requestMatch {
	if k.rules.requests == nil {
		return nil
	}
	k.setRow(rec)
	return k.matchesOf(&k.row)
}

// fail notes what is wrong with the i-th record.
func (k *worker) fail(i int, column csvschema.Column, err error) {
	k.fault, k.faulty = &csvschema.Error{Column: column, Err: err}, i
}

// look notes that Apply rewrites the i-th record, if something goes from it. It rewrites
// the record itself if Apply may fail, or if nothing is likely to change, so that Apply
// does not look at it; or to count. It returns false after a fault.
func (k *worker) look(i int, is ruling, matches []requestMatch) bool {
	all := is.Fate == fate.GoesNow
	if !all && !is.parts {
		return true
	}
	rec := k.chunk.Record(i)
	if k.rules.Preview || len(matches) > 0 || k.isDone(rec) || k.mayFail(rec) {
		var stats Stats
		if !k.change(i, is, matches, &stats) {
			return false
		}
		if stats.Changed == 0 {
			k.left.add(&stats)
			return true
		}
		k.preview.add(&stats)
	}
	k.going = append(k.going, newGoing(i, all))
	return true
}

// isDone guesses whether nothing changes in a record that is due: it was anonymized before, or
// is that of a disk, most of which name nobody.
func (k *worker) isDone(rec csvschema.Record) bool {
	if k.row.Owner < 0 {
		return k.namer == nil
	}
	return bytes.HasSuffix(rec.Cell(k.row.Owner), anonymizedDomain)
}

// anonymizedDomain is that of all replacements of addresses.
var anonymizedDomain = []byte(identity.ReplacementAddress[len("removed"):])

// mayFail reports whether change may fail for a record from which no request takes
// anything. An identifier, with what tells it from the next one, has at least four bytes, and
// gives away at most two values. What replaces it has less than sixty.
func (k *worker) mayFail(rec csvschema.Record) bool {
	size := len(rec.Raw())
	return size >= 2*maxValues || size > k.maxBytes/64
}

// change rewrites the i-th record as was decided, and counts what it replaces. It returns
// false after a fault.
func (k *worker) change(i int, is ruling, matches []requestMatch, stats *Stats) bool {
	if is.Fate != fate.GoesNow && !is.parts {
		return true
	}
	rec := k.chunk.Record(i)
	k.setRow(rec)
	if k.namer != nil {
		k.namer.Key = rec.KeyHash()
	}
	edits, err := k.edits(&k.row, is, matches, stats)
	if len(edits) > 0 {
		start, _ := rec.CellSpan(0)
		k.edited = append(k.edited, k.chunk.Bytes()[k.copied:start]...)
		before := len(k.edited)
		k.edited = rec.AppendEdited(k.edited, edits)
		k.copied = start + len(rec.Raw())
		if err == nil && len(k.edited)-before > k.maxBytes {
			err = csvschema.ErrRecordTooLarge // and nobody could read it again
		}
	}
	if err != nil {
		k.fail(i, 0, err)
	}
	return err == nil
}

// end sets the new text of the chunk.
func (k *worker) end() {
	k.text = k.chunk.Bytes()
	if k.copied > 0 {
		k.edited = append(k.edited, k.text[k.copied:]...)
		k.text = k.edited
	}
}

// addTo adds the counts of the chunk to those of the file.
func (k *worker) addTo(stats *Stats) {
	for _, i := range k.unreadable {
		stats.UnreadableLines = append(stats.UnreadableLines, k.chunk.Record(i).Line())
	}
	stats.add(&k.stats)
}

// write writes all of the text of a file. What fails is an error in that file, unless
// it has a place of its own.
func write(w io.Writer, id csvschema.FileID, text []byte) error {
	n, err := w.Write(text)
	if err == nil && n < len(text) {
		err = io.ErrShortWrite
	}
	if _, hasPlace := errors.AsType[*csvschema.Error](err); err == nil || hasPlace {
		return err
	}
	return &csvschema.Error{FileID: id, Err: err}
}
