package anonymize

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// A verifier decides what had to go, from the documentation of [Policy] and
// [Policy.Plan] and not from what carries it out.
type verifier struct {
	policy *Policy
	now    time.Time
	result Verification

	copies    map[string]*copies
	holds     map[csvschema.Key]bool
	decisions map[csvschema.Key]time.Time
	asked     map[string][]int // requests by normal forms
	digests   map[identity.Digest][]int
	machines  map[string]*verifiedMachine // by lab and ID

	pair  *pair
	after *plainReader
	key   []byte
	checker
}

// copies are what all rows of a resource say.
type copies struct {
	deleted    time.Time // the latest; zero without one
	newest     time.Time // export that has it
	unknown    bool      // it is in an export of which nobody knows when it was made
	inactive   bool      // the newest copies say so, without a date
	active     bool      // one says so, and when it was deleted
	unreadable bool      // a date is none
}

func newVerifier(p *Policy, now time.Time) *verifier {
	v := &verifier{
		policy: p, now: now,
		copies: map[string]*copies{}, holds: map[csvschema.Key]bool{}, decisions: map[csvschema.Key]time.Time{},
		asked: map[string][]int{}, digests: map[identity.Digest][]int{},
	}
	v.prepare(p)
	for _, h := range p.Holds {
		if h.Until.IsZero() || now.Before(h.Until) {
			v.holds[h.Key] = true
		}
	}
	for _, d := range p.Decisions {
		v.decisions[d.Key] = d.Deleted
	}
	for i, q := range p.Requests {
		if q.Identifier.IsZero() {
			v.digests[q.Digest] = append(v.digests[q.Digest], i)
		} else {
			normal := q.Identifier.Reveal()
			v.asked[normal] = append(v.asked[normal], i)
		}
	}
	return v
}

