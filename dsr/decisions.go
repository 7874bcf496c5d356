package dsr

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"strings"
	handles "unique" // this package has a function of that name

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// ErrDecision says that [Options.Decide] returned [Theirs] for a finding that does not
// take it (see [Finding.TakesTheirs]), or no Decision at all, or that it decided one row to
// be a subject's and not.
var ErrDecision = errors.New("decision that the finding does not take")

// findingPurpose is the purpose of the digests of findings.
const findingPurpose = "finding"

// decisive are the columns in which two rows must agree for one decision: those that tell
// resources apart, and those by which a search says whose a row is. The dates of a disk
// are among them.
var decisive = map[csvschema.Role][]csvschema.Column{
	csvschema.VirtualMachines: {
		csvschema.LabUId, csvschema.ResourceUId, csvschema.ResourceId, csvschema.Name, csvschema.CreatedTime,
		csvschema.ResourceOwner, csvschema.EnvironmentId,
	},
	csvschema.Disks: {
		csvschema.LabUId, csvschema.ResourceUId, csvschema.ResourceId, csvschema.Name, csvschema.DiskBlobName, csvschema.CreatedTime,
		csvschema.DeletedDate, csvschema.LeasedByVmId,
	},
}

// A rowSum is the SHA-256 sum of what is decisive in a row. An address can be guessed from
// it. It is a handle because fmt prints the fields of a value by reflection.
type rowSum struct {
	handle handles.Handle[[sha256.Size]byte]
}

// newRowSum returns the sum of a record.
func newRowSum(rec csvschema.Record) rowSum {
	role := rec.Header().Role()
	var text, cell []byte
	for _, c := range decisive[role] {
		cell = identity.AppendNormal(cell[:0], rec.Value(c))
		text = appendPart(text, cell)
	}
	return rowSum{handles.Make(sha256.Sum256(text))}
}

// A rival is a hash of a virtual machine that a disk may belong to, and of whose it is.
type rival [sha256.Size]byte

// newRival returns the rival of a row.
func newRival(row *cells) rival {
	var text, cell []byte
	for _, of := range [][]byte{row.uid, row.owner, row.environment} {
		cell = identity.AppendNormal(cell[:0], of)
		text = appendPart(text, cell)
	}
	return sha256.Sum256(text)
}

// sumOf returns the sum of rivals, in whatever order and export they are.
func sumOf(rivals map[rival]struct{}) rowSum {
	var text []byte
	for _, r := range slices.SortedFunc(maps.Keys(rivals), func(a, b rival) int { return bytes.Compare(a[:], b[:]) }) {
		text = append(text, r[:]...)
	}
	return rowSum{handles.Make(sha256.Sum256(text))}
}

// addRivals adds to the findings about an undetermined disk, whose links are in w.links, the
// machines that compete for it. Those of a link count only for a subject who has or may have
// one of them, because a search for that subject alone knows no other links.
func (s *search) addRivals(w *worker, findings []rowFinding) {
	for i := range findings {
		f, text := &findings[i], []byte(nil)
		if f.kind != Undetermined {
			continue
		}
		for _, link := range w.links {
			if l := s.subjectLinks.find(&w.linker, link); l != nil && slices.Contains(appendSubjects(nil, l.settle().candidates), f.subject) {
				sum := l.settle().sum.handle.Value()
				text = append(text, sum[:]...)
			}
		}
		f.rivals = rowSum{handles.Make(sha256.Sum256(text))}
	}
}

// takesTheirs reports whether a person may decide that the row of the finding is theirs. The
// matches are those of the chunk that nobody had to decide about.
func (f rowFinding) takesTheirs(rec csvschema.Record, judged []rowMatch) bool {
	if f.kind != AliasCandidate {
		return f.kind == Undetermined || f.kind == NearMatch
	}
	owner := identity.AppendNormal(nil, rec.Value(csvschema.ResourceOwner))
	return !csvschema.Identifies(csvschema.ResourceOwner, owner) && !f.isMatch(judged)
}

// isMatch reports whether the row of the finding is one of the matches of its subject.
func (f rowFinding) isMatch(matches []rowMatch) bool {
	return slices.ContainsFunc(matches, func(m rowMatch) bool { return m.row == f.row && m.subject == f.subject })
}

