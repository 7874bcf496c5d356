package redact

import (
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// HiddenText stands in what is handed out for what is hidden. It cannot be taken
// for an identifier, a name of Azure or a formula, and paths around it stay paths.
const HiddenText = "[hidden]"

// A Reason says why something in a row is hidden.
type Reason uint8

// The reasons. What is hidden for several has the first.
const (
	OtherOwner      Reason = iota + 1 // ResourceOwner is not the subject, whatever form it has
	OtherUser                         // the x of a /users/{x} that is not the subject
	OtherAddress                      // an address that is not the subject's
	OtherOccurrence                   // one of these again in the row, in whatever spelling
	OtherName                         // a name that was derived from such an address
	NotJudged                         // a cell of which it cannot be told what may be seen
)

// String returns the reason in plain words, and "not hidden" for any other value.
func (r Reason) String() string {
	switch r {
	case OtherOwner:
		return "owner who is somebody else"
	case OtherUser:
		return "user in a path who is somebody else"
	case OtherAddress:
		return "address of somebody else"
	case OtherOccurrence:
		return "further occurrence of somebody else"
	case OtherName:
		return "name derived from an address of somebody else"
	case NotJudged:
		return "cell that cannot be judged"
	}
	return "not hidden"
}

// A Cell is one cell of a resource. All copies of the resource with the same text
// in it are meant.
type Cell struct {
	Key    csvschema.Key
	Column csvschema.Column // 0 for a column that is not documented
	Number int              // of a column that is not documented, from 1 in its file; otherwise 0
	// Text is the cell as it stands in the export, which may name third parties.
	Text csvschema.PersonalText
}

// Shown says what is not hidden although it names somebody else: what the
// controller decided item by item. Nil shows nothing.
type Shown struct {
	// Identifiers are shown wherever they stand, and so are names derived from
	// them: of the subject, under an alias, or of somebody who agreed.
	Identifiers []identity.Identifier
	// Cells are shown as they stand. What they name stays hidden in other cells.
	// One whose text is not what the controller saw is not shown.
	Cells []Cell
}

// A Hidden is something that was hidden in a row.
type Hidden struct {
	Reason Reason
	Cell   Cell // where; to be given in [Shown.Cells]
	// Value is what was hidden, percent-decoded.
	Value csvschema.PersonalText
	// Identifier is Value, to be given in [Shown.Identifiers]. It is zero if Value
	// is neither an address nor an object ID.
	Identifier identity.Identifier
}

// A Summary says what was hidden of one subject's rows.
//
// It lists up to 10,000 candidates, and no more than 16 MiB of their text.
type Summary struct {
	Rows int64 // in which something was hidden

	Owners      int64 // places that were hidden as OtherOwner
	Users       int64 // as OtherUser
	Addresses   int64 // as OtherAddress
	Occurrences int64 // as OtherOccurrence
	Names       int64 // as OtherName
	NotJudged   int64 // as NotJudged

	// Candidates are the different values that were hidden, in the order in which
	// they were met, for the controller to decide what may be shown.
	Candidates []Candidate
	// More is how many places were hidden whose value is not among the
	// candidates, because they are too many.
	More int64
}

// A Candidate is a value that was hidden in one or more rows. Values with the same
// normal form (see [identity.AppendNormal]) are one candidate.
type Candidate struct {
	Hidden       // where it was met first
	Rows   int64 // in which it was hidden
}

// Places returns in how many places something was hidden.
func (h *Summary) Places() int64 {
	return h.Owners + h.Users + h.Addresses + h.Occurrences + h.Names + h.NotJudged
}

// ByReason returns how many places were hidden for a reason.
func (h *Summary) ByReason(r Reason) int64 {
	if n := h.reason(r); n != nil {
		return *n
	}
	return 0
}

func (h *Summary) reason(r Reason) *int64 {
	switch r {
	case OtherOwner:
		return &h.Owners
	case OtherUser:
		return &h.Users
	case OtherAddress:
		return &h.Addresses
	case OtherOccurrence:
		return &h.Occurrences
	case OtherName:
		return &h.Names
	case NotJudged:
		return &h.NotJudged
	}
	return nil
}

const (
	maxCandidates     = 10_000
	maxCandidateBytes = 16 << 20
)

// A tally makes a Summary.
type tally struct {
	summary Summary
	size    int            // bytes of the text of candidates
	index   map[string]int // of candidates, by normal form
	last    []int64        // for each candidate, the row in which it was met last
}

// add takes up what was hidden in one row.
func (t *tally) add(hidden []Hidden) {
	if len(hidden) == 0 {
		return
	}
	t.summary.Rows++
	var counted shownCell // whose text is in size; the places of a cell share it
	for _, h := range hidden {
		*t.summary.reason(h.Reason)++
		normal := identity.Normal(h.Value.Reveal())
		i, ok := t.index[normal]
		if !ok {
			size, in := len(h.Value.Reveal()), shownCell{h.Cell.Key, h.Cell.Column, h.Cell.Number}
			if in != counted {
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
			t.size, counted = t.size+size, in
			t.summary.Candidates = append(t.summary.Candidates, Candidate{Hidden: h})
			t.last = append(t.last, 0)
		}
		if t.last[i] != t.summary.Rows {
			t.last[i] = t.summary.Rows
			t.summary.Candidates[i].Rows++
		}
	}
}
