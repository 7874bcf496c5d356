package review

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/dsr"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// NOTE. Without a key a decision is about one line of one file. With the key of the
// controller it is about a row, wherever that is: then the column "of" holds the digest of
// the finding by which package dsr knows it again, and digests of the person's identifiers:
//
//	row-3a7b… 09f2c31d5e 77aa01b2c3 sum-1c2d3e4f
//
// The first digest is made for the identifiers that the person had then. Later they may
// have more; the digests that follow tell which were used then.

// rowPrefix begins the digest of a finding.
const rowPrefix = "row-"

// A keyedPerson is the person of a search with a key.
type keyedPerson struct {
	key     identity.SecretKey
	subject dsr.Subject
	sums    map[string]identity.Identifier // of the identifiers
	listed  string                         // the person, as in a review
}

// reviewPurpose is the purpose of the digests of identifiers.
const reviewPurpose = "review"

func newKeyedPerson(key identity.SecretKey, subject dsr.Subject) *keyedPerson {
	p := &keyedPerson{key: key, subject: subject, sums: map[string]identity.Identifier{}}
	h := key.Hash(reviewPurpose)
	sum := func(text string) string {
		h.Reset()
		_, _ = h.Write([]byte(text)) // never fails
		return hex.EncodeToString(h.Sum(nil)[:personBytes])
	}
	var all []string
	for _, id := range subject.Identifiers() {
		one := sum(id.Reveal())
		p.sums[one] = id
		all = append(all, one)
	}
	slices.Sort(all)
	p.listed = strings.Join(all, " ")
	if len(all) > maxListed {
		p.listed = "all-" + sum(p.listed)
	}
	return p
}

// of returns the text of the column "of" for a finding.
func (p *keyedPerson) of(f dsr.Finding) string {
	return rowPrefix + f.Digest(p.key, p.subject).String() + " " + p.listed
}

// was returns the person as a review lists them.
func (p *keyedPerson) was(listed string) (dsr.Subject, error) {
	if listed == p.listed {
		return p.subject, nil
	}
	var ids []identity.Identifier
	for one := range strings.FieldsSeq(listed) {
		id, ok := p.sums[one]
		if !ok {
			return dsr.Subject{}, errors.New("the decision is about another person, or one with more identifiers, or was asked with another key")
		}
		ids = append(ids, id)
	}
	return dsr.NewSubject(ids...)
}

// isKeyed reports whether it was asked with a key.
func (d *decision) isKeyed() bool { return strings.HasPrefix(d.of, rowPrefix) }

// NeedsFiles reports whether some decision is about one line of one file.
func (d *Decisions) NeedsFiles() bool {
	return d != nil && slices.ContainsFunc(d.list, func(one *decision) bool { return !one.isKeyed() })
}

// WithKey returns the search for a person with the key of the controller, so that its
// questions are about rows in any file. It refuses decisions with a key that are about
// anything else than the person. Without a key it returns the search as it is.
func (s Search) WithKey(key identity.SecretKey, person dsr.Subject, d *Decisions) (Search, error) {
	if key.IsZero() {
		return s, nil
	}
	s.person = newKeyedPerson(key, person)
	if d == nil {
		return s, nil
	}
	return s, d.open(s.person)
}

// open makes the decisions with a key ready for a search. All are about one person, with
// the same identifiers.
func (d *Decisions) open(p *keyedPerson) error {
	var first *decision
	listed, stored, by := "", map[identity.Digest]dsr.Decision{}, map[identity.Digest]*decision{}
	for _, one := range d.list {
		if !one.isKeyed() {
			continue
		}
		text, people, _ := strings.Cut(strings.TrimPrefix(one.of, rowPrefix), " ")
		if one.digest.UnmarshalText([]byte(text)) != nil {
			return d.damaged(fmt.Errorf("line %d, column of: no digest of a row", one.number))
		}
		if first == nil {
			first, listed = one, people
		}
		if people != listed {
			return fault.In(d.path, fault.WithHint(fmt.Errorf("line %d: the person has other identifiers than on line %d", one.number, first.number),
				"give the decisions of one run at a time"))
		}
		if earlier := by[one.digest]; earlier != nil && earlier.decision != one.decision {
			return d.contradicts(one, earlier)
		}
		by[one.digest], stored[one.digest] = one, dsr.NotTheirs
		if one.decision == theirs {
			stored[one.digest] = dsr.Theirs
		}
	}
	if first == nil {
		return nil
	}
	was, err := p.was(listed)
	if err != nil {
		return d.askedAgain(first, err)
	}
	d.stored = dsr.NewDecisions(p.key, []dsr.Subject{was}, stored)
	return nil
}

// askedAgain returns the error for a decision that cannot be taken here.
func (d *Decisions) askedAgain(one *decision, err error) error {
	return fault.In(d.path, fault.WithHint(fmt.Errorf("line %d: %w", one.number, err), "begin again with --review: its questions may be others"))
}
