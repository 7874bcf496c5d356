package verify

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"hash/maphash"
	"slices"
	"strconv"
	"time"

	"github.com/labdsr/labdsr/anonymize/verify/internal/facts"
	"github.com/labdsr/labdsr/csvschema"
)

// A resourceKey is a hash of what all rows of a resource have in common. Two resources have
// the same with the probability of two random numbers of 128 bits.
type resourceKey [2]uint64

// A resource is what rows of a resource say.
type resource struct {
	deleted    time.Time // the latest; zero if no row says when
	newest     time.Time // when the newest export was made that has it
	undated    bool      // it is in an export of which nobody knows when it was made
	inactive   bool      // the newest rows say so, without a date
	active     bool      // a row says so, and when it was deleted
	unreadable bool      // a row has a date that is none
	id         uint64    // see resourceID; 0 if it is not known
	several    bool      // the rows have more than one ID
}

// learnResources reads what all rows say of their resources, in the order in which the
// exports were made.
func (v *verifier) learnResources(ctx context.Context, pairs []*pair) error {
	ordered := slices.Clone(pairs)
	slices.SortStableFunc(ordered, func(a, b *pair) int {
		if a.made.IsZero() || b.made.IsZero() {
			return cmp.Compare(b.made.Unix(), a.made.Unix()) // zero is before all, and comes last
		}
		return a.made.Compare(b.made)
	})
	v.said, v.resources = facts.Table{}, map[resourceKey]resource{}
	for _, p := range ordered {
		err := v.visit(ctx, p, visitor{
			row: func(r *reader) error {
				if key, ok := v.keyOf(r); ok {
					v.learn(learned{key, v.saysWithID(r)})
				}
				return nil
			},
			work: (*verifier).learnBatch,
			take: func(b *batch) error {
				for _, l := range b.learned {
					v.learn(l)
				}
				return nil
			},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Learned is what a row says of a resource.
type learned struct {
	key  resourceKey
	says resource
}

// learnBatch finds out what the rows of a batch say.
func (v *verifier) learnBatch(b *batch) {
	b.learned = b.learned[:0]
	v.readBatch(b, func(r *reader) {
		if key, ok := v.keyOf(r); ok {
			b.learned = append(b.learned, learned{key, v.saysWithID(r)})
		}
	})
}

// learn adds what a row says.
func (v *verifier) learn(l learned) {
	known := v.resources[l.key]
	known.add(l.says)
	v.resources[l.key] = known
}

// saysWithID returns what a row says of its resource, with its ID.
func (v *verifier) saysWithID(r *reader) resource {
	says := v.says(r)
	says.id = v.resourceID(r)
	return says
}

// A fact is what a row says of its resource, in hashes.
type fact struct{ key, says uint64 }

// errDiffer says that rows of one resource say different things, so that no row can be
// believed before all are read.
var errDiffer = errors.New("rows of a resource differ")

// note adds to facts what a row says.
func (v *verifier) note(key resourceKey, says *resource, r *reader) {
	text := binary.LittleEndian.AppendUint64(v.noted[:0], uint64(says.deleted.Unix())) //nolint:gosec // any number
	text = binary.LittleEndian.AppendUint32(text, uint32(says.deleted.Nanosecond()))   //nolint:gosec // as before
	for _, is := range [...]bool{says.inactive, says.active, says.unreadable} {
		text = strconv.AppendBool(text, is)
	}
	for _, c := range [...]csvschema.Column{csvschema.ResourceId, csvschema.Name, csvschema.DiskBlobName} {
		if c == csvschema.ResourceId || v.pair.Role == csvschema.Disks { // what resourceID looks at
			text = append(append(text, 0), r.cell(c)...)
		}
	}
	v.noted = text
	v.facts = append(v.facts, fact{key[0], maphash.Bytes(idSeed, text)})
}

// takeFacts compares facts with those of the rows before, and forgets them.
func (v *verifier) takeFacts(said *[]fact) error {
	for _, f := range *said {
		v.said.Fetch(f.key)
	}
	for _, f := range *said {
		if !v.said.Add(f.key, f.says) {
			return errDiffer
		}
	}
	*said = (*said)[:0]
	return nil
}

// says returns what a row says of its resource.
func (v *verifier) says(r *reader) resource {
	says := resource{newest: v.pair.made, undated: v.pair.made.IsZero()}
	deleted, empty, err := csvschema.ParseTime(r.cell(csvschema.DeletedDate), v.policy.Zone)
	says.unreadable = err != nil
	if err == nil && !empty {
		says.deleted = deleted
	}
	switch status := bytes.TrimSpace(r.cell(csvschema.ResourceStatus)); {
	case bytes.EqualFold(status, []byte("active")):
		says.active = !says.deleted.IsZero()
	case bytes.EqualFold(status, []byte("inactive")):
		says.inactive = says.deleted.IsZero() && !says.unreadable
	}
	return says
}

// add adds what another row says, in an export that is not older.
func (r *resource) add(says resource) {
	if says.newest.After(r.newest) {
		r.newest, r.inactive = says.newest, false
	}
	if says.deleted.After(r.deleted) {
		r.deleted = says.deleted
	}
	r.undated = r.undated || says.undated
	r.inactive = r.inactive || says.inactive
	r.active = r.active || says.active
	r.unreadable = r.unreadable || says.unreadable
	if r.id == 0 {
		r.id = says.id
	}
	r.several = r.several || says.id != 0 && says.id != r.id
}

// mayGo reports whether something may go from the resource, as far as rows say.
func (v *verifier) mayGo(r resource) bool {
	return !r.deleted.IsZero() || r.inactive || r.unreadable || v.isOver(r.newest)
}

// known returns what is known of the resource of a row.
func (v *verifier) known(r *reader) resource {
	key, ok := v.keyOf(r)
	if ok && v.resources != nil {
		return v.resources[key]
	}
	says := v.says(r)
	if ok {
		v.note(key, &says, r)
	}
	return says
}
