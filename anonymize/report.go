package anonymize

import (
	"maps"
	"slices"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// Reminder is what a plan cannot do: said wherever its report is shown.
const Reminder = "Tell the recipients of these exports what was erased (Article 19 GDPR). " +
	"Other copies are not reached by this: versions and soft-deleted copies of the blobs, backups, " +
	"spreadsheets and reports made from the exports."

// A Report says what a plan found: counts, and resources by their keys. It holds no
// address, object ID or name of a person, but keys are linkable by whoever holds
// the exports.
type Report struct {
	Now   time.Time    // the instant of the plan
	Files []FileReport // in the order of the exports, virtual machines first
	Total Stats        // of all files; its lists are empty

	// Days are the days, in UTC, on which rows that are not yet due will be.
	Days []Day

	// Findings are the resources that a person should know of, by kind and then in
	// the order of the files, up to [Policy.MaxFindings] of each kind. Rows counts
	// the rows of all of each kind.
	Findings []Finding
	Rows     map[FindingKind]int64

	// Requests has one entry for each request of the policy, in their order.
	Requests []RequestReport

	rules    *rules
	days     map[time.Time]int64
	listed   map[FindingKind]int
	findings map[findingID]*Finding
	answers  map[answerID]int
	order    []findingID
}

// A FileReport is what becomes of a file.
type FileReport struct {
	Export int            // number of the export, from 1
	File   int            // number of the file of this role in its export, from 1
	Role   csvschema.Role // kind of file
	Stats  Stats
}

// A Day is how many rows will be due on a day.
type Day struct {
	Date time.Time // midnight in UTC
	Rows int64
}

// A FindingKind says what a person should know of a resource. Contradictions stay
// until a [Decision] is given about them.
type FindingKind uint8

// The kinds of finding. A resource may be of several.
const (
	// Held resources are kept because of a [Hold].
	Held FindingKind = iota + 1
	// Stale resources have no DeletedDate, but may be long gone: the newest export
	// that has them was made at least the retention ago, or says Inactive. Only the
	// caller can tell. They are kept, unless the policy says DeleteStale.
	Stale
	// ActiveWithDate is a contradiction: a row says Active and when the resource was
	// deleted. It is kept.
	ActiveWithDate
	// DifferentDates is a contradiction: two copies have different dates. The later
	// counts.
	DifferentDates
	// InactiveWithoutDate is a contradiction: no copy says when. See Stale.
	InactiveWithoutDate
	// UnreadableStatus is a row that is neither Active nor Inactive. It changes
	// nothing.
	UnreadableStatus
	// UnreadableDate is a DeletedDate that is none. It is kept, with
	// KeepUnreadableDates; otherwise there is no plan.
	UnreadableDate
)

// String returns the kind in words, and "" for any other value.
func (k FindingKind) String() string {
	switch k {
	case Held:
		return "held"
	case Stale:
		return "stale"
	case ActiveWithDate:
		return "active, with a DeletedDate"
	case DifferentDates:
		return "different dates of deletion"
	case InactiveWithoutDate:
		return "inactive, without a DeletedDate"
	case UnreadableStatus:
		return "unreadable status"
	case UnreadableDate:
		return "unreadable date of deletion"
	}
	return ""
}

// MarshalText returns the same as String.
func (k FindingKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// A Finding is a resource that a person should know of.
type Finding struct {
	Kind FindingKind
	Key  csvschema.Key
	Rows int64 // its rows, in all files
	// Made is, of what is stale, when the newest export that has it was made; zero
	// if nobody knows that of one that has it, which may be the newest.
	Made time.Time
	// Reason and Until are those of the hold.
	Reason string
	Until  time.Time
}

// A RequestReport is what becomes of a request. It names the person by nothing but
// the place of the request in the policy.
type RequestReport struct {
	Kind RequestKind
	// Answers are about the resources in whose rows the identifier stands, in the
	// order of the files. A resource has one for each thing that becomes of it:
	// copies may have different owners, who made requests of their own. None means
	// that these exports hold nothing of it, or no more.
	Answers []Answer
}

// An Answer says what becomes of the identifier of a request in rows of a
// resource.
type Answer struct {
	Key     csvschema.Key
	Outcome Outcome
	Rows    int64     // its rows in which the identifier stands
	At      time.Time // when it will go, if Outcome is DueLater; when the hold ends, if KeptHeld
	Reason  string    // of the hold
}

// An Outcome says what becomes of an identifier, or a resource.
type Outcome uint8

// The outcomes.
const (
	AnonymizedNow Outcome = iota + 1
	DueLater
	KeptExisting  // the resource exists, as far as is known
	KeptHeld      // because of a [Hold]
	KeptUndecided // a person must decide first
)

// String returns the outcome in words, and "" for any other value.
func (o Outcome) String() string {
	switch o {
	case AnonymizedNow:
		return "anonymized now"
	case DueLater:
		return "due later"
	case KeptExisting:
		return "kept because it exists"
	case KeptHeld:
		return "held"
	case KeptUndecided:
		return "kept until a person decides"
	}
	return ""
}

// MarshalText returns the same as String.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// A findingID identifies a finding, an answerID an answer.
type (
	findingID struct {
		kind FindingKind
		key  csvschema.KeyHash
	}
	answerID struct {
		request int
		key     csvschema.KeyHash
		outcome Outcome
		at      time.Time // in UTC
	}
)

func newReport(r *rules) *Report {
	return &Report{
		Now: r.now, Rows: map[FindingKind]int64{}, Requests: make([]RequestReport, len(r.Requests)),
		rules: r, days: map[time.Time]int64{}, listed: map[FindingKind]int{},
		findings: map[findingID]*Finding{}, answers: map[answerID]int{},
	}
}

// A note is what the report takes up of a row.
type note struct {
	hash csvschema.KeyHash
	key  csvschema.Key

	finding Finding // if of a kind
	request int     // otherwise
	answer  Answer
}

// note notes what the report is to say of a row.
func (p *Plan) note(f *plannedFile, k *worker, rec csvschema.Record, hash csvschema.KeyHash, is ruling, v verdict, matches []requestMatch) {
	n := note{hash: hash}
	add := func(f Finding) {
		if n.key == (csvschema.Key{}) {
			n.key = rec.Key()
		}
		n.finding = f
		k.notes = append(k.notes, n)
	}
	var hold Hold
	if is.reason == isHeld {
		hold = p.rules.Holds[p.rules.holds[hash]]
		add(Finding{Kind: Held, Reason: hold.Reason, Until: hold.Until})
	}
	if _, decided := p.rules.decided(hash); !decided {
		p.noteDoubts(p.entry(hash, rec, f), v, add)
	}
	for _, m := range matches {
		if n.key == (csvschema.Key{}) {
			n.key = rec.Key()
		}
		n.finding, n.request, n.answer = Finding{}, m.request, Answer{Outcome: AnonymizedNow}
		at, goes := p.rules.goes(m.request, v)
		switch a := &n.answer; {
		case is.reason == isHeld:
			a.Outcome, a.At, a.Reason = KeptHeld, hold.Until, hold.Reason
		case is.whole, goes && !at.After(p.rules.now):
		case goes:
			a.Outcome, a.At = DueLater, at
			if is.reason == isNotYetDue && is.next.Before(at) {
				a.At = is.next
			}
		case v.state == exists, v.state == stale:
			a.Outcome = KeptExisting
		default:
			a.Outcome = KeptUndecided
		}
		k.notes = append(k.notes, n)
	}
}

// noteDoubts adds what is doubtful about a resource on which nobody decided.
func (p *Plan) noteDoubts(e *entry, v verdict, add func(Finding)) {
	if e == nil {
		return
	}
	isUndated := e.deleted == never && e.flags&unreadableDate == 0
	if v.state == stale || p.rules.DeleteStale && isUndated && v.state == deleted {
		add(Finding{Kind: Stale, Made: p.made(e)})
	}
	if isUndated && e.flags&inactive != 0 {
		add(Finding{Kind: InactiveWithoutDate})
	}
	for _, doubt := range [...]struct {
		flag flags
		kind FindingKind
	}{
		{activeWithDate, ActiveWithDate},
		{differentDates, DifferentDates},
		{unreadableStatus, UnreadableStatus},
		{unreadableDate, UnreadableDate},
	} {
		if e.flags&doubt.flag != 0 {
			add(Finding{Kind: doubt.kind})
		}
	}
}

const defaultMaxFindings = 10_000

// take takes up the notes and days of a chunk.
func (r *Report) take(k *worker) {
	for day, rows := range k.days {
		r.days[day] += rows
	}
	limit := r.rules.MaxFindings
	if limit == 0 {
		limit = defaultMaxFindings
	}
	for _, n := range k.notes {
		if n.finding.Kind == 0 {
			r.answer(n)
			continue
		}
		kind := n.finding.Kind
		r.Rows[kind]++
		id := findingID{kind, n.hash}
		f := r.findings[id]
		if f == nil {
			if r.listed[kind] >= limit {
				continue
			}
			r.listed[kind]++
			f = &n.finding
			f.Key = n.key
			r.findings[id] = f
			r.order = append(r.order, id)
		}
		f.Rows++
	}
}

// answer takes up a note about a request.
func (r *Report) answer(n note) {
	id := answerID{n.request, n.hash, n.answer.Outcome, n.answer.At.Round(0).UTC()}
	q := &r.Requests[n.request]
	at, known := r.answers[id]
	if !known {
		at = len(q.Answers)
		r.answers[id] = at
		n.answer.Key = n.key
		q.Answers = append(q.Answers, n.answer)
	}
	q.Answers[at].Rows++
}

// finish completes the report.
func (r *Report) finish(p *Plan) {
	for _, f := range p.files {
		r.Files = append(r.Files, FileReport{f.export, f.number, f.role, f.stats})
		r.Total.Add(f.stats)
	}
	for _, date := range slices.SortedFunc(maps.Keys(r.days), time.Time.Compare) {
		r.Days = append(r.Days, Day{date, r.days[date]})
	}
	slices.SortStableFunc(r.order, func(a, b findingID) int { return int(a.kind) - int(b.kind) })
	for _, id := range r.order {
		r.Findings = append(r.Findings, *r.findings[id])
	}
	for i := range r.Requests {
		r.Requests[i].Kind = r.rules.Requests[i].Kind
	}
	r.rules, r.days, r.listed, r.findings, r.answers, r.order = nil, nil, nil, nil, nil, nil
}

// A Status is what a plan knows of a resource.
type Status struct {
	Key     csvschema.Key
	Outcome Outcome
	At      time.Time // when it will be due, if Outcome is DueLater; when the hold ends, if KeptHeld
	Reason  string    // of the hold
}

// Status tells, for any resources, what becomes of their rows by the time since
// their deletion: in the order of the keys. A resource that no export says to be
// deleted, or that no export has, exists as far as is known. What requests ask for
// beside that is in [Report.Requests].
func (p *Plan) Status(keys []csvschema.Key) []Status {
	hasher := p.rules.hasher.Clone()
	all := make([]Status, 0, len(keys))
	for _, key := range keys {
		hash := hasher.Key(key)
		s := Status{Key: key, Outcome: KeptExisting}
		v, ok := p.rules.decided(hash)
		if !ok && hash != (csvschema.KeyHash{}) {
			v = p.ofEntry(p.index.get(hash))
		}
		switch is := p.rules.rule(hash, v, nil); is.reason {
		case isHeld:
			hold := p.rules.Holds[p.rules.holds[hash]]
			s.Outcome, s.At, s.Reason = KeptHeld, hold.Until, hold.Reason
		case isDue:
			s.Outcome = AnonymizedNow
		case isNotYetDue:
			s.Outcome, s.At = DueLater, is.next
		case isUndecided, isUnreadable:
			s.Outcome = KeptUndecided
		case isNotDeleted:
		}
		all = append(all, s)
	}
	return all
}