// learn reads what all rows say of their resources, in the order in which the
// exports were made.
func (v *verifier) learn(ctx context.Context, pairs []*pair) error {
	ordered := slices.Clone(pairs)
	slices.SortStableFunc(ordered, func(a, b *pair) int {
		if a.made.IsZero() || b.made.IsZero() {
			return cmp.Compare(b.made.Unix(), a.made.Unix())
		}
		return a.made.Compare(b.made)
	})
	for _, f := range ordered {
		err := v.walk(ctx, f, walk{row: func(p *plainReader) error {
			key := v.keyOf(p)
			if len(key) == 0 {
				return nil
			}
			known := v.copies[string(key)]
			says := v.says(p)
			if known == nil {
				if says == (copies{newest: says.newest, unknown: says.unknown}) && !v.isOld(f.made) {
					return nil // it exists, today
				}
				known = &copies{}
				v.copies[string(key)] = known
			}
			known.add(says)
			return nil
		}})
		if err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) isOld(made time.Time) bool {
	return !made.IsZero() && !made.Add(v.policy.retention()).After(v.now)
}

// says returns what the row says of its resource.
func (v *verifier) says(p *plainReader) copies {
	c := copies{newest: v.pair.made, unknown: v.pair.made.IsZero()}
	deleted, empty, err := csvschema.ParseTime(p.cell(csvschema.DeletedDate), v.policy.Zone)
	c.unreadable = err != nil
	if err == nil && !empty {
		c.deleted = deleted
	}
	switch string(bytes.ToLower(bytes.TrimSpace(p.cell(csvschema.ResourceStatus)))) {
	case "active":
		c.active = !c.deleted.IsZero()
	case "inactive":
		c.inactive = c.deleted.IsZero() && !c.unreadable
	}
	return c
}

// add takes up what another row says, of an export that is not older.
func (c *copies) add(says copies) {
	if says.newest.After(c.newest) {
		c.newest, c.inactive = says.newest, false
	}
	if says.deleted.After(c.deleted) {
		c.deleted = says.deleted
	}
	c.unknown = c.unknown || says.unknown
	c.inactive = c.inactive || says.inactive
	c.active = c.active || says.active
	c.unreadable = c.unreadable || says.unreadable
}

// keyOf returns what is the same for all copies of a resource, or nothing for the
// row of none. It is valid until the next call.
func (v *verifier) keyOf(p *plainReader) []byte {
	v.key = identity.AppendNormal(v.key[:0], p.cell(csvschema.LabUId))
	lab := len(v.key)
	v.key = identity.AppendNormal(append(v.key, 0), p.cell(csvschema.ResourceUId))
	if lab == 0 || len(v.key) == lab+1 {
		return nil
	}
	v.key = append(v.key, byte(v.pair.role))
	if v.pair.role == csvschema.Disks {
		for _, c := range [...]csvschema.Column{csvschema.ResourceId, csvschema.Name, csvschema.DiskBlobName} {
			v.key = identity.AppendNormal(append(v.key, 0), p.cell(c))
		}
	}
	return v.key
}

// fullKey returns the key of the row, for holds and decisions.
func (v *verifier) fullKey(p *plainReader) csvschema.Key {
	lab, uid := string(p.cell(csvschema.LabUId)), string(p.cell(csvschema.ResourceUId))
	if v.pair.role == csvschema.VirtualMachines {
		return csvschema.VirtualMachineRow{LabUId: lab, ResourceUId: uid}.Key()
	}
	personal := func(c csvschema.Column) csvschema.PersonalText {
		return csvschema.NewPersonalText(string(p.cell(c)))
	}
	return csvschema.DiskRow{
		LabUId: lab, ResourceUId: uid, ResourceId: personal(csvschema.ResourceId),
		Name: personal(csvschema.Name), DiskBlobName: personal(csvschema.DiskBlobName),
	}.Key()
}

// A duty is what has to go from a row.
type duty struct {
	all    bool     // identifiers
	values [][]byte // these, in any case
}

// dutyOf decides about a row.
func (v *verifier) dutyOf(p *plainReader) duty {
	deleted, open, isDecided := time.Time{}, false, false
	if len(v.holds)+len(v.decisions) > 0 {
		key := v.fullKey(p)
		if v.holds[key] {
			return duty{}
		}
		deleted, isDecided = v.decisions[key]
	}
	if !isDecided {
		deleted, open = v.deletion(p)
	}
	d := duty{all: !deleted.IsZero() && !deleted.Add(v.policy.retention()).After(v.now)}
	if len(v.policy.Requests) == 0 {
		return d
	}
	var later [][]byte // go only with all others
	v.eachMention(p, func(normal []byte, theirs bool) {
		for _, i := range v.requestsAbout(normal) {
			q := &v.policy.Requests[i]
			at, never := q.At, false
			switch {
			case q.Kind == Removed:
				at = at.Add(v.policy.retention())
			case q.Existing:
			case deleted.IsZero() || open:
				never = true
			case deleted.After(at):
				at = deleted
			}
			if never || at.After(v.now) {
				later = append(later, slices.Clone(normal))
				continue
			}
			d.all = d.all || theirs
			d.values = append(d.values, slices.Clone(normal))
		}
	})
	if d.all {
		d.values = append(d.values, later...)
	}
	return d
}

// deletion returns when the resource of a row was deleted, by what all copies say;
// the zero time if it was not, as far as is known. Open says that a person must
// decide.
func (v *verifier) deletion(p *plainReader) (deleted time.Time, open bool) {
	all := copies{}
	if key := v.keyOf(p); len(key) == 0 {
		all = v.says(p)
	} else if known := v.copies[string(key)]; known != nil {
		all = *known
	}
	switch {
	case all.unreadable || all.active:
		return time.Time{}, true
	case !all.deleted.IsZero():
		return all.deleted, false
	case v.policy.DeleteStale && !all.unknown && !all.newest.IsZero() && (all.inactive || v.isOld(all.newest)):
		return all.newest, false
	}
	return time.Time{}, false
}

// requestsAbout returns the requests about a value in normal form.
func (v *verifier) requestsAbout(normal []byte) []int {
	requests := v.asked[string(normal)]
	if len(v.digests) > 0 {
		requests = slices.Concat(requests, v.digests[sumOf(v.policy.Key.Hash(digestPurpose), normal)])
	}
	return requests
}

// eachMention calls do with the normal form of whatever in the row may be somebody's
// identifier, and whether the row is theirs if it is.
func (v *verifier) eachMention(p *plainReader, do func(normal []byte, theirs bool)) {
	ownerless := len(identity.AppendNormal(nil, p.cell(csvschema.ResourceOwner))) == 0
	for i, column := range p.columns {
		cell := p.text(i)
		isOwner := column == csvschema.ResourceOwner
		theirs := column == csvschema.EnvironmentId && ownerless && v.pair.role == csvschema.VirtualMachines ||
			column == csvschema.ResourceId && v.pair.role == csvschema.Disks
		if isOwner {
			do(identity.AppendNormal(nil, cell), true)
		}
		for _, s := range v.finder.Find(nil, cell) {
			value := v.finder.AppendDecoded(nil, cell[s.Start:s.End])
			do(identity.AppendNormal(nil, value), theirs && s.Kind == identity.UserSpan)
		}
		for _, x := range v.finder.UserSegments(nil, cell) {
			do(identity.AppendNormal(nil, x), theirs)
		}
		switch column { //nolint:exhaustive // GUIDs of these columns are nobody's
		case csvschema.SubscriptionId, csvschema.LabUId, csvschema.ResourceUId:
			continue
		}
		for digits := range v.finder.GUIDs(cell) {
			do(identity.AppendNormal(nil, digits[:]), false)
		}
	}
}
