package tables

import (
	"bytes"
	"hash/maphash"
	"math"
	"time"

	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
)

// never is the instant of a date that is not there.
const never = math.MinInt64

// ticks returns an instant to 100 nanoseconds, the smallest that a cell can say, of which all
// years of four digits fit.
func ticks(t time.Time) int64 { return t.Unix()*10_000_000 + int64(t.Nanosecond())/100 }

// factSeed is that of the hashes in facts.
var factSeed = maphash.MakeSeed()

// hashOf returns a hash that is not 0.
func hashOf(text []byte) uint32 { return max(1, uint32(maphash.Bytes(factSeed, text))) }

// A factMaker finds out what records say of their resources. Only one goroutine may use it.
type factMaker struct {
	zone      *time.Location
	columns   []csvschema.Column
	positions []int
	cells     [][]byte
	at        [csvschema.LeasedByVmId + 1]int // index in columns

	quiet    quiet // of ResourceIds
	forms    func(dst, id []byte) (form []byte, last int, repeats bool)
	finder   identity.Finder
	spans    []identity.Span
	masked   []byte
	text, id []byte
}

func newFactMaker(header *csvschema.Header, zone *time.Location) *factMaker {
	m := &factMaker{zone: zone, columns: header.Role().Columns(), forms: identity.ARMForms()}
	for i, c := range m.columns {
		m.positions = append(m.positions, header.Index(c))
		m.at[c] = i
	}
	m.cells = make([][]byte, len(m.columns))
	return m
}

// of returns what a record says, without what a date says that cannot be read. That is in
// the column unreadable, if that is not 0.
func (m *factMaker) of(rec csvschema.Record) (f fact, unreadable csvschema.Column) {
	rec.Cells(m.cells, m.positions)
	m.text = m.text[:0]
	for _, cell := range m.cells {
		m.text = append(append(m.text, cell...), 0)
	}
	f = fact{deleted: never, content: hashOf(m.text)}
	f.id = m.idOf(rec.Header().Role())
	at, empty, err := csvschema.ParseTime(m.cells[m.at[csvschema.CreatedTime]], m.zone)
	switch {
	case err != nil:
		unreadable = csvschema.CreatedTime
	case !empty:
		n := ticks(at)
		f.created = max(1, uint32(n)^uint32(n>>32))
	}
	at, empty, err = csvschema.ParseTime(m.cells[m.at[csvschema.DeletedDate]], m.zone)
	switch {
	case err != nil:
		unreadable = csvschema.DeletedDate
	case !empty:
		f.deleted = ticks(at)
	}
	return f, unreadable
}

// idOf returns a hash of the ResourceId of a machine, in which it does not matter whose it is, or
// of what tells a disk apart besides its key: its ResourceId, Name and blob as they are. It is 0
// if anonymizing changed that, or there is none: then copies cannot be compared.
func (m *factMaker) idOf(role csvschema.Role) uint32 {
	cell := m.cells[m.at[csvschema.ResourceId]]
	isLoud := !m.quiet.is(cell)
	if isLoud && hasReplacement(cell) {
		return 0
	}
	isDisk := role == csvschema.Disks
	if isLoud && !isDisk {
		cell = m.mask(cell)
	}
	var last int
	if m.id, last, _ = m.forms(m.id[:0], cell); isToken(m.id[last:]) {
		return 0
	}
	if !isDisk {
		if !csvschema.Identifies(csvschema.ResourceId, m.id) {
			return 0
		}
		return hashOf(m.id)
	}
	for _, c := range [...]csvschema.Column{csvschema.Name, csvschema.DiskBlobName} {
		cell := m.cells[m.at[c]]
		m.text = identity.AppendNormal(m.text[:0], cell)
		if isToken(m.text) || identity.NextSign(cell, 0) < len(cell) && hasReplacement(cell) {
			return 0
		}
		m.id = append(append(m.id, 0), m.text...)
	}
	return hashOf(m.id)
}

// isToken reports whether a name in normal form may be one that replaces another.
func isToken(name []byte) bool { return bytes.HasPrefix(name, []byte("t-")) }

// hasReplacement reports whether a replacement is in a cell. There is none in a cell without a sign.
func hasReplacement(cell []byte) bool {
	return bytes.Contains(cell, replacedAddress) || bytes.Contains(cell, replacedObjectID)
}

// What all replacements of addresses, and of object IDs, have.
var (
	replacedAddress  = []byte(identity.ReplacementAddress[len("removed"):])
	replacedObjectID = []byte(identity.ReplacementObjectID[:len("616e6f6e-796d-8")])
)

// mask returns a cell with a star in the place of each identifier.
func (m *factMaker) mask(cell []byte) []byte {
	m.spans = m.finder.Find(m.spans[:0], cell)
	m.masked = m.masked[:0]
	copied := 0
	for _, s := range m.spans {
		m.masked = append(append(m.masked, cell[copied:s.Start]...), '*')
		copied = s.End
	}
	m.masked = append(m.masked, cell[copied:]...)
	return m.masked
}