// appendPart appends a text and its length, so that no two lists of texts are the same.
func appendPart[T string | []byte](dst []byte, text T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

// Equal reports whether the findings are equal by ==, which also compares what their digests
// are made of. Package go-cmp calls it.
func (f Finding) Equal(g Finding) bool { return f == g }

// Digest returns what a program stores to know the finding again: a digest under a key of
// the program, for a person, in every release. It reveals nothing without the key.
//
// Two findings have the same digest if they are of the same kind, for the same identifiers,
// and if their rows agree, as [identity.Normal] compares, in LabUId, ResourceUId,
// ResourceId, Name and CreatedTime; of virtual machines also in ResourceOwner and
// EnvironmentId, of disks in DiskBlobName, LeasedByVmId and DeletedDate. So the same row in
// a later export is the same finding, in whatever file and line it is. A row that may be
// somebody else's is another finding. So is an undetermined disk if other machines compete
// for it, by their ResourceUId, or the same machines are somebody else's, by ResourceOwner
// and EnvironmentId.
//
// The person is the subject of the finding. A program that learns more identifiers of the
// person may pass the subject as it was when it asked first; then earlier decisions still
// apply. Digest panics if there is no key. It returns the zero Digest for a Finding that no
// search made.
func (f Finding) Digest(key identity.SecretKey, person Subject) (sum identity.Digest) {
	h := key.Hash(findingPurpose)
	if f.row == (rowSum{}) {
		return identity.Digest{}
	}
	row := f.row.handle.Value()
	text := append([]byte{byte(f.Kind), byte(f.Role)}, row[:]...)
	if f.rivals != (rowSum{}) {
		rivals := f.rivals.handle.Value()
		text = append(text, rivals[:]...)
	}
	for _, id := range person.ids {
		verbatim := "0"
		if id.IsVerbatim() {
			verbatim = "1"
		}
		text = appendPart(appendPart(text, verbatim), id.Reveal())
	}
	_, _ = h.Write(text) // never fails
	h.Sum(sum[:0])
	return sum
}

// Decisions are decisions that a program stored by the digests of their findings. They
// answer the findings of a search, as its [Options.Decide], and then tell which of them met
// none. Only one goroutine may use them.
type Decisions struct {
	key     identity.SecretKey
	persons []Subject
	stored  map[identity.Digest]Decision
	met     map[identity.Digest]bool
}

// NewDecisions returns decisions by [Finding.Digest] under a key, for the persons of a
// search: its subjects, in their order, or what was passed to Digest in their place. The
// map must not be changed while a search uses it. It panics if there is no key.
func NewDecisions(key identity.SecretKey, persons []Subject, stored map[identity.Digest]Decision) *Decisions {
	_ = key.Hash(findingPurpose)
	return &Decisions{key: key, persons: persons, stored: stored, met: make(map[identity.Digest]bool)}
}

// Decide returns the decision about a finding, for [Options.Decide]. A finding about no
// subject, or about one that has no person, is Undecided.
func (d *Decisions) Decide(f Finding) Decision {
	if f.Subject < 0 || f.Subject >= len(d.persons) || len(d.stored) == 0 {
		return Undecided
	}
	digest := f.Digest(d.key, d.persons[f.Subject])
	decision, ok := d.stored[digest]
	if ok {
		d.met[digest] = true
	}
	return decision
}

// Unmet returns the digests of the decisions that met no finding since the Decisions were
// made, in order. The row is not in these exports or no longer a finding, or it has changed
// in what the digest is made of: then it was asked about again.
func (d *Decisions) Unmet() []identity.Digest {
	unmet := maps.Clone(d.stored)
	for digest := range d.met {
		delete(unmet, digest)
	}
	return slices.SortedFunc(maps.Keys(unmet), func(a, b identity.Digest) int { return strings.Compare(string(a[:]), string(b[:])) })
}

// decide returns what was decided about a finding. The error is ErrDecision if the finding
// does not take that.
func (s *search) decide(f Finding) (Decision, error) {
	if s.options.Decide == nil || f.Subject == NoSubject {
		return Undecided, nil
	}
	d := s.options.Decide(f)
	if d > NotTheirs || d == Theirs && !f.TakesTheirs {
		return Undecided, &csvschema.Error{FileID: f.FileID, Line: f.Line, Err: ErrDecision}
	}
	return d, nil
}
