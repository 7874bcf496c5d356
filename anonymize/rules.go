package anonymize

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. Whether the identifiers of a row go is decided in three steps:
//
//	facts of all copies of the resource ─► verdict   exists, deleted at …, undecided
//	verdict, holds, requests            ─► ruling    all go, some go, none go, and why
//	ruling, cells                       ─► edits     see rewrite.go
//
// A plan knows all copies, by its index. Copy and Rows know one row.

// rules are a policy at an instant, checked and made ready. They are read-only.
type rules struct {
	*Policy
	now       time.Time
	hasher    *csvschema.KeyHasher // to be cloned
	holds     map[csvschema.KeyHash]int
	decisions map[csvschema.KeyHash]int
	requests  *requestSet
	secret    identity.SecretKey // of tokens or pseudonyms
	names     identity.SecretKey // of tokens of names
}

// rules checks the policy; nil is the documented one.
func (p *Policy) rules(now time.Time) (*rules, error) {
	if p == nil {
		p = &Policy{}
	}
	r := &rules{Policy: p, now: now, hasher: csvschema.NewKeyHasher()}
	if p.Retention < 0 {
		return nil, fmt.Errorf("labdsr: negative retention: %w", ErrPolicy)
	}
	var err error
	switch p.Replacement {
	case 0, identity.ConstantReplacement:
	case identity.TokenReplacement:
		r.secret, err = randomKey()
	case identity.PseudonymReplacement:
		if r.secret = p.Key; p.Key.IsZero() {
			err = fmt.Errorf("labdsr: pseudonyms without a key: %w", ErrPolicy)
		}
	default:
		err = fmt.Errorf("labdsr: unknown replacement: %w", ErrPolicy)
	}
	if err == nil && p.Names {
		r.names, err = randomKey()
	}
	if err == nil {
		r.requests, err = newRequestSet(p)
	}
	if err == nil {
		err = r.addHolds()
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// randomKey returns a key that nobody knows.
func randomKey() (identity.SecretKey, error) {
	var key [identity.MinSecretKeyBytes]byte
	_, _ = rand.Read(key[:]) // never fails
	return identity.NewSecretKey(key[:])
}

// addHolds makes the maps of holds and decisions.
func (r *rules) addHolds() error {
	var finder identity.Finder
	for i, h := range r.Holds {
		key := r.hasher.Key(h.Key)
		switch {
		case key == csvschema.KeyHash{}:
			return fmt.Errorf("labdsr: hold %d is of no resource: %w", i+1, ErrPolicy)
		case len(finder.Find(nil, []byte(h.Reason))) > 0:
			return fmt.Errorf("labdsr: the reason of hold %d names a person: %w", i+1, ErrPolicy)
		case !r.holdsNow(i):
			continue
		}
		// Of several holds the longest counts.
		if other, ok := r.holds[key]; ok && !outlasts(h, r.Holds[other]) {
			continue
		}
		if r.holds == nil {
			r.holds = map[csvschema.KeyHash]int{}
		}
		r.holds[key] = i
	}
	for i, d := range r.Decisions {
		key := r.hasher.Key(d.Key)
		if _, twice := r.decisions[key]; twice || key == (csvschema.KeyHash{}) {
			return fmt.Errorf("labdsr: decision %d is of no resource, or one that was decided before: %w", i+1, ErrPolicy)
		}
		if r.decisions == nil {
			r.decisions = map[csvschema.KeyHash]int{}
		}
		r.decisions[key] = i
	}
	return nil
}

func (r *rules) holdsNow(i int) bool {
	until := r.Holds[i].Until
	return until.IsZero() || r.now.Before(until)
}

func outlasts(a, b Hold) bool {
	return !b.Until.IsZero() && (a.Until.IsZero() || a.Until.After(b.Until))
}

// needsKeys reports whether what becomes of a row depends on which resource it is
// of.
func (r *rules) needsKeys() bool { return len(r.holds)+len(r.decisions) > 0 }

// A state says what is known about a resource.
type state uint8

const (
	exists     state = iota
	deleted          // at an instant
	stale            // it may be long gone
	undecided        // the exports contradict themselves
	unreadable       // a DeletedDate is no date
)

// A verdict is what is decided about a resource, for all its copies.
type verdict struct {
	state   state
	deleted time.Time // if deleted
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
	reason reason
	whole  bool      // all identifiers go
	parts  bool      // those of the requests that want goes
	next   time.Time // when it will be due, if reason is notYetDue
}

// A reason says why a row is due or not.
type reason uint8

const (
	isDue reason = iota
	isNotYetDue
	isNotDeleted
	isUnreadable
	isUndecided
	isHeld
)

// rule decides about a row of the resource with that key, by the verdict about it
// and the requests that the row is about.
func (r *rules) rule(key csvschema.KeyHash, v verdict, matches []requestMatch) ruling {
	if _, held := r.holds[key]; held {
		return ruling{reason: isHeld}
	}
	var is ruling
	switch v.state {
	case exists, stale:
		is.reason = isNotDeleted
	case undecided:
		is.reason = isUndecided
	case unreadable:
		is.reason = isUnreadable
	case deleted:
		is.reason, is.next = isNotYetDue, r.DueAt(v.deleted)
	}
	for _, m := range matches {
		at, ok := r.goes(m.request, v)
		switch {
		case !ok:
		case at.After(r.now):
			if m.whole && (is.reason != isNotYetDue || at.Before(is.next)) {
				is.reason, is.next = isNotYetDue, at
			}
		case m.whole:
			is.whole = true
		default:
			is.parts = true
		}
	}
	if is.whole || is.reason == isNotYetDue && !is.next.After(r.now) {
		return ruling{reason: isDue, whole: true}
	}
	return is
}

// goes returns the instant from which on what a request is about goes from a row
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

// wanted reports whether the identifier of a request goes now from a row that is
// not wholly due.
func (r *rules) wanted(request int, v verdict) bool {
	at, ok := r.goes(request, v)
	return ok && !at.After(r.now)
}

// count counts a row by its ruling.
func (is ruling) count(stats *Stats) {
	stats.Rows++
	switch is.reason {
	case isDue:
		stats.Due++
	case isNotYetDue:
		stats.NotYetDue++
		stats.addNext(is.next)
	case isNotDeleted:
		stats.NotDeleted++
	case isUnreadable:
		stats.Unreadable++
	case isUndecided:
		stats.Undecided++
	case isHeld:
		stats.Held++
	}
}
