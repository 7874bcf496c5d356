package lists

import (
	"fmt"
	"slices"
	"time"

	"github.com/labdsr/labdsr/anonymize"
	"github.com/labdsr/labdsr/csvschema"
	"github.com/labdsr/labdsr/csvschema/identity"
	"github.com/labdsr/labdsr/examples/labdsr/internal/fault"
)

// Holdings are the holds of some lists. They do not change, so that several goroutines may
// use them.
type Holdings struct {
	Holds []Hold // in the order of the lists
	at    map[holdID]int
	lines map[string][]int // by LabUId or ResourceUId the numbers in Holds
}

// A holdID is a pair of IDs in normal form.
type holdID struct{ lab, resource string }

// ReadHoldings reads lists of holds.
func ReadHoldings(paths []string) (*Holdings, error) {
	h := &Holdings{at: map[holdID]int{}, lines: map[string][]int{}}
	for _, path := range paths {
		holds, err := Holds(path)
		if err != nil {
			return nil, err
		}
		for _, hold := range holds {
			// Of holds with the same IDs, the one that lasts longest.
			if i, ok := h.at[hold.id()]; !ok || outlasts(hold, h.Holds[i]) {
				h.at[hold.id()] = len(h.Holds)
			}
			for _, id := range []string{hold.LabUId, hold.ResourceUId} {
				h.lines[id] = append(h.lines[id], len(h.Holds))
			}
			h.Holds = append(h.Holds, hold)
		}
	}
	return h, nil
}

func (h Hold) id() holdID { return holdID{h.LabUId, h.ResourceUId} }

// outlasts reports whether a hold lasts longer than another.
func outlasts(a, b Hold) bool {
	return !b.Until.IsZero() && (a.Until.IsZero() || a.Until.After(b.Until))
}

// hasEnded reports whether a hold keeps nothing any more at an instant.
func (h Hold) hasEnded(at time.Time) bool { return !h.Until.IsZero() && !at.Before(h.Until) }

// A HoldSearch finds the rows of holds. Only one goroutine may use it.
type HoldSearch struct {
	of    *Holdings
	met   map[holdID]bool
	disks map[csvschema.Key]bool
	// What the rows have of the IDs of the holds.
	labs, resources map[string]bool
	policy          []anonymize.Hold // of the disks

	lab, resource []byte // buffers
}

// Search begins a search.
func (h *Holdings) Search() *HoldSearch {
	return &HoldSearch{of: h, met: map[holdID]bool{}, disks: map[csvschema.Key]bool{}, labs: map[string]bool{}, resources: map[string]bool{}}
}

// Note looks at a row.
func (s *HoldSearch) Note(rec csvschema.Record) {
	s.lab = identity.AppendNormal(s.lab[:0], rec.Value(csvschema.LabUId))
	s.resource = identity.AppendNormal(s.resource[:0], rec.Value(csvschema.ResourceUId))
	isLab, isResource := s.of.lines[string(s.lab)] != nil, s.of.lines[string(s.resource)] != nil
	if isLab && !s.labs[string(s.lab)] {
		s.labs[string(s.lab)] = true
	}
	if isResource && !s.resources[string(s.resource)] {
		s.resources[string(s.resource)] = true
	}
	if !isLab || !isResource {
		return
	}
	i, ok := s.of.at[holdID{string(s.lab), string(s.resource)}]
	if !ok {
		return
	}
	hold := s.of.Holds[i]
	s.met[hold.id()] = true
	// Only the row of a disk holds its whole key.
	if key := rec.Key(); key.Role() == csvschema.Disks && !s.disks[key] {
		s.disks[key] = true
		s.policy = append(s.policy, anonymize.Hold{Key: key, Reason: hold.Reason, Until: hold.Until})
	}
}

// ForPolicy returns the holds of virtual machines, one for each line of the lists, and then
// those of the disks that were found.
func (s *HoldSearch) ForPolicy() []anonymize.Hold {
	var all []anonymize.Hold
	for _, hold := range s.of.Holds {
		all = append(all, hold.ofMachine())
	}
	return append(all, s.policy...)
}

