package verify

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"hash"
	"hash/maphash"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

const (
	// documentedRetention is how long identifiers stay where a policy does not say.
	documentedRetention = 30 * 24 * time.Hour
	// The purposes of the digests of requests: of identifiers, and of whole owners.
	requestDigests = "request"
	ownerDigests   = "verbatim request"
)

// A verifier decides what had to go, from the documentation of policies, and compares.
type verifier struct {
	policy    *anonymize.Policy
	now       time.Time
	retention time.Duration
	result    Verification

	resources map[resourceKey]resource // what all rows say; nil if each row is believed
	machines  map[string]*machine      // by lab and ID; see names.go
	owners    map[resourceKey]letters  // of the copies of a machine
	held      map[csvschema.Key]bool
	decided   map[csvschema.Key]time.Time // when it was deleted; zero if it exists

	// Where each row is believed: what rows said, by their keys, and what the last rows said.
	said  facts
	facts []fact

	pair    *pair
	counted *countingReader // of the input
	after   *reader
	key     []byte
	note8   []byte
	lab     string // of the row that keyOf read last, in normal form
	isLab   bool   // it identifies a lab
	cellChecker
	wholeFinder

	batchBytes            int // 0 if there are no batches
	workers               []*verifier
	inputFile, outputFile *reader // of the pair
	input, output         reader  // of a batch
	ordinary              map[string]ordinaryOwner
	last                  [][]byte // quiet cells of the row before
	ids                   [][]byte // of a row
}

func newVerifier(p *anonymize.Policy, now time.Time) *verifier {
	v := &verifier{
		wholeFinder: newWholeFinder(p), policy: p, now: now, retention: p.Retention, ordinary: map[string]ordinaryOwner{},
		held: map[csvschema.Key]bool{}, decided: map[csvschema.Key]time.Time{},
		cellChecker: newCellChecker(p),
	}
	v.isAsked = func(normal []byte) bool { return len(v.requestsOf(normal)) > 0 }
	if v.retention == 0 {
		v.retention = documentedRetention
	}
	for _, h := range p.Holds {
		if h.Until.IsZero() || now.Before(h.Until) {
			v.held[h.Key] = true
		}
	}
	for _, d := range p.Decisions {
		v.decided[d.Key] = d.Deleted
	}
	return v
}

// share makes v a worker of another verifier.
func (v *verifier) share(other *verifier) {
	v.pair, v.resources, v.machines, v.owners = other.pair, other.resources, other.machines, other.owners
	v.inputFile, v.outputFile = other.inputFile, other.outputFile
}

// isOver reports whether the retention is over that began at an instant, if it began.
func (v *verifier) isOver(began time.Time) bool {
	return !began.IsZero() && !v.now.Before(began.Add(v.retention))
}

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
	v.said, v.resources = facts{}, map[resourceKey]resource{}
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

// learnBatch finds out what the rows of a batch say, and leaves it if something is wrong
// with its text.
func (v *verifier) learnBatch(b *batch) {
	b.learned = b.learned[:0]
	r := &v.input
	b.open(r, v.inputFile, b.before)
	for b.isLast || r.at < len(b.before) {
		ok, err := r.read()
		if err != nil {
			return
		}
		if !ok {
			break
		}
		if key, ok := v.keyOf(r); ok {
			b.learned = append(b.learned, learned{key, v.saysWithID(r)})
		}
	}
	b.isRegular = true
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
	text := binary.LittleEndian.AppendUint64(v.note8[:0], uint64(says.deleted.Unix())) //nolint:gosec // any number
	text = binary.LittleEndian.AppendUint32(text, uint32(says.deleted.Nanosecond()))   //nolint:gosec // as before
	for _, is := range [...]bool{says.inactive, says.active, says.unreadable} {
		text = strconv.AppendBool(text, is)
	}
	for _, c := range [...]csvschema.Column{csvschema.ResourceId, csvschema.Name, csvschema.DiskBlobName} {
		if c == csvschema.ResourceId || v.pair.Role == csvschema.Disks { // what resourceID looks at
			text = append(append(text, 0), r.cell(c)...)
		}
	}
	v.note8 = text
	v.facts = append(v.facts, fact{key[0], maphash.Bytes(idSeed, text)})
}

// takeFacts compares facts with those of the rows before, and forgets them.
func (v *verifier) takeFacts(said *[]fact) error {
	for _, f := range *said {
		if !v.said.add(f) {
			return errDiffer
		}
	}
	*said = (*said)[:0]
	return nil
}

