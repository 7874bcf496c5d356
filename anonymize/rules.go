package anonymize

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/labdsr/labdsr/anonymize/internal/remember"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/fate"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. Whether the identifiers of a row go is decided in three steps:
//
//	facts of all copies of the resource ─► verdict   exists, deleted at …, undecided
//	verdict, holds, requests            ─► ruling    all go, some go, none go, and why
//	ruling, cells                       ─► edits     see rewrite.go
//
// A plan knows all copies, by its index. Copy and Rows know one row.

// rules are a policy at an instant, checked and made ready. They are read-only, but for owners.
type rules struct {
	*Policy
	now       time.Time
	holds     map[csvschema.KeyHash]int
	decisions map[csvschema.KeyHash]int
	requests  *requestSet        // nil without requests
	secret    identity.SecretKey // of tokens or pseudonyms
	names     identity.SecretKey // of tokens of names
	owners    remember.Shared[*owner]
}

// rules checks the policy; nil is the documented one.
func (p *Policy) rules(now time.Time) (*rules, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	if now.IsZero() {
		return nil, senseless("no instant") // at which nothing would be due
	}
	if p == nil {
		p = &Policy{}
	}
	r := &rules{
		Policy: p, now: now, requests: newRequestSet(p),
		holds: map[csvschema.KeyHash]int{}, decisions: map[csvschema.KeyHash]int{},
	}
	switch p.Replacement {
	case identity.TokenReplacement:
		r.secret = randomKey()
	case identity.PseudonymReplacement:
		r.secret = p.Key
	case identity.ConstantReplacement:
	}
	if p.Names {
		r.names = randomKey()
	}
	for i, h := range p.Holds {
		if h.hasEnded(now) {
			continue
		}
		// Of several holds the longest counts.
		key := h.Key.Hash()
		if other, ok := r.holds[key]; !ok || outlasts(h, p.Holds[other]) {
			r.holds[key] = i
		}
	}
	for i, d := range p.Decisions {
		r.decisions[d.Key.Hash()] = i
	}
	return r, nil
}

func (h Hold) hasEnded(now time.Time) bool { return !h.Until.IsZero() && !now.Before(h.Until) }

func outlasts(a, b Hold) bool {
	return !b.Until.IsZero() && (a.Until.IsZero() || a.Until.After(b.Until))
}

// randomKey returns a key that nobody knows.
func randomKey() identity.SecretKey {
	var random [identity.MinSecretKeyBytes]byte
	_, _ = rand.Read(random[:])                // never fails
	key, _ := identity.NewSecretKey(random[:]) // which is long enough
	return key
}

// withoutPlan returns ErrNeedsPlan if the policy asks for what only a plan can do.
func (r *rules) withoutPlan() error {
	if r.Names || r.DeleteStale {
		return fmt.Errorf("labdsr: %w", ErrNeedsPlan)
	}
	return nil
}

// needsKeys reports whether what becomes of a row depends on which resource it is
// of.
func (r *rules) needsKeys() bool { return len(r.holds)+len(r.decisions) > 0 }

// concerns reports whether a hold or decision is of the resource with that key.
func (r *rules) concerns(key csvschema.KeyHash) bool {
	_, held := r.holds[key]
	_, decided := r.decisions[key]
	return held || decided
}

// A state says what is known about a resource.
type state uint8

const (
	exists     state = iota
	deleted          // at an instant
	stale            // it may be long gone
	undecided        // the exports contradict themselves
	unreadable       // a DeletedDate is no date
)

// A verdict is what is known about a resource, for all its copies.
type verdict struct {
	state   state
	deleted time.Time // if deleted
}

// newVerdict returns what one row says about its resource, by its DeletedDate as
// [csvschema.ParseTime] reads it.
func newVerdict(date time.Time, empty bool, err error) verdict {
	switch {
	case err != nil:
		return verdict{state: unreadable}
	case empty, date.IsZero():
		return verdict{}
	}
	return verdict{deleted, date}
}

// decided returns the verdict of a person's decision, if there is one.
func (r *rules) decided(key csvschema.KeyHash) (v verdict, ok bool) {
	i, ok := r.decisions[key]
	if !ok {
		return verdict{}, false
	}
	if at := r.Decisions[i].Deleted; !at.IsZero() {
		return verdict{deleted, at}, true
	}
	return verdict{}, true
}

// A ruling is what becomes of a row.
type ruling struct {
	verdict verdict
	// Keeping says what becomes of all identifiers of the row together.
	fate.Keeping
	// parts says that identifiers of requests go now, although the others stay.
	parts bool
}

// rule decides about a row of the resource with that key, by the verdict about it
// and the requests whose identifiers the row holds.
func (r *rules) rule(key csvschema.KeyHash, v verdict, matches []requestMatch) ruling {
	is := ruling{verdict: v}
	if i, held := r.holds[key]; held {
		is.Fate, is.At, is.Reason = fate.KeptHeld, r.Holds[i].Until, r.Holds[i].Reason
		return is
	}
	switch v.state {
	case exists, stale:
		is.Fate = fate.KeptExisting
	case undecided, unreadable:
		is.Fate = fate.KeptUndecided
	case deleted:
		is.Fate, is.At = fate.GoesLater, r.DueAt(v.deleted)
	}
	asked := false // for all identifiers, now
	for _, m := range matches {
		at, ok := r.goes(m.request, v)
		switch {
		case !ok:
		case at.After(r.now):
			if m.whole && (is.Fate != fate.GoesLater || at.Before(is.At)) {
				is.Fate, is.At = fate.GoesLater, at
			}
		case m.whole:
			asked = true
		default:
			is.parts = true
		}
	}
	if asked || is.Fate == fate.GoesLater && !is.At.After(r.now) {
		return ruling{verdict: v, Keeping: fate.Keeping{Fate: fate.GoesNow}}
	}
	return is
}

// goes returns the instant from which on the identifier of a request goes from a row
// of a resource with that verdict, and whether it goes at all as far as is known.
func (r *rules) goes(request int, v verdict) (at time.Time, ok bool) {
	q := &r.Requests[request]
	at = q.activeAt(r.Policy)
	switch {
	case q.Kind == Removed || q.Existing:
		return at, true
	case v.state != deleted:
		return time.Time{}, false
	case v.deleted.After(at):
		return v.deleted, true // it exists until then
	}
	return at, true
}

// goesNow reports whether the identifier of a request goes now from a row with that
// ruling.
func (r *rules) goesNow(request int, is ruling) bool {
	if is.Fate == fate.GoesNow {
		return true
	}
	at, ok := r.goes(request, is.verdict)
	return ok && !at.After(r.now)
}

// isUnreadable reports whether the row stays because of a date that is none.
func (is ruling) isUnreadable() bool {
	return is.Fate == fate.KeptUndecided && is.verdict.state == unreadable
}

// count counts a row by its ruling.
func (is ruling) count(stats *Stats) {
	stats.Rows++
	switch is.Fate {
	case fate.GoesNow:
		stats.Due++
	case fate.GoesLater:
		stats.NotYetDue++
		stats.addNext(is.At)
	case fate.KeptExisting:
		stats.NotDeleted++
	case fate.KeptHeld:
		stats.Held++
	case fate.KeptUndecided:
		if is.isUnreadable() {
			stats.Unreadable++
		} else {
			stats.Undecided++
		}
	}
}
