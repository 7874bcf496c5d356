package anonymize

import (
	"errors"
	"time"
)

// DefaultRetention is the documented period between the deletion of a resource
// and the removal of the identifiers: 30 days of 24 hours. It exists so that
// costs can be compared from month to month. It is elapsed time, not a period of
// the calendar.
const DefaultRetention = 30 * 24 * time.Hour

// ErrPolicy says that a policy makes no sense.
var ErrPolicy = errors.New("labdsr: negative retention in the policy")

// ErrTooManyIdentifiers says that a row holds more identifiers than any row of an
// export can: it is refused, since looking for each of them everywhere in the row
// would take too long.
var ErrTooManyIdentifiers = errors.New("more than 1000 identifiers in a row")

// A Policy says when identifiers go. The zero Policy, or nil, is the documented
// one.
type Policy struct {
	// Retention is how long identifiers stay after the deletion of the
	// resource. 0 means DefaultRetention; a negative one is ErrPolicy.
	Retention time.Duration
	// Zone is that of the civil times in the files. Nil means UTC. A time that
	// exists twice or not at all in a zone is read as [time.Date] reads it.
	Zone *time.Location
	// KeepUnreadableDates keeps rows whose DeletedDate is neither empty nor a
	// date as they are, and lists them in the Stats. Otherwise they fail the run.
	KeepUnreadableDates bool
	// Anonymous reports whether a value is anonymous already although it is no
	// replacement of ours, such as what the service itself leaves. Such values
	// stay. It is asked about whole owners, addresses and x of /users/{x},
	// percent-decoded, and never about replacements of ours. It must be safe for
	// concurrent use. Nil means that there are none.
	Anonymous func(value string) bool
	// MaxRecordBytes is the size, line end included, over which a record is
	// refused. 0 means 16 MiB.
	MaxRecordBytes int
	// Workers is how many chunks of a file are worked on at the same time. 0
	// means GOMAXPROCS; with 1 no goroutine is started. The result does not
	// depend on it.
	Workers int
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

// settled returns the policy with nil made the documented one, or ErrPolicy.
func (p *Policy) settled() (*Policy, error) {
	if p == nil {
		p = &Policy{}
	}
	if p.Retention < 0 {
		return nil, ErrPolicy
	}
	return p, nil
}

// A clock decides which rows are due.
type clock struct {
	policy *Policy
	now    time.Time
}

// due counts the row by its DeletedDate and reports whether it is due.
func (c clock) due(deleted time.Time, empty bool, stats *Stats) bool {
	switch {
	case empty, deleted.IsZero():
		stats.NotDeleted++
		return false
	case c.policy.Due(deleted, c.now):
		stats.Due++
		return true
	}
	stats.NotYetDue++
	stats.addNext(c.policy.DueAt(deleted))
	return false
}
