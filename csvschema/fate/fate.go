// Package fate has the words for what becomes of a resource's records. Package anonymize
// finds out the fate, and package response reports it to a person.
package fate

import (
	"time"

	"github.com/labdsr/labdsr/csvschema"
)

// A Fate says what becomes of the identifiers in the records of a resource.
type Fate uint8

// The fates. The zero Fate says nothing.
const (
	GoesNow       Fate = iota + 1 // the identifiers go now
	GoesLater                     // they go at a known instant
	KeptExisting                  // they stay: the resource exists, as far as is known
	KeptHeld                      // they stay: the controller holds the records
	KeptUndecided                 // they stay until a person decides
)

var fates = [...]struct{ code, words string }{
	GoesNow:       {"goes-now", "anonymized now"},
	GoesLater:     {"goes-later", "due later"},
	KeptExisting:  {"exists", "kept because it exists"},
	KeptHeld:      {"held", "held"},
	KeptUndecided: {"undecided", "kept until a person decides"},
}

// String returns the fate in words, and "" for the zero Fate and any other value.
func (f Fate) String() string {
	if int(f) >= len(fates) {
		return ""
	}
	return fates[f].words
}

// MarshalText returns the code of the fate, which does not change: "goes-now",
// "goes-later", "exists", "held" or "undecided". It returns "" for the zero Fate and
// any other value.
func (f Fate) MarshalText() ([]byte, error) {
	if int(f) >= len(fates) {
		return nil, nil
	}
	return []byte(fates[f].code), nil
}

// UnmarshalText reads what MarshalText returns. Any other text is [csvschema.ErrValue], and the
// fate stays as it was.
func (f *Fate) UnmarshalText(text []byte) error {
	for i, one := range fates {
		if one.code == string(text) {
			*f = Fate(i)
			return nil
		}
	}
	return csvschema.ErrValue
}

// Keeping says until when the records of a resource are kept as they are.
type Keeping struct {
	Fate Fate
	// At is when the identifiers go, if Fate is GoesLater, and when the hold ends, if
	// it is KeptHeld. Zero means that a hold has no end, or that Fate is another.
	At time.Time
	// Reason is why the controller holds the records, in the controller's words; "" if
	// Fate is not KeptHeld.
	Reason string
}
