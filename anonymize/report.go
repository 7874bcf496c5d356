package anonymize

import (
	"fmt"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
)

// Reminder is what a plan cannot do. Programs say it wherever they show its report.
const Reminder = "Tell the recipients of these exports what was erased (Article 19 GDPR). " +
	"Other copies are not reached by this: versions and soft-deleted copies of the blobs, backups, " +
	"spreadsheets and reports made from the exports."

// A Report says what a plan found: counts, and resources by their keys. It holds no
// address, object ID or name of a person, but keys are linkable by whoever holds
// the exports.
type Report struct {
	Now   time.Time    // the instant of the plan
	Files []FileReport // in the order of the exports, virtual machines first
	Total Stats        // of all files; its lists are empty. See [Policy.Preview]

	// Days are the days, in UTC, on which rows that are not yet due will be.
	Days []Day

	// Findings are the resources that a person should know about, by kind and then in
	// the order of the files, up to [Policy.MaxFindings] of each kind. Rows counts
	// the rows of all of each kind.
	Findings []Finding
	Rows     map[FindingKind]int64

	// Requests has one entry for each request of the policy, in their order.
	Requests []RequestReport

	// UnmetHolds and UnmetDecisions are the indexes of the holds of the policy that have
	// not ended, and of the decisions, that met no row: their resource is in none of these
	// exports, or its key is mistyped. A mistyped hold holds nothing, and what it was to keep
	// goes. Look at them before [Plan.Apply].
	UnmetHolds, UnmetDecisions []int
}

// A FileReport is what becomes of a file.
type FileReport struct {
	csvschema.FileID
	Stats Stats // see [Policy.Preview]
}

// String returns which file it is, and how many rows are due.
func (f FileReport) String() string {
	return fmt.Sprintf("%v: %d of %d rows are due", f.FileID, f.Stats.Due, f.Stats.Rows)
}

// A Day is how many rows will be due on a day.
type Day struct {
	Date time.Time // midnight in UTC
	Rows int64
}

// A FindingKind says what a person should know about a resource. Contradictions stay
// until a [Decision] is given about them.
type FindingKind uint8

// The kinds of finding. A resource may be of several.
const (
	// Held resources are kept because of a [Hold].
	Held FindingKind = iota + 1
	// Stale resources have no DeletedDate, but may have been deleted long ago: the newest
	// export that has them was made at least the retention ago, or says Inactive. Only
	// the caller can tell. They are kept, unless the policy says DeleteStale.
	Stale
	// ActiveWithDate is a contradiction: a row says Active and when the resource was
	// deleted. It is kept.
	ActiveWithDate
	// DifferentIDs is a contradiction: rows with the key of a resource that may have been
	// deleted have different ResourceIds or, of a disk, names, and nobody can tell which are
	// of that resource. They are kept, and a [Decision] can only say that all exist.
	DifferentIDs
	// DifferentDates is a contradiction: two copies have different dates. The later
	// counts.
	DifferentDates
	// InactiveWithoutDate is a contradiction: no copy says when. See Stale.
	InactiveWithoutDate
	// UnreadableStatus is a row that is neither Active nor Inactive. It changes
	// nothing.
	UnreadableStatus
	// UnreadableDate is a DeletedDate that is no date. With KeepUnreadableDates the
	// resource is kept; otherwise there is no plan.
	UnreadableDate
	// NearRequest is a row that holds what may be an identifier of a [Request], and is
	// not equal to it: the same by folding, a guest account, or the identifier beside
	// other text that may belong to the address. It is not touched. Only a person can
	// tell whose it is; if it is the person's, it is a request of its own. An owner, or the
	// x of an ownerless machine or a disk, that contains the identifier beside other text is
	// near, too, although the identifier goes: nobody knows whether all of the row is the
	// person's. Nothing else is near a digest.
	NearRequest
	// NoResource is a row whose key identifies nothing, because its LabUId or ResourceUId is
	// empty, nil, NULL or destroyed. It is a resource of its own: what other copies say of it
	// is not known, and it goes by its own DeletedDate. Each such row is a finding.
	NoResource
)

var findingKinds = [...]struct{ code, words string }{
	Held:                {"held", "held"},
	Stale:               {"stale", "stale"},
	ActiveWithDate:      {"active-with-date", "active, with a DeletedDate"},
	DifferentIDs:        {"different-ids", "different ResourceIds"},
	DifferentDates:      {"different-dates", "different dates of deletion"},
	InactiveWithoutDate: {"inactive-without-date", "inactive, without a DeletedDate"},
	UnreadableStatus:    {"unreadable-status", "unreadable status"},
	UnreadableDate:      {"unreadable-date", "unreadable date of deletion"},
	NearRequest:         {"near-request", "near an identifier of a request"},
	NoResource:          {"no-resource", "a row of no resource"},
}

// String returns the kind in words, and "" for any other value.
func (k FindingKind) String() string {
	if int(k) >= len(findingKinds) {
		return ""
	}
	return findingKinds[k].words
}

// MarshalText returns the code of the kind, which does not change, such as
// "different-dates", and "" for any other value.
func (k FindingKind) MarshalText() ([]byte, error) {
	if int(k) >= len(findingKinds) {
		return nil, nil
	}
	return []byte(findingKinds[k].code), nil
}

// A Finding is a resource that a person should know about. A row whose key identifies
// nothing is a resource of its own.
type Finding struct {
	Kind FindingKind
	Key  csvschema.Key
	Rows int64 // its rows, in all files
	// FileID and Line are those of the first of these rows, and Fate is what becomes of
	// all identifiers of that row together.
	FileID csvschema.FileID
	Line   int64
	Fate   fate.Fate
	// Made is when the newest export was made that has a stale resource. It is zero if
	// nobody knows when one of them was made, which may be the newest.
	Made time.Time
	// Reason and Until are those of the hold.
	Reason string
	Until  time.Time
}

// A RequestReport is what becomes of a request. It tells who the person is only by
// the place of the request in the policy.
type RequestReport struct {
	Kind RequestKind
	// Answers concern the resources whose rows hold the identifier, in the order of the
	// files. A resource has an answer for each fate of its rows: copies may have
	// different owners, who made requests of their own. No answer means that these
	// exports do not hold the identifier, or hold it no longer.
	Answers []Answer
}

// An Answer says what becomes of the identifier of a request in rows of a
// resource.
type Answer struct {
	Key csvschema.Key
	fate.Keeping
	Rows int64 // the rows of the resource that hold the identifier
}
