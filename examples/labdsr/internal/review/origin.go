package review

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

// An Origin says of what a review is: of the bytes of each file, and of which person or
// which requests. A decision counts for nothing else: the same question about the same
// line of another file, or for another person, may mean somebody else. The zero Origin
// knows no file.
type Origin struct {
	isPlan bool
	files  map[string]*ofFile // by the name of the file; see [inputs.Exports.Names]
	people []string           // of a search the identifiers, of a plan one text for all requests
}

// An ofFile is what an origin says of a file.
type ofFile struct {
	fingerprint [sha256.Size]byte
	name        string          // as it is in a review
	listed      []string        // the people, as they are in a review; made when it is first needed
	isPerson    map[string]bool // all of them; nil until then
}

// The digests in a review are short: they are there to find a mistake. Whoever does not
// have the file can guess nothing from them.
const (
	fileBytes   = 10
	personBytes = 5
)

// maxListed is how many identifiers a line lists one by one. For more it has one digest
// of all: a review with many questions about a person with many identifiers would be too
// large.
const maxListed = 32

// OfSearch returns the origin for the fingerprints of exports and the identifiers of a
// person. Hide takes identifiers out of a text.
func OfSearch(e *inputs.Exports, fingerprints map[csvschema.FileID][sha256.Size]byte, hide func(string) string, person []identity.Identifier) Origin {
	var texts []string
	for _, id := range person {
		texts = append(texts, textOf(id))
	}
	return newOrigin(e, fingerprints, hide, texts)
}

// OfPlan returns the origin for the fingerprints of exports and the identifiers of all
// requests, in any order. Hide takes identifiers out of a text.
func OfPlan(e *inputs.Exports, fingerprints map[csvschema.FileID][sha256.Size]byte, hide func(string) string, requests []anonymize.Request) Origin {
	var texts []string
	for _, request := range requests {
		texts = append(texts, textOf(request.Identifier))
	}
	slices.Sort(texts)
	o := newOrigin(e, fingerprints, hide, []string{strings.Join(slices.Compact(texts), "\n")})
	o.isPlan = true
	return o
}

// textOf returns a text that no other identifier has.
func textOf(id identity.Identifier) string {
	if id.IsVerbatim() {
		return "owner:" + id.Reveal()
	}
	return id.Reveal()
}

func newOrigin(e *inputs.Exports, fingerprints map[csvschema.FileID][sha256.Size]byte, hide func(string) string, people []string) Origin {
	o := Origin{files: map[string]*ofFile{}, people: people}
	for id, name := range e.Names(hide) {
		fingerprint := fingerprints[id]
		o.files[name] = &ofFile{fingerprint: fingerprint, name: "of-" + hex.EncodeToString(fingerprint[:fileBytes])} // a spreadsheet takes it for no number
	}
	return o
}

// digest makes the digests of people for a file.
func (f *ofFile) digest(people []string) {
	if f.isPerson != nil {
		return
	}
	f.isPerson = map[string]bool{}
	h := hmac.New(sha256.New, f.fingerprint[:])
	sum := func(text string) string {
		h.Reset()
		_, _ = h.Write([]byte(text)) // never fails
		return hex.EncodeToString(h.Sum(nil)[:personBytes])
	}
	for _, one := range people {
		f.isPerson[sum(one)] = true
	}
	f.listed = slices.Sorted(maps.Keys(f.isPerson))
	if len(f.listed) > maxListed {
		f.listed = []string{"all-" + sum(strings.Join(f.listed, " "))}
		f.isPerson[f.listed[0]] = true
	}
}

// peopleOf returns the people whom a question about a file is about, as they are in a
// review. Of those of a plan that is only one that is near a request.
func (o Origin) peopleOf(f *ofFile, q asked) []string {
	if o.isPlan && !q.isNear() {
		return nil
	}
	f.digest(o.people)
	return f.listed
}

// text returns of what a question is, as it is in a review.
func (o Origin) text(q asked) string {
	f := o.files[q.input]
	if f == nil {
		return ""
	}
	return strings.Join(append([]string{f.name}, o.peopleOf(f, q)...), " ")
}

// check returns why what was asked cannot be answered here. A file that is not there was
// not asked about.
func (o Origin) check(q asked, of string) error {
	f := o.files[q.input]
	if f == nil {
		return nil
	}
	file, rest, _ := strings.Cut(of, " ")
	was, is := strings.Fields(rest), o.peopleOf(f, q)
	switch {
	case file != f.name:
		return errors.New("the decision is about other exports: the file is not the same")
	case o.isPlan && !slices.Equal(was, is):
		return errors.New("the decision is about other requests, or about a person")
	case o.isPlan:
		return nil
	case len(was) == 0:
		return errors.New("the decision is about a plan, and not about a person")
	}
	for _, one := range was { // a person may have got more identifiers since
		if !f.isPerson[one] {
			return errors.New("the decision is about another person, or one with more identifiers")
		}
	}
	return nil
}

// CheckOrigin refuses decisions that are about anything else than the origin. Those with a
// key are checked by [Search.WithKey] before.
func (d *Decisions) CheckOrigin(o Origin) error {
	if d == nil || d.isOld {
		return nil
	}
	for _, one := range d.list {
		switch {
		case !one.isKeyed():
			if err := o.check(one.asked, one.of); err != nil {
				return d.askedAgain(one, err)
			}
		case o.isPlan:
			return d.askedAgain(one, errors.New("the decision is about a person, and not about a plan"))
		case d.stored == nil:
			return fault.In(d.path, fault.WithHint(fmt.Errorf("line %d: the decision was asked with a key", one.number), "give the --key-file of the run that asked"))
		}
	}
	return nil
}

// IsOld reports whether the review does not say of what it is, because an earlier version
// of this program wrote it.
func (d *Decisions) IsOld() bool { return d.isOld }
