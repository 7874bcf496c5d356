package review

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
	"github.com/labdsr/labdsr/examples/labdsr/internal/inputs"
)

// An Origin says of what a review is: of the bytes of each file and, if it is one of a
// search, of which person. A decision counts for nothing else: the same question about
// the same line of another file, or for another person, may mean somebody else. The zero
// Origin knows no file.
type Origin struct {
	files  map[string]string   // by the name of the file; see [inputs.Exports.Names]
	people map[string][]string // one for each identifier, by the name of the file
}

// The digests in a review are short: they are there to find a mistake. Whoever does not
// have the file can guess nothing from them.
const (
	fileBytes   = 10
	personBytes = 5
)

// NewOrigin returns the origin for the fingerprints of exports and the identifiers of a
// person. Hide takes identifiers out of a text.
func NewOrigin(e *inputs.Exports, fingerprints map[csvschema.FileID][sha256.Size]byte, hide func(string) string, person ...identity.Identifier) Origin {
	o := Origin{map[string]string{}, map[string][]string{}}
	for id, name := range e.Names(hide) {
		fingerprint := fingerprints[id]
		o.files[name] = "of-" + hex.EncodeToString(fingerprint[:fileBytes]) // a spreadsheet takes it for no number
		for _, one := range person {
			h := hmac.New(sha256.New, fingerprint[:])
			_, _ = h.Write([]byte(one.Reveal())) // never fails
			o.people[name] = append(o.people[name], hex.EncodeToString(h.Sum(nil)[:personBytes]))
		}
		slices.Sort(o.people[name])
	}
	return o
}

// text returns of what a question about a file is, as it is in a review.
func (o Origin) text(file string) string {
	return strings.Join(append([]string{o.files[file]}, o.people[file]...), " ")
}

// check returns why what was asked about a file cannot be answered here. A person may
// have got more identifiers since. A file that is not there was not asked about.
func (o Origin) check(file, of string) error {
	want, ok := o.files[file]
	if !ok {
		return nil
	}
	parts := strings.Fields(of)
	if len(parts) == 0 || parts[0] != want {
		return errors.New("the decision is about other exports: the file is not the same")
	}
	for _, one := range parts[1:] {
		if !slices.Contains(o.people[file], one) {
			return errors.New("the decision is about another person, or one with more identifiers")
		}
	}
	if len(parts) == 1 && len(o.people[file]) > 0 {
		return errors.New("the decision is about a plan, and not about a person")
	}
	return nil
}

// CheckOrigin refuses decisions that are about anything else than the origin.
func (d *Decisions) CheckOrigin(o Origin) error {
	if d == nil || d.isOld {
		return nil
	}
	for _, one := range d.list {
		if err := o.check(one.input, one.of); err != nil {
			return fault.In(d.path, fault.WithHint(fmt.Errorf("line %d: %w", one.number, err), "begin again with --review: its questions may be others"))
		}
	}
	return nil
}

// IsOld reports whether the review does not say of what it is, because an earlier version
// of this program wrote it.
func (d *Decisions) IsOld() bool { return d.isOld }