// Met returns the holds of ForPolicy that are on a row that was noted, and how many
// ForPolicy returns. It does not take longer for lists of many other holds.
func (s *HoldSearch) Met() (met []anonymize.Hold, of int) {
	var numbers []int
	for id := range s.met {
		numbers = append(numbers, s.of.at[id]) // the one that lasts longest
	}
	slices.Sort(numbers)
	for _, i := range numbers {
		met = append(met, s.of.Holds[i].ofMachine())
	}
	return append(met, s.policy...), len(s.of.Holds) + len(s.policy)
}

// ofMachine returns the hold of the virtual machine with the IDs.
func (h Hold) ofMachine() anonymize.Hold {
	machine := csvschema.VirtualMachineRow{LabUId: h.LabUId, ResourceUId: h.ResourceUId}
	return anonymize.Hold{Key: machine.Key(), Reason: h.Reason, Until: h.Until}
}

// A HoldSight is what rows have of the IDs of a hold.
type HoldSight uint8

const (
	sawBoth          HoldSight = 1 << iota // a row has both
	sawLab                                 // a row has its LabUId
	sawResource                            // a row has its ResourceUId
	sawLabAsResource                       // a row has its LabUId as a ResourceUId
	sawResourceAsLab                       // a row has its ResourceUId as a LabUId
)

// Sights are what rows have of the IDs of holds, by their numbers in Holds. They hold no ID.
type Sights map[int]HoldSight

// Add adds what other rows have.
func (s Sights) Add(others Sights) {
	for i, other := range others {
		s[i] |= other
	}
}

// Sights returns what the rows have.
func (s *HoldSearch) Sights() Sights {
	all := Sights{}
	for _, ids := range []map[string]bool{s.labs, s.resources} {
		for id := range ids {
			s.add(all, s.of.lines[id])
		}
	}
	return all
}

// add adds what the rows have of some holds.
func (s *HoldSearch) add(all Sights, numbers []int) {
	for _, i := range numbers {
		hold := s.of.Holds[i]
		for _, one := range []struct {
			is   bool
			what HoldSight
		}{
			{s.met[hold.id()], sawBoth},
			{s.labs[hold.LabUId], sawLab},
			{s.resources[hold.ResourceUId], sawResource},
			{s.resources[hold.LabUId], sawLabAsResource},
			{s.labs[hold.ResourceUId], sawResourceAsLab},
		} {
			if one.is {
				all[i] |= one.what
			}
		}
	}
}

// Unmet returns the holds that have not ended at an instant and are on no row that was
// seen, and how many of the others have ended. A hold whose IDs are certainly wrong is an
// error, because a hold that is passed over erases what it was to keep.
func (h *Holdings) Unmet(seen Sights, at time.Time) (unmet []Hold, ended int, err error) {
	for i, hold := range h.Holds {
		if seen[i]&sawBoth != 0 {
			if h.Holds[h.at[hold.id()]].hasEnded(at) {
				ended++
			}
			continue
		}
		if !hold.hasEnded(at) {
			unmet = append(unmet, hold)
		}
		if err := hold.check(seen[i]); err != nil {
			return nil, 0, err
		}
	}
	return unmet, ended, nil
}

// check returns why the IDs of a hold that is on no row are certainly wrong.
func (h Hold) check(seen HoldSight) error {
	why, hint := "", "copy both IDs from the same row of the export"
	lab, err := identity.Parse(h.LabUId)
	isGUID := err == nil && lab.IsObjectID()
	switch {
	case seen&sawLabAsResource != 0 && seen&sawResourceAsLab != 0:
		why = "LabUId and ResourceUId are exchanged"
	case seen&sawLab == 0 && !isGUID:
		why, hint = "this LabUId is neither a GUID nor in these exports", "copy the LabUId from the export; the name of the lab is something else"
	case seen&sawResource != 0:
		why = "these exports have this ResourceUId in another lab"
	}
	if why == "" {
		return nil
	}
	return fault.In(h.Path, fault.WithHint(fmt.Errorf("line %d: %s", h.Line, why), "%s", hint))
}
