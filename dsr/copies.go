package dsr

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// NOTE. A virtual machine is in many exports, and its owner can change between them:
//
//	export 1   ResourceUId 7, owner bob@contoso.com      a candidate for an alias of alice
//	export 2   ResourceUId 7, owner alice@example.com    alice's
//
// Bob may be Alice under another name, or he had the machine before her. Only a person
// can tell. Pass 1 notes the keys of the subjects' machines, and a hash for each machine
// that somebody else owns or uses. Pass 2 is made if one of these hashes is that of such a
// key. It lists those rows, and notes their owners if the caller asks for them.

// copies are what all rows say about the virtual machines of the subjects.
type copies struct {
	machines map[csvschema.Key]*machineCopies
	hashes   map[uint64]struct{} // of the ResourceUIds of these, by copyHash
	named    [][]uint64          // such hashes of rows that are no subject's and name somebody; one slice for each chunk
	isShared bool                // several subjects have rows of one machine
	findings []Finding           // of pass 2, in order
}

// machineCopies are what all rows say about one virtual machine.
type machineCopies struct {
	subjects []int // those who have a row of it by its owner or environment
	owners   owners
}

// A copyRow is what pass 2 found in a row.
type copyRow struct {
	row      int
	of       *machineCopies
	subjects []int // for whom the owner is another one
	owners   []string
}

// owners are the different owners of the copies of a machine, in the order of the rows.
type owners struct {
	texts []csvschema.PersonalText
	known map[string]struct{}
}

// add adds those owners that are neither blank nor a replacement of ours.
func (o *owners) add(owners []string) {
	for _, owner := range owners {
		if _, ok := o.known[owner]; ok || !namesOwner([]byte(owner)) {
			continue
		}
		if o.known == nil {
			o.known = make(map[string]struct{})
		}
		o.known[owner] = struct{}{}
		o.texts = append(o.texts, csvschema.NewPersonalText(owner))
	}
}

// namesOwner reports whether a ResourceOwner names somebody.
func namesOwner(cell []byte) bool {
	return len(cell) > 0 && !identity.IsReplacement(cell) && len(identity.AppendNormal(nil, cell)) > 0
}

// copyHash returns a hash of the ResourceUId of a virtual machine, the same for every
// spelling of a GUID. It costs little, since it is made for every machine; a collision
// costs a pass and nothing else. What is no GUID has any hash.
func copyHash(uid []byte) uint64 {
	const length = len(identity.NilObjectID)
	if len(uid) != length {
		var buf [2 * length]byte
		if uid = identity.AppendNormal(buf[:0], uid); len(uid) != length {
			return 0
		}
	}
	const lower = 0x2020202020202020 // sets the bit that tells lower from upper case, which all digits have
	first, last := binary.NativeEndian.Uint64(uid), binary.NativeEndian.Uint64(uid[length-8:])
	return (first|lower)*0x9E3779B97F4A7C15 ^ (last | lower)
}

// isUsed reports whether a virtual machine has no owner and is in somebody's environment.
func (w *worker) isUsed(row *cells) bool {
	return w.isBlank(row.owner) && slices.ContainsFunc(w.finder.UserSegments(nil, row.environment), func(x []byte) bool { return !w.isNobody(x) })
}

// learn adds what pass 1 found in a chunk and later passes need.
func (s *search) learn(c *csvschema.Chunk, r *chunkResult) {
	if len(r.named) > 0 {
		s.copies.named = append(s.copies.named, slices.Clone(r.named))
	}
	for _, m := range r.matches {
		s.addCopy(c.Record(m.row), m.subject)
	}
	for _, found := range r.findings {
		if found.kind == NearMatch && s.options.CopyOwners {
			s.addCopy(c.Record(found.row), NoSubject)
		}
	}
	for _, m := range r.machines {
		s.subjectLinks.add(m)
	}
}

// held is what pass 1 found in the rows of virtual machines, while matches must wait for
// pass 2.
type held struct {
	chunks []heldChunk
	bytes  int
	isFull bool // the rows are too many, and none is held
}

// A heldChunk is what pass 1 found in a chunk.
type heldChunk struct {
	file    *file
	rows    int64 // of the file before the chunk
	records map[int]csvschema.Record
	result  chunkResult // its matches and findings
}

// defaultMaxHeld is about how much memory held rows may take, and heldRowBytes what one takes
// beside its text.
const (
	defaultMaxHeld = 8 << 20
	heldRowBytes   = 3 << 10
)

