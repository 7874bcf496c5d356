package redact

import (
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// HiddenText replaces what is hidden. It cannot be mistaken for an identifier, a name
// in Azure or a formula, and a path that holds it is still a path.
const HiddenText = "[hidden]"

// A Reason says why a place in a row is hidden.
type Reason uint8

// The reasons. A place that is hidden for several reasons has the first of them.
const (
	OtherOwner      Reason = iota + 1 // ResourceOwner, if it is not the subject, in whatever form
	OtherUser                         // the x of a /users/{x}, if it is not the subject
	OtherAddress                      // an address that is not the subject's
	OtherOccurrence                   // an owner, user or address of these again in the row, in any spelling
	OtherName                         // a name that was derived from such an address
	NotJudged                         // a cell of which the Redactor cannot tell what may be seen
)

var reasons = [...]struct{ code, words string }{
	{"", "not hidden"},
	OtherOwner:      {"other-owner", "owner who is somebody else"},
	OtherUser:       {"other-user", "user in a path who is somebody else"},
	OtherAddress:    {"other-address", "address of somebody else"},
	OtherOccurrence: {"other-occurrence", "further occurrence of somebody else"},
	OtherName:       {"other-name", "name derived from an address of somebody else"},
	NotJudged:       {"not-judged", "cell that cannot be judged"},
}

// String returns the reason in plain words, and "not hidden" for any other value.
func (r Reason) String() string {
	if int(r) >= len(reasons) {
		r = 0
	}
	return reasons[r].words
}

// MarshalText returns the code of the reason, which does not change, such as
// "other-owner", and "" for any other value.
func (r Reason) MarshalText() ([]byte, error) {
	if int(r) >= len(reasons) {
		r = 0
	}
	return []byte(reasons[r].code), nil
}

// A Cell is one cell of a resource, in all rows of the resource that have the same text
// there.
type Cell struct {
	Key    csvschema.Key
	Column csvschema.Column // 0 for a column that is not documented
	Number int              // of a column that is not documented, from 1 in its file; otherwise 0
	// Text is the cell as it is in the export. It may name third parties.
	Text csvschema.PersonalText
}

// Shown says what is not hidden although it names somebody else. The controller
// decides it item by item. Nil shows nothing.
type Shown struct {
	// Identifiers are shown in every cell, and so are names that were derived from
	// them. They may be aliases of the subject, or belong to somebody who agreed.
	Identifiers []identity.Identifier
	// Cells are shown as they are. What they name stays hidden in other cells. A cell
	// is shown only if its text is the one that the controller saw.
	Cells []Cell
}

// A Hidden is one place that was hidden in a row.
type Hidden struct {
	Reason Reason
	Cell   Cell // the cell with the place; add it to [Shown.Cells] to show it
	// Value is what was hidden, percent-decoded.
	Value csvschema.PersonalText
	// Identifier is the identifier in Value; add it to [Shown.Identifiers] to show it.
	// It is zero if Value is neither an address nor an object ID.
	Identifier identity.Identifier
}

// A Summary says what was hidden in one subject's rows.
//
// It lists up to 10,000 candidates, and no more than 16 MiB of their text.
type Summary struct {
	Rows int64 // number of rows in which something was hidden

	// The number of places that were hidden for each reason.
	Owners      int64 // OtherOwner
	Users       int64 // OtherUser
	Addresses   int64 // OtherAddress
	Occurrences int64 // OtherOccurrence
	Names       int64 // OtherName
	NotJudged   int64 // NotJudged

	// Candidates are the different values that were hidden, in the order in which
	// they were found first.
	Candidates []Candidate
	// More is the number of hidden places whose value is not in Candidates, because
	// that list is full.
	More int64
}

// A Candidate is a value that was hidden, for the controller to decide whether the
// subject may see it. Values with the same normal form (see [identity.AppendNormal])
// are one candidate.
type Candidate struct {
	Hidden       // the place where it was found first
	Rows   int64 // number of rows in which it was hidden
}

// Places returns the number of places that were hidden.
func (s *Summary) Places() int64 {
	return s.Owners + s.Users + s.Addresses + s.Occurrences + s.Names + s.NotJudged
}

// ByReason returns the number of places that were hidden for a reason, and 0 for any
// other value.
func (s *Summary) ByReason(r Reason) int64 {
	if n := s.reason(r); n != nil {
		return *n
	}
	return 0
}

// reason returns the counter of a reason, or nil for any other value.
func (s *Summary) reason(r Reason) *int64 {
	switch r {
	case OtherOwner:
		return &s.Owners
	case OtherUser:
		return &s.Users
	case OtherAddress:
		return &s.Addresses
	case OtherOccurrence:
		return &s.Occurrences
	case OtherName:
		return &s.Names
	case NotJudged:
		return &s.NotJudged
	}
	return nil
}

// The limits of the candidates of a Summary.
const (
	maxCandidates     = 10_000
	maxCandidateBytes = 16 << 20
)

// A tally makes a Summary.
type tally struct {
	summary Summary
	size    int            // bytes of the texts of the candidates
	index   map[string]int // of a candidate, by normal form
	lastRow []int64        // for each candidate, the row that counted it last
}

// add adds what was hidden in one row.
func (t *tally) add(hidden []Hidden) {
	if len(hidden) == 0 {
		return
	}
	t.summary.Rows++
	var counted cellKey // the cell whose text is in size already; its places share the text
	for _, h := range hidden {
		*t.summary.reason(h.Reason)++
		normal := identity.Normal(h.Value.Reveal())
		i, ok := t.index[normal]
		if !ok {
			size, cell := len(h.Value.Reveal()), cellKey{h.Cell.Key, h.Cell.Column, h.Cell.Number}
			if cell != counted {
				size += len(h.Cell.Text.Reveal())
			}
			if len(t.summary.Candidates) == maxCandidates || t.size+size > maxCandidateBytes {
				t.summary.More++
				continue
			}
			if t.index == nil {
				t.index = make(map[string]int)
			}
			i = len(t.summary.Candidates)
			t.index[normal] = i
			t.size, counted = t.size+size, cell
			t.summary.Candidates = append(t.summary.Candidates, Candidate{Hidden: h})
			t.lastRow = append(t.lastRow, 0)
		}
		if t.lastRow[i] != t.summary.Rows {
			t.lastRow[i] = t.summary.Rows
			t.summary.Candidates[i].Rows++
		}
	}
}
