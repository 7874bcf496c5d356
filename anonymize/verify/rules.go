package verify

import (
	"hash"
	"slices"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/anonymize/verify/internal/facts"
	"github.com/labdsr/labdsr/anonymize/verify/internal/letters"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

const (
	// documentedRetention is how long identifiers stay where a policy does not say.
	documentedRetention = 30 * 24 * time.Hour
	// The purposes of the digests of requests: of identifiers, and of whole owners.
	requestDigests = "request"
	ownerDigests   = "verbatim request"
)

// A verifier decides what had to go, from the documentation of policies, and compares.
type verifier struct {
	policy    *anonymize.Policy
	now       time.Time
	retention time.Duration
	result    Verification

	resources map[resourceKey]resource    // what all rows say; nil if each row is believed
	machines  map[string]*machine         // by lab and ID; see names.go
	owners    map[resourceKey]letters.Set // of the copies of a machine
	held      map[csvschema.Key]bool
	decided   map[csvschema.Key]time.Time // when it was deleted; zero if it exists

	// Where each row is believed: what rows said, by their keys, and what the last rows said.
	said  facts.Table
	facts []fact

	pair    *pair
	counted *countingReader // of the input
	after   *reader
	key     []byte
	noted   []byte // buffers
	disk    []byte
	lab     string // of the row that keyOf read last, in normal form
	isLab   bool   // it identifies a lab
	cellChecker
	wholeFinder

	batchBytes            int // 0 if there are no batches
	workers               []*verifier
	inputFile, outputFile *reader // of the pair
	input, output         reader  // of a batch
	ordinary              map[string]ordinaryOwner
	models                models
	ids                   [][]byte // of a row
}

func newVerifier(p *anonymize.Policy, now time.Time) *verifier {
	v := &verifier{
		wholeFinder: newWholeFinder(p), policy: p, now: now, retention: p.Retention, ordinary: map[string]ordinaryOwner{},
		held: map[csvschema.Key]bool{}, decided: map[csvschema.Key]time.Time{},
		cellChecker: newCellChecker(p),
	}
	v.isAsked = func(normal []byte) bool { return len(v.requestsOf(normal)) > 0 }
	if v.retention == 0 {
		v.retention = documentedRetention
	}
	for _, h := range p.Holds {
		if h.Until.IsZero() || now.Before(h.Until) {
			v.held[h.Key] = true
		}
	}
	for _, d := range p.Decisions {
		v.decided[d.Key] = d.Deleted
	}
	return v
}

// share makes v a worker of another verifier.
func (v *verifier) share(other *verifier) {
	v.pair, v.resources, v.machines, v.owners = other.pair, other.resources, other.machines, other.owners
	v.inputFile, v.outputFile, v.models = other.inputFile, other.outputFile, models{}
}

// isOver reports whether the retention is over that began at an instant, if it began.
func (v *verifier) isOver(began time.Time) bool {
	return !began.IsZero() && !v.now.Before(began.Add(v.retention))
}

// A duty is what has to go from a row.
type duty struct {
	all    bool     // all identifiers
	values [][]byte // these, in normal form, in any case
}

// isNone reports whether the row has to stay as it is.
func (d duty) isNone() bool { return !d.all && len(d.values) == 0 }

// dutyOf decides what has to go from a row.
func (v *verifier) dutyOf(r *reader) duty {
	var deleted time.Time
	isDecided, isOpen := false, false
	known := v.known(r)
	if len(v.held)+len(v.decided) > 0 {
		key := v.publicKey(r)
		if v.held[key] {
			return duty{}
		}
		deleted, isDecided = v.decided[key]
		isDecided = isDecided && (deleted.IsZero() || !known.several) // or nobody knows which of them was meant
	}
	if !isDecided {
		deleted, isOpen = v.deletion(known)
	}
	d := duty{all: v.isOver(deleted)}
	if len(v.policy.Requests) == 0 {
		return d
	}
	var waiting [][]byte // go now only if all do
	v.eachMention(r, func(normal []byte, requests []int, theirs bool) {
		for _, i := range requests {
			at, ever := v.begins(&v.policy.Requests[i], deleted, isOpen)
			if !ever || at.After(v.now) {
				waiting = append(waiting, slices.Clone(normal))
				continue
			}
			d.all = d.all || theirs
			d.values = append(d.values, slices.Clone(normal))
		}
	})
	if d.all {
		d.values = append(d.values, waiting...)
	}
	return d
}

// begins returns when a request is carried out in rows of a resource that was deleted
// at an instant, zero if it was not; and whether it ever is, as far as is known. Open
// says that a person must decide whether the resource was deleted.
func (v *verifier) begins(q *anonymize.Request, deleted time.Time, isOpen bool) (at time.Time, ever bool) {
	switch {
	case q.Kind == anonymize.Removed:
		return q.At.Add(v.retention), true
	case q.Existing:
		return q.At, true
	case isOpen || deleted.IsZero():
		return time.Time{}, false
	case deleted.After(q.At):
		return deleted, true
	}
	return q.At, true
}

// deletion returns when a resource was deleted, by what all rows of it say; the zero time if
// it was not, as far as is known. Open says that a person must decide.
func (v *verifier) deletion(says resource) (deleted time.Time, isOpen bool) {
	switch {
	case says.unreadable || says.active || says.several:
		return time.Time{}, true
	case !says.deleted.IsZero():
		return says.deleted, false
	case v.policy.DeleteStale && !says.undated && !says.newest.IsZero() && (says.inactive || v.isOver(says.newest)):
		return says.newest, false
	}
	return time.Time{}, false
}

// keyed returns the keyed digest of a value.
func keyed(h hash.Hash, value []byte) (sum identity.Digest) {
	h.Reset()
	_, _ = h.Write(value) // never fails
	h.Sum(sum[:0])
	return sum
}

// eachMention calls do with the normal form of each identifier that the row holds and the
// requests for it, more than once perhaps. Theirs says that the row is wholly that person's.
func (v *verifier) eachMention(r *reader, do func(normal []byte, requests []int, theirs bool)) {
	hasOwner := len(identity.AppendNormal(nil, r.cell(csvschema.ResourceOwner))) > 0
	for i, column := range r.columns {
		cell := r.text(i)
		if column.content == owner {
			normal := identity.AppendNormal(nil, cell)
			do(normal, slices.Concat(v.requestsOf(normal), v.requestsOfOwner(normal)), true)
		}
		if column.id == csvschema.ResourceId && v.pair.Role == csvschema.Disks ||
			column.id == csvschema.EnvironmentId && v.pair.Role == csvschema.VirtualMachines && !hasOwner {
			for _, x := range v.finder.UserSegments(nil, cell) {
				normal := identity.AppendNormal(nil, x)
				do(normal, v.requestsOf(normal), true)
			}
		}
		if column.isAsDocumented(cell) {
			continue
		}
		v.eachTaken(cell, column, func(normal []byte) { do(normal, v.requestsOf(normal), false) })
	}
}