// hold holds what pass 1 found in a chunk.
func (s *search) hold(f *file, c *csvschema.Chunk, r *chunkResult) {
	if s.held.isFull || len(r.matches)+len(r.findings) == 0 {
		return
	}
	limit := cmp.Or(s.options.maxHeld, defaultMaxHeld)
	h := heldChunk{f, f.rows, make(map[int]csvschema.Record), chunkResult{matches: slices.Clone(r.matches), findings: slices.Clone(r.findings)}}
	add := func(row int) {
		if _, ok := h.records[row]; !ok && s.held.bytes <= limit {
			s.held.bytes += heldRowBytes + len(c.Record(row).Raw())
			h.records[row] = c.Record(row).Clone()
		}
	}
	for _, m := range r.matches {
		add(m.row)
	}
	for _, found := range r.findings {
		add(found.row)
	}
	if s.held.chunks = append(s.held.chunks, h); s.held.bytes > limit {
		s.held = held{isFull: true}
	}
}

// addHeld adds the rows that were held. If they were too many, it makes pass 1 again.
func (s *search) addHeld(ctx context.Context, machines []*file) error {
	for _, h := range s.held.chunks {
		h.file.rows = h.rows
		if err := s.addRows(h.file, func(row int) csvschema.Record { return h.records[row] }, &h.result); err != nil {
			return err
		}
	}
	if !s.held.isFull {
		return nil
	}
	s.passes[csvschema.VirtualMachines]++
	return s.pass(ctx, machines, s.findMachines, func(f *file, c *csvschema.Chunk, r *chunkResult) error {
		return s.addRows(f, c.Record, r)
	})
}

// addCopy adds a row that is a subject's, if its key identifies the machine. With NoSubject
// it may become one's if a person decides so: then only its owners are noted, for a caller
// who asks for them.
func (s *search) addCopy(rec csvschema.Record, subject int) {
	if rec.KeyHash() == (csvschema.KeyHash{}) {
		return
	}
	key := rec.Key()
	s.copies.hashes[copyHash(rec.Value(csvschema.ResourceUId))] = struct{}{}
	m := s.copies.machines[key]
	if m == nil {
		m = &machineCopies{}
		s.copies.machines[key] = m
	}
	if subject != NoSubject && !slices.Contains(m.subjects, subject) {
		m.subjects = append(m.subjects, subject)
		s.copies.isShared = s.copies.isShared || len(m.subjects) > 1
	}
}

// haveOtherOwners reports whether a machine of a subject may have another owner in some
// row.
func (c *copies) haveOtherOwners() bool {
	if c.isShared || len(c.hashes) == 0 {
		return c.isShared
	}
	for _, hashes := range c.named {
		for _, hash := range hashes {
			if _, ok := c.hashes[hash]; ok {
				return true
			}
		}
	}
	return false
}

// findCopy adds the row of a virtual machine to the result if the machine is a subject's
// and the row names its owner or user.
func (s *search) findCopy(w *worker, rec csvschema.Record, i int, row *cells, r *chunkResult) {
	if _, ok := s.copies.hashes[copyHash(row.uid)]; !ok || !namesOwner(row.owner) && !w.isUsed(row) {
		return
	}
	of := s.copies.machines[rec.Key()]
	if of == nil {
		return
	}
	found := copyRow{row: i, of: of, owners: s.copyOwners(w, row)}
	v := w.machine(w.person(row.owner), row)
	for _, subject := range of.subjects {
		if !slices.Contains(v.theirs, subject) && !slices.Contains(v.near, subject) && !slices.Contains(v.alias, subject) {
			found.subjects = append(found.subjects, subject)
		}
	}
	r.copies = append(r.copies, found)
}

// addCopies adds what pass 2 found in a chunk.
func (s *search) addCopies(f *file, c *csvschema.Chunk, r *chunkResult) error {
	for _, found := range r.copies {
		found.of.owners.add(found.owners)
		slices.Sort(found.subjects)
		rec := c.Record(found.row)
		for _, subject := range found.subjects {
			s.copies.findings = append(s.copies.findings, f.finding(rec, found.row, AliasCandidate, subject))
		}
	}
	for _, m := range r.machines {
		s.subjectLinks.add(m) // no new link: workers read the map
	}
	return nil
}

// addCopyFindings asks what was decided about the findings of pass 2, counts and lists
// them.
func (s *search) addCopyFindings() error {
	for _, found := range s.copies.findings {
		decision, err := s.decide(found)
		if err != nil {
			return err
		}
		if decision == Undecided {
			s.list(found)
		}
	}
	return nil
}

// ownersOf returns the owners of all copies of a virtual machine, if the caller asks for
// them.
func (s *search) ownersOf(machine csvschema.Key) []csvschema.PersonalText {
	if of := s.copies.machines[machine]; of != nil {
		return slices.Clip(of.owners.texts)
	}
	return nil
}
