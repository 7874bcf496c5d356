package anonymize

import (
	"errors"
	"fmt"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// DefaultRetention is the documented period between the deletion of a resource
// and the removal of the identifiers: 30 days of 24 hours. It exists so that
// costs can be compared from month to month. It is elapsed time, not a period of
// the calendar.
const DefaultRetention = 30 * 24 * time.Hour

// ErrPolicy says that a policy makes no sense; the error around it says why.
var ErrPolicy = errors.New("policy makes no sense")

// ErrNeedsPlan says that what a policy asks for takes more than one file to tell:
// [Policy.Plan] can do it, [Policy.Copy] and [Policy.Rows] cannot.
var ErrNeedsPlan = errors.New("policy needs a plan over all files")

// ErrTooManyIdentifiers says that a row holds more identifiers than any row of an
// export can. Such a row is refused, since looking for each of them everywhere in
// the row would take too long.
var ErrTooManyIdentifiers = fmt.Errorf("%w: more than 1000 identifiers in a row", csvschema.ErrInput)

// ErrTooManyOwners says that machines with one ID have more owners than an ID that is
// given out again can have. The file is refused, since each name would be compared with
// all of them.
var ErrTooManyOwners = fmt.Errorf("%w: more than 1000 owners of one ID", csvschema.ErrInput)

// A Policy says when identifiers go, and what replaces them. The zero Policy, or
// nil, is the documented one.
type Policy struct {
	// Retention is how long identifiers stay after the deletion of the
	// resource. 0 means DefaultRetention. One of less than an hour is ErrPolicy: a plain
	// 30 is 30 nanoseconds. So is a negative one.
	Retention time.Duration
	// Zone is that of the civil times in the files. Nil means UTC. A time that
	// exists twice or not at all in a zone is read as [time.Date] reads it.
	Zone *time.Location
	// KeepUnreadableDates keeps rows whose DeletedDate is neither empty nor a
	// date as they are, and lists them. A plan keeps all copies of the resource,
	// since any of them may be the latest. Otherwise they fail the run.
	KeepUnreadableDates bool
	// DeleteStale treats a stale resource (see [Stale]) as deleted when the newest
	// export that has it was made. Otherwise it is kept and listed. Only a plan can
	// tell: elsewhere it is ErrNeedsPlan.
	DeleteStale bool

	// Replacement is the kind of replacement. 0 means
	// [identity.ConstantReplacement]: one for all, which tells nothing.
	//
	// With [identity.TokenReplacement] the same identifier has the same token in
	// one run: in one plan, or one call of Copy or Rows. Tokens come from a random
	// key that nobody ever sees; they tell nothing about each other, but rows stay
	// linkable by them and by ResourceUId.
	//
	// With [identity.PseudonymReplacement] it has the same pseudonym for as long
	// as Key is the same: it is made of the digest of the identifier's normal form
	// by [identity.SecretKey.Hash] for the purpose "replacement". That is still
	// personal data (Article 4(5), Recital 26 GDPR). A later run with any other
	// replacement replaces pseudonyms; one with pseudonyms leaves them alone, under
	// whatever key they were made.
	Replacement identity.ReplacementKind
	// Key is the key of pseudonyms and of the digests in Requests. Without one both
	// are ErrPolicy.
	Key identity.SecretKey
	// Names also replaces names of machines, disks and blobs that were derived from
	// the owner's address: see [Policy.Plan]. Elsewhere it is ErrNeedsPlan.
	Names bool

	// Holds, Requests and Decisions concern some resources or people. They are
	// given at every run: there is no memory from one run to the next.
	Holds     []Hold
	Requests  []Request
	Decisions []Decision

	// Anonymous reports whether a value is anonymous already although it is no
	// replacement of ours, such as what the service itself leaves. Such values
	// stay. It is asked about whole owners, addresses and x of /users/{x},
	// percent-decoded, and never about replacements of ours. It must be safe for
	// concurrent use. Nil means that there are none.
	Anonymous func(value string) bool
	// Preview makes a plan count what [Plan.Apply] will replace, so that the Stats of its
	// [Report] are whole. That takes nearly as long as Apply does. Otherwise these say what
	// becomes of the rows, and from Changed on they are zero: Apply returns the rest.
	Preview bool
	// MaxFindings is how many findings of each kind a plan lists, so that its
	// report stays small where a whole lab is stale. All are counted. 0 means
	// 10,000; negative, none.
	MaxFindings int
	// MaxRecordBytes, Workers and Progress are those of [csvschema.FileOptions]. The result
	// does not depend on Workers and Progress.
	MaxRecordBytes int
	Workers        int
	Progress       func(csvschema.Progress)
}

// A Hold keeps the rows of a resource as they are, whatever is due or asked for:
// because they are needed for a legal claim or obligation (Article 17(3) GDPR), or
// because processing is restricted (Article 18). They become due when it ends. A hold with
// a mistyped key holds nothing: a plan tells which met no row ([Report.UnmetHolds]).
type Hold struct {
	// Key is the resource; all its copies are held.
	Key csvschema.Key
	// Reason is the controller's words, which reports repeat. One that holds an
	// address or a path of a user is ErrPolicy.
	Reason string
	// Until is when the hold ends: from that instant on it holds nothing. Zero means
	// that it has no end.
	Until time.Time
}

// A Decision says what a person found out about a resource of which the exports do
// not tell clearly whether it was deleted. It overrules them. But in a plan
// nothing is deleted because of it where there are [DifferentIDs]: a key does not say which
// of these resources was meant.
type Decision struct {
	Key csvschema.Key
	// Deleted is when the resource was deleted. Zero means that it exists.
	Deleted time.Time
}

// DueAt returns the instant from which on the identifiers of a resource that
// was deleted at the given instant have to be gone. The zero time, which is what
// [csvschema.DateTime.In] makes of an empty cell, is no deletion: then it returns
// the zero time.
func (p *Policy) DueAt(deleted time.Time) time.Time {
	if deleted.IsZero() {
		return time.Time{}
	}
	return deleted.Add(p.retention())
}

// Due reports whether the identifiers of a resource that was deleted at the
// given instant have to be gone now: whether now ≥ deleted + retention. If
// deleted is the zero time the resource was not deleted, and it is never due.
func (p *Policy) Due(deleted, now time.Time) bool {
	return !deleted.IsZero() && !now.Before(p.DueAt(deleted))
}

func (p *Policy) retention() time.Duration {
	if p == nil || p.Retention == 0 {
		return DefaultRetention
	}
	return p.Retention
}

// Validate returns nil if the policy makes sense, as nil does, and otherwise an error
// that wraps [ErrPolicy] and says why. It names a hold, request or decision by its
// number, from 1. Everything that takes a policy calls it.
func (p *Policy) Validate() error {
	if p == nil {
		return nil
	}
	switch p.Replacement {
	case 0, identity.ConstantReplacement, identity.TokenReplacement:
	case identity.PseudonymReplacement:
		if p.Key.IsZero() {
			return senseless("pseudonyms without a key")
		}
	default:
		return senseless("unknown replacement")
	}
	if p.Retention < 0 {
		return senseless("negative retention")
	}
	if p.Retention > 0 && p.Retention < time.Hour {
		return senseless("retention of less than an hour: are nanoseconds meant?")
	}
	for i := range p.Requests {
		if why := p.Requests[i].validate(p.Key); why != "" {
			return senseless("request %d %s", i+1, why)
		}
	}
	var finder identity.Finder
	for i, h := range p.Holds {
		switch {
		case h.Key.Hash() == csvschema.KeyHash{}:
			return senseless("hold %d is of no resource", i+1)
		case len(finder.Find(nil, []byte(h.Reason))) > 0:
			return senseless("the reason of hold %d names a person", i+1)
		}
	}
	decided := map[csvschema.Key]bool{}
	for i, d := range p.Decisions {
		if d.Key.Hash() == (csvschema.KeyHash{}) || decided[d.Key] {
			return senseless("decision %d is of no resource, or of one that was decided before", i+1)
		}
		decided[d.Key] = true
	}
	return nil
}

func senseless(format string, args ...any) error {
	return fmt.Errorf("labdsr: %s: %w", fmt.Sprintf(format, args...), ErrPolicy)
}