// Facts are one fact for each key: a hash table whose size is a power of two, and of which a
// quarter at least is free. A built-in map takes five times as long, in one goroutine for all
// workers.
type facts struct {
	slots []fact // a key of 0 means that the slot is free
	count int
}

// add adds a fact. It returns false if there is another of the same key.
func (t *facts) add(f fact) bool {
	if 4*t.count >= 3*len(t.slots) {
		old := t.slots
		t.slots, t.count = make([]fact, max(1<<10, 2*len(old))), 0
		for _, f := range old {
			if f.key != 0 {
				t.add(f)
			}
		}
	}
	f.key = max(f.key, 1)
	for i := f.key; ; i++ {
		slot := &t.slots[i&uint64(len(t.slots)-1)]
		if slot.key == 0 {
			*slot = f
			t.count++
			return true
		}
		if slot.key == f.key {
			return slot.says == f.says
		}
	}
}

// resourceID returns a hash of what tells whether rows with one key are of one resource. It is
// 0 if there is nothing, or if something in it is a replacement: then nobody knows what it
// was.
func (v *verifier) resourceID(r *reader) uint64 {
	if v.pair.Role == csvschema.Disks {
		return v.diskID(r)
	}
	// Users and addresses in the ResourceId of a machine go.
	cell := r.cell(csvschema.ResourceId)
	var text strings.Builder
	end := 0
	for _, s := range v.finder.Find(nil, cell) {
		_, _ = text.Write(cell[end:s.Start])
		_, _ = text.WriteString("{}")
		end = s.End
	}
	_, _ = text.Write(cell[end:])
	path := pathOf(text.String())
	if !isText(path) || isReplaced(path) {
		return 0
	}
	return maphash.String(idSeed, path)
}

// diskID is resourceID for a disk. Its key does not tell whose path it has, nor which
// addresses are in its names.
func (v *verifier) diskID(r *reader) uint64 {
	texts := []string{pathOf(string(r.cell(csvschema.ResourceId)))}
	for _, c := range [...]csvschema.Column{csvschema.Name, csvschema.DiskBlobName} {
		texts = append(texts, string(identity.AppendNormal(nil, v.decoder.AppendDecoded(nil, r.cell(c)))))
	}
	if slices.ContainsFunc(texts, isReplaced) {
		return 0
	}
	for _, c := range [...]csvschema.Column{csvschema.ResourceId, csvschema.Name, csvschema.DiskBlobName} {
		if v.callers != nil && v.holdsAnonymous(r.cell(c)) {
			return 0
		}
	}
	return maphash.String(idSeed, strings.Join(texts, "\x00"))
}

// holdsAnonymous reports whether an identifier in a cell is anonymous.
func (v *verifier) holdsAnonymous(cell []byte) bool {
	return slices.ContainsFunc(v.finder.UserSegments(nil, cell), v.isAnonymous) ||
		slices.ContainsFunc(v.finder.Find(nil, cell), func(s identity.Span) bool { return v.isAnonymous(cell[s.Start:s.End]) })
}

// isReplaced reports whether a path or name holds a replacement.
func isReplaced(text string) bool {
	return replacedIDs.MatchString(text) || replacedPart.MatchString(text)
}

// replacedPart matches a path with the replacement of an address, or with that of a name
// at its end.
var replacedPart = regexp.MustCompile(`@anonymized\.invalid|(?:^|/)t-[0-9a-f]{32}$`)

var idSeed, keySeed = maphash.MakeSeed(), maphash.MakeSeed()

