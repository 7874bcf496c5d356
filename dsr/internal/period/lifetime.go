package period

import (
	"cmp"
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// An instant is what a date cell says.
type instant struct {
	known      bool // the cell holds a date
	unreadable bool // the cell is not empty, and holds no date
	nanosecond int32
	second     int64 // since 1970
}

// newInstant returns what a cell says.
func newInstant(cell []byte, zone *time.Location) instant {
	t, empty, err := csvschema.ParseTime(cell, zone)
	switch {
	case err != nil:
		return instant{unreadable: true}
	case empty:
		return instant{}
	}
	return instant{known: true, second: t.Unix(), nanosecond: int32(t.Nanosecond())} //nolint:gosec // less than a second
}

// compare returns which of two instants is earlier. Those that are not known are
// equal.
func (i instant) compare(j instant) int {
	return cmp.Or(cmp.Compare(i.second, j.second), cmp.Compare(i.nanosecond, j.nanosecond))
}

// notBefore reports whether both instants are known and i is not before j.
func (i instant) notBefore(j instant) bool {
	return i.known && j.known && i.compare(j) >= 0
}

// A Lifetime is when a resource was created and deleted. It is comparable with ==.
type Lifetime struct{ created, deleted instant }

// NewLifetime returns what the cells of a resource say.
func NewLifetime(created, deleted []byte, zone *time.Location) Lifetime {
	return Lifetime{newInstant(created, zone), newInstant(deleted, zone)}
}

// Compare returns which of two lifetimes comes first, by their beginning and then by their
// end. Dates that are not known are equal.
func (l Lifetime) Compare(other Lifetime) int {
	return cmp.Or(l.created.compare(other.created), l.deleted.compare(other.deleted))
}

// Unreadable reports whether one of the dates cannot be read.
func (l Lifetime) Unreadable() bool { return l.created.unreadable || l.deleted.unreadable }

// end returns when a virtual machine ended, if that is known.
func (l Lifetime) end() instant {
	if l.created.known && !l.created.notBefore(l.deleted) {
		return l.deleted
	}
	return instant{}
}

// Excludes reports whether a disk cannot have belonged to a virtual machine, by their
// lifetimes: that of the machine is l.
func (l Lifetime) Excludes(disk Lifetime) bool {
	isLater := l.created.notBefore(disk.deleted) && !isOneCreation(l, disk)
	return isLater || disk.created.notBefore(l.end())
}

// isOneCreation reports whether the whole life of a disk, as far as the export has it, is in
// the second in which a virtual machine was created. Most dates have no fractions, and the
// DeletedDate often equals the CreatedTime: then the disk was created with the machine.
func isOneCreation(machine, disk Lifetime) bool {
	at := machine.created
	return at.known && disk.deleted.known && at.second == disk.deleted.second && (!disk.created.known || at.second == disk.created.second)
}