// says returns what a row says of its resource.
func (v *verifier) says(r *reader) resource {
	says := resource{newest: v.pair.made, undated: v.pair.made.IsZero()}
	deleted, empty, err := csvschema.ParseTime(r.cell(csvschema.DeletedDate), v.policy.Zone)
	says.unreadable = err != nil
	if err == nil && !empty {
		says.deleted = deleted
	}
	switch string(bytes.ToLower(bytes.TrimSpace(r.cell(csvschema.ResourceStatus)))) {
	case "active":
		says.active = !says.deleted.IsZero()
	case "inactive":
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

// keyOf returns the key of the resource of a row, and false for a row that belongs to none.
func (v *verifier) keyOf(r *reader) (key resourceKey, ok bool) {
	v.key = identity.AppendNormal(v.key[:0], r.cell(csvschema.LabUId))
	lab := len(v.key)
	v.key = identity.AppendNormal(append(v.key, 0), r.cell(csvschema.ResourceUId))
	if string(v.key[:lab]) != v.lab { // seldom: most rows have the lab of the one before
		v.lab = string(v.key[:lab])
		v.isLab = isText(v.lab)
	}
	if !v.isLab || !isUID(v.key[lab+1:]) {
		return resourceKey{}, false
	}
	v.key = append(v.key, byte(v.pair.Role))
	if v.pair.Role == csvschema.Disks {
		v.key = append(v.key, v.partsOfDisk(r)...)
	}
	return resourceKey{maphash.Bytes(idSeed, v.key), maphash.Bytes(keySeed, v.key)}, true
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

// noID are texts that programs write where there is no ID, or make of one.
var noID = regexp.MustCompile(`^(?s:#.*|(system|microsoft)\.[^/]*|[^\pL]*|[^\pLe]*(e[^\pLe]*)+|[()<>\[\]{}"'\\ ]*(null|dbnull|nil|none|n|n/a|na|nan|undefined|unknown|empty|true|false)[()<>\[\]{}"'\\ ]*)$`)

// isHexID reports whether a text in normal form is a GUID.
func isHexID[T string | []byte](normal T) bool {
	if len(normal) != len(nilID) {
		return false
	}
	for i := range len(nilID) {
		if ofNilID[normal[i]] != nilID[i] {
			return false
		}
	}
	return true
}

const nilID = "00000000-0000-0000-0000-000000000000" // the nil GUID

// ofNilID maps each byte of a GUID to the byte that the nil GUID has in its place.
var ofNilID = func() (set [256]byte) {
	for _, c := range []byte("0123456789abcdef") {
		set[c] = '0'
	}
	set['-'] = '-'
	return set
}()

// isUID reports whether a ResourceUId in normal form identifies a resource: a GUID that
// is not nil.
func isUID[T string | []byte](normal T) bool { return isHexID(normal) && string(normal) != nilID }

// isText reports whether a LabUId or an ARM ID in normal form is one: a GUID that is not
// nil, or another text that does not say that there is none.
func isText(normal string) bool {
	switch {
	case isHexID(normal):
		return normal != nilID
	case strings.HasPrefix(normal, "/"):
		return true
	}
	return !noID.MatchString(normal)
}

// partsOfDisk returns what tells the disks of a machine apart, without what anonymizing
// changes: instead of each identifier, or of its replacement, there is a star.
func (v *verifier) partsOfDisk(r *reader) []byte {
	columns := [...]csvschema.Column{csvschema.ResourceId, csvschema.Name, csvschema.DiskBlobName}
	var found identity.Values
	for _, c := range columns {
		for _, s := range v.finder.Find(nil, r.cell(c)) {
			found.Add(r.cell(c)[s.Start:s.End])
		}
		for _, x := range v.finder.UserSegments(nil, r.cell(c)) {
			found.Add(x)
		}
	}
	var parts []byte
	for _, c := range columns {
		cell, hidden := r.cell(c), []byte(nil)
		from := 0
		for _, s := range v.finder.FindValues(v.finder.Find(nil, cell), cell, &found) {
			hidden = append(append(hidden, cell[from:s.Start]...), 0, '*')
			from = s.End
		}
		hidden = replacedIDs.ReplaceAll(append(hidden, cell[from:]...), []byte("\x00*"))
		if c == csvschema.ResourceId {
			hidden = []byte(pathOf(string(hidden)))
		}
		hidden = bytes.ReplaceAll(identity.AppendNormal(nil, hidden), []byte("\x00*\x00*"), []byte("\x00*"))
		parts = append(append(parts, 0, 0), hidden...)
	}
	return parts
}

// replacedIDs are the replacements of object IDs.
var replacedIDs = regexp.MustCompile(`(?i:616e6f6e-796d-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})`)

// publicKey returns the key by which a hold or decision names the resource of a row.
func (v *verifier) publicKey(r *reader) csvschema.Key {
	lab, uid := string(r.cell(csvschema.LabUId)), string(r.cell(csvschema.ResourceUId))
	if v.pair.Role == csvschema.VirtualMachines {
		return csvschema.VirtualMachineRow{LabUId: lab, ResourceUId: uid}.Key()
	}
	personal := func(c csvschema.Column) csvschema.PersonalText {
		return csvschema.NewPersonalText(string(r.cell(c)))
	}
	return csvschema.DiskRow{
		LabUId: lab, ResourceUId: uid, ResourceId: personal(csvschema.ResourceId),
		Name: personal(csvschema.Name), DiskBlobName: personal(csvschema.DiskBlobName),
	}.Key()
}

// A duty is what has to go from a row.
type duty struct {
	all    bool     // all identifiers
	values [][]byte // these, in normal form, in any case
}

// isNone reports whether the row has to stay as it is.
func (d duty) isNone() bool { return !d.all && len(d.values) == 0 }

// dutyOf decides what has to go from a row.
func (v *verifier) dutyOf(r *reader) duty {
	var deleted time.Time
	isDecided, isOpen := false, false
	known := v.known(r)
	if len(v.held)+len(v.decided) > 0 {
		key := v.publicKey(r)
		if v.held[key] {
			return duty{}
		}
		deleted, isDecided = v.decided[key]
		isDecided = isDecided && (deleted.IsZero() || !known.several) // or nobody knows which of them was meant
	}
	if !isDecided {
		deleted, isOpen = v.deletion(known)
	}
	d := duty{all: v.isOver(deleted)}
	if len(v.policy.Requests) == 0 {
		return d
	}
	var waiting [][]byte // go now only if all do
	v.eachMention(r, func(normal []byte, requests []int, theirs bool) {
		for _, i := range requests {
			at, ever := v.begins(&v.policy.Requests[i], deleted, isOpen)
			if !ever || at.After(v.now) {
				waiting = append(waiting, slices.Clone(normal))
				continue
			}
			d.all = d.all || theirs
			d.values = append(d.values, slices.Clone(normal))
		}
	})
	if d.all {
		d.values = append(d.values, waiting...)
	}
	return d
}

// begins returns when a request is carried out in rows of a resource that was deleted
// at an instant, zero if it was not; and whether it ever is, as far as is known. Open
// says that a person must decide whether the resource was deleted.
func (v *verifier) begins(q *anonymize.Request, deleted time.Time, isOpen bool) (at time.Time, ever bool) {
	switch {
	case q.Kind == anonymize.Removed:
		return q.At.Add(v.retention), true
	case q.Existing:
		return q.At, true
	case isOpen || deleted.IsZero():
		return time.Time{}, false
	case deleted.After(q.At):
		return deleted, true
	}
	return q.At, true
}

// deletion returns when a resource was deleted, by what all rows of it say; the zero time if
// it was not, as far as is known. Open says that a person must decide.
func (v *verifier) deletion(says resource) (deleted time.Time, isOpen bool) {
	switch {
	case says.unreadable || says.active || says.several:
		return time.Time{}, true
	case !says.deleted.IsZero():
		return says.deleted, false
	case v.policy.DeleteStale && !says.undated && !says.newest.IsZero() && (says.inactive || v.isOver(says.newest)):
		return says.newest, false
	}
	return time.Time{}, false
}

// keyed returns the keyed digest of a value.
func keyed(h hash.Hash, value []byte) (sum identity.Digest) {
	h.Reset()
	_, _ = h.Write(value) // never fails
	h.Sum(sum[:0])
	return sum
}

// eachMention calls do with the normal form of each identifier that the row holds and the
// requests for it, more than once perhaps. Theirs says that the row is wholly that person's.
func (v *verifier) eachMention(r *reader, do func(normal []byte, requests []int, theirs bool)) {
	hasOwner := len(identity.AppendNormal(nil, r.cell(csvschema.ResourceOwner))) > 0
	for i, column := range r.columns {
		cell := r.text(i)
		if column.content == owner {
			normal := identity.AppendNormal(nil, cell)
			do(normal, slices.Concat(v.requestsOf(normal), v.requestsOfOwner(normal)), true)
		}
		if column.id == csvschema.ResourceId && v.pair.Role == csvschema.Disks ||
			column.id == csvschema.EnvironmentId && v.pair.Role == csvschema.VirtualMachines && !hasOwner {
			for _, x := range v.finder.UserSegments(nil, cell) {
				normal := identity.AppendNormal(nil, x)
				do(normal, v.requestsOf(normal), true)
			}
		}
		if column.isAsDocumented(cell) {
			continue
		}
		v.eachTaken(cell, column, func(normal []byte) { do(normal, v.requestsOf(normal), false) })
	}
}
